"""The interface of a source of dumps. Each sibling module is one source; none knows where dumps are kept."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from imdb_assets.sources.partial import Partial, Served

Report = Callable[[int, int | None], None]
"""Called while a dump arrives: the bytes received so far, and the dump's size (None if unknown)."""


def no_report(received: int, total: int | None) -> None:
    """Ignores reports of progress, for callers that do not need them."""


class SourceError(Exception):
    """A dump cannot be obtained; the message names the dump, the cause and the remedy."""


class Source(Protocol):
    """Delivers dumps."""

    remote: ClassVar[bool]
    """Whether dumps come over a network: several are then fetched at once, and a partial download is worth keeping."""

    @property
    def place(self) -> str:
        """The folder or address of all its dumps; a dump's `origin` is this, a slash and the file name."""
        ...

    def size(self, file_name: str, known: Served | None) -> int | None:
        """Bytes that `fetch` would deliver: 0 if the source still serves `known`, None if the source cannot tell."""
        ...

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """Maps each dump to a text that changes with every version that is served, such as an ETag; or to None."""
        ...

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Does whatever takes long before the first dump can be fetched, and reports its progress in words.

        Raises:
            SourceError: There is too little room.
        """
        ...

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Writes the dump to the partial's path; returns None and writes nothing if the source still serves `known`.

        A source that can resume continues the partial download, and leaves the received bytes in it when it fails.

        Raises:
            SourceError: The dump is missing or cannot be read.
        """
        ...
