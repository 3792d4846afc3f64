"""How long things are kept: rules and nothing else. `maintenance.py` applies them; `imdb maintain` has options."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Policy:
    """What is kept."""

    snapshots: int = 7
    """Of each table but bronze and quarantine, however old: a week of daily runs."""
    snapshot_age: timedelta = timedelta(days=14)
    """Since it was superseded; younger snapshots are kept however many there are."""
    bronze_age: timedelta = timedelta(days=2)
    """The same of bronze and quarantine, of which no number is kept: at full size a day of them is 1.5 GB and holds
    1.9 GB of dumps, from which they can be made again. It is longer than any run takes that has pinned them. And of
    ops, published every hour, whose rows are its history."""
    dumps: int = 2
    """Of each dump, besides those that kept snapshots were made from: IMDb has no older versions to get."""
    models: int = 5
    """Versions besides the one in service."""
    file_age: timedelta = timedelta(hours=24)
    """Of files that nothing refers to: twelve times what Dagster lets a run take (`max_runtime_seconds`)."""

    def of(self, table: str) -> tuple[int, timedelta]:
        """How many snapshots of a table are kept, and for how long further ones."""
        if table.startswith(("bronze.", "quarantine.", "ops.")):
            return 1, min(self.bronze_age, self.snapshot_age)
        return self.snapshots, self.snapshot_age
