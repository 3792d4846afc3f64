"""The learner: grows boosted trees from a feature matrix and a target.

`splits` chooses the rows, and `iterations` chooses the columns. Each parameter is a constant with a stated reason; a
search for better values gained nothing on IMDb's rows.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import polars as pl
from cachetools import LRUCache
from numpy.typing import NDArray
from polars import selectors

from imdb_assets.ml.splits import SEED

if TYPE_CHECKING:
    from xgboost import Booster, QuantileDMatrix

Item = TypeVar("Item")
Result = TypeVar("Result")

TARGET = "average_rating"
LOWEST, HIGHEST = 1.0, 10.0
"""Ends of IMDb's scale; predictions are clipped to this range."""

PARAMETERS: dict[str, Any] = {
    "objective": "reg:squarederror",  # R², the score, is computed from squared errors
    "tree_method": "hist",
    "max_bin": 128,
    "max_depth": 7,  # deep enough for interactions of genre, year, runtime and people; a depth of 6 scores the same
    "min_child_weight": 25,  # smallest number of films per leaf, because the rating of a single film is noisy
    "subsample": 0.8,
    "colsample_bytree": 0.2,  # each tree sees a fifth of the columns, because many features of a person are alike
    "reg_lambda": 8.0,  # pulls the values of leaves with few films towards 0
    "seed": SEED,
    "nthread": 1,  # `in_parallel` trains several models at once, and one thread gives the same bytes on any machine
}
MORE_PARAMETERS = frozenset({"learning_rate", "gamma", "reg_alpha", "max_leaves", "grow_policy"})
"""Parameters that an iteration may set, besides those in `PARAMETERS`."""
LEARNING_RATE = 0.1
"""Default factor by which each tree's contribution is multiplied; `recipe` chooses a factor for each population."""
MAX_TREES = 4000
"""Largest number of trees. In practice, trainings stop earlier; the limit ends a training that keeps improving."""
PATIENCE = 3
"""Training stops after `PATIENCE / learning_rate` trees without improvement."""
VALIDATION_SHARE = 0.1
"""The number of trees is chosen on the newest training rows, which are this share of all training rows."""
LEAST_WEIGHT, HALF_WAY_VOTES = 0.2, 300
"""A film without votes has the weight `LEAST_WEIGHT`. A film with `HALF_WAY_VOTES` votes has a weight half-way between
`LEAST_WEIGHT` and 1."""
MAX_WORKERS = 8
"""Largest number of models trained at once. At full size, the rows of one training take about 0.1 GB until the rows are
binned. Binned rows without missing values (see `MISSING`) take a quarter of the memory of the rows before binning."""
REMEMBERED = 32
"""Number of models kept in memory; a model takes about a megabyte. The latest models are kept, because audit, final
training and scores use the same models."""
MISSING = 1e30
"""Number that replaces missing values if `fill` of `fit` is true; this number is larger than any value of a feature. If
no value is missing, XGBoost stores a byte per value instead of four, and trains in three fifths of the time. A tree
that was grown without missing values treats a missing value like the largest value: at every split, XGBoost sends both
to the right. Therefore `predict` need not replace missing values."""
MIN_ROWS = 200
"""Smallest number of training films. With fewer films, no tree can have eight leaves of at least `min_child_weight`
films each, and scores mean nothing."""


_fits: "LRUCache[tuple[str, int | None], Fitted]" = LRUCache(REMEMBERED)
"""Maps a key to a trained model. A key is a pair: a hash of data and parameters, and the requested number of trees."""
_one_at_a_time = Lock()


class TrainingError(Exception):
    """The remote training of the champions failed; the message gives the cause and the remedy."""


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Attributes:
        booster: The trees.
        features: Columns of the matrix, in order.
        trees: Number of boosting rounds.
        train_rows: Number of films trained on.
        seconds: Wall time of training, including the choice of the number of trees.
    """

    booster: "Booster"
    features: tuple[str, ...]
    trees: int
    train_rows: int
    seconds: float

    def predict(self, films: pl.DataFrame) -> NDArray[np.float32]:
        """Predicted ratings of the films, clipped to 1-10, shape (films,)."""
        return predict(self.booster, matrix(films, self.features))


class _Learnt(NamedTuple):
    """The films that a model learns from."""

    rows: pl.DataFrame
    target: NDArray[np.float32]
    years: NDArray[np.int32]
    weights: NDArray[np.float32] | None

    def of(self, films: NDArray[np.bool_]) -> "_Learnt":
        """Selects some of the films, by a mask of shape (films,)."""
        weights = None if self.weights is None else self.weights[films]
        return _Learnt(self.rows.filter(films), self.target[films], self.years[films], weights)


def films_of(movie_features: pl.LazyFrame) -> pl.DataFrame:
    """All rows of `gold.movie_features`, in memory; features become 32-bit floats, which models use."""
    features = selectors.float() - selectors.by_name(TARGET)
    return movie_features.with_columns(features.cast(pl.Float32)).collect(engine="streaming")


def matrix(films: pl.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    """The model's matrix: float32, shape (films, features), missing values as NaN.

    Raises:
        ValueError: A feature is not a column of the frame.
    """
    return _columns(films, features).to_numpy(order="c")


def predict(booster: "Booster", rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Predicted ratings, clipped to 1-10.

    Args:
        booster: A trained model.
        rows: The model's matrix, shape (films, features), with NaN for missing values.

    Returns:
        Shape (films,).
    """
    raw = booster.inplace_predict(rows, validate_features=False)
    return np.clip(np.asarray(raw, dtype=np.float32), LOWEST, HIGHEST)


def fit(  # noqa: PLR0913 - one choice each
    train: pl.DataFrame,
    features: Sequence[str],
    trees: int | None = None,
    *,
    learning_rate: float = LEARNING_RATE,
    by_votes: bool = False,
    fill: bool = False,
    parameters: Mapping[str, Any] | None = None,
) -> Fitted:
    """Trains on all given films, or returns an earlier fit on equal rows with equal parameters.

    Args:
        train: Rated films with `tconst`, `start_year`, `average_rating` and the features.
        features: Columns of the model's matrix.
        trees: Number of trees. If None, a first fit on the older films finds the number of trees with which the newest
            films are predicted best. A second fit on all films then grows this number of trees. The newest films decide
            on the number of trees, because a model in service also predicts films that are newer than its training
            films.
        learning_rate: Factor by which each tree's contribution is scaled.
        by_votes: Whether films with few votes get smaller weights. `vote_weights` computes the weights from
            `num_votes`.
        fill: Whether `MISSING` replaces missing values. Training is faster with the replacement, but the trees' splits
            cannot choose the side to which missing values go.
        parameters: XGBoost parameters that replace or extend `PARAMETERS`.

    Raises:
        ValueError: There are too few films, a film is unrated, all films are of one year, or a parameter is unknown.
    """
    started = time.perf_counter()
    _check(train)
    chosen = _parameters(learning_rate, parameters or {})
    train = train.sort("tconst")
    rows = _columns(train, features)
    learnt = _Learnt(
        rows.with_columns(pl.all().fill_null(MISSING).fill_nan(MISSING)) if fill else rows,
        train[TARGET].to_numpy().astype(np.float32),
        train["start_year"].to_numpy(),
        vote_weights(train["num_votes"]) if by_votes else None,
    )
    del train, rows  # frees memory, because several models train at once
    content, films = _content(learnt, chosen), len(learnt.target)
    with _one_at_a_time:
        known = _fits.get((content, trees))
    if known:
        return known
    count = _best_count(learnt, chosen) if trees is None else trees
    binned = _binned(learnt, chosen)
    del learnt
    booster = _boost(binned, count, chosen)
    fitted = Fitted(booster, tuple(features), count, films, time.perf_counter() - started)
    with _one_at_a_time:
        _fits[content, trees] = _fits[content, count] = fitted
    return fitted


def vote_weights(votes: pl.Series) -> NDArray[np.float32]:
    """Weight of each film in training, from `LEAST_WEIGHT` to 1: ratings with few votes are less reliable.

    Args:
        votes: Number of votes of each film, shape (films,).
    """
    count = votes.to_numpy().astype(np.float64)
    return (LEAST_WEIGHT + (1 - LEAST_WEIGHT) * count / (count + HALF_WAY_VOTES)).astype(np.float32)


def in_parallel(
    work: Callable[[Item], Result], items: Sequence[Item], on_progress: Callable[[str], None] | None = None
) -> Iterator[Result]:
    """Yields `work`'s results in order. Threads work on items in parallel, since XGBoost trains without Python's lock.

    Args:
        work: Makes the result for an item.
        items: The items.
        on_progress: Called with a line for each result, such as `3 of 14`.
    """
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MAX_WORKERS)) as pool:
        for number, result in enumerate(pool.map(work, items), 1):
            if on_progress:
                on_progress(f"{number} of {len(items)}")
            yield result


def _columns(films: pl.DataFrame, features: Sequence[str]) -> pl.DataFrame:
    missing = [name for name in features if name not in films.columns]
    if missing:
        msg = (
            f"features missing from the rows: {', '.join(missing)}; rows must have the columns of gold.movie_features"
            " (re-materialize gold/movie_features, then models/rating_model)"
        )
        raise ValueError(msg)
    return films.select(pl.col(list(features)).cast(pl.Float32))


def _content(learnt: _Learnt, parameters: Mapping[str, Any]) -> str:
    """A hash of everything that a fit depends on, except the number of trees."""
    digest = hashlib.blake2b(f"{learnt.rows.columns} {sorted(parameters.items())}".encode())
    for values in (*(column.to_numpy() for column in learnt.rows), learnt.target, learnt.years, learnt.weights):
        digest.update(b"unweighted" if values is None else values.tobytes())
    return digest.hexdigest()


def _check(train: pl.DataFrame) -> None:
    unrated = train[TARGET].null_count()
    if unrated:
        msg = f"cannot train: {unrated} of {train.height} films have no rating; pass clean films only (splits.clean)"
        raise ValueError(msg)
    if train.height < MIN_ROWS:
        msg = (
            f"cannot train on {train.height} films, because at least {MIN_ROWS} are needed; use a larger source"
            " (a sample of more titles, or IMDb's dumps) and re-materialize gold/movie_features"
        )
        raise ValueError(msg)


def _parameters(learning_rate: float, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {*PARAMETERS, *MORE_PARAMETERS}
    if unknown := sorted(given.keys() - known):
        msg = f"unknown parameters {', '.join(unknown)}; the parameters that can be set are {', '.join(sorted(known))}"
        raise ValueError(msg)
    return {**PARAMETERS, "learning_rate": learning_rate, **given}


def _older_and_newest(years: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks of the older films, on which trees are grown, and of the newest films, which decide the number of trees."""
    newest_first = np.sort(years)[::-1]
    first_newest_year = newest_first[int(len(years) * VALIDATION_SHARE)]
    newest = years >= first_newest_year
    if newest.all():
        newest = years > first_newest_year
    if not newest.any() or newest.all():
        msg = (
            f"cannot choose the number of trees: all {len(years)} films are of {years[0]}. The number is the one"
            " that predicts the newest years best from older years, so training needs films of several years"
        )
        raise ValueError(msg)
    return ~newest, newest


def _best_count(learnt: _Learnt, parameters: dict[str, Any]) -> int:
    """Finds how many trees predict the newest films best; the trees are grown on the older films."""
    older, newest = _older_and_newest(learnt.years)
    first = _binned(learnt.of(older), parameters)
    stop_on = _binned(learnt.of(newest)._replace(weights=None), parameters, first)
    return int(_boost(first, MAX_TREES, parameters, stop_on).best_iteration) + 1


def _binned(learnt: _Learnt, parameters: Mapping[str, Any], ref: "QuantileDMatrix | None" = None) -> "QuantileDMatrix":
    """Bins the values of the films; if `ref` is given, the bins of `ref` are used.

    XGBoost bins the columns of a frame in two thirds of the time that it takes to bin a matrix.
    """
    from xgboost import QuantileDMatrix

    rows, target, _, weights = learnt
    return QuantileDMatrix(
        rows, target, weight=weights, ref=ref, max_bin=parameters["max_bin"], nthread=parameters["nthread"]
    )


def _boost(
    films: "QuantileDMatrix", trees: int, parameters: dict[str, Any], stop_on: "QuantileDMatrix | None" = None
) -> "Booster":
    """Grows trees on `films`. If `stop_on` is given, growth stops once predictions for `stop_on` no longer improve."""
    from xgboost import train

    if stop_on is None:
        return train(parameters, films, trees)
    return train(
        parameters,
        films,
        trees,
        evals=[(stop_on, "newest")],
        early_stopping_rounds=round(PATIENCE / parameters["learning_rate"]),
        verbose_eval=False,
    )
