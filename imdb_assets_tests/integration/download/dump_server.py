"""A web server on 127.0.0.1 that serves dumps as IMDb's host does, or misbehaves as it is told to."""

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple


class Asked(NamedTuple):
    """One request, by the headers that matter here."""

    method: str
    file: str
    range: str | None
    if_range: str | None
    if_none_match: str | None
    if_modified_since: str | None


Misbehaviour = Callable[["Exchange"], None]


@dataclass
class DumpServer:
    """What is served, what is still to go wrong, and what was asked."""

    url: str = ""
    body: bytes = b""
    """Of every file that is not in `files`."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    etag: str | None = '"abc-12"'
    """Of every file that is not in `etags`."""
    etags: dict[str, str] = field(default_factory=dict[str, str])
    last_modified: str | None = "Tue, 14 Nov 2023 22:13:20 GMT"
    script: list[Misbehaviour] = field(default_factory=list[Misbehaviour])
    """What happens to the next GET requests, one each; after that all goes well."""
    scripts: dict[str, list[Misbehaviour]] = field(default_factory=dict[str, list[Misbehaviour]])
    """The same for requests of one file."""
    asked: list[Asked] = field(default_factory=list[Asked])
    times: list[float] = field(default_factory=list[float])
    """When each request came, by the monotonic clock."""
    sent: int = 0
    """Bytes of bodies."""
    heads: bool = True
    """Whether HEAD is answered."""

    @property
    def ranges(self) -> list[str | None]:
        """The ranges that GET requests asked for."""
        return [asked.range for asked in self.asked if asked.method == "GET"]


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    state: DumpServer
    lock: threading.Lock

    @property
    def file(self) -> str:
        """Name of the file asked for."""
        return self.path.rpartition("/")[2]

    @property
    def body(self) -> bytes:
        """The file asked for."""
        return self.state.files.get(self.file, self.state.body)

    @property
    def etag(self) -> str | None:
        """Of the file asked for."""
        return self.state.etags.get(self.file, self.state.etag)

    def do_HEAD(self) -> None:
        self._note()
        if not self.state.heads:
            self.answer(405, b"")
        elif self.known():
            self.answer(304, b"", send=False)
        else:
            self.answer(200, self.body, send=False)

    def do_GET(self) -> None:
        with self.lock:
            script = self.state.scripts.get(self.file) or self.state.script
            misbehave = script.pop(0) if script else None
        self._note()
        if misbehave is None:
            self.serve()
        else:
            misbehave(self)

    def serve(self) -> None:
        """What a good server does."""
        if self.known():
            self.answer(304, b"", send=False)
        elif (start := self.start()) is None:
            self.answer(200, self.body)
        elif start >= len(self.body):
            self.answer(416, b"", {"Content-Range": f"bytes */{len(self.body)}"})
        else:
            size = len(self.body)
            self.answer(206, self.body[start:], {"Content-Range": f"bytes {start}-{size - 1}/{size}"})

    def known(self) -> bool:
        """Whether the client has what is served."""
        if (etag := self.headers.get("If-None-Match")) is not None:
            return etag == self.etag
        since = self.headers.get("If-Modified-Since")
        return since is not None and since == self.state.last_modified

    def start(self) -> int | None:
        """First byte of the range asked for; None if all are to be sent."""
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        if wanted is None or condition not in {None, self.etag, self.state.last_modified}:
            return None
        return int(wanted[1])

    def answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, send: bool = True, length: int = -1
    ) -> None:
        """Sends a status, the dump's headers and a body; `length` is what Content-Length says, if not the truth."""
        self.send_response(status)
        named = {"ETag": self.etag, "Last-Modified": self.state.last_modified}
        named["Content-Length"] = str(len(body) if length < 0 else length) if status != 304 else None
        for name, value in {**named, **(headers or {})}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if send:
            self.write(body)

    def write(self, body: bytes) -> None:
        """Sends some bytes of a body."""
        with suppress(OSError):  # the client has gone, as some tests want it to
            self.wfile.write(body)
            with self.lock:
                self.state.sent += len(body)

    def reset(self) -> None:
        """Drops the connection without a word."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _note(self) -> None:
        names = ("Range", "If-Range", "If-None-Match", "If-Modified-Since")
        with self.lock:
            self.state.asked.append(Asked(self.command, self.file, *(self.headers.get(name) for name in names)))
            self.state.times.append(time.monotonic())

    def finish(self) -> None:
        with suppress(OSError, ValueError):  # dropped before
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


@contextmanager
def serving(certificate: Path | None = None, **state: object) -> Iterator[DumpServer]:
    """A server on a port of its own; over TLS with a certificate and its key in one PEM file."""
    server = DumpServer(**state)  # pyright: ignore[reportArgumentType]
    handler = type("Handler", (Exchange,), {"state": server, "lock": threading.Lock()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        web.daemon_threads = True
        server.url = f"http{'s' if certificate else ''}://127.0.0.1:{web.server_port}"
        if certificate:
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(certificate)
            web.socket = secure.wrap_socket(web.socket, server_side=True)
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            web.shutdown()
            thread.join()


def well(exchange: Exchange) -> None:
    """Behaves."""
    exchange.serve()


def status(code: int, **headers: str) -> Misbehaviour:
    """Answers with an error."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.answer(code, b"not now", named)


def retry_after_date(seconds: int) -> str:
    """A Retry-After that names a time."""
    return formatdate(time.time() + seconds, usegmt=True)


def drop_after(count: int) -> Misbehaviour:
    """Sends `count` bytes of what was asked for, then drops the connection."""
    return drop_after_silence(count, 0.05)  # what was sent is read before the reset throws it away


def drop_after_silence(count: int, seconds: float) -> Misbehaviour:
    """Sends `count` bytes of what was asked for, then nothing, then drops the connection."""

    def misbehave(exchange: Exchange) -> None:
        body, start = exchange.body, exchange.start() or 0
        rest = body[start:]
        if start:
            span = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            exchange.answer(206, rest, span, send=False)
        else:
            exchange.answer(200, rest, send=False)
        exchange.write(rest[:count])
        exchange.wfile.flush()
        time.sleep(seconds)
        exchange.reset()

    return misbehave


def drop_at_once(exchange: Exchange) -> None:
    """Answers nothing."""
    exchange.reset()


def ignore_range(exchange: Exchange) -> None:
    """Sends the whole dump, whatever was asked for."""
    exchange.answer(200, exchange.body)


def range_from(shift: int, total: int = 0, etag: str | None = None) -> Misbehaviour:
    """Answers a range request with bytes from elsewhere, or of another dump."""

    def misbehave(exchange: Exchange) -> None:
        body, start = exchange.body, (exchange.start() or 0) + shift
        span = {"Content-Range": f"bytes {start}-{len(body) - 1}/{total or len(body)}"}
        exchange.answer(206, body[start:], span | ({"ETag": etag} if etag else {}))

    return misbehave


def range_without_name(exchange: Exchange) -> None:
    """A 206 that does not say which bytes it has."""
    exchange.answer(206, exchange.body[exchange.start() or 0 :])


def promise(length: int) -> Misbehaviour:
    """Says another Content-Length than is true."""

    def misbehave(exchange: Exchange) -> None:
        exchange.answer(200, exchange.body, length=length)
        exchange.close_connection = True

    return misbehave


def trickle(seconds: float, first: int = 0) -> Misbehaviour:
    """Sends `first` bytes at once, then one at a time, without end, each well within any timeout for a read."""

    def misbehave(exchange: Exchange) -> None:
        exchange.answer(200, exchange.body, send=False)
        exchange.write(exchange.body[:first])
        until = time.monotonic() + seconds
        for place in range(first, len(exchange.body)):
            exchange.write(exchange.body[place : place + 1])
            time.sleep(0.02)
            if time.monotonic() > until:
                break
        exchange.reset()

    return misbehave


def trickle_headers(seconds: float) -> Misbehaviour:
    """Sends a header that has no end."""

    def misbehave(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            exchange.write(b"x")
            time.sleep(0.02)
        exchange.reset()

    return misbehave


def hang(seconds: float) -> Misbehaviour:
    """Says nothing."""

    def misbehave(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.reset()

    return misbehave


def redirect(address: str) -> Misbehaviour:
    """Sends the client elsewhere."""
    return lambda exchange: exchange.answer(302, b"", {"Location": address})


def change(body: bytes, etag: str | None, then: Misbehaviour = well) -> Misbehaviour:
    """A new dump appears just before this request is answered."""

    def misbehave(exchange: Exchange) -> None:
        exchange.state.body, exchange.state.etag = body, etag
        then(exchange)

    return misbehave


def together(barrier: threading.Barrier) -> Misbehaviour:
    """Answers when as many requests as the barrier wants are here at the same time; if they never are, not at all."""

    def misbehave(exchange: Exchange) -> None:
        try:
            barrier.wait(timeout=5)
        except threading.BrokenBarrierError:
            exchange.reset()
        else:
            exchange.serve()

    return misbehave
