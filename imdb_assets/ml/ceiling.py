"""The label-noise ceiling: the R² that even a model with knowledge of every film's true appeal could not exceed.

There are two sources of noise, each estimated:

- *Sampling.* A published rating is a mean of n votes; its variance around the mean of infinitely many is s²/n. Dumps
  hold no votes, so s is a stated constant (`VOTE_SPREAD`).
- *Drift.* Ratings of films younger than two years still move. Between dumps a year apart, ratings at one to two years
  explained 0.74-0.80 of the variance of the later ratings; the middle of that range is used for all young films. Mature
  ratings do not drift.

The ceiling is 1 - mean noise variance / variance of the ratings. The ceiling is an estimate with two assumptions, not a
bound.
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
"""Share of a young rating's variance that lasts."""


def label_noise_ceiling(films: pl.DataFrame, dumped: date) -> float:
    """Estimates the ceiling of R² on these rows.

    Args:
        films: Rated films with `average_rating`, `num_votes` and `start_year`.
        dumped: The dumps' date.
    """
    variance = cast("float", films[TARGET].var(ddof=0))
    sampling = VOTE_SPREAD**2 / films["num_votes"].to_numpy().astype(np.float64)
    young = (~splits.is_mature(films, dumped)).to_numpy()
    noise = sampling + np.where(young, (1 - YOUNG_RELIABILITY) * variance, 0.0)
    return float(np.clip(1 - noise.mean() / variance, 0, 1))
