"""What films are expected to be rated: strictly by earlier years, to the bit, and of described films too."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.expectation import ExpectationCoefficients, RatingExpectation
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.contracts.silver import Movies
from imdb_assets.ml.expectation import expect, fit
from imdb_assets_tests.tables import film, table
from imdb_assets_tests.unit.catalogues import FIRST_YEAR, LAST_YEAR, Catalogue, catalogues, rating_changes

HELD = ("e0", "expected_log_votes")


def _many(films: int = 2_000) -> pl.DataFrame:
    """Dramas that are rated 7, other films that are rated 5, one more with many votes; half a year of each unrated."""
    random = np.random.default_rng(3)
    rows = [
        film(
            f"tt{number:07d}",
            int(random.integers(1990, 2010)),
            (7.0 if number % 2 else 5.0) + (number % 3 == 0) if number % 10 else None,
            100_000 if number % 3 == 0 else 100,
            genres=["Drama"] if number % 2 else ["Horror"],
        )
        for number in range(1, films + 1)
    ]
    return table(Movies, rows)


def test_it_learns_what_genres_and_votes_are_worth() -> None:
    films = _many()
    made = expect(films.lazy(), fit(films.lazy()).lazy()).join(films, on="tconst").filter(pl.col("start_year") >= 2005)
    drama = pl.col("genres").list.contains("Drama")
    assert made.filter(drama)["e0"].mean() == pytest.approx(7.33, abs=0.1)
    assert made.filter(~drama)["e0"].mean() == pytest.approx(5.33, abs=0.1)
    assert made.filter(drama, num_votes=100_000)["e1"].mean() == pytest.approx(8, abs=0.1)
    assert made.filter(drama, num_votes=100)["e1"].mean() == pytest.approx(7, abs=0.1)
    assert made["e1"].is_null().equals(made["num_votes"].is_null())


def test_residuals_are_what_is_left_in_millionths() -> None:
    films = _many()
    made = expect(films.lazy(), fit(films.lazy()).lazy()).join(films, on="tconst")
    rated = made.filter(pl.col("average_rating").is_not_null())
    for residual, expected in (("residual0_micro", "e0"), ("residual1_micro", "e1")):
        left = ((rated["average_rating"] - rated[expected]) * 1e6).to_numpy()
        assert np.abs(rated[residual].to_numpy() - left).max() <= 0.51
    assert made.filter(pl.col("average_rating").is_null())["residual0_micro"].null_count() == made.height - rated.height
    votes = math.log(100) - rated.filter(num_votes=100)["expected_log_votes"].to_numpy()
    assert np.abs(rated.filter(num_votes=100)["votes_residual_micro"].to_numpy() / 1e6 - votes).max() < 1e-3


def test_without_earlier_films_it_expects_a_constant() -> None:
    films = table(Movies, [film("tt0000001", 2000, 9.9, 50)])
    (row,) = expect(films.lazy(), fit(films.lazy()).lazy()).to_dicts()
    assert (row["e0"], row["e1"], row["expected_log_votes"]) == (6.2, 6.2, 6.0)
    assert (row["residual0_micro"], row["votes_residual_micro"]) == (3_700_000, round(math.log(50), 3) * 1e6 - 6e6)


def test_the_tables_keep_their_contracts_and_the_order_of_rows_means_nothing() -> None:
    films = _many().lazy()
    coefficients = fit(films)
    made = expect(films, coefficients.lazy())
    assert ExpectationCoefficients.is_valid(coefficients)
    assert RatingExpectation.is_valid(made)
    assert coefficients["year"].max() == OPEN_YEAR
    assert fit(films.reverse()).equals(coefficients)
    assert expect(films.reverse(), coefficients.reverse().lazy()).equals(made)


@settings(deadline=None, max_examples=25)
@given(catalogues(min_films=1), st.integers(FIRST_YEAR - 3, LAST_YEAR + 3))
def test_a_described_film_is_expected_what_it_would_be_if_it_were_in_the_catalogue(
    catalogue: Catalogue, year: int
) -> None:
    described = table(Movies, [film("tt0000099", year, genres=["Comedy", "Drama"])])
    coefficients = fit(catalogue.movies.lazy()).lazy()
    (alone,) = expect(described.lazy(), coefficients).rows()
    together = pl.concat([catalogue.movies, described]).lazy()
    (among,) = expect(together, fit(together).lazy()).filter(tconst="tt0000099").rows()
    assert alone == among


@settings(deadline=None, max_examples=25)
@given(st.data(), catalogues(min_films=2), st.integers(FIRST_YEAR, LAST_YEAR))
def test_the_present_and_the_future_leave_what_is_expected_alone(
    data: st.DataObject, catalogue: Catalogue, year: int
) -> None:
    later = catalogue.movies.filter(pl.col("start_year") >= year)["tconst"].to_list()
    changed = catalogue.with_ratings(data.draw(rating_changes(later)))
    changed = changed.with_films(data.draw(catalogues(first_id=101, first_year=year)))
    films = catalogue.movies.filter(pl.col("start_year") <= year).lazy()
    before, after = (expect(films, fit(other.movies.lazy()).lazy()) for other in (catalogue, changed))
    assert after.equals(before)
