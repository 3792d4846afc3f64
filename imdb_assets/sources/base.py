"""What a source of dumps is. Each sibling module is one source; none knows where dumps are kept."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from imdb_assets.sources.partial import Partial, Served

Report = Callable[[int, int | None], None]
"""Is told, while a dump arrives, how many of its bytes are here and how many it has (None: not known)."""


def no_report(received: int, total: int | None) -> None:
    """For callers who do not watch."""


class SourceError(Exception):
    """A dump cannot be had; the message names the dump, what is wrong and the remedy."""


class Source(Protocol):
    """Delivers dumps."""

    remote: ClassVar[bool]
    """Whether dumps come over a network: several come at once then, and what has come of one is worth keeping."""

    @property
    def place(self) -> str:
        """The folder or address of all its dumps: a dump's `origin` is this, `/` and its file name."""
        ...

    def size(self, file_name: str, known: Served | None) -> int | None:
        """Bytes that `fetch` would deliver: 0 if the source still serves `known`, None if it cannot tell."""
        ...

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """Dump → what changes whenever the source serves another one, such as an ETag; None if it cannot be told."""
        ...

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Writes the dump to the partial's path; None, and no file, if the source still serves `known`.

        A source that can resume goes on with what is in the partial, and leaves there what has come when it fails.

        Raises:
            SourceError: The dump is missing or cannot be read.
        """
        ...
