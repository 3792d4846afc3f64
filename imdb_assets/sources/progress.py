"""The progress of a download, as a value to pass on (`Reading`) and as text for the log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

STEP = 0.05  # share of a dump that arrives between two reports of its progress
UNKNOWN_STEP = 50_000_000  # bytes between two reports if the dump's size is unknown
MEGA = 1_000_000


class Reading(NamedTuple):
    """One reading of a download's progress: the number of bytes received so far."""

    dump: str
    received: int
    total: int | None
    """Size of the dump; None if unknown."""

    def __str__(self) -> str:
        """The progress in words."""
        of = "" if self.total is None else f" of {self.total / MEGA:,.1f}"
        return f"{self.dump}: {self.received / MEGA:,.1f}{of} MB downloaded"


Watch = Callable[[Reading], None]
"""A function that is called with each reading of a download's progress."""


def no_watch(reading: Reading) -> None:
    """Shows no progress, for runs that nobody watches; the run's log still reports the progress."""


@dataclass
class Meter:
    """Selects the readings worth reporting: one for each 5 % of a dump's bytes, and one at the dump's end."""

    dump: str
    _said: int = 0

    def read(self, received: int, total: int | None) -> Reading | None:
        """The new reading; None if too few bytes have arrived since the last reported reading."""
        if received < self._said:  # the download has started over
            self._said = 0
        step = UNKNOWN_STEP if total is None else total * STEP
        if received == self._said or (received - self._said < step and received != total):
            return None
        self._said = received
        return Reading(self.dump, received, total)
