"""How far a download is, as a line of a log that a person can read and the `imdb` command can draw as a bar."""

import re
from dataclasses import dataclass
from typing import NamedTuple, Self

STEP = 0.05  # of a dump, between two lines
UNKNOWN_STEP = 50_000_000  # bytes, where the size is not known
MEGA = 1_000_000


class Reading(NamedTuple):
    """What a line says."""

    dump: str
    megabytes: float
    total: float | None

    def line(self) -> str:
        """The line."""
        of = "" if self.total is None else f" of {self.total:,.1f}"
        return f"{self.dump}: {self.megabytes:,.1f}{of} MB downloaded"

    @classmethod
    def of(cls, line: str) -> Self | None:
        """The reading that a line holds; None if it is another kind of line."""
        match = re.fullmatch(r"([a-z.]+): ([\d,.]+)(?: of ([\d,.]+))? MB downloaded", line)
        if match is None:
            return None
        dump, megabytes, total = match.groups()
        return cls(dump, float(megabytes.replace(",", "")), float(total.replace(",", "")) if total else None)


@dataclass
class Meter:
    """Decides which readings are worth a line: every twentieth of a dump, and its end."""

    dump: str
    _said: int = 0

    def read(self, received: int, total: int | None) -> str | None:
        """The line for this state; None if the last one will do."""
        if received < self._said:  # the download has begun anew
            self._said = 0
        step = UNKNOWN_STEP if total is None else total * STEP
        if received == self._said or (received - self._said < step and received != total):
            return None
        self._said = received
        return Reading(self.dump, received / MEGA, None if total is None else total / MEGA).line()
