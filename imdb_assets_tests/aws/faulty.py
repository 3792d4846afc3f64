"""Faults of AWS, put between botocore and the emulator: an answer instead of a request, or after it.

What comes above, retries, conditional writes and words, is the real thing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from imdb_assets.aws import client


@dataclass
class Fault:
    """What happens to requests of one operation."""

    operation: str
    """Such as `s3.PutObject`."""
    code: str = ""
    """AWS's word; empty for a connection that closes without an answer."""
    status: int = 400
    message: str = "of the test"
    times: int = 10**6
    """Of the first so many requests."""
    after: bool = False
    """Whether the request is carried out, and only its answer lost."""
    key: str = ""
    """Only requests whose address contains it."""
    met: int = 0
    """How many requests it has hit."""
    passed: int = field(default=0)
    """How many requests of the operation went through."""

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """botocore's hook: an answer, or None to go on."""
        if self.key not in request.url:
            return None
        if self.met >= self.times:
            self.passed += 1
            return None
        self.met += 1
        if self.after:
            URLLib3Session().send(request)
        if not self.code:
            raise ConnectionClosedError(endpoint_url=request.url)
        return _answer(request.url, self.operation.partition(".")[0], self)


@contextmanager
def faults(*of: Fault) -> Iterator[None]:
    """These faults, for as long as the context lasts; waits between attempts take no time."""
    registered = [(client.client(fault.operation.partition(".")[0]).meta.events, fault) for fault in of]
    for events, fault in registered:
        events.register_first(f"before-send.{fault.operation}", fault)
    try:
        yield
    finally:
        for events, fault in registered:
            events.unregister(f"before-send.{fault.operation}", fault)


class _Raw:
    """The body of an answer."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def _answer(url: str, service: str, fault: Fault) -> AWSResponse:
    if service == "s3":
        body = f"<Error><Code>{fault.code}</Code><Message>{escape(fault.message)}</Message></Error>"
        headers = {"Content-Type": "application/xml"}
    else:
        body = json.dumps({"__type": fault.code, "message": fault.message})
        headers = {"Content-Type": "application/x-amz-json-1.1"}
    return AWSResponse(url, fault.status, headers, _Raw(body.encode()))
