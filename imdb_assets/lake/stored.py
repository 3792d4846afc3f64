"""What is known of a file, here or in remote storage, without reading it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """A file that is there."""

    address: str
    bytes: int
    changed: float
    """When it was last written, in seconds since 1970."""
