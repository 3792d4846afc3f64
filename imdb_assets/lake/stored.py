"""What a listing says of a file or an object; nothing of where it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """A file, or object, that is there."""

    address: str
    bytes: int
    changed: float
    """When it was last written, in seconds since 1970."""
