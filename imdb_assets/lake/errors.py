"""The exceptions of the lake."""

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_DISK = (errno.EPERM, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EDQUOT)


class LakeError(Exception):
    """A table cannot be read or published; the message names the table, the cause and the remedy."""


class DamagedError(LakeError):
    """The stored bytes differ from the written bytes. Trying again does not help; the file must be made again."""


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


def disk_advice(message: str) -> str:
    """Advice if permissions or a full or read-only disk caused the `OSError` with this message; otherwise empty."""
    found = re.match(r"\[Errno (\d+)\] ", message)
    return ". Check permissions, disk space and IMDB_DATA." if found and int(found[1]) in _DISK else ""
