"""What this month has cost so far, as `ops.costs` records it, for the guard of the budget."""

from datetime import datetime

import polars as pl

from imdb_assets.contracts.ops import Costs
from imdb_assets.lake.lake import Lake


def this_month(lake: Lake, now: datetime) -> float:
    """US dollars of the calendar month, UTC.

    Args:
        lake: Holds the table; without it, nothing is known to have been spent.
        now: The time, UTC.
    """
    if not lake.exists(Costs.table):
        return 0.0
    return of_month(lake.table(Costs.table).scan(), now)


def of_month(costs: pl.LazyFrame, now: datetime) -> float:
    """US dollars of the calendar month, UTC, in rows of `ops.costs`."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return float(costs.filter(pl.col("ended_at") >= first).select(pl.col("usd").sum()).collect().item())
