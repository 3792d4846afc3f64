"""Rules for every request: limits on body size and time, security headers, and metrics.

The middleware is plain ASGI, because every further layer would cost time in every request. Routes and error
answers are in `app`.
"""

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imdb_assets.serving.answers import Failure

MAX_BYTES = 25_000_000
"""Largest request body, in bytes. SageMaker has the same limit. A body of this size has room for `rows.MAX_ROWS` rows
that name their features."""
TOO_LARGE = f"the body is larger than {MAX_BYTES / 1e6:.0f} MB; send several requests."
BODY_SECONDS = 20.0
"""Seconds to wait for the next piece of a body: a client that stops sending must not hold memory forever."""
HUNG_UP = "the client hung up before the end of the body."
TOO_SLOW = f"the rest of the body did not come within {BODY_SECONDS:.0f} s; send the request again."

SECURITY = {
    # a page may contact only this server, so it works without a network and cannot be made to send data elsewhere
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

LATENCIES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the histogram's buckets, in seconds. Some of these bounds are the target times of predictions: 2 and
5 ms for one row, 0.5 s for 10,000 rows."""


class Metrics:
    """The endpoint's Prometheus metrics. Each app has its own registry: apps in one process must not mix numbers."""

    def __init__(self) -> None:
        """Creates all metrics at zero."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("imdb_requests", "Requests answered.", ["path", "status"], registry=self.registry)
        self.seconds = Histogram(
            "imdb_request_seconds", "Seconds per request.", ["path"], buckets=LATENCIES, registry=self.registry
        )
        self.model = Gauge(
            "imdb_model_in_service", "Always 1.", ["version", "regime", "iteration"], registry=self.registry
        )


class Counted:
    """Counts and times requests by path, and adds security headers to the answers.

    A path that is not in `paths` counts as `other`, so that clients cannot create new time series in the metrics.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        """Wraps an app."""
        self.app, self.metrics, self.paths = app, metrics, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers[name] = value
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            asked = getattr(scope.get("route"), "path", scope["path"])  # the route's pattern, such as /titles/{tconst}
            path = asked if asked in self.paths else "other"
            self.metrics.requests.labels(path, status).inc()
            self.metrics.seconds.labels(path).observe(time.perf_counter() - started)


class KnownHosts:
    """Refuses requests for unlisted host names: any web site can let its own name resolve to this server's address."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        """Wraps an app."""
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else self.hosts[0]
        if host.partition(":")[0].lower() in self.hosts:
            await self.app(scope, receive, send)
            return
        error = (
            f"host {host[:60] or 'missing'}: is not a name of this server; send the request to "
            f"{' or '.join(self.hosts)}."
        )
        await JSONResponse(Failure(error=error).model_dump(), 400)(scope, receive, send)


class BodyLimit:
    """Refuses a body that stalls or is too large before it fills the memory, even if the request declares no length."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        received, complete = 0, False

        async def receive_within_limit() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
            if announced.isdigit() and int(announced) > MAX_BYTES:
                raise HTTPException(413, TOO_LARGE)
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, TOO_SLOW) from error
            if message["type"] == "http.disconnect":
                # No client is left to get this answer, but the metrics count the answer. Status 400 counts as the
                # client's failure.
                raise HTTPException(400, HUNG_UP)
            complete = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > MAX_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_within_limit, send)
