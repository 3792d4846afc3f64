"""What is known of a local or remote file without reading it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """An existing file."""

    address: str
    bytes: int
    changed: float
    """Time of the last write, in seconds since 1970."""
