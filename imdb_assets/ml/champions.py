"""Trains the champions' models, which go into service, and makes the champions' predictions for all films.

`iterations` declares the champions. `evaluation` and `protocol` score models; this module does not.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import Predictions
from imdb_assets.ml import intervals, iterations, recipe, splits, training
from imdb_assets.ml.artifact import LoadedModel, RegimeRecord
from imdb_assets.ml.intervals import Intervals
from imdb_assets.ml.iterations import Regime


def stored_predictions(
    movies: pl.DataFrame,
    model: LoadedModel,
    snapshot_id: int,
    on_progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """A version's predictions for all films; each prediction is made by a model that did not learn from the film.

    Rated films are divided into folds. In both regimes, the model that predicts a fold's films learned only from the
    other folds. Films of the temporal test are also predicted by a model trained on the years before the split. The
    models of the folds and of the temporal test have as many trees as the model in service. Unrated films have no
    votes, so only the pre-release model in service predicts them; that model did not learn from unrated films.

    The intervals of a fold's films are calibrated on the errors of the other folds' predictions. The intervals of the
    temporal test's films are calibrated on the films of the last years before the split. These calibration films are
    predicted by a model that learned only from films before the calibration years. The intervals of unrated films come
    from the model in service.

    Args:
        movies: All rows of `gold.movie_features`.
        model: The version in service.
        snapshot_id: Snapshot of `gold.movie_features`.
        on_progress: Called with a line of text about each trained model.

    Returns:
        Rows of `models.predictions`, ordered by film, regime and split.
    """
    films, parts = splits.clean(movies), _of_unrated(movies, model)
    del movies  # free the memory, since models train side by side
    folds, year = splits.fold_numbers(films["tconst"]), films["start_year"]
    first_calibration_year = splits.TEMPORAL_SPLIT_YEAR - splits.CALIBRATION_YEARS
    before, test = year < splits.TEMPORAL_SPLIT_YEAR, splits.is_test(films, "temporal")
    trained_and_tested = [
        *((folds != fold, folds == fold) for fold in range(splits.FOLDS)),
        (before, test),
        (year < first_calibration_year, before & (year >= first_calibration_year)),
    ]
    regimes = model.record.regimes
    tasks: list[tuple[Regime, pl.Series, pl.Series]] = [
        (regime, *masks) for regime in regimes for masks in trained_and_tested
    ]

    def predict(task: tuple[Regime, pl.Series, pl.Series]) -> NDArray[np.float32]:
        regime, may_see, tested = task
        fitted = recipe.fit(films, may_see, iterations.iteration(regimes[regime].iteration), regimes[regime].trees)
        return fitted.predict(films.filter(tested))

    results = training.in_parallel(predict, tasks, on_progress)
    for regime, part in regimes.items():
        out_of_fold = np.empty(films.height, dtype=np.float32)
        for fold in range(splits.FOLDS):
            out_of_fold[(folds == fold).to_numpy()] = next(results)
        temporal, calibration = next(results), next(results)
        for fold in range(splits.FOLDS):
            others, own = folds != fold, folds == fold
            known = intervals.calibrate(films.filter(others), part.features, out_of_fold[others.to_numpy()])
            parts.append(_rows(films.filter(own), (regime, part), "fold", out_of_fold[own.to_numpy()], known))
        known = intervals.calibrate(films.filter(trained_and_tested[-1][1]), part.features, calibration)
        parts.append(_rows(films.filter(test), (regime, part), "temporal", temporal, known))
    made_by = pl.lit(model.record.version).alias("model_version"), pl.lit(snapshot_id).alias("snapshot_id")
    schema = polars_schema(Predictions)
    return pl.concat(parts).with_columns(made_by).select(schema.names()).cast(schema).sort(Predictions.primary_key())


def _of_unrated(movies: pl.DataFrame, model: LoadedModel) -> list[pl.DataFrame]:
    unrated = movies.filter(pl.col(training.TARGET).is_null())
    if unrated.is_empty():
        return []
    part, said = model.record.regimes["pre-release"], model.predict("pre-release", unrated)
    return [_rows(unrated, ("pre-release", part), "unrated", said, part.intervals)]


class Tested(NamedTuple):
    """The temporal test of one champion."""

    trees: int
    """Number of trees, chosen by early stopping on the newest of the training years."""
    films: pl.DataFrame
    """The test films, with their predictions in the column `predicted`."""


def temporal_test(movies: pl.DataFrame, champions: Mapping[Regime, str]) -> dict[Regime, Tested]:
    """For each regime, trains the champion's recipe on earlier films, and predicts the films of the temporal test.

    Args:
        movies: All rows of `gold.movie_features`.
        champions: Maps each regime to its iteration.
    """
    films = splits.clean(movies)
    test = splits.is_test(films, "temporal")

    def of(regime: Regime) -> Tested:
        model, tested = recipe.fit(films, ~test, iterations.iteration(champions[regime])), films.filter(test)
        return Tested(model.trees, tested.with_columns(predicted=pl.Series(model.predict(tested))))

    return dict(zip(champions, training.in_parallel(of, list(champions)), strict=True))


def calibrate(
    tested: Mapping[Regime, Tested], champions: Mapping[Regime, str], dumped: date
) -> dict[Regime, Intervals]:
    """Calibrates each regime's intervals on the errors of mature films (`splits.is_mature`) in the temporal test.

    Args:
        tested: The result of `temporal_test`.
        champions: Maps each regime to its champion, which is an iteration of the model.
        dumped: The dumps' date, which decides which films are mature (`splits.is_mature`).
    """
    calibrated: dict[Regime, Intervals] = {}
    for regime, (_, films) in tested.items():
        recent = films.filter(splits.is_mature(films, dumped))
        features = iterations.features(iterations.iteration(champions[regime]))
        calibrated[regime] = intervals.calibrate(recent, features, recent["predicted"].to_numpy())
    return calibrated


def fit_champions(
    movies: pl.DataFrame, champions: Mapping[Regime, str], trees: Mapping[Regime, int]
) -> dict[Regime, training.Fitted]:
    """Trains the models for service: the champions learn from all rated films except the showcase films."""
    films = splits.clean(movies)
    may_see = ~splits.is_showcase(films["tconst"])
    regimes = list(champions)
    models = training.in_parallel(
        lambda regime: recipe.fit(films, may_see, iterations.iteration(champions[regime]), trees[regime]), regimes
    )
    return dict(zip(regimes, models, strict=True))


def _rows(
    films: pl.DataFrame,
    answers: tuple[Regime, RegimeRecord],
    split: str,
    predicted: NDArray[np.float32],
    known: Intervals,
) -> pl.DataFrame:
    regime, part = answers
    lower, upper = known.bounds(films, part.features, predicted)
    return films.select(
        "tconst",
        regime=pl.lit(regime),
        split=pl.lit(split),
        iteration=pl.lit(part.iteration),
        actual=training.TARGET,
        predicted=pl.Series(predicted),
        lower=pl.Series(lower),
        upper=pl.Series(upper),
    )
