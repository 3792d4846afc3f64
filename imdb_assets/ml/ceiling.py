"""The label-noise ceiling: an estimate of the highest R² that noise in the ratings allows.

Two sources of noise are estimated:

- *Sampling.* A published rating is a mean of n votes; its variance around the mean of infinitely many votes is s²/n.
  The dumps do not contain single votes, so s, the standard deviation of a film's votes, is an assumed constant
  (`VOTE_SPREAD`).

- *Drift.* Ratings of films younger than two years still change. For films that were one to two years old, the ratings
  in one dump explained 0.74-0.80 of the variance of the ratings in a dump from a year later. For all films younger than
  two years, the explained share of the variance is therefore assumed to be 0.77. Ratings of older films are assumed not
  to drift.

The ceiling is 1 - (mean variance of the noise) / (variance of the ratings). The ceiling rests on assumptions about
sampling and drift, so a model's R² may exceed the ceiling.
"""

from datetime import date
from typing import cast

import numpy as np
import polars as pl

from imdb_assets.ml import splits
from imdb_assets.ml.training import TARGET

VOTE_SPREAD = 2.0
"""Standard deviation of the votes of one film, in rating points."""
YOUNG_RELIABILITY = 0.77
"""Today's ratings of films younger than two years are assumed to explain this share of the variance of later
ratings."""


def label_noise_ceiling(films: pl.DataFrame, dumped: date) -> float:
    """Estimates the ceiling of R² on the given films.

    Args:
        films: Rated films with `average_rating`, `num_votes` and `start_year`.
        dumped: The dumps' date, which decides which films are younger than two years.
    """
    variance = cast("float", films[TARGET].var(ddof=0))
    sampling = VOTE_SPREAD**2 / films["num_votes"].to_numpy().astype(np.float64)
    young = (~splits.is_mature(films, dumped)).to_numpy()
    noise = sampling + np.where(young, (1 - YOUNG_RELIABILITY) * variance, 0.0)
    return float(np.clip(1 - noise.mean() / variance, 0, 1))
