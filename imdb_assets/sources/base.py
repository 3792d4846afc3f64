"""What a source of dumps is. Each sibling module is one source; none knows where dumps are kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class SourceError(Exception):
    """A dump cannot be had; the message names the dump, what is wrong and the remedy."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        """Of a message for people.

        Args:
            message: What is wrong with which dump, and what to do.
            may_pass: Whether the same request may succeed a little later, as after a network fault.
        """
        super().__init__(message)
        self.may_pass = may_pass


@dataclass(frozen=True)
class Fetched:
    """What a source says of the dump it delivered."""

    etag: str | None
    """The server's ETag; None where the source has none."""
    last_modified: str
    """Time of the dump's last change, ISO 8601, UTC."""
    origin: str
    """Where it came from: an address or a path."""


class Source(Protocol):
    """Delivers dumps."""

    def fetch(self, file_name: str, destination: Path, known_etag: str | None) -> Fetched | None:
        """Writes the dump to `destination`; None if the source still serves `known_etag`.

        Raises:
            SourceError: The dump is missing or cannot be read.
        """
        ...
