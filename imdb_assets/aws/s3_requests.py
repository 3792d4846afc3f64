"""Counts this process's requests to S3 in AWS's price classes: writes (PUT, POST, LIST) and cheaper reads (GET, HEAD).

Requests of boto3 are counted as they are sent, including retries. Polars' own client does not report its requests, so
their number is estimated from the number of files that Polars reads and writes (`s3.polars_reads`).
"""

from collections import Counter
from threading import Lock
from typing import Any

_FREE = ("Delete", "AbortMultipartUpload")
_READS = ("Get", "Head")
_sent: Counter[str] = Counter()
_lock = Lock()


def sent() -> Counter[str]:
    """Requests since the process began: boto3's `writes` and `reads`, and estimates of Polars' requests."""
    with _lock:
        return _sent.copy()


def add(**requests: int) -> None:
    """Counts further requests; may be called from any thread."""
    with _lock:
        _sent.update(requests)


def count(event_name: str, **_: Any) -> None:
    """Hook for botocore's event `before-send`, called for every attempt."""
    operation = event_name.rpartition(".")[2]
    if not operation.startswith(_FREE):
        add(**{"reads" if operation.startswith(_READS) else "writes": 1})
