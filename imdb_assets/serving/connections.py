"""Closes connections whose request headers come too late. Otherwise, each connection would hold a socket forever."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 20.0
"""Seconds in which a request's headers must arrive. The time is counted from the start of the connection, and
again from the first byte of each request. Another limit applies to request bodies (`middleware.py`)."""


class TimedHeaders(HttpToolsProtocol):
    """Uvicorn's HTTP protocol with a time limit for a request's headers."""

    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as its base
        """Starts the timer for the first request's headers."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """Starts the timer at the first byte of a request."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Stops the timer, because all headers have arrived."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the timer, because the connection is closed."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
