"""How long things are kept: rules and nothing else. `maintenance.py` applies them; `imdb maintain` has options."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Policy:
    """What is kept."""

    snapshots: int = 7
    """Of each table, however old: a week of daily runs."""
    snapshot_age: timedelta = timedelta(days=14)
    """Since it was superseded; younger snapshots are kept however many there are."""
    dumps: int = 2
    """Of each dump, besides those that kept snapshots were made from: IMDb has no older versions to get."""
    dump_months: int | None = 0
    """Of how many months the first dump is kept besides; None for all."""
    models: int = 5
    """Versions besides the one in service."""
    file_age: timedelta = timedelta(hours=24)
    """Of files that nothing refers to: twelve times what Dagster lets a run take (`max_runtime_seconds`)."""


def worth_keeping(landed: Iterable[datetime], *, last: int, months: int | None) -> set[datetime]:
    """Of a dump's past versions the newest ones, and the first one of each of the newest months.

    Args:
        landed: When each version landed.
        last: How many of the newest to keep.
        months: Of how many months with a landing, newest first, the first one is kept besides; None for all.
    """
    newest_first = sorted(set(landed), reverse=True)
    first_of_month = {(time.year, time.month): time for time in newest_first}  # the oldest of a month comes last
    return {*newest_first[:last], *list(first_of_month.values())[:months]}
