"""The rules for how long things are kept. `maintenance.py` applies the rules; `imdb maintain` has options for them."""

from dataclasses import dataclass
from datetime import timedelta

LONGEST = timedelta(days=36_500)
"""Longest age that a person may choose. A much longer age would reach back to a date before the year 1, and Python has
no such dates."""


@dataclass(frozen=True)
class Policy:
    """How long snapshots, dumps, model versions and unreferenced files are kept, or how many of them are kept."""

    snapshots: int = 7
    """Smallest number of snapshots that a table keeps: one per day of a week. Tables of bronze, quarantine and ops have
    no such minimum."""
    snapshot_age: timedelta = timedelta(days=14)
    """Time for which a superseded snapshot is kept, even if the table has more than `snapshots` snapshots."""
    bronze_age: timedelta = timedelta(days=2)
    """Time for which bronze, quarantine and ops keep a superseded snapshot; they keep no minimum number of snapshots.
    Two days are enough, because no run that pins a snapshot takes two days. At full size, one more day would cost 1.5
    GB for the tables of bronze and quarantine, and 1.9 GB for their dumps, which are kept as long as the snapshots.
    Tables of bronze and quarantine can be made again from the dumps. Tables of ops are published every hour, and each
    snapshot has all earlier measurements, so old snapshots of ops add little."""
    dumps: int = 2
    """Number of versions of each dump that are kept. Versions from which a kept snapshot was made are kept in addition.
    IMDb does not offer older versions of its dumps."""
    models: int = 5
    """Number of model versions kept besides the version in service."""
    file_age: timedelta = timedelta(hours=24)
    """Age from which unreferenced files are removed: twelve times the longest run that Dagster allows
    (`max_runtime_seconds`)."""

    def of(self, table: str) -> tuple[int, timedelta]:
        """How many of a table's snapshots are always kept, and the age up to which other snapshots are kept."""
        if table.startswith(("bronze.", "quarantine.", "ops.")):
            return 1, min(self.bronze_age, self.snapshot_age)
        return self.snapshots, self.snapshot_age
