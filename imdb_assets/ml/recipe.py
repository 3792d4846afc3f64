"""An iteration, trained as it is declared: on its population, with its features and weights, at its pace."""

from collections.abc import Mapping, Sequence

import polars as pl

from imdb_assets.ml import iterations, splits, training
from imdb_assets.ml.iterations import Iteration, Population

LEARNING_RATES: Mapping[Population, float] = {"all clean films": 0.1, "most voted": 0.03}
"""Slower is better, in proportion to the time it takes. On the most voted 0.03 instead of 0.1 is 0.004-0.008 more R² on
real rows for a few seconds; on all films 0.003, for which the daily job at full size would take over eight minutes."""


def fit(
    films: pl.DataFrame,
    may_see: pl.Series,
    chosen: Iteration,
    trees: int | None = None,
    features: Sequence[str] | None = None,
) -> training.Fitted:
    """The iteration trained on what it may see of its population.

    Args:
        films: All clean films.
        may_see: Whether each may be trained on.
        chosen: The iteration.
        trees: Number of trees; chosen on the newest of the training years if None.
        features: Instead of the iteration's own.

    Raises:
        ValueError: Too few films.
    """
    names = iterations.features(chosen) if features is None else features
    needed = list(dict.fromkeys(("tconst", "start_year", training.TARGET, "num_votes", *names)))
    return training.fit(
        films.select(needed).filter(may_see & splits.is_in_population(films, chosen.trained_on)),
        names,
        trees,
        learning_rate=LEARNING_RATES[chosen.trained_on],
        by_votes=chosen.by_votes,
    )
