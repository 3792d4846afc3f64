"""How long things are kept. `maintenance.py` does it; the `imdb maintain` command has options for it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Policy:
    """What is kept."""

    snapshots: int = 7
    """Of each table, however old: a week of daily runs."""
    snapshot_age: timedelta = timedelta(days=14)
    """Since it was superseded; younger snapshots are kept however many there are."""
    models: int = 5
    """Versions besides the one in service."""
    file_age: timedelta = timedelta(hours=24)
    """Of files that nothing refers to: twelve times what Dagster lets a run take (`max_runtime_seconds`)."""
