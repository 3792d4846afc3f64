"""Bronze: the seven dumps, with typed columns and otherwise unchanged.

Column names and order are those of IMDb's header; a column with `derived` in its metadata is not in the dump. For a
column of lists, the entry `encoding` in the column's metadata says how the dump writes a list. `comma` means that
commas separate the elements, `x02` means that bytes 0x02 separate them, and `json` means that the list is a JSON array.
Lines that break a column's type, id pattern or bound go to quarantine, so one bad line does not stop the rest of the
day's dump. The metadata entry `references` of a column of ids names the column in which each id should exist. The dumps
are not made at the same moment, so an id may be missing from the column that `references` names. A check reports the
number of missing ids; no row is dropped because an id is missing.
"""

import functools
from typing import Any

import dataframely as dy

from imdb_assets.contracts.base import NCONST, TCONST, Contract

_TITLE = {"references": "bronze.title_basics.tconst"}
_PERSON = {"references": "bronze.name_basics.nconst"}


def _list(encoding: str, description: str, **metadata: str) -> dy.List:
    inner = dy.String(nullable=True)
    return dy.List(inner, nullable=True, description=description, metadata={"encoding": encoding, **metadata})


def _text(description: str) -> dy.String:
    return dy.String(nullable=True, description=description)


def _integer(description: str, **bounds: Any) -> dy.Int32:
    return dy.Int32(nullable=True, description=description, **bounds)


class TitleBasics(Contract):
    """Every title of IMDb: films, episodes, series, games."""

    table = "bronze.title_basics"
    identity = ("tconst",)

    tconst = dy.String(regex=TCONST, description="Title id.")
    titleType = _text("movie, tvEpisode, short, …; IMDb adds values without notice.")
    primaryTitle = _text("The title used on promotional material.")
    originalTitle = _text("The title in the original language.")
    isAdult = _integer("1 for adult titles, else 0.")
    startYear = _integer("Year of release; for a series, its first year.")
    endYear = _integer("Last year of a series.")
    runtimeMinutes = _integer("Primary runtime in minutes.", min=0)
    genres = _list("comma", "Up to three genres.")


class TitleRatings(Contract):
    """The weighted average rating and number of votes of every title with at least five votes."""

    table = "bronze.title_ratings"
    identity = ("tconst",)

    tconst = dy.String(regex=TCONST, description="Title id.", metadata=_TITLE)
    averageRating = dy.Float64(min=1, max=10, description="Weighted average of users' votes, 1-10, one decimal.")
    numVotes = dy.Int32(min=0, description="Number of votes.")


class TitleCrew(Contract):
    """Directors and writers of every title."""

    table = "bronze.title_crew"
    identity = ("tconst",)

    tconst = dy.String(regex=TCONST, description="Title id.", metadata=_TITLE)
    directors = _list("comma", "Person ids of the directors.", **_PERSON)
    writers = _list("comma", "Person ids of the writers.", **_PERSON)


class TitlePrincipals(Contract):
    """Principal cast and crew, one row per title and billing position."""

    table = "bronze.title_principals"
    identity = ("tconst", "ordering")

    tconst = dy.String(regex=TCONST, description="Title id.", metadata=_TITLE)
    ordering = dy.Int32(min=0, description="Billing position within the title, from 1.")
    nconst = dy.String(regex=NCONST, description="Person id.", metadata=_PERSON)
    category = _text("actor, actress, director, …; IMDb adds values without notice.")
    job = _text("The specific job, where IMDb names one.")
    characters = _list("json", "Names of the characters played.")
    charactersRaw = dy.String(
        nullable=True,
        description="The text of `characters`, if it is not a JSON array of strings; otherwise null.",
        metadata={"derived": "unparsed", "of": "characters"},
    )


class TitleAkas(Contract):
    """Titles by region and language."""

    table = "bronze.title_akas"
    identity = ("titleId", "ordering")

    titleId = dy.String(regex=TCONST, description="Title id.", metadata=_TITLE)
    ordering = dy.Int32(min=0, description="Number of the row among the title's rows, from 1.")
    title = _text("The localized title.")
    region = _text("Region code.")
    language = _text("Language code.")
    types = _list("x02", "Kinds of this title: imdbDisplay, original, alternative, …")
    attributes = _list("x02", "Further terms for this title, as free text.")
    isOriginalTitle = _integer("1 for the original title, else 0.")


class TitleEpisode(Contract):
    """The series, season and number of every episode."""

    table = "bronze.title_episode"
    identity = ("tconst",)

    tconst = dy.String(regex=TCONST, description="Title id of the episode.", metadata=_TITLE)
    parentTconst = dy.String(regex=TCONST, description="Title id of the series.", metadata=_TITLE)
    seasonNumber = _integer("Season number.")
    episodeNumber = _integer("Number of the episode within the season.")


class NameBasics(Contract):
    """People: actors, directors, writers and everyone else with a credit."""

    table = "bronze.name_basics"
    identity = ("nconst",)

    nconst = dy.String(regex=NCONST, description="Person id.")
    primaryName = _text("The name most often credited.")
    birthYear = _integer("Year of birth.")
    deathYear = _integer("Year of death.")
    primaryProfession = _list("comma", "Up to three professions.")
    knownForTitles = _list(
        "comma", "Ids of titles that the person is known for today; they must not be used as a feature."
    )


DUMP_CONTRACTS: dict[str, type[Contract]] = {
    "name.basics": NameBasics,
    "title.akas": TitleAkas,
    "title.basics": TitleBasics,
    "title.crew": TitleCrew,
    "title.episode": TitleEpisode,
    "title.principals": TitlePrincipals,
    "title.ratings": TitleRatings,
}
"""Maps IMDb's name of each dump (`NAME.tsv.gz`) to the contract of the dump's bronze table."""


LONGEST_LINE = 1 << 22
"""Maximum length of a line in bytes: each line must fit in memory. IMDb's lines are far shorter than this limit."""


def header(contract: type[Contract]) -> list[str]:
    """The column names in the first line of the dump."""
    return [name for name, column in contract.columns().items() if "derived" not in (column.metadata or {})]


class _Quarantine(Contract):
    line = dy.Int64(min=1, description="Line number in the dump; the header is line 1.")
    raw = dy.String(
        description="The line as it is in the dump, except that bytes that are not UTF-8 are written as \\xNN."
    )
    reason = dy.String(description="Why the line could not be read: the column, its value, and what was expected.")
    file = dy.String(description="The dump's file name.")


@functools.cache
def quarantine_contract(bronze: type[Contract]) -> type[Contract]:
    """Makes the contract of the table that holds a dump's unreadable lines."""
    name = bronze.table.partition(".")[2]
    doc = f"Unreadable lines of the dump that `{bronze.table}` is made from: each line verbatim, with the reason."
    return type(f"{bronze.__name__}Quarantine", (_Quarantine,), {"table": f"quarantine.{name}", "__doc__": doc})
