"""Words of titles: which they are, and what they say of a film, values worked out by hand."""

from typing import Any

import polars as pl
import pytest

from imdb_assets.contracts.expectation import RatingExpectation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.title_words import PRIOR_FILMS, title_word_reputation
from imdb_assets_tests.tables import Rows, by_key, film, run, table
from imdb_assets_tests.unit.catalogues import Catalogue
from imdb_assets_tests.unit.test_transforms_residuals import weight_of


def _tables(films: Rows, residuals: dict[str, int]) -> dict[str, pl.DataFrame]:
    """What features are made of, with given residuals: twice as high with votes; the other films are unrated."""
    expected = [
        {
            "tconst": row["tconst"],
            "e0": 6.0,
            "expected_log_votes": 5.0,
            "residual0_micro": residuals.get(row["tconst"]),
            "residual1_micro": 2 * residuals[row["tconst"]] if row["tconst"] in residuals else None,
        }
        for row in films
    ]
    tables = Catalogue(table(Movies, films), table(Credits, [])).tables()
    tables["rating_expectation"] = table(RatingExpectation, expected)
    inputs = {name: tables[name] for name in ("movies", "rating_expectation")}
    tables["title_word_reputation"] = run(title_word_reputation, TitleWordReputation, inputs)
    return tables


def _titled(tconst: str, year: int, title: str | None) -> dict[str, Any]:
    return film(tconst, year, original_title=title)


def test_words_are_letters_and_digits_in_lower_case_each_once() -> None:
    films = [_titled("tt0000001", 2000, "  The Été: the 7th-étÉ!"), _titled("tt0000002", 2000, None)]
    words = _tables(films, {})["title_word_reputation"]
    assert sorted(words.filter(year=2000)["word"]) == ["7th", "the", "été"]
    assert sorted(words.filter(year=OPEN_YEAR)["word"]) == ["7th", "the", "été"]


def test_a_word_is_known_by_strictly_earlier_films() -> None:
    films = [
        _titled("tt0000001", 2000, "Red"),
        _titled("tt0000002", 2000, "Red Red"),
        _titled("tt0000003", 2004, "Red"),
    ]
    words = _tables(films, {"tt0000001": 500_000, "tt0000002": -100_000})["title_word_reputation"]
    one = weight_of(2000)
    both = (2 * one, one * 400_000, one * 800_000)
    assert words.drop("word").rows() == [(2000, 0, 0, 0), (2004, *both), (OPEN_YEAR, *both)]


def test_a_title_is_the_mean_of_its_words() -> None:
    films = [
        _titled("tt0000001", 1990, "Red"),
        _titled("tt0000002", 2000, "Red and Blue"),
        _titled("tt0000003", 2000, "!"),
    ]
    tables = _tables(films, {"tt0000001": 1_000_000})
    rows = by_key(run(movie_features, MovieFeatures, tables), "tconst")
    then, now = weight_of(1990), weight_of(2000)
    red = then / (then + PRIOR_FILMS * now)
    assert rows["tt0000002"]["title_residual"] == pytest.approx(red / 3, abs=1e-6)
    assert rows["tt0000002"]["title_residual_with_votes"] == pytest.approx(2 * red / 3, abs=1e-6)
    assert rows["tt0000001"]["title_residual"] == 0.0
    assert rows["tt0000003"]["title_residual"] is None
