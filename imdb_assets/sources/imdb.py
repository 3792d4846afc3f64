"""IMDb's own dumps over HTTPS. The settings may choose IMDb's own dumps only if they also accept IMDb's terms.

This module decides how often and for how long a download is tried; `download.py` makes one request.
"""

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from imdb_assets.sources.base import Report, SourceError, no_report
from imdb_assets.sources.download import Download, Pace, TransferError, conditions
from imdb_assets.sources.partial import Partial, Served


@dataclass(frozen=True)
class Limits:
    """Limits that end a download, whatever the server does. Times are in seconds."""

    silence: float = 30.0
    """A connection counts as dead if no byte arrives for this time."""
    pace: Pace = Pace(bytes_per_second=10_000, over_seconds=60.0)  # noqa: RUF009 - frozen
    fruitless: int = 6
    """The download ends after this number of attempts in a row that bring no new byte. As long as attempts bring new
    bytes, the download may go on for `whole` seconds."""
    first_pause: float = 1.0
    longest_pause: float = 30.0
    """Longest pause between attempts. Pauses double until they reach the longest pause; each pause is then shortened at
    random by up to half."""
    longest_retry_after: float = 300.0
    """Longest pause that the server may ask for; if the server asks for a longer pause, the download ends at once."""
    whole: float = 5400.0
    """Longest time for all attempts at one dump. A whole Dagster run may take 7200 seconds (dagster.yaml)."""


@dataclass(frozen=True)
class ImdbSource:
    """Downloads the dumps whose addresses begin with `url`."""

    url: str
    limits: Limits = Limits()
    remote: ClassVar[bool] = True

    @property
    def place(self) -> str:
        """The address that has all dumps, without a slash at its end."""
        return self.url.rstrip("/")

    def size(self, file_name: str, known: Served | None) -> int | None:
        """The size that the server names in answer to a HEAD request; None if the server names no size."""
        return asyncio.run(self._size(self._address(file_name), known))

    def versions(self, file_names: Sequence[str]) -> dict[str, str | None]:
        """ETag or modification time of each dump, from HEAD requests that are sent at the same time."""
        return dict(zip(file_names, asyncio.run(self._versions(file_names)), strict=True))

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Does nothing, because no preparation is needed."""

    def fetch(
        self, file_name: str, partial: Partial, known: Served | None = None, report: Report = no_report
    ) -> Served | None:
        """Downloads the dump, or resumes the download if an earlier attempt or run left it unfinished.

        Raises:
            SourceError: The download failed; the message names the address, the last failure and the remedy.
        """
        address = self._address(file_name)
        pursuit = _Pursuit(self.limits, Download(address, partial, known, self.limits.pace, report))
        try:
            return asyncio.run(pursuit.run())
        except (TransferError, TimeoutError) as error:
            continued = f"{partial.size:,} bytes are kept, and the download will continue after them"
            kept = continued if partial.notes() else "nothing was changed"
            if isinstance(error, TimeoutError):
                slow = f"not complete after {self.limits.whole:.0f} s"
                error = TransferError(slow, may_pass=True)
            raise SourceError(f"{file_name}: {address} failed: {error}. {error.remedy}; {kept}.") from error

    def _address(self, file_name: str) -> str:
        return f"{self.place}/{file_name}"

    async def _size(self, address: str, known: Served | None) -> int | None:
        try:
            async with asyncio.timeout(self.limits.silence), _client(self.limits) as client:
                answer = await client.head(address, headers=conditions(address, known))
        except (httpx.HTTPError, TimeoutError):
            return None
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return 0
        length = answer.headers.get("Content-Length", "")
        return int(length) if answer.status_code == httpx.codes.OK and length.isdecimal() else None

    async def _versions(self, file_names: Sequence[str]) -> list[str | None]:
        async with _client(self.limits) as client:
            return await asyncio.gather(*(self._version(client, self._address(name)) for name in file_names))

    async def _version(self, client: httpx.AsyncClient, address: str) -> str | None:
        try:
            async with asyncio.timeout(self.limits.silence):
                answer = await client.head(address)
        except (httpx.HTTPError, TimeoutError):
            return None
        headers = answer.headers if answer.status_code == httpx.codes.OK else {}
        return headers.get("ETag") or headers.get("Last-Modified")


class _Pursuit:
    """Repeats attempts at one download until it is complete or a limit is reached."""

    def __init__(self, limits: Limits, download: Download) -> None:
        self._limits = limits
        self._download = download
        self._fruitless = 0

    async def run(self) -> Served | None:
        """Repeats attempts until asyncio's timeout; only this timeout ends a wait for a name server or for headers."""
        retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_pass),
            stop=lambda _: self._fruitless >= self._limits.fruitless,
            wait=self._pause,
            reraise=True,
        )
        async with asyncio.timeout(self._limits.whole), _client(self._limits) as client:
            return await retrying(self._attempt, client)

    async def _attempt(self, client: httpx.AsyncClient) -> Served | None:
        before = self._download.partial.size
        try:
            return await self._download.attempt(client)
        except TransferError:
            self._fruitless = 0 if self._download.partial.size > before else self._fruitless + 1
            raise

    def _may_pass(self, error: BaseException) -> bool:
        return (
            isinstance(error, TransferError)
            and error.may_pass
            and (error.retry_after or 0) <= self._limits.longest_retry_after
        )

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after or 0.0 if isinstance(error, TransferError) else 0.0
        doubled = min(self._limits.longest_pause, self._limits.first_pause * 2 ** max(0, self._fruitless - 1))
        return max(asked, doubled * random.uniform(0.5, 1.0))


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # all downloads share one context, because reading the certificates takes 0.1 s


def _client(limits: Limits) -> httpx.AsyncClient:
    # `identity` forbids the server to compress a dump again: the dump is already gzipped, and bytes that are compressed
    # again have another ETag.
    return httpx.AsyncClient(
        timeout=limits.silence, verify=_trusted(), follow_redirects=True, headers={"Accept-Encoding": "identity"}
    )
