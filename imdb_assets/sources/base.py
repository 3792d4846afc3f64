"""The interface of all sources of dumps; no source knows where dumps are kept."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from imdb_assets.sources.partial import Partial, Served

Report = Callable[[int, int | None], None]
"""Called while a dump arrives, with the number of bytes received so far and the dump's size (None if unknown)."""


def no_report(received: int, total: int | None) -> None:
    """Ignores the progress, for callers that do not report it."""


class SourceError(Exception):
    """A dump cannot be obtained; the message names the dump, the cause and the remedy."""


class Source(Protocol):
    """Delivers dumps."""

    remote: ClassVar[bool]
    """Whether dumps come over a network. Dumps of a remote source are fetched several at once, and unfinished downloads
    are kept."""

    @property
    def place(self) -> str:
        """The folder or address of all dumps of this source.

        A dump's `origin` is the source's `place`, a slash and the file name.
        """
        ...

    def size(self, file_name: str, known: Served | None) -> int | None:
        """Number of bytes that `fetch` would deliver: 0 if the version `known` is still current, None if unknown."""
        ...

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """Maps each dump to a text that identifies its current version, such as an ETag; None if unknown."""
        ...

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Does the long work that must precede the first `fetch`, and reports the progress of this work in words.

        Raises:
            SourceError: There is too little disk space.
        """
        ...

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Writes the dump to `partial.path`, or returns None without writing if the version `known` is still current.

        A source that can resume downloads continues the partial download. If a download fails, the received bytes stay
        in `partial.path`.

        Raises:
            SourceError: The dump is missing or cannot be read.
        """
        ...
