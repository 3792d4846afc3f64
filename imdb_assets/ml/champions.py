"""The models in service: which iteration answers in each regime, and what it says of every film.

Only iterations without a leaking feature can be champion. Nothing here is scored: scores come from `evaluation`.
"""

from collections.abc import Mapping

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import Predictions
from imdb_assets.ml import iterations, splits, training
from imdb_assets.ml.iterations import REGIMES, Regime

_NO_FOLD = -1
"""Holds no rated film out: the model for unrated films learns from all of them."""


def choose_champions(scores: pl.DataFrame) -> dict[Regime, str]:
    """Regime → the leak-free iteration with the best temporal R² on all clean films.

    Args:
        scores: Rows of `models.iterations`.

    Raises:
        ValueError: Every iteration of a regime leaks, or none was scored.
    """
    eligible = scores.filter(
        pl.col("split") == "temporal",
        pl.col("population") == "all clean films",
        pl.col("leaking_features") == 0,
    ).sort(["r2", "iteration"], descending=[True, False])
    chosen: dict[Regime, str] = {}
    for regime in REGIMES:
        ranked = eligible.filter(pl.col("regime") == regime)["iteration"]
        if ranked.is_empty():
            msg = (
                f"no champion for {regime}: no iteration of that regime is free of leaking features;"
                " see models.leak_check for the features and repair them, then re-materialize models/iterations"
            )
            raise ValueError(msg)
        chosen[regime] = ranked[0]
    return chosen


def champion_trees(scores: pl.DataFrame, champions: Mapping[Regime, str]) -> dict[Regime, int]:
    """Regime → number of trees of the champion's fit on the random split, which like service learns from all years.

    The early stopping of that fit saw ratings of films that folds and showcase hold out; so held-out ratings do have a
    say in this one number, and through it, though hardly, in what is said of them.
    """
    fits = scores.filter(pl.col("split") == "random").unique("iteration", keep="first")
    trees = dict(zip(fits["iteration"], fits["trees"], strict=True))
    return {regime: trees[name] for regime, name in champions.items()}


def out_of_fold(movies: pl.DataFrame, champions: Mapping[Regime, str], trees: Mapping[Regime, int]) -> pl.DataFrame:
    """What the champions say of every film without having trained on its rating.

    Rated films are predicted in both regimes by the model of their fold, which did not train on them. Unrated ones have
    no votes: the pre-release champion, trained on all rated films, predicts them.

    Args:
        movies: All rows of `gold.movie_features`.
        champions: Regime → iteration.
        trees: Regime → number of trees, the same for every fold (`champion_trees` says which ratings chose it).

    Returns:
        Rows of `models.predictions`, ordered by film and regime.
    """
    films, unrated = splits.clean(movies), movies.filter(pl.col(training.TARGET).is_null())
    folds = splits.fold_numbers(films["tconst"])

    def predict(task: tuple[Regime, int]) -> pl.DataFrame:
        regime, fold = task
        model = _fit(films, folds != fold, champions[regime], trees[regime])
        held_out, split = (unrated, "unrated") if fold == _NO_FOLD else (films.filter(folds == fold), "fold")
        return _predictions(model, held_out, regime, champions[regime], split)

    tasks: list[tuple[Regime, int]] = [(regime, fold) for regime in champions for fold in range(splits.FOLDS)]
    if unrated.height:
        tasks.append(("pre-release", _NO_FOLD))
    return pl.concat(training.in_parallel(predict, tasks)).sort("tconst", "regime")


def fit_champions(
    movies: pl.DataFrame, champions: Mapping[Regime, str], trees: Mapping[Regime, int]
) -> dict[Regime, training.Fitted]:
    """The models to serve: champions trained on all rated films but the showcase, which they must not have seen."""
    films = splits.clean(movies)
    may_see = ~splits.is_showcase(films["tconst"])
    regimes = list(champions)
    models = training.in_parallel(lambda regime: _fit(films, may_see, champions[regime], trees[regime]), regimes)
    return dict(zip(regimes, models, strict=True))


def _fit(films: pl.DataFrame, may_see: pl.Series, name: str, trees: int) -> training.Fitted:
    """An iteration trained on what it may see of the population it was scored for."""
    chosen = iterations.iteration(name)
    train = films.filter(may_see & splits.is_in_population(films, chosen.trained_on))
    return training.fit(train, iterations.features(chosen), trees)


def _predictions(model: training.Fitted, films: pl.DataFrame, regime: Regime, name: str, split: str) -> pl.DataFrame:
    schema = polars_schema(Predictions)
    return films.select(
        "tconst",
        regime=pl.lit(regime),
        iteration=pl.lit(name),
        split=pl.lit(split),
        actual=training.TARGET,
        predicted=pl.Series(model.predict(films)),
    ).cast(schema)
