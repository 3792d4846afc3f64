"""The billable usage of a run, and the month's known spending; `aws/billing/bill.py` applies the prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True)
class Usage:
    """The usage of a run that has ended."""

    run_id: str
    job: str
    ended_at: datetime
    """Time of the run's end, UTC."""
    seconds: float
    reported: Sequence[tuple[str, float]]
    """Names and numbers from the metadata of all steps of the run, including failed steps."""
    requests: Mapping[str, int]
    """Requests to storage, by kind."""
    is_whole: bool
    """Whether the run covered everything from the dumps to the endpoint."""


def of_month(recorded: pl.LazyFrame, now: datetime) -> float:
    """US dollars recorded in rows of `ops.costs` for the calendar month, UTC."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return float(recorded.filter(pl.col("ended_at") >= first).select(pl.col("usd").sum()).collect().item())
