"""Bootstrap intervals: seeded, as wide as theory says, and paired where two models meet the same films."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imdb_assets.ml import bootstrap


def _films(count: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    actual = random.normal(6, 1, count)
    return actual, actual + random.normal(0.1, 0.5, count)


@pytest.mark.parametrize("count", [200, 20_000])
def test_the_interval_of_the_bias_is_that_of_a_mean(count: int) -> None:
    actual, predicted = _films(count)
    found = bootstrap.measure(actual, predicted)
    assert found.bias == pytest.approx((predicted - actual).mean())
    half = 1.96 * (predicted - actual).std() / np.sqrt(count)
    assert (found.bias_upper - found.bias_lower) / 2 == pytest.approx(half, rel=0.15)
    assert found.r2_lower < found.r2 < found.r2_upper
    assert found.rmse_lower < found.rmse < found.rmse_upper
    assert found.mae_lower < found.mae < found.mae_upper


def test_same_films_give_the_same_interval() -> None:
    assert bootstrap.measure(*_films(700)) == bootstrap.measure(*_films(700))


def test_gain_is_paired() -> None:
    actual, predicted = _films(5_000)
    better = actual + 0.98 * (predicted - actual)
    found = bootstrap.gain(actual, better, predicted)
    one, other = (bootstrap.measure(actual, said) for said in (better, predicted))
    assert found.r2 == pytest.approx(one.r2 - other.r2)
    assert 0 < 2 * found.error < found.r2  # sure of it, though both intervals overlap
    assert one.r2_lower < other.r2_upper
    assert bootstrap.gain(actual, predicted, predicted) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(1, 10), st.floats(1, 10)), min_size=2, max_size=40))
def test_scores_are_finite_and_ordered(pairs: list[tuple[float, float]]) -> None:
    actual, predicted = (np.array(values) for values in zip(*pairs, strict=True))
    if np.ptp(actual) < 1e-3:
        return
    found = bootstrap.measure(actual, predicted)
    assert np.isfinite(found).all()
    assert found.rmse_lower <= found.rmse_upper
    assert found.r2 <= 1
