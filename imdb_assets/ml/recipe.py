"""Trains an iteration as it is declared: on its population, with its features, weights and learning rate."""

from collections.abc import Mapping, Sequence

import polars as pl

from imdb_assets.ml import iterations, splits, training
from imdb_assets.ml.iterations import Iteration, Population

LEARNING_RATES: Mapping[Population, float] = {"all clean films": 0.1, "most voted": 0.03}
"""Maps each population to its learning rate. A lower rate gives better models, but training takes proportionally
longer. For the most voted films, a rate of 0.03 gives an R² on IMDb's rows that is 0.004-0.008 higher than with a rate
of 0.1, and training takes a few seconds longer. For all films, a learning rate of 0.03 would add 0.003 to R², but would
slow the training down. Before missing values were replaced (`FILLED`), a rate of 0.03 made the daily job at full size
over eight minutes longer."""

FILLED: frozenset[Population] = frozenset({"all clean films"})
"""Populations in which `training.MISSING` replaces missing values. The replacement cuts the time of the training on all
films by two fifths, and changes R² on IMDb's rows by at most 0.003. Missing values of the most voted films are not
replaced. The most voted films have few missing values. If these values were replaced, the model that learns from the
most voted films would lose up to 0.009 of its R² on all films."""


def fit(
    films: pl.DataFrame,
    may_see: pl.Series,
    chosen: Iteration,
    trees: int | None = None,
    features: Sequence[str] | None = None,
) -> training.Fitted:
    """Trains the iteration on the films of its population that `may_see` allows.

    Args:
        films: All clean films.
        may_see: For each film, whether the iteration may learn from it.
        chosen: The iteration.
        trees: Number of trees; if None, the number is chosen on the newest of the training years.
        features: Features to use instead of the iteration's own features.

    Raises:
        ValueError: There are too few films.
    """
    names = iterations.features(chosen) if features is None else features
    needed = list(dict.fromkeys(("tconst", "start_year", training.TARGET, "num_votes", *names)))
    return training.fit(
        films.select(needed).filter(may_see & splits.is_in_population(films, chosen.trained_on)),
        names,
        trees,
        learning_rate=LEARNING_RATES[chosen.trained_on],
        by_votes=chosen.by_votes,
        fill=chosen.trained_on in FILLED,
        parameters=chosen.parameters,
    )
