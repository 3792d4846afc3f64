"""Downloads of what has not changed: asked for with conditions, and not sent again."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets.sources.imdb import ImdbSource
from imdb_assets_tests.integration.download.dump_server import DumpServer, serving
from imdb_assets_tests.integration.download.fetching import (
    BODY,
    DUMP,
    FILE,
    LIMITS,
    NEXT,
    SIZE,
    content,
    fetch,
    leftovers,
)


def test_a_download_keeps_etag_time_and_address(landing: Landing, server: DumpServer) -> None:
    dump = landing.fetch(DUMP, ImdbSource(f"{server.url}/", LIMITS))
    assert (content(dump), dump.bytes, dump.lines) == (BODY, SIZE, 30_000)
    assert (dump.etag, dump.version) == ('"abc-12"', '"abc-12"')
    assert dump.last_modified == "2023-11-14T22:13:20+00:00"
    assert dump.origin == f"{server.url}/{FILE}"
    assert server.asked == [("GET", FILE, None, None, None, None)]
    assert leftovers(landing) == []


def test_a_published_dump_that_has_not_changed_is_not_sent_again(landing: Landing, server: DumpServer) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    assert fetch(landing, server, published=first) == first
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"']
    assert server.sent == SIZE


def test_without_etag_the_time_is_the_condition(landing: Landing, server: DumpServer) -> None:
    server.etag = None
    first = fetch(landing, server)
    landing.publish(first)
    assert fetch(landing, server, published=first) == first
    conditions = [(asked.if_none_match, asked.if_modified_since) for asked in server.asked]
    assert conditions == [(None, None), (None, "Tue, 14 Nov 2023 22:13:20 GMT")]
    assert server.sent == SIZE
    assert first.version == first.sha256


def test_a_dump_that_has_landed_and_that_nobody_has_had_is_not_sent_again(landing: Landing, server: DumpServer) -> None:
    first = fetch(landing, server)
    assert fetch(landing, server) == first
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"']
    assert server.sent == SIZE


def test_the_etag_of_a_dump_that_was_never_published_is_not_sent(landing: Landing, server: DumpServer) -> None:
    landing.publish(fetch(landing, server))  # current, and bronze has refused it or never got to it
    dump = fetch(landing, server)
    assert content(dump) == BODY
    assert [asked.if_none_match for asked in server.asked] == [None, None]
    # its end came again, with the checksum that fits the rest; the rest did not
    assert server.ranges == [None, f"bytes={SIZE - 65_536}-"]
    assert server.sent == SIZE + 65_536


def test_an_etag_that_stands_for_other_bytes_cannot_keep_an_unpublished_dump(
    landing: Landing, server: DumpServer
) -> None:
    landing.publish(fetch(landing, server))
    server.body = _of_length(SIZE)  # under the same ETag
    dump = fetch(landing, server)
    assert content(dump) == server.body
    assert server.ranges == [None, f"bytes={SIZE - 65_536}-", None]


def _of_length(size: int) -> bytes:
    """A valid dump of exactly this many bytes, unlike BODY."""
    head = b"tconst\taverageRating\tnumVotes\n"
    stored = gzip.compress(head, 0, mtime=0)
    filler = os.urandom(size).replace(b"\n", b"x")
    for length in range(size - 2 * len(stored) - 100, size):
        content = gzip.compress(head + filler[:length], 0, mtime=0)
        if len(content) == size:
            return content
    raise AssertionError(size)


def test_a_new_etag_brings_the_new_dump(landing: Landing, server: DumpServer) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    server.body, server.etag = NEXT, '"def-12"'
    second = fetch(landing, server, published=first)
    assert (second.etag, content(second)) == ('"def-12"', NEXT)
    assert content(first) == BODY


def test_a_new_etag_of_the_same_content_is_remembered(landing: Landing, server: DumpServer) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    server.etag = '"def-12"'
    second = fetch(landing, server, published=first)
    landing.publish(second)
    fetch(landing, server, published=second)
    assert (second.path, second.etag) == (first.path, '"def-12"')
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"', '"def-12"']


def test_another_address_is_asked_without_condition(landing: Landing, server: DumpServer) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    with serving(body=NEXT) as mirror:
        assert content(fetch(landing, mirror, published=first)) == NEXT
        assert [asked.if_none_match for asked in mirror.asked] == [None]


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
    ],
    ids=["gone", "cut", "overwritten"],
)
def test_a_published_dump_whose_file_is_damaged_is_sent_again(
    landing: Landing, server: DumpServer, damage: Callable[[Path], object]
) -> None:
    first = fetch(landing, server)
    landing.publish(first)
    damage(Path(first.path))
    assert fetch(landing, server, published=first) == first
    assert content(first) == BODY
    assert [asked.if_none_match for asked in server.asked] == [None, None]


def test_a_host_without_etag_and_time_gives_hash_and_date_of_the_answer(landing: Landing, server: DumpServer) -> None:
    server.etag = server.last_modified = None
    dump = fetch(landing, server)
    assert (dump.etag, dump.version) == (None, dump.sha256)
    assert dump.last_modified[:2] == "20"
    assert dump.last_modified.endswith("+00:00")
