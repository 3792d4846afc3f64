"""The exceptions of the lake."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class LakeError(Exception):
    """A table cannot be read or published; the message names the table, the cause and the remedy."""


class DamagedError(LakeError):
    """What is kept is not what was put there, and repeating does not help: what is made anew can take its place."""


@contextmanager
def disk_errors(what: str, root: Path) -> Generator[None]:
    """Errors of the disk as `LakeError`.

    Args:
        what: The thing and what did not become of it, such as `silver.movies: not published`.
        root: Where the disk is.
    """
    try:
        yield
    except OSError as error:
        raise LakeError(f"{what}: {error}. Check disk space and permissions below {root}, then try again.") from error
