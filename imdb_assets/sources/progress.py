"""How far a download is: a value that is handed on, and how people read it in a log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

STEP = 0.05  # of a dump, between two readings
UNKNOWN_STEP = 50_000_000  # bytes, where the size is not known
MEGA = 1_000_000


class Reading(NamedTuple):
    """How many bytes of a dump are here."""

    dump: str
    received: int
    total: int | None
    """None: not known."""

    def __str__(self) -> str:
        """For people."""
        of = "" if self.total is None else f" of {self.total / MEGA:,.1f}"
        return f"{self.dump}: {self.received / MEGA:,.1f}{of} MB downloaded"


Watch = Callable[[Reading], None]
"""Is told how far downloads are."""


def no_watch(reading: Reading) -> None:
    """For runs that nobody watches; the log has every reading anyway."""


@dataclass
class Meter:
    """Decides which readings are worth telling: every twentieth of a dump, and its end."""

    dump: str
    _said: int = 0

    def read(self, received: int, total: int | None) -> Reading | None:
        """This state; None if the last reading will do."""
        if received < self._said:  # the download has begun again
            self._said = 0
        step = UNKNOWN_STEP if total is None else total * STEP
        if received == self._said or (received - self._said < step and received != total):
            return None
        self._said = received
        return Reading(self.dump, received, total)
