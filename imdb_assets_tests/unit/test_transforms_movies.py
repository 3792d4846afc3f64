"""Which titles become films, which row wins, and what the funnel counts."""

from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.bronze import TitleBasics, TitleRatings
from imdb_assets.contracts.silver import Movies
from imdb_assets.transforms.movies import RULES, movie_funnel, movies
from imdb_assets_tests.tables import Rows, by_key, run, table

FILM: dict[str, Any] = {
    "tconst": "tt0000001",
    "titleType": "movie",
    "primaryTitle": "One",
    "originalTitle": "Un",
    "isAdult": 0,
    "startYear": 1999,
    "runtimeMinutes": 90,
    "genres": ["Drama", "War"],
}


def _inputs(titles: Rows, ratings: Rows) -> dict[str, pl.DataFrame]:
    return {"title_basics": table(TitleBasics, titles), "title_ratings": table(TitleRatings, ratings)}


def _movies(titles: Rows, ratings: Rows) -> pl.DataFrame:
    return run(movies, Movies, _inputs(titles, ratings))


def _funnel(titles: Rows, ratings: Rows) -> list[tuple[int, str, int]]:
    frames = {name: nw.from_native(frame.lazy()) for name, frame in _inputs(titles, ratings).items()}
    return movie_funnel(**frames).collect().to_native().sort("step").rows()


def test_a_film_is_renamed_and_joined_to_its_rating() -> None:
    made = _movies([FILM], [{"tconst": "tt0000001", "averageRating": 7.3, "numVotes": 12}])
    assert made.to_dicts() == [
        {
            "tconst": "tt0000001",
            "primary_title": "One",
            "original_title": "Un",
            "start_year": 1999,
            "decade": 1990,
            "runtime_minutes": 90,
            "genres": ["Drama", "War"],
            "average_rating": 7.3,
            "num_votes": 12,
        }
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"titleType": "tvMovie"},
        {"titleType": None},
        {"isAdult": 1},
        {"isAdult": None},
        {"startYear": None},
        {"startYear": 1066},
        {"genres": None},
        {"genres": []},
        {"runtimeMinutes": None},
        {"runtimeMinutes": 39},
        {"runtimeMinutes": 401},
    ],
    ids=str,
)
def test_each_rule_leaves_titles_out(change: dict[str, Any]) -> None:
    assert _movies([FILM | change], []).is_empty()


@pytest.mark.parametrize("minutes", [40, 400])
def test_the_bounds_of_the_runtime_belong_to_it(minutes: int) -> None:
    assert _movies([FILM | {"runtimeMinutes": minutes}], []).height == 1


def test_an_unrated_film_stays_and_a_rating_of_nobody_is_none() -> None:
    ratings = [{"tconst": "tt0000001", "averageRating": 5.0, "numVotes": 0}]
    made = _movies([FILM, FILM | {"tconst": "tt0000002"}], ratings)
    assert made.select("average_rating", "num_votes").rows() == [(None, None), (None, None)]


def test_repeated_rows_leave_one_film_and_the_same_one_in_any_order() -> None:
    titles = [
        FILM | {"startYear": 2001},
        FILM | {"startYear": 2000, "runtimeMinutes": 95},
        FILM | {"startYear": 2000, "runtimeMinutes": 95, "genres": ["War", "Action"]},
        FILM | {"startYear": 1980, "titleType": "short"},
        FILM | {"startYear": 2001},
    ]
    ratings = [
        {"tconst": "tt0000001", "averageRating": 9.9, "numVotes": 10},
        {"tconst": "tt0000001", "averageRating": 6.0, "numVotes": 20},
        {"tconst": "tt0000001", "averageRating": 6.1, "numVotes": 20},
        {"tconst": "tt0000001", "averageRating": 6.1, "numVotes": 20},
    ]
    made = _movies(titles, ratings)
    assert made.equals(_movies(titles[::-1], ratings[::-1]))
    row = by_key(made, "tconst")["tt0000001"]
    assert (row["start_year"], row["genres"]) == (2000, ["War", "Action"])
    assert (row["average_rating"], row["num_votes"]) == (6.1, 20)


def test_titles_are_read_once(tmp_path: Path) -> None:
    frames: dict[str, nw.LazyFrame[pl.LazyFrame]] = {}
    for name, rows in _inputs([FILM], []).items():
        rows.write_parquet(tmp_path / f"{name}.parquet")
        frames[name] = nw.from_native(pl.scan_parquet(tmp_path / f"{name}.parquet"))
    assert movies(**frames).to_native().explain(engine="streaming").count("title_basics.parquet") == 1


def test_the_funnel_counts_what_each_rule_leaves() -> None:
    titles = [
        FILM,
        FILM,
        FILM | {"tconst": "tt0000002"},
        FILM | {"tconst": "tt0000003", "titleType": "short", "runtimeMinutes": 5},
        FILM | {"tconst": "tt0000004", "isAdult": 1},
        FILM | {"tconst": "tt0000005", "startYear": None, "genres": None},
        FILM | {"tconst": "tt0000006", "genres": None},
        FILM | {"tconst": "tt0000007", "runtimeMinutes": None},
        FILM | {"tconst": "tt0000008", "runtimeMinutes": 500},
    ]
    ratings = [{"tconst": name, "averageRating": 5.0, "numVotes": 9} for name in ("tt0000001", "tt0000003")]
    steps = _funnel(titles, ratings)
    assert [step for step, _, _ in steps] == list(range(len(RULES) + 3))
    assert [rule for _, rule, _ in steps[1:-2]] == [rule.description for rule in RULES]
    assert [rows for _, _, rows in steps] == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_the_funnel_of_nothing_is_zeros() -> None:
    assert {rows for _, _, rows in _funnel([], [])} == {0}


def test_the_funnel_counts_no_null_when_every_title_is_a_rated_film() -> None:
    assert {rows for _, _, rows in _funnel([FILM], [{"tconst": "tt0000001", "averageRating": 5, "numVotes": 9}])} == {1}


_IDS = st.sampled_from([f"tt000000{digit}" for digit in range(6)])
_TEXT = st.none() | st.text("aé1 ", max_size=5)
_TITLES = st.fixed_dictionaries(
    {
        "tconst": _IDS,
        "titleType": st.sampled_from(["movie", "movie", "movie", "short", None]),
        "primaryTitle": _TEXT,
        "originalTitle": _TEXT,
        "isAdult": st.sampled_from([0, 0, 0, 1, 2005, None]),
        "startYear": st.none() | st.integers(-1, 3000) | st.integers(1990, 1993),
        "runtimeMinutes": st.none() | st.integers(0, 60_000) | st.integers(39, 41),
        "genres": st.none() | st.lists(st.sampled_from(["Drama", "War", "Action"]), max_size=3),
    }
)
_RATINGS = st.fixed_dictionaries(
    {
        "tconst": _IDS,
        "averageRating": st.integers(10, 100).map(lambda tenths: tenths / 10),
        "numVotes": st.integers(0, 9),
    }
)


@settings(deadline=None)  # a busy machine is not a failure
@given(st.lists(_TITLES, max_size=12), st.lists(_RATINGS, max_size=12))
def test_whatever_the_dumps_say_movies_keeps_its_contract_and_the_funnel_agrees(titles: Rows, ratings: Rows) -> None:
    made = _movies(titles, ratings)  # validates
    *_, distinct, clean = _funnel(titles, ratings)
    assert distinct[2] == made.height
    assert clean[2] == made["average_rating"].count()
    assert made.drop("genres").equals(_movies(titles[::-1], ratings[::-1]).drop("genres"))
