"""Decides when new dumps are worth a run; the sensor in `automation.py` calls this module at each poll.

For each dump, the sensor compares the version that the source serves now with the version that the source served when a
run was last requested. Each version of a file causes only one run, however that run ends.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

PATIENCE = timedelta(hours=6)
"""Time to wait for other new dumps after the first new dump; normally, IMDb replaces all seven dumps within minutes."""
AT_LEAST = timedelta(hours=24)
"""Longest time between requests for runs. A day after the last request, a run starts even if no dump is new, so a
failed run is repeated. Unchanged results are not made again."""


@dataclass(frozen=True)
class Seen:
    """The sensor's memory from poll to poll."""

    asked: dict[str, str] = field(default_factory=dict[str, str])
    """Maps each file to the version that the file had when a run was last requested."""
    asked_at: str | None = None
    """Time at which a run was last requested, ISO 8601."""
    waiting_since: str | None = None
    """Time at which the sensor saw the first new file since the last request for a run."""

    @classmethod
    def of(cls, cursor: str | None) -> "Seen":
        """Reads the sensor's cursor; without a cursor, no version has been seen."""
        return cls(**json.loads(cursor)) if cursor else cls()

    @property
    def cursor(self) -> str:
        """The cursor to store until the next poll."""
        return json.dumps(asdict(self))


class Decision(NamedTuple):
    """Whether to start a run, the reason, and what to remember."""

    start: bool
    why: str
    seen: Seen


def decide(versions: dict[str, str | None], seen: Seen, now: datetime) -> Decision:
    """Decides whether to start a run after a poll of the source.

    Args:
        versions: Maps each file to the version that the source serves now, or to None if the source does not say.
        seen: What the sensor remembers from the previous poll.
        now: The current time.
    """
    silent = [name for name, version in versions.items() if version is None]
    if silent:
        return Decision(
            start=False,
            why=f"The source is down or does not answer HEAD requests, so the version of {_few(silent)} is unknown.",
            seen=seen,
        )
    served = {name: version for name, version in versions.items() if version is not None}
    asked = Seen(asked=served, asked_at=now.isoformat())
    new = [name for name, version in served.items() if seen.asked.get(name) != version]
    if len(new) == len(served):
        return Decision(start=True, why="All dumps are new.", seen=asked)
    if new:
        since = datetime.fromisoformat(seen.waiting_since) if seen.waiting_since else now
        late = [name for name in served if name not in new]
        words = f"{len(new)} of {len(served)} dumps are new since {since:%H:%M} UTC"
        if now - since >= PATIENCE:
            return Decision(start=True, why=f"{words}; the run starts without {_few(late)}.", seen=asked)
        until = f"{since + PATIENCE:%H:%M} UTC"
        waiting = Seen(seen.asked, seen.asked_at, since.isoformat())
        return Decision(start=False, why=f"{words}; waiting for {_few(late)} until {until}.", seen=waiting)
    if seen.asked_at and now - datetime.fromisoformat(seen.asked_at) >= AT_LEAST:
        return Decision(start=True, why="No dump is new, but a run is due: the last run is over a day old.", seen=asked)
    asked_at = f"{datetime.fromisoformat(seen.asked_at):%Y-%m-%d %H:%M} UTC" if seen.asked_at else "the beginning"
    return Decision(start=False, why=f"No dump has changed since the run of {asked_at}.", seen=seen)


def _few(names: list[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")  # noqa: PLR2004 - two
