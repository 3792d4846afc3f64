"""How much a person's earlier films beat what was expected of them: by example, and against a slow and simple count."""

import math
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings

from imdb_assets.contracts.expectation import RatingExpectation, ResidualReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.ml.iterations import feature_metadata
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.residuals import (
    DECAY,
    FIRST_YEAR,
    LAST_YEAR,
    WEIGHT_OF_FIRST_YEAR,
    residual_reputation,
    weight,
)
from imdb_assets_tests.tables import Rows, by_key, credit, film, run, table
from imdb_assets_tests.unit.catalogues import Catalogue, catalogues

ANN, BOB = "nm0000001", "nm0000002"


def weight_of(year: int) -> int:
    """What a film of that year weighs, by the rule as it is written."""
    age = min(max(year, FIRST_YEAR), LAST_YEAR) - FIRST_YEAR
    return math.floor(WEIGHT_OF_FIRST_YEAR / DECAY**age + 0.5)


def _expected(tconst: str, residual: int | None, **more: Any) -> dict[str, Any]:
    """A row of `gold.rating_expectation` whose residuals are multiples of one."""
    residuals = {
        name: None if residual is None else residual * times
        for name, times in (("residual0_micro", 1), ("residual1_micro", 2), ("votes_residual_micro", 3))
    }
    return {"tconst": tconst, "e0": 6.0, "e1": 6.5, "expected_log_votes": 5.0, **residuals, **more}


def _records(films: Rows, credit_rows: Rows, expected: Rows) -> dict[tuple[str, str, int], tuple[int, ...]]:
    inputs = {
        "movies": table(Movies, films),
        "credits": table(Credits, credit_rows),
        "rating_expectation": table(RatingExpectation, expected),
    }
    made = run(residual_reputation, ResidualReputation, inputs)
    return {(nconst, role, year): tuple(record) for nconst, role, year, *record in made.rows()}


def test_weights_are_the_same_on_every_machine_and_decay_by_a_twentieth_a_year() -> None:
    years = pl.LazyFrame({"year": range(1850, 2201)}, schema={"year": pl.Int32})
    made = nw.from_native(years).select(year=weight(nw.col("year"))).collect().to_native()["year"].to_list()
    assert made == [weight_of(year) for year in range(1850, 2201)]
    assert made[1999 - 1850] / made[2000 - 1850] == pytest.approx(DECAY, rel=1e-4)
    # No weight is so close to a half that another machine's power function could round it otherwise.
    exact = [WEIGHT_OF_FIRST_YEAR / DECAY**age for age in range(LAST_YEAR - FIRST_YEAR + 1)]
    assert min(abs(value % 1 - 0.5) for value in exact) > 1e-3


def test_a_record_weighs_strictly_earlier_years_and_the_open_row_everything() -> None:
    years = {"tt0000001": 2000, "tt0000002": 2003, "tt0000003": 2003, "tt0000004": 2010}
    residuals = {"tt0000001": 1_000_000, "tt0000002": -500_000, "tt0000003": 250_000, "tt0000004": None}
    records = _records(
        [film(tconst, year) for tconst, year in years.items()],
        [credit(tconst, ANN) for tconst in years],
        [_expected(tconst, residual) for tconst, residual in residuals.items()],
    )
    one, two = weight_of(2000), weight_of(2003)
    first = one * 1_000_000
    all_three = first - two * 250_000
    expected = {
        2000: (0, 0, 0, 0, 0),
        2003: (1, one, first, 2 * first, 3 * first),
        2010: (3, one + 2 * two, all_three, 2 * all_three, 3 * all_three),
        OPEN_YEAR: (3, one + 2 * two, all_three, 2 * all_three, 3 * all_three),
    }
    assert records == {(ANN, role, year): row for role in ("any", "director") for year, row in expected.items()}


def test_any_role_counts_a_film_once_and_others_are_apart() -> None:
    records = _records(
        [film("tt0000001", 2000), film("tt0000002", 2001)],
        [
            credit("tt0000001", ANN),
            credit("tt0000001", ANN, "writer"),
            credit("tt0000001", ANN, "composer", 3),
            credit("tt0000002", ANN, "cast", 1),
        ],
        [_expected("tt0000001", 7), _expected("tt0000002", 9)],
    )
    counts = {(role, year): record[0] for (_, role, year), record in records.items()}
    assert counts == {
        ("any", 2000): 0,
        ("any", 2001): 1,
        ("any", OPEN_YEAR): 2,
        ("director", 2000): 0,
        ("director", OPEN_YEAR): 1,
        ("writer", 2000): 0,
        ("writer", OPEN_YEAR): 1,
        ("cast", 2001): 0,
        ("cast", OPEN_YEAR): 1,
    }


def _slowly(tables: dict[str, pl.DataFrame]) -> dict[tuple[str, str, int], tuple[int, ...]]:
    years = dict(tables["movies"].select("tconst", "start_year").iter_rows())
    residuals = {row[0]: row[-3:] for row in tables["rating_expectation"].iter_rows()}
    careers: dict[tuple[str, str], set[str]] = {}
    for tconst, nconst, role, _ in tables["credits"].iter_rows():
        careers.setdefault((nconst, role), set()).add(tconst)
        careers.setdefault((nconst, "any"), set()).add(tconst)
    records: dict[tuple[str, str, int], tuple[int, ...]] = {}
    for (nconst, role), career in careers.items():
        for year in {years[tconst] for tconst in career} | {OPEN_YEAR}:
            before = [t for t in career if years[t] < year and residuals[t][0] is not None]
            weights = [weight_of(years[t]) for t in before]
            sums = (sum(w * residuals[t][n] for t, w in zip(before, weights, strict=True)) for n in range(3))
            records[nconst, role, year] = (len(before), sum(weights), *sums)
    return records


@settings(deadline=None, max_examples=30)  # a busy machine is no failure; each example fits an expectation
@given(catalogues())
def test_records_are_what_a_slow_count_says(catalogue: Catalogue) -> None:
    tables = catalogue.tables()
    made = tables["residual_reputation"]
    fast = {(nconst, role, year): tuple(record) for nconst, role, year, *record in made.rows()}
    assert fast == _slowly(tables)


def test_features_pool_the_team_and_shrink_it_towards_nothing() -> None:
    films = [film("tt0000001", 1990), film("tt0000002", 1995), film("tt0000003", 2000)]
    credit_rows = [
        credit("tt0000001", ANN),
        credit("tt0000002", BOB, "cast", 1),
        credit("tt0000003", ANN),
        credit("tt0000003", ANN, "writer"),
        credit("tt0000003", BOB, "cast", 1),
    ]
    expected = [_expected("tt0000001", 1_000_000), _expected("tt0000002", -400_000), _expected("tt0000003", None)]
    row = _features(films, credit_rows, expected)["tt0000003"]
    now, then, later = weight_of(2000), weight_of(1990), weight_of(1995)
    assert row["director_recent_films"] == pytest.approx(DECAY**10, rel=1e-3)
    assert row["director_residual"] == pytest.approx(then / (then + 2 * now), rel=1e-12)
    assert row["director_residual_with_votes"] == pytest.approx(2 * then / (then + 2 * now), rel=1e-12)
    assert row["director_votes_residual"] == pytest.approx(3 * then / (then + 2 * now), rel=1e-12)
    assert (row["writer_recent_films"], row["writer_residual"]) == (0.0, 0.0)
    assert row["cast_residual"] == pytest.approx(-0.4 * later / (later + 2 * now), rel=1e-12)
    team = (then - 0.4 * later) / (then + later + 2 * now)
    assert row["team_residual"] == pytest.approx(team, rel=1e-12)
    assert row["team_recent_films"] == pytest.approx(DECAY**10 + DECAY**5, rel=1e-3)


def test_expectations_are_features_and_residuals_are_not() -> None:
    row = _features([film("tt0000001", 1990, 7.0)], [], [_expected("tt0000001", 1, e0=5.5, e1=6.25)])["tt0000001"]
    assert (row["expected_rating"], row["expected_rating_with_votes"], row["expected_log_votes"]) == (5.5, 6.25, 5.0)
    people = [name for name, metadata in feature_metadata().items() if metadata["group"] == "residuals"]
    assert {name: row[name] for name in people} == dict.fromkeys(people)
    assert row["title_residual"] == 0.0


def _features(films: Rows, credit_rows: Rows, expected: Rows) -> dict[str, dict[str, Any]]:
    """Features of films whose expectation is given."""
    tables = Catalogue(table(Movies, films), table(Credits, credit_rows)).tables()
    given = tables | {"rating_expectation": table(RatingExpectation, expected)}
    inputs = {name: given[name] for name in ("movies", "credits", "rating_expectation")}
    given["residual_reputation"] = run(residual_reputation, ResidualReputation, inputs)
    return by_key(run(movie_features, MovieFeatures, given), "tconst")
