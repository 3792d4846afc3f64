"""Addresses, and what is known of a file in a folder, or of an object in a bucket, without reading it."""

from dataclasses import dataclass

REMOTE = "s3://"
"""Addresses that begin so are of objects; all others are paths."""


@dataclass(frozen=True)
class Stored:
    """A file, or object, that is there."""

    address: str
    bytes: int
    changed: float
    """When it was last written, in seconds since 1970."""
