"""Intervals: nine of ten ratings inside, wider for films that are harder to predict."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imdb_assets.ml import intervals, training
from imdb_assets.ml.intervals import Intervals

FEATURES = ["log_votes", "director_film_count", "start_year"]


def films(count: int, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Rated films whose error shrinks with votes, and a prediction of each."""
    random = np.random.default_rng(seed)
    log_votes = random.uniform(1, 12, count)
    predicted = random.uniform(4, 8, count)
    rating = np.clip(predicted + random.normal(0, 1, count) * np.exp(-0.1 * log_votes), 1, 10)
    frame = pl.DataFrame(
        {
            "tconst": [f"tt{seed}{number:06d}" for number in range(count)],
            "start_year": random.integers(2013, 2018, count).astype(np.int32),
            "average_rating": rating,
            "log_votes": log_votes,
            "director_film_count": pl.Series(random.integers(0, 9, count)).set(
                pl.Series(random.random(count) < 0.3), None
            ),
        }
    )
    return frame, predicted


def calibrated() -> Intervals:
    frame, predicted = films(4_000, 1)
    return intervals.calibrate(frame, FEATURES, predicted)


def test_new_films_are_covered_as_promised_few_votes_or_many() -> None:
    frame, predicted = films(20_000, 2)
    lower, upper = calibrated().bounds(frame, FEATURES, predicted)
    inside = frame["average_rating"].is_between(pl.Series(lower), pl.Series(upper)).to_numpy()
    assert 0.88 < inside.mean() < 0.92
    for low in (1, 4, 7, 10):
        band = frame["log_votes"].is_between(low, low + 2).to_numpy()
        assert 0.85 < inside[band].mean() < 0.95
    width = upper - lower
    few, many = (width[frame["log_votes"].is_between(low, low + 1).to_numpy()].mean() for low in (1, 11))
    assert few > 1.8 * many


def test_it_says_what_it_was_calibrated_on() -> None:
    known = calibrated()
    assert (known.films, known.first_year, known.last_year, known.coverage) == (4_000, 2013, 2017, 0.9)
    assert {term.column for term in known.terms} == {"predicted", *FEATURES}


def test_intervals_grow_with_each_year_after_the_newest_calibration_film() -> None:
    frame, known = films(100, 3)[0], calibrated()
    six = np.full(100, 6.0)

    def width(year: int | None) -> np.ndarray:
        rows = frame.with_columns(start_year=pl.lit(year, pl.Int32))
        lower, upper = known.bounds(rows, FEATURES, six)
        return upper - lower

    for years in (1, 8):
        np.testing.assert_allclose(width(2017 + years), width(2017) * (1 + 0.005 * years), rtol=1e-5)
    np.testing.assert_array_equal(width(None), width(2013))  # unknown: as for the lowest, and no growth


def test_plain_numbers_survive_json() -> None:
    known = calibrated()
    again = Intervals.model_validate_json(known.model_dump_json())
    assert again == known
    frame, predicted = films(50, 3)
    for one, other in zip(
        known.bounds(frame, FEATURES, predicted), again.bounds(frame, FEATURES, predicted), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_rows_by_name_and_by_position_give_the_same() -> None:
    frame, predicted = films(50, 3)
    matrix = training.matrix(frame, FEATURES)
    named = calibrated().bounds(frame.with_columns(pl.col(FEATURES).cast(pl.Float32)), FEATURES, predicted)
    for one, other in zip(named, calibrated().bounds(matrix, FEATURES, predicted), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)), min_size=3, max_size=3),
    st.floats(1, 10, width=32),
)
def test_any_row_has_an_interval_around_its_prediction(row: list[float | None], predicted: float) -> None:
    matrix = np.array([[np.nan if value is None else value for value in row]], dtype=np.float32)
    lower, upper = KNOWN.bounds(matrix, FEATURES, np.array([predicted], dtype=np.float32))
    assert 1 <= lower[0] <= np.float32(predicted) <= upper[0] <= 10
    assert upper[0] > lower[0]


KNOWN = calibrated()


def test_too_few_films_are_refused() -> None:
    frame, predicted = films(30, 1)
    with pytest.raises(ValueError, match="cannot calibrate intervals on 30 films, because at least 60 are needed"):
        intervals.calibrate(frame, FEATURES, predicted)
