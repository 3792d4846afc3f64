"""Split-conformal prediction intervals, which are wider for films that are harder to predict.

A log-linear model of the absolute error estimates how hard a film is to predict; the rating model's record stores the
log-linear model as a few dozen numbers. The log-linear model is fitted on one half of the calibration films. From the
other half of the calibration films, a factor is computed: for nine of ten of these films, the error is at most the
factor times the film's expected error. Half the width of a film's interval is the factor times the film's expected
error (Lei et al. 2018, section 5.2). The caller chooses calibration films that the rating model did not learn from.
Calibration films must be recent, because intervals calibrated on old films are too narrow for new ones.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from imdb_assets.ml import training
from imdb_assets.ml.splits import uniform

COVERAGE = 0.9
"""Share of ratings that should lie inside their intervals. Intervals for 90 % are wide enough to be trusted and narrow
enough to be useful."""
MIN_FILMS = 60
"""Smallest number of calibration films. A quantile over half of the calibration films becomes a factor of the
intervals' width. With fewer films, the factor would be little more than a guess."""
SMALLEST_ERROR = 0.05
"""Lower bound of errors in the fit: a smaller error is raised to the bound. Ratings are rounded to 0.1, so errors below
0.05 mean nothing, but their logarithms would dominate the fit."""
RIDGE = 10.0
"""Strength of the ridge penalty. The penalty pulls a term's weight towards 0 as strongly as this number of films in
which the term has no effect. The penalty matters in a sample of hundreds of films, but not in a sample of tens of
thousands."""
TEMPER = 0.8
"""The weight of each term of the expected error is multiplied by this factor, so that all weights shrink. Films of
famous people are few; without `TEMPER`, these films would seem too easy to predict, and their intervals would be too
narrow."""
GROWTH = 0.005
"""Relative growth of an interval's width for each year by which the film is newer than the newest calibration films.
`benchmarks/intervals.py` chose `GROWTH` with a model that learned from films before 2004 and predicted IMDb's films of
2005-2012. With `GROWTH`, the intervals hold the same share of ratings in early and late years. A later test of `GROWTH`
used a model that learned from films before 2012 and predicted the films of 2013-2020. In the test, the intervals held
90.5 % (pre-release) and 90.2 % (with votes) of all ratings, and 88.9 to 91.1 % of the ratings of a single year.
`GROWTH` made the intervals of the test 2.8 % wider. Without `GROWTH`, only 87.5 % of the ratings of 2020 were inside
their intervals."""
PREDICTED = "predicted"
"""Name of the column with the prediction; the expected error may depend on this column."""
YEAR = "start_year"
"""Column with a film's year, on which the width of the film's interval depends (`GROWTH`); every model has the
column."""

Shape = Literal["value", "square", "log1p", "missing", "above"]

_SHAPES: Mapping[Shape, Callable[[NDArray[np.float64], float | NDArray[np.float64]], NDArray[np.float64]]] = {
    "value": lambda values, _: values,
    "square": lambda values, _: values**2,
    "log1p": lambda values, _: np.log1p(np.maximum(values, 0)),
    "missing": lambda values, _: np.isnan(values).astype(np.float64),
    "above": lambda values, knot: np.maximum(values - knot, 0),
}

_VOTE_KNOTS = tuple(math.log(votes) for votes in (20, 50, 100, 300, 1_000, 5_000, 25_000))
"""Knots of ln(votes). The knots are dense for small numbers of votes, because the error falls fastest while votes are
few."""

_BY_ROLE: tuple[tuple[str, Shape], ...] = (
    ("film_count", "missing"),
    ("film_count", "log1p"),
    ("mean_log_votes", "missing"),
    ("mean_log_votes", "value"),
)
_GENRES = ("action", "comedy", "documentary", "drama", "horror", "thriller")

_CANDIDATES: tuple[tuple[str, Shape, float], ...] = (
    (PREDICTED, "value", 0),
    (PREDICTED, "square", 0),
    ("log_votes", "value", 0),
    *(("log_votes", "above", knot) for knot in _VOTE_KNOTS),
    *((f"{role}_{column}", shape, 0) for role in ("director", "writer", "cast") for column, shape in _BY_ROLE),
    *((f"genre_{genre}", "value", 0) for genre in _GENRES),
    (YEAR, "value", 0),
)
"""Possible terms, each as (column, shape, knot). The size of errors was found to depend on the columns of these terms.
A model has terms only for the prediction and for the model's own features."""


class Term(BaseModel):
    """One summand of the logarithm of the expected error.

    Attributes:
        column: Name of a feature, or `predicted`.
        shape: Name of the function that is applied to the column's value. If the function has no result because the
            column's value is missing, the result counts as `low`.
        knot: Used only by the function `above`, whose result is 0 for values up to the knot.
        low: Lowest result of the function among calibration films; lower results count as `low`.
        high: Highest result of the function among calibration films; higher results count as `high`.
        weight: Factor by which the function's result is multiplied.
    """

    model_config = ConfigDict(frozen=True)

    column: str
    shape: Shape
    knot: float
    low: float
    high: float
    weight: float


class Intervals(BaseModel):
    """Calibrated intervals of one model.

    Attributes:
        coverage: Share of ratings that should lie inside their intervals.
        films: Number of calibration films.
        first_year: First year of release among calibration films.
        last_year: Last year of release among calibration films.
        quantile: Factor of the width: without `growth`, half an interval's width is `quantile` times the film's
            expected error.
        growth: Relative growth of the width for each year of release after `last_year`.
        constant: Logarithm of the expected error if all terms are zero.
        terms: The terms that are added to `constant`.
    """

    model_config = ConfigDict(frozen=True)

    coverage: float
    films: int
    first_year: int
    last_year: int
    quantile: float
    growth: float
    constant: float
    terms: list[Term]

    def bounds(
        self, rows: pl.DataFrame | NDArray[np.float32], features: Sequence[str], predicted: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Lower and upper ends of each film's interval, within 1-10, both of shape (films,).

        Args:
            rows: A frame with the columns of `gold.movie_features`, or the model's matrix.
            features: The matrix's columns.
            predicted: The model's predictions for the rows, shape (films,).
        """
        column = _columns(rows, features, predicted)
        years_after = np.fmax(column(YEAR) - self.last_year, 0)  # 0 if the year is missing
        expected = _expected_error(self.constant, self.terms, _shaped(self.terms, column))
        half = self.quantile * (1 + self.growth * years_after) * expected
        ends = (np.clip(predicted + side * half, training.LOWEST, training.HIGHEST) for side in (-1, 1))
        lower, upper = (end.astype(np.float32) for end in ends)
        return lower, upper


def calibrate(films: pl.DataFrame, features: Sequence[str], predicted: NDArray[np.floating[Any]]) -> Intervals:
    """Calibrates intervals on a model's errors for films that the model did not learn from.

    Args:
        films: Rated films with `tconst`, `start_year`, `average_rating` and the features.
        features: The model's features.
        predicted: The model's predictions for `films`, shape (films,).

    Raises:
        ValueError: There are too few films.
    """
    if films.height < MIN_FILMS:
        msg = (
            f"cannot calibrate intervals on {films.height} films, because at least {MIN_FILMS} are needed: use a larger"
            " source, with rated films of recent years"
        )
        raise ValueError(msg)
    error = np.abs(films[training.TARGET].to_numpy() - predicted.astype(np.float64))
    fits = uniform(films["tconst"], "difficulty") < 0.5  # noqa: PLR2004 - one half
    column = _columns(films, features, predicted)
    terms = _terms(column, features, fits)
    shaped = _shaped(terms, column)
    constant, terms = _difficulty(terms, shaped[fits], error[fits])
    ratio = np.sort(error[~fits] / _expected_error(constant, terms, shaped[~fits]))
    rank = min(math.ceil((len(ratio) + 1) * COVERAGE), len(ratio))
    years = films["start_year"].to_numpy()
    return Intervals(
        coverage=COVERAGE,
        films=films.height,
        first_year=int(years.min()),
        last_year=int(years.max()),
        quantile=float(ratio[rank - 1]),
        growth=GROWTH,
        constant=constant,
        terms=terms,
    )


def _expected_error(constant: float, terms: Sequence[Term], shaped: NDArray[np.float64]) -> NDArray[np.float64]:
    """Computes expected errors of shape (films,) from the terms' values of shape (films, terms)."""
    weights = np.array([term.weight for term in terms], dtype=np.float64)
    return np.exp(constant + (shaped * weights).sum(axis=1))


def _shaped(terms: Sequence[Term], column: Callable[[str], NDArray[np.float64]]) -> NDArray[np.float64]:
    """The terms' values, clipped to the calibrated range, shape (films, terms).

    Terms with the same function (`Term.shape`) are computed together. For a single film, computing dozens of terms one
    by one would take longer than predicting the film's rating.
    """
    if not terms:
        return np.empty((column(PREDICTED).size, 0))
    values = np.column_stack([column(term.column) for term in terms])
    for shape, function in _SHAPES.items():
        of_shape = [place for place, term in enumerate(terms) if term.shape == shape]
        values[:, of_shape] = function(values[:, of_shape], np.array([terms[place].knot for place in of_shape]))
    low, high = np.array([(term.low, term.high) for term in terms]).T
    return np.clip(np.where(np.isnan(values), low, values), low, high)


def _terms(
    column: Callable[[str], NDArray[np.float64]], features: Sequence[str], fits: NDArray[np.bool_]
) -> list[Term]:
    """Returns, with weight zero, each candidate term whose values differ among the films that `fits` selects."""
    terms: list[Term] = []
    for name, shape, knot in _CANDIDATES:
        if name != PREDICTED and name not in features:
            continue
        shaped = _SHAPES[shape](column(name)[fits], knot)
        known = shaped[~np.isnan(shaped)]
        if known.size and known.min() < known.max():
            low, high = float(known.min()), float(known.max())
            terms.append(Term(column=name, shape=shape, knot=knot, low=low, high=high, weight=0))
    return terms


def _difficulty(
    terms: Sequence[Term], shaped: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[float, list[Term]]:
    """Fits a ridge regression to the logarithm of the error, and returns the regression's constant and weighted terms.

    Args:
        terms: Terms without weights.
        shaped: The terms' values, shape (films, terms).
        error: Absolute errors, shape (films,).
    """
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs] - it has none

    target = np.log(np.maximum(error, SMALLEST_ERROR))
    centre, scale = shaped.mean(axis=0), np.maximum(shaped.std(axis=0), 1e-9)
    standard = (shaped - centre) / scale
    penalty = RIDGE * np.eye(len(terms))
    with threadpool_limits(limits=1, user_api="blas"):  # on busy cores, threads would wait for each other
        solved = cast(
            "NDArray[np.float64]",
            np.linalg.solve(standard.T @ standard + penalty, standard.T @ (target - target.mean())),  # pyright: ignore[reportUnknownMemberType] - its stubs leave one overload open
        )
    weights = solved / scale * TEMPER
    weighted = [term.model_copy(update={"weight": float(value)}) for term, value in zip(terms, weights, strict=True)]
    return float(target.mean() - centre @ weights), weighted


def _columns(
    rows: pl.DataFrame | NDArray[np.float32], features: Sequence[str], predicted: NDArray[np.floating[Any]]
) -> Callable[[str], NDArray[np.float64]]:
    """Returns a function that gives a column by its name, with NaN for missing values."""

    def column(name: str) -> NDArray[np.float64]:
        if name == PREDICTED:
            return predicted.astype(np.float64)
        if isinstance(rows, pl.DataFrame):
            return rows[name].cast(pl.Float64).to_numpy().astype(np.float64)
        return rows[:, features.index(name)].astype(np.float64)

    return column
