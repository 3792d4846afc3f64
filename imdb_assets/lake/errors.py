"""The exceptions of the lake."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class LakeError(Exception):
    """A table cannot be read or published; the message names the table, the cause and the remedy."""


class DamagedError(LakeError):
    """The stored bytes differ from those that were written. Trying again does not help; the file must be made again."""


@contextmanager
def disk_errors(what: str, root: Path) -> Generator[None]:
    """Turns errors of the disk into `LakeError`.

    Args:
        what: The thing and the failure, such as `silver.movies: not published`.
        root: A folder on the disk.
    """
    try:
        yield
    except OSError as error:
        raise LakeError(f"{what}: {error}. Check disk space and permissions below {root}, then try again.") from error
