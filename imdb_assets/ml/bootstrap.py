"""Scores with bootstrap intervals, computed fast enough for hundreds of slices of a large catalogue.

Films are assigned at random to at most `BLOCKS` blocks, each block is summed once, and blocks are drawn with
replacement. A film's block does not depend on anything about the film, so a bootstrap over blocks is equivalent to the
ordinary bootstrap over films. If there are no more films than blocks, the two bootstraps are identical. The bootstrap
over blocks costs only one small matrix product. All random numbers are drawn with the seed `splits.SEED`.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imdb_assets.ml.splits import SEED

BLOCKS = 500
"""Largest number of blocks; with more blocks, the ends of an interval would not change in the second decimal."""
DRAWS = 400
"""Number of draws. Of 400 draws, ten lie below a 95 % interval, and ten lie above it."""
_ENDS = (2.5, 97.5)


class Measured(NamedTuple):
    """Scores on some test rows, each with its 95 % interval. Errors are in rating points; bias = predicted - actual."""

    test_rows: int
    r2: float
    r2_lower: float
    r2_upper: float
    rmse: float
    rmse_lower: float
    rmse_upper: float
    mae: float
    mae_lower: float
    mae_upper: float
    bias: float
    bias_lower: float
    bias_upper: float


class Gain(NamedTuple):
    """One model's R² minus another model's R² on the same rows, and the bootstrap standard error of the difference."""

    r2: float
    error: float


def measure(actual: NDArray[np.floating[Any]], predicted: NDArray[np.floating[Any]]) -> Measured:
    """Scores predictions; both arrays have shape (films,).

    Raises:
        ValueError: Shapes differ, there is nothing to score, or all ratings are equal.
    """
    sums = _sums(actual, predicted)
    point, drawn = _scores(sums.sum(axis=0)), _scores(_draws(len(sums)) @ sums)
    values: list[float] = []
    for score, draws in zip(point, drawn, strict=True):
        values += [float(score), *(float(end) for end in np.percentile(draws, _ENDS))]
    return Measured(actual.size, *values)


def gain(
    actual: NDArray[np.floating[Any]], predicted: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]
) -> Gain:
    """R² of `predicted` minus R² of `other`, on the same draws of the same films; all three arrays have shape (films,).

    Raises:
        ValueError: Shapes differ, there is nothing to score, or all ratings are equal.
    """
    ours, theirs = _sums(actual, predicted), _sums(actual, other)
    draws = _draws(len(ours))
    difference = _scores(draws @ ours)[0] - _scores(draws @ theirs)[0]
    point = _scores(ours.sum(axis=0))[0] - _scores(theirs.sum(axis=0))[0]
    return Gain(float(point), float(difference.std()))


def _sums(actual: NDArray[np.floating[Any]], predicted: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Sums per block, shape (blocks, 6): films, ratings, squared ratings, squared errors, absolute errors, errors."""
    if actual.shape != predicted.shape or actual.size == 0:
        msg = f"cannot score {predicted.shape} predictions against {actual.shape} ratings"
        raise ValueError(msg)
    if actual.min() == actual.max():
        msg = f"R² is undefined: all {actual.size} ratings are {actual[0]}"
        raise ValueError(msg)
    truth = actual.astype(np.float64)
    error = predicted.astype(np.float64) - truth
    centred = truth - truth.mean()
    columns = (np.ones_like(truth), centred, centred**2, error**2, np.abs(error), error)
    count = min(BLOCKS, truth.size)
    block = np.random.default_rng(SEED).permutation(truth.size) % count
    sums = [np.bincount(block, weights=column, minlength=count).astype(np.float64) for column in columns]
    return np.stack(sums, axis=1)


@cache
def _draws(blocks: int) -> NDArray[np.float64]:
    """How often each block occurs in each draw, shape (draws, blocks)."""
    random = np.random.default_rng(SEED)
    return random.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS).astype(np.float64)


def _scores(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns four scores (R², RMSE, MAE, bias) along the first axis, from six sums along the last axis of `sums`."""
    films, ratings, squares, squared_errors, absolute_errors, errors = np.moveaxis(sums, -1, 0)
    spread = np.maximum(squares - ratings**2 / films, 1e-12)
    scores = (1 - squared_errors / spread, np.sqrt(squared_errors / films), absolute_errors / films, errors / films)
    return np.stack(scores)
