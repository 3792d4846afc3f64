"""Measures drift as the population stability index: how far a column's distribution has moved since a snapshot.

PSI = Σ (p - q) ln(p / q) over bins, where p and q are the shares of values now and before (Siddiqi, Credit Risk
Scorecards, 2006). By convention, a column with an index below 0.1 is stable, and a column with an index above 0.2 has
shifted.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

BINS = 10
LEAST_SHARE = 1e-4
"""Smallest share of a bin. Smaller shares are raised to `LEAST_SHARE`, because an empty bin would make the index
infinite. A bin with only one film in ten thousand is no sign of a shift."""
MIN_ROWS = 1_000
"""If either frame has fewer rows than this number, no stability index (PSI) is computed. In small samples, chance looks
like drift: even two samples of n and m rows from the same population have an index of about BINS * (1/n + 1/m)."""


def psi(now: pl.LazyFrame, before: pl.LazyFrame, columns: Iterable[str]) -> dict[str, float]:
    """The PSI of each numeric column that both frames have; empty if either frame has fewer than `MIN_ROWS` rows.

    Each bin holds a tenth of the earlier values. A column with few distinct values has one bin per value, and nulls
    have their own bin.

    Args:
        now: The current rows.
        before: The earlier rows, with which the current rows are compared.
        columns: Names of numeric columns.
    """
    shared = now.collect_schema().keys() & before.collect_schema().keys()
    wanted = [name for name in columns if name in shared]
    new, old = now.select(wanted).collect(), before.select(wanted).collect()
    if min(new.height, old.height) < MIN_ROWS:
        return {}
    return {name: _index(_values(new[name]), _values(old[name])) for name in wanted}


def _values(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).to_numpy()  # nulls become NaN


def _index(now: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    known = before[~np.isnan(before)]
    # The smallest value is always the edge of a bin. Otherwise, a column with one common and one rare value might have
    # only one bin.
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS, endpoint=False))) if known.size else np.empty(0)
    p, q = _shares(now, edges), _shares(before, edges)
    return float(np.sum((p - q) * np.log(p / q)))


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    missing = np.isnan(values)
    bins = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    counts = np.bincount(bins, minlength=len(edges) + 2)
    return np.maximum(counts / values.size, LEAST_SHARE)
