"""Facts about a local or remote file that are known without reading the file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """An existing file."""

    address: str
    bytes: int
    changed: float
    """Time of the last write, in seconds since 1970."""
