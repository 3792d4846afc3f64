"""Search for people and films by typed text: an SQLite file with a full-text index, in the model version's folder.

Rows are numbered in order, the best-known person or film first, so that a search can stop after a few rows.
The index contains only people with a rated film, because the model has no records of other people, and treats them as
beginners.
"""

import re
import sqlite3
import threading
import unicodedata
import weakref
from pathlib import Path

import polars as pl
from anyascii import anyascii
from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.contracts.base import NCONST

SUGGESTIONS = 10
BEST_KNOWN = 200
"""Number of films that are listed without a search."""
NAMESAKES = 200
"""A search for one exact name compares at most this many people: the best-known people who have all words of the
name."""
MAX_WORDS = 8
"""Largest number of words of a search; further words are ignored."""

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
create table people (id integer primary key, nconst text not null, name text not null, birth_year integer,
                     profession text, film_count integer not null, known_for text);
create table films (id integer primary key, tconst text not null, title text, start_year integer not null,
                    rating real, votes integer);
create virtual table people_words using fts5(name, content='', detail=none, columnsize=0, prefix='1 2 3',
                                             tokenize="unicode61 remove_diacritics 2");
create virtual table films_words using fts5(title, original, content='', detail=none, columnsize=0, prefix='1 2 3',
                                            tokenize="unicode61 remove_diacritics 2");
"""
_END = """
create unique index people_nconst on people (nconst);
insert into people_words (people_words) values ('optimize');
insert into films_words (films_words) values ('optimize');
vacuum;
"""


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True)


class Person(_Found):
    """A person who has at least one rated film. The details distinguish people of the same name."""

    nconst: str = Field(description="IMDb's id of the person.", examples=["nm0000229"])
    name: str = Field(description="The name most often credited.", examples=["Steven Spielberg"])
    birth_year: int | None = Field(description="Year of birth.", examples=[1946])
    profession: str | None = Field(description="First of the person's professions.", examples=["producer"])
    film_count: int = Field(
        description="Number of rated films that the person directed, wrote or acted in.", examples=[64]
    )
    known_for: str | None = Field(
        description="The film with the most votes among the person's rated films.", examples=["Jurassic Park (1993)"]
    )


class Film(_Found):
    """A film, rated or unrated, of the catalogue that the index was made from."""

    tconst: str = Field(description="Title id.", examples=["tt0108052"])
    title: str | None = Field(description="Primary title.", examples=["Schindler's List"])
    start_year: int = Field(description="Year of release.", examples=[1993])
    rating: float | None = Field(description="Rating on IMDb; null while unrated.", examples=[9.0])
    votes: int | None = Field(description="Number of votes; null while unrated.", examples=[1_400_000])


def write(file: Path, *, movies: pl.LazyFrame, credits: pl.LazyFrame, names: pl.LazyFrame) -> None:  # noqa: A002
    """Writes the index."""
    index = sqlite3.connect(file)
    try:
        index.executescript(_TABLES)
        people = _people(movies, credits, names)
        slots = ", ".join("?" * (people.width + 1))
        index.executemany(f"insert into people values ({slots})", people.with_row_index("id", 1).iter_rows())  # noqa: S608
        index.executemany(
            "insert into people_words (rowid, name) values (?, ?)",
            ((number, folded(name)) for number, name in enumerate(people["name"], 1)),
        )
        films = movies.sort("num_votes", "tconst", descending=[True, False], nulls_last=True).collect()
        films = films.with_row_index("id", 1)
        index.executemany(
            "insert into films values (?, ?, ?, ?, ?, ?)",
            films.select("id", "tconst", "primary_title", "start_year", "average_rating", "num_votes").iter_rows(),
        )
        index.executemany(
            "insert into films_words (rowid, title, original) values (?, ?, ?)",
            (
                (number, folded(title or ""), "" if original == title else folded(original or ""))
                for number, title, original in films.select("id", "primary_title", "original_title").iter_rows()
            ),
        )
        index.commit()
        index.executescript(_END)
    finally:
        index.close()


def _people(movies: pl.LazyFrame, credit_rows: pl.LazyFrame, names: pl.LazyFrame) -> pl.DataFrame:
    """People with a known name who directed, wrote or acted in a rated film; people with the most films come first."""
    rated = movies.filter(pl.col("average_rating").is_not_null())
    labels = rated.select(
        "tconst", known_for=pl.format("{} ({})", pl.col("primary_title").fill_null("untitled"), "start_year")
    )
    careers = (
        credit_rows.filter(pl.col("role").is_in(["director", "writer", "cast"]))
        .select("tconst", "nconst")
        .unique()
        .join(rated.select("tconst", "num_votes"), on="tconst")
        .group_by("nconst")
        .agg(film_count=pl.len(), tconst=pl.col("tconst").sort_by("num_votes", "tconst").last())
        .join(labels, on="tconst")
        .collect(engine="streaming")
    )
    named = (
        names.filter(pl.col("primaryName").is_not_null())
        .select(
            "nconst", name="primaryName", birth_year="birthYear", profession=pl.col("primaryProfession").list.first()
        )
        .join(careers.lazy().select("nconst"), on="nconst", how="semi", maintain_order="left")
        # copies the texts of the few selected rows; otherwise, these rows would keep the whole table's texts in memory
        .with_columns(pl.concat_str(text, pl.lit("")).alias(text) for text in ("nconst", "name", "profession"))
        .collect(engine="streaming")
    )
    return (
        named.unique("nconst", keep="first", maintain_order=True)
        .join(careers, on="nconst")
        .sort("film_count", "nconst", descending=[True, False])
        .select("nconst", "name", "birth_year", "profession", "film_count", "known_for")
    )


class Search:
    """The index of one model version, opened for reading; safe to share between threads."""

    def __init__(self, file: Path) -> None:
        """Opens the file."""
        address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"  # nobody writes the file, so SQLite locks nothing
        self._index = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._index.row_factory = sqlite3.Row
        self._one_at_a_time = threading.Lock()
        weakref.finalize(self, self._index.close)

    def people(self, typed: str) -> list[Person]:
        """People whose name has words that start with the typed words, or the person with the typed id.

        Names that begin with the typed text come before all others; in both groups, the best-known people come first.
        """
        if re.fullmatch(NCONST, typed.strip(), re.ASCII):
            found = self.person(typed.strip())
            return [found] if found else []
        rows = self._matching("people", words(typed), SUGGESTIONS, prefixes=True)
        as_typed = _spelt(typed)
        rows.sort(key=lambda row: not _spelt(row["name"]).startswith(as_typed))  # stable: the best known stay first
        return [Person(**row) for row in rows]

    def films(self, typed: str) -> list[Film]:
        """Films whose title has words that start with the typed words, most votes first."""
        return [Film(**row) for row in self._matching("films", words(typed), SUGGESTIONS, prefixes=True)]

    def best_known(self) -> list[Film]:
        """The rated films with the most votes, at most `BEST_KNOWN`."""
        rows = self._rows("select * from films where id <= ? and rating is not null order by id", BEST_KNOWN)
        return [Film(**row) for row in rows]

    def person(self, nconst: str) -> Person | None:
        """The person with the given id; None if the person has no rated film."""
        rows = self._rows("select * from people where nconst = ?", nconst)
        return Person(**rows[0]) if rows else None

    def namesakes(self, name: str) -> list[Person]:
        """All people who have exactly this full name; if nobody has this name, all people with a similarly spelt name.

        The best-known people come first. Two spellings are similar if they differ only in case, accents, letters such
        as ø or ł, punctuation, or script.
        """
        wanted = words(name)
        rows = [
            row for row in self._matching("people", wanted, NAMESAKES, prefixes=False) if words(row["name"]) == wanted
        ]
        return [Person(**row) for row in [row for row in rows if is_spelt(row["name"], name)] or rows]

    def _matching(self, table: str, wanted: list[str], limit: int, *, prefixes: bool) -> list[sqlite3.Row]:
        if not wanted:
            return []
        asked = " ".join(f'"{word}"{"*" if prefixes else ""}' for word in wanted)
        return self._rows(
            f"select * from {table} where id in (select rowid from {table}_words where {table}_words match ?"  # noqa: S608
            " order by rowid limit ?) order by id",
            asked,
            limit,
        )

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._one_at_a_time:
            return self._index.execute(query, values).fetchall()


def folded(text: str) -> str:
    """The text in lower-case ASCII without surplus spaces, for comparing names such as Łukasz, Ægir, Đạt, Жуков."""
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text))
    return " ".join(text.lower().split())


def is_spelt(name: str, typed: str) -> bool:
    """Whether a person's name is spelt as the user typed it; case and surplus spaces do not count."""
    return _spelt(name) == _spelt(typed)


def _spelt(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str, most: int | None = MAX_WORDS) -> list[str]:
    """The first words of a text, split as in the index: words have only letters and digits, so a quote ends a word."""
    return re.findall(r"[^\W_]+", folded(text))[:most]
