"""What runs have used that costs money, and who says how much: rows of `ops.costs`. Prices are the bill's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

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


class Bill(Protocol):
    """What the platform costs somewhere."""

    def of_run(self, usage: Usage, stored_bytes: int, now: datetime) -> Iterator[dict[str, Any]]:
        """Rows of `ops.costs` of one run.

        Args:
            usage: The run.
            stored_bytes: Of all tables in remote storage; a run of all assets pays for a day of them.
            now: The time, UTC.
        """
        ...

    def beside_runs(self, now: datetime) -> Iterator[dict[str, Any]]:
        """Rows of `ops.costs` of what costs something while no run does; of what goes on, as far as it has come."""
        ...


def of_month(recorded: pl.LazyFrame, now: datetime) -> float:
    """US dollars of the calendar month, UTC, in rows of `ops.costs`."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return float(recorded.filter(pl.col("ended_at") >= first).select(pl.col("usd").sum()).collect().item())
