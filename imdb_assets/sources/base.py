"""The interface that all sources of dumps have. No source knows where this project stores the fetched dumps."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from imdb_assets.sources.partial import Partial, Served

Report = Callable[[int, int | None], None]
"""Called while a dump arrives, with the number of bytes received so far and the dump's size (None if unknown)."""


def no_report(received: int, total: int | None) -> None:
    """Ignores the progress, for callers that do not report progress."""


class SourceError(Exception):
    """A dump cannot be obtained; the message names the dump, the cause and the remedy."""


class Source(Protocol):
    """Delivers dumps."""

    remote: ClassVar[bool]
    """Whether the source's dumps come over a network. Several dumps of a remote source are fetched at the same time,
    and unfinished downloads are kept."""

    @property
    def place(self) -> str:
        """The folder or web address that has all dumps of this source.

        A dump's `origin` consists of the source's `place`, a slash and the file name.
        """
        ...

    def size(self, file_name: str, known: Served | None) -> int | None:
        """Bytes that `fetch` would deliver: 0 if `known` is the current version, None if the number is unknown."""
        ...

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """For each dump, a text that identifies its current version, such as an ETag; None if no text is known."""
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
