"""IMDb's own dumps over HTTPS. The terms are acknowledged in the settings before this source can exist."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from imdb_assets.sources.base import Fetched, SourceError

CHUNK = 1 << 20  # bytes; large enough that Python's share of the download time is nil
TIMEOUT = httpx.Timeout(30.0)  # seconds without a byte


@dataclass(frozen=True)
class ImdbSource:
    """Downloads dumps below `url`, with a conditional request where an earlier ETag is known."""

    url: str

    def fetch(self, file_name: str, destination: Path, known_etag: str | None) -> Fetched | None:
        """One GET; a short or failed answer raises and leaves nothing that could be taken for a dump."""
        address = f"{self.url.rstrip('/')}/{file_name}"
        headers = {"If-None-Match": known_etag} if known_etag else {}
        try:
            with httpx.stream("GET", address, headers=headers, timeout=TIMEOUT, follow_redirects=True) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                answer.raise_for_status()
                with destination.open("wb") as out:
                    for chunk in answer.iter_raw(CHUNK):
                        out.write(chunk)
        except httpx.HTTPError as error:
            raise SourceError(
                f"{file_name}: {address} failed: {error or type(error).__name__}. Check the network and run again; "
                "nothing was changed.",
                may_pass=not (isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error),
            ) from error
        expected = answer.headers.get("Content-Length")
        if expected is not None and destination.stat().st_size != int(expected):
            got = destination.stat().st_size
            message = f"{file_name}: {address} promised {expected} bytes and sent {got}. Run again."
            raise SourceError(message, may_pass=True)
        changed = answer.headers.get("Last-Modified") or answer.headers["Date"]
        return Fetched(
            etag=answer.headers.get("ETag"),
            last_modified=parsedate_to_datetime(changed).astimezone(UTC).isoformat(timespec="seconds"),
            origin=address,
        )
