"""Where champions are trained: a protocol, and the process that asks."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import polars as pl

from imdb_assets.ml import champions, training
from imdb_assets.ml.iterations import Regime

Trained = tuple[dict[Regime, training.Fitted], dict[str, Any]]
"""Regime → model; and what people, and `ops.costs`, are told of the training."""


class TrainingError(Exception):
    """The champions could not be trained where they were to be; the message says why and what to do."""


class Trainer(Protocol):
    """Trains champions somewhere; equal films give equal models wherever that is."""

    def fit(
        self,
        films: pl.DataFrame,
        chosen: Mapping[Regime, str],
        trees: Mapping[Regime, int],
        progress: Callable[[str], None],
    ) -> Trained:
        """Trains one model for each regime, as `champions.fit_champions` does.

        Args:
            films: All rows of `gold.movie_features`.
            chosen: Regime → iteration.
            trees: Regime → number of trees.
            progress: Told of each step, if there are any.

        Raises:
            TrainingError: It could not be done; nothing was published.
        """
        ...


class Here:
    """Trains in this process."""

    def fit(
        self,
        films: pl.DataFrame,
        chosen: Mapping[Regime, str],
        trees: Mapping[Regime, int],
        progress: Callable[[str], None],  # noqa: ARG002 - of the protocol
    ) -> Trained:
        """See `Trainer.fit`."""
        return champions.fit_champions(films, chosen, trees), {}
