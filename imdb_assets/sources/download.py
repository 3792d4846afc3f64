"""Sends one request for a dump, and checks the answer.

The request may ask the server to send the dump only if the dump has changed, or to send the rest of a partial download.

`imdb.py` decides whether to ask again after a failure.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

import httpx

from imdb_assets.sources.base import Report, SourceError
from imdb_assets.sources.partial import Partial, Served

# The 4xx statuses that count as temporary failures; all 5xx statuses count as temporary too.
MAY_PASS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
CHALLENGE = "x-amzn-waf-action"  # CloudFront's firewall sends this header to ask for proof that the client is a browser
_NETWORK = "Check the network and run again"
_REFUSED = (
    "The server refuses this machine: try the address in a browser; if the browser gets the dump, save all seven dumps "
    "in a folder and set IMDB_SOURCE=folder and IMDB_SOURCE_FOLDER"
)
_MOVED = "The dump has moved or has another name: find its new address and set IMDB_DUMPS_URL"
_REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: _REFUSED,
    HTTPStatus.FORBIDDEN: _REFUSED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "The network's proxy wants a password: put it into HTTPS_PROXY",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: _REFUSED,
    HTTPStatus.NOT_FOUND: _MOVED,
    HTTPStatus.GONE: "The dump was removed from its address: find its new address and set IMDB_DUMPS_URL",
}
SAFE_AGE = timedelta(minutes=1)  # two versions of a file can share a younger Last-Modified time (RFC 9110, 8.8.2.2)
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class TransferError(SourceError):
    """A request failed."""

    def __init__(
        self, message: str, *, may_pass: bool, retry_after: float | None = None, remedy: str = _NETWORK
    ) -> None:
        """Describes the failure to callers and users.

        Args:
            message: The failure.
            may_pass: Whether the same request might succeed a little later.
            retry_after: Seconds that the server asks clients to wait.
            remedy: What the user should do; the text has no full stop at its end.
        """
        super().__init__(message)
        self.may_pass = may_pass
        self.retry_after = retry_after
        self.remedy = remedy


@dataclass(frozen=True)
class Pace:
    """The lowest acceptable speed. A slower download counts as stuck and continues on a new connection."""

    bytes_per_second: float
    over_seconds: float


@dataclass(frozen=True)
class Download:
    """The download of the dump at `address` into `partial`."""

    address: str
    partial: Partial
    known: Served | None
    """The version of the dump that the caller has. A version from `address` is not downloaded a second time."""
    pace: Pace
    report: Report

    async def attempt(self, client: httpx.AsyncClient) -> Served | None:
        """Sends one GET request; returns None if the server still has the version `known`.

        After a failure, the next attempt can resume the download.

        Raises:
            TransferError: The request failed, or the answer does not match the request.
        """
        resumed = self._resumable()
        headers = conditions(self.address, self.known)
        if resumed is not None:
            offset, notes = resumed
            headers = {"Range": f"bytes={offset}-", "If-Range": notes.etag or _http_date(notes)}
        try:
            async with client.stream("GET", self.address, headers=headers) as answer:
                self._check(answer, asked=headers)
                if answer.status_code == HTTPStatus.NOT_MODIFIED:
                    return None
                if resumed is not None and answer.status_code == HTTPStatus.PARTIAL_CONTENT:
                    offset, total = self._continued(answer, *resumed)
                else:
                    offset, total = 0, _length(answer)
                    self.partial.begin(_served(self.address, answer, total) if _names_a_version(answer) else None)
                await self._receive(answer, offset, total)
        except httpx.TooManyRedirects as error:
            raise TransferError("redirected endlessly", may_pass=False, remedy=_MOVED) from error
        except httpx.TransportError as error:
            raise TransferError(str(error) or type(error).__name__, may_pass=True) from error
        except httpx.HTTPError as error:
            raise TransferError(str(error) or type(error).__name__, may_pass=False) from error
        return _served(self.address, answer, total)

    def _resumable(self) -> tuple[int, Served] | None:
        """Number of the first byte to request, and the partial download's version; None if nothing can be resumed."""
        notes, size = self.partial.notes(), self.partial.size
        if notes is None or notes.origin != self.address:
            return None
        # If all bytes have already arrived, the last byte is requested again, because a server refuses requests for
        # bytes after the end of the dump.
        offset = size if notes.bytes is None else min(size, notes.bytes - 1)
        return (offset, notes) if offset > 0 else None

    def _check(self, answer: httpx.Response, asked: dict[str, str]) -> None:
        """Raises `TransferError` if the answer does not match the request."""
        status = answer.status_code
        if self.address.startswith("https://") and answer.url.scheme != "https":
            raise TransferError(f"redirected to {answer.url}, which is not encrypted", may_pass=False, remedy=_MOVED)
        expected = {HTTPStatus.OK}
        if "Range" in asked:
            expected.add(HTTPStatus.PARTIAL_CONTENT)
        elif "If-None-Match" in asked or "If-Modified-Since" in asked:
            expected.add(HTTPStatus.NOT_MODIFIED)
        if status in expected:
            return
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in asked:
            self.partial.discard()
            raise TransferError("the partial download is longer than the dump", may_pass=True)
        raise _refusal(answer)

    def _continued(self, answer: httpx.Response, offset: int, notes: Served) -> tuple[int, int]:
        """Returns a partial answer's offset and the dump's size; raises `TransferError` if the answer does not fit."""
        found = answer.headers.get("Content-Range", "none")
        numbers = CONTENT_RANGE.fullmatch(found)
        start, end, total = map(int, numbers.groups()) if numbers else (-1, -1, -1)
        if start != offset or not start <= end < total or notes.bytes not in {None, total}:
            self.partial.discard()
            whole = "*" if notes.bytes is None else notes.bytes
            raise TransferError(f"asked for bytes {offset}- of {whole}, got Content-Range {found}", may_pass=True)
        etag = answer.headers.get("ETag")
        if None not in {etag, notes.etag} and etag != notes.etag:
            self.partial.discard()
            raise TransferError(f"asked to resume ETag {notes.etag}, got {etag}", may_pass=True)
        return offset, total

    async def _receive(self, answer: httpx.Response, offset: int, total: int | None) -> None:
        received = offset
        since, at_since = time.monotonic(), received
        with self.partial.path.open("r+b") as out:
            out.seek(offset)
            out.truncate()
            async for chunk in answer.aiter_raw():
                out.write(chunk)
                received += len(chunk)
                self.report(received, total)
                seconds = time.monotonic() - since
                if seconds >= self.pace.over_seconds:
                    if received - at_since < self.pace.bytes_per_second * seconds:
                        raise TransferError(
                            f"only {received - at_since} bytes in {seconds:.0f} s; a download below "
                            f"{self.pace.bytes_per_second:,.0f} bytes/s counts as stuck",
                            may_pass=True,
                        )
                    since, at_since = time.monotonic(), received
        if total is not None and received != total:
            raise TransferError(f"the server promised {total} bytes and sent {received}", may_pass=True)


def _refusal(answer: httpx.Response) -> TransferError:
    """Makes the error for an unexpected HTTP status; the error names the remedy."""
    status = answer.status_code
    what = f"{status} {answer.reason_phrase}".strip()
    if CHALLENGE in answer.headers:
        return TransferError(f"{what}, a challenge that only a browser can answer", may_pass=False, remedy=_REFUSED)
    if status < HTTPStatus.BAD_REQUEST:
        elsewhere = HTTPStatus.MULTIPLE_CHOICES <= status != HTTPStatus.NOT_MODIFIED
        remedy = _MOVED if elsewhere else "The server does not send the dump now: run again later"
        return TransferError(f"unexpected answer {what}", may_pass=True, remedy=remedy)
    may_pass = status in MAY_PASS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    pause = _retry_after(answer) if may_pass else None
    if pause is not None:
        until = datetime.now(UTC) + timedelta(seconds=pause)
        asks, remedy = (
            f" (the server asks clients to wait {pause:.0f} s)",
            f"Run again after {until:%Y-%m-%d %H:%M:%S} UTC",
        )
    else:
        later = "The server is busy or has a fault: run again later" if may_pass else "Check IMDB_DUMPS_URL"
        asks, remedy = "", _REMEDIES.get(status, later)
    return TransferError(f"{what}{asks}", may_pass=may_pass, retry_after=pause, remedy=remedy)


def conditions(address: str, known: Served | None) -> dict[str, str]:
    """Headers that ask the server to send a dump only if the current version differs from `known`."""
    if known is None or known.origin != address:
        return {}
    if known.etag is not None:
        return {"If-None-Match": known.etag}
    return {"If-Modified-Since": _http_date(known)}


def _http_date(served: Served) -> str:
    return format_datetime(datetime.fromisoformat(served.last_modified), usegmt=True)


def _served(address: str, answer: httpx.Response, total: int | None) -> Served:
    """The version of the dump that the answer describes."""
    changed = answer.headers.get("Last-Modified") or answer.headers.get("Date")
    return Served(
        etag=answer.headers.get("ETag"),
        last_modified=(_time(changed) or datetime.now(UTC)).isoformat(timespec="seconds"),
        origin=address,
        bytes=total,
    )


def _names_a_version(answer: httpx.Response) -> bool:
    """Whether a later request can resume exactly this version: the ETag is strong, or Last-Modified is old enough."""
    etag = answer.headers.get("ETag")
    if etag is not None:  # two different files may share a weak ETag, which begins with W/ (RFC 9110, 13.1.5)
        return etag.startswith('"')
    date, changed = _time(answer.headers.get("Date")), _time(answer.headers.get("Last-Modified"))
    return changed is not None and date is not None and date - changed >= SAFE_AGE


def _length(answer: httpx.Response) -> int | None:
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _time(header: str | None) -> datetime | None:
    """Converts an HTTP date to a time; None if there is no date or the date is unreadable."""
    if header is None:
        return None
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _retry_after(answer: httpx.Response) -> float | None:
    """Number of seconds that the header `Retry-After` asks to wait; None if the header is missing or unreadable."""
    header = answer.headers.get("Retry-After", "")
    if header.isdecimal():
        return float(header)
    until = _time(header or None)
    return None if until is None else max(0.0, (until - datetime.now(UTC)).total_seconds())
