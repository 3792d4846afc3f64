"""Answers that are no dump, lead elsewhere, or cannot be written: refused or followed, and the current dump stays."""

import gzip
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets.sources.base import SourceError
from imdb_assets_tests.integration.download.dump_server import DumpServer, drop_after, promise, redirect
from imdb_assets_tests.integration.download.fetching import (
    BODY,
    DUMP,
    FILE,
    NEXT,
    SIZE,
    content,
    fetch,
    leftovers,
    partial,
    refusal,
)


def test_a_content_length_that_promises_too_much_is_noticed(landing: Landing, server: DumpServer) -> None:
    server.script = [promise(SIZE + 100)] * 9
    message = refusal(landing, server)
    assert "peer closed connection without sending complete message body" in message or "promised" in message


def test_a_content_length_that_promises_too_little_is_noticed(landing: Landing, server: DumpServer) -> None:
    server.script = [promise(SIZE - 100)]
    assert refusal(landing, server).startswith(f"{FILE}: the gzip stream is cut off after {SIZE - 100:,} bytes.")
    assert leftovers(landing) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BODY[:-8] + bytes(4) + BODY[-4:], "the gzip stream is corrupt (Error -6 Incorrect checksum found"),
        (BODY[:-30], f"the gzip stream is cut off after {SIZE - 30:,} bytes"),
        (
            b"<!doctype html><title>Sorry</title>",
            "not a gzip file: the file begins with b'<!doctype html><title>Sorry</title>'",
        ),
        (gzip.compress(b"<html>"), "line 1 is not the expected header"),
        (b"", "the file is empty (0 bytes)"),
    ],
    ids=["wrong checksum", "truncated", "a web page", "a zipped web page", "nothing"],
)
def test_a_body_that_is_no_dump_is_refused_and_the_current_one_stays(
    landing: Landing, server: DumpServer, body: bytes, words: str
) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    server.body, server.etag = body, '"def-12"'
    with pytest.raises(SourceError) as caught:
        fetch(landing, server, published=first)
    assert str(caught.value).startswith(f"{FILE}: {words}")
    assert landing.required(DUMP) == first
    assert content(first) == BODY
    assert leftovers(landing) == []
    server.body = NEXT  # mended under the same ETag, which was not remembered
    assert content(fetch(landing, server, published=first)) == NEXT


def test_a_dump_sent_as_gzip_encoding_is_kept_as_gzip(landing: Landing, server: DumpServer) -> None:
    server.script = [lambda exchange: exchange.answer(200, BODY, {"Content-Encoding": "gzip"})]
    assert content(fetch(landing, server)) == BODY


def test_a_redirect_is_followed(landing: Landing, server: DumpServer) -> None:
    server.script = [redirect(f"{server.url}/elsewhere"), drop_after(60_000), redirect(f"{server.url}/elsewhere")]
    dump = fetch(landing, server)
    assert (content(dump), dump.origin) == (BODY, f"{server.url}/{FILE}")
    assert server.ranges == [None, None, "bytes=60000-", "bytes=60000-"]
    assert server.sent == SIZE


def test_redirects_without_end_are_refused(landing: Landing, server: DumpServer) -> None:
    server.script = [redirect(f"{server.url}/{FILE}")] * 30
    assert refusal(landing, server).endswith(
        " failed: redirected endlessly. The dump has moved or has another name: find its new address and set "
        "IMDB_DUMPS_URL; nothing was changed."
    )
    assert len(server.asked) == 21


def test_an_unexpected_304_is_no_dump(landing: Landing, server: DumpServer) -> None:
    server.script = [lambda exchange: exchange.answer(304, b"", send=False)] * 3
    assert "unexpected answer 304 Not Modified" in refusal(landing, server)


@contextmanager
def _full_disk(size: int) -> Iterator[None]:
    """Every file ends at `size` bytes: as on a full disk, a write is cut short there and the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_with_the_remedy_and_keeps_what_has_come(landing: Landing, server: DumpServer) -> None:
    with _full_disk(100_000):
        assert refusal(landing, server) == (
            f"{FILE}: cannot write to {landing.root / DUMP}: [Errno 27] File too large. "
            "Check permissions, disk space and IMDB_DATA."
        )
    kept = partial(landing)
    assert BODY.startswith(kept)
    assert len(kept) == 100_000
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=100000-"]
