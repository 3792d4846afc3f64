"""What a source of dumps is. Each sibling module is one source; none knows where dumps are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

Report = Callable[[int, int | None], None]
"""Is told, while a dump arrives, how many of its bytes are here and how many it has (None: not known)."""


def no_report(received: int, total: int | None) -> None:
    """For callers who do not watch."""


class SourceError(Exception):
    """A dump cannot be had; the message names the dump, what is wrong and the remedy."""


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

    remote: ClassVar[bool]
    """Whether dumps come over a network: several come at once then, and what has come of one is worth keeping."""

    @property
    def place(self) -> str:
        """The folder or address of all its dumps: a dump's `origin` is this, `/` and its file name."""
        ...

    def size(self, file_name: str, known: Fetched | None) -> int | None:
        """Bytes that `fetch` would deliver: 0 if the source still serves `known`, None if it cannot tell."""
        ...

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """Dump → what changes whenever the source serves another one, such as an ETag; None if it cannot be told."""
        ...

    def fetch(
        self, file_name: str, destination: Path, known: Fetched | None = None, report: Report = no_report
    ) -> Fetched | None:
        """Writes the dump to `destination`; None, and no file, if the source still serves `known`.

        A source that can resume leaves a `Partial` at `destination` when it fails, and goes on from one that is there.

        Raises:
            SourceError: The dump is missing or cannot be read.
        """
        ...
