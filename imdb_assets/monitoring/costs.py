"""What a run has used that may cost money, and what is known to have been spent this month; prices are the bill's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True)
class Usage:
    """What a run that has ended used."""

    run_id: str
    job: str
    ended_at: datetime
    """UTC."""
    seconds: float
    reported: Sequence[tuple[str, float]]
    """What its steps said, those that failed as well: names and numbers of their metadata."""
    requests: Mapping[str, int]
    """Requests to storage, by kind."""
    is_whole: bool
    """Whether it went from the dumps to the endpoint."""


def of_month(recorded: pl.LazyFrame, now: datetime) -> float:
    """US dollars of the calendar month, UTC, in rows of `ops.costs`."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return float(recorded.filter(pl.col("ended_at") >= first).select(pl.col("usd").sum()).collect().item())
