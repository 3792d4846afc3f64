"""Requests to S3 that this process has made, as AWS charges for them: PUT, POST, LIST, and the cheaper GET, HEAD.

Those of boto3 are counted as they are sent, repeated ones too. Polars' own client tells nobody what it asks for: that
is estimated from the files that it is told to read and to write.
"""

from dataclasses import astuple, dataclass
from threading import Lock
from typing import Any

GETS_A_FILE = 3
"""Of a Parquet file that Polars is told to read: the footer, and its columns."""
_FREE = ("Delete", "AbortMultipartUpload")
_READS = ("Get", "Head")


@dataclass(frozen=True)
class Sent:
    """Numbers of requests."""

    writes: int = 0
    """PUT, POST, LIST by boto3."""
    reads: int = 0
    """GET, HEAD by boto3."""
    estimated_writes: int = 0
    """By Polars."""
    estimated_reads: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        """Of both."""
        return Sent(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Sent") -> "Sent":
        """Since another."""
        return Sent(*(one - another for one, another in zip(astuple(self), astuple(other), strict=True)))


_sent = Sent()
_lock = Lock()


def sent() -> Sent:
    """Since the process began."""
    return _sent


def add(more: Sent) -> None:
    """Counts further ones; from any thread."""
    global _sent  # noqa: PLW0603 - of the process, as its clients are
    with _lock:
        _sent += more


def count(event_name: str, **_: Any) -> None:
    """Botocore's hook `before-send`: called for every attempt."""
    operation = event_name.rpartition(".")[2]
    if not operation.startswith(_FREE):
        add(Sent(reads=1) if operation.startswith(_READS) else Sent(writes=1))


def polars_reads(files: int) -> None:
    """Polars was told to read so many files."""
    add(Sent(estimated_reads=files * GETS_A_FILE))


def polars_writes(files: int) -> None:
    """Polars has written so many files; the parts of one of more than 32 MB are not seen."""
    add(Sent(estimated_writes=files))
