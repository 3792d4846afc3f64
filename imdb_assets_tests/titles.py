"""A tiny catalogue, as bronze has it, for tests of the index of titles: films, a series with episodes, odd rows."""

from typing import Any

import polars as pl

from imdb_assets.contracts.bronze import NameBasics, TitleBasics, TitleEpisode, TitleRatings
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.lake.lake import Lake
from imdb_assets_tests.tables import credit, table
from imdb_assets_tests.world import SEEN


def basics(tconst: str, title: str | None, kind: str = "movie", year: int | None = 1990, **more: Any) -> dict[str, Any]:
    return {
        "tconst": tconst,
        "titleType": kind,
        "primaryTitle": title,
        "originalTitle": title,
        "startYear": year,
    } | more


BASICS = [
    basics("tt0000001", "The Quick Fox", originalTitle="Le renard", genres=["Drama", "War"], runtimeMinutes=100),
    basics("tt00000001", "Eight Digits"),
    basics("tt0000002", "Quick and Quiet", year=1991),
    basics("tt0000003", "The Quick Series", "tvSeries", 1990, endYear=1995),
    basics("tt0000004", "Pilot", "tvEpisode"),
    basics("tt0000005", "Second", "tvEpisode", 1991),
    basics("tt0000006", "Été", year=None),
    basics("tt0000006", "A row that is there twice"),
    basics("tt0000007", None, "short", originalTitle="Sin título"),
    basics("tt0000008", "Lost Season", "tvEpisode", year=2_000_000_000),
    basics(SEEN, "A film of the lake"),
    *(basics(f"tt1{number:06}", f"The Filler {number}", "short") for number in range(300)),
]
RATINGS = [
    ("tt0000001", 6.0, 10),
    ("tt0000002", 6.9, 500),
    ("tt0000002", 7.0, 500),
    ("tt0000005", 9.5, 7),
    ("tt0000007", 5.0, 0),
    (SEEN, 5.0, 1_000_000),
]
EPISODES = [
    ("tt0000005", "tt0000003", 1, 2),
    ("tt0000004", "tt0000003", 1, 1),
    ("tt0000008", "tt0000003", None, None),
    ("tt0000007", "tt0999999", 2, 1),
    ("tt0000009", "tt0000003", 1, 2),
]
PEOPLE = [
    {"nconst": "nm0000001", "primaryName": "Ada Árbol", "birthYear": 1950, "primaryProfession": ["director", "writer"],
     "knownForTitles": ["tt0000002", "tt0999999"]},
    {"nconst": "nm0000002", "primaryName": "Ben"},
]  # fmt: skip
CREDITS = [
    credit("tt0000001", "nm0000001"),
    credit("tt0000002", "nm0000001", "writer"),
    credit("tt0999998", "nm0000001"),
    credit("tt0000002", "nm0000002"),
    credit("tt0000002", "nm0000002", "cast", 2),
    credit("tt0000002", "nm0000009", "cast", 1),
    credit("tt0000002", "nm0000002", "editor", 3),
]


def tables_of(lake: Lake) -> dict[str, pl.LazyFrame]:
    """The same tables for the films of a lake, instead of the tiny catalogue."""
    films = lake.table(Movies.table).scan().collect()
    own = {"primaryTitle": "primary_title", "startYear": "start_year", "runtimeMinutes": "runtime_minutes"}
    basics = films.select("tconst", "genres", titleType=pl.lit("movie"), originalTitle="primary_title", **own)
    ratings = films.drop_nulls("num_votes").select("tconst", averageRating="average_rating", numVotes="num_votes")
    made = {TitleBasics: basics.to_dicts(), TitleRatings: ratings.to_dicts(), TitleEpisode: []}
    return {
        **{contract.table: table(contract, rows).lazy() for contract, rows in made.items()},
        **{contract.table: lake.table(contract.table).scan() for contract in (NameBasics, Credits)},
    }


def tables() -> dict[str, pl.LazyFrame]:
    ratings = [{"tconst": tconst, "averageRating": rating, "numVotes": votes} for tconst, rating, votes in RATINGS]
    names = ("tconst", "parentTconst", "seasonNumber", "episodeNumber")
    episodes = [dict(zip(names, row, strict=True)) for row in EPISODES]
    made = {TitleBasics: BASICS, TitleRatings: ratings, TitleEpisode: episodes, NameBasics: PEOPLE, Credits: CREDITS}
    return {contract.table: table(contract, rows).lazy() for contract, rows in made.items()}
