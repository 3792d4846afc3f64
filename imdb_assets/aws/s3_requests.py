"""Requests to S3 that this process has made, as AWS charges for them: PUT, POST, LIST, and the cheaper GET, HEAD.

Those of boto3 are counted as they are sent, repeated ones too. Polars' own client tells nobody what it asks for: that
is estimated from the files that it is told to read and to write (`s3.polars_reads`).
"""

from collections import Counter
from threading import Lock
from typing import Any

_FREE = ("Delete", "AbortMultipartUpload")
_READS = ("Get", "Head")
_sent: Counter[str] = Counter()
_lock = Lock()


def sent() -> Counter[str]:
    """Requests since the process began: `writes` and `reads` by boto3, `estimated_writes` and `estimated_reads`."""
    with _lock:
        return _sent.copy()


def add(**requests: int) -> None:
    """Counts further ones; from any thread."""
    with _lock:
        _sent.update(requests)


def count(event_name: str, **_: Any) -> None:
    """Botocore's hook `before-send`: called for every attempt."""
    operation = event_name.rpartition(".")[2]
    if not operation.startswith(_FREE):
        add(**{"reads" if operation.startswith(_READS) else "writes": 1})
