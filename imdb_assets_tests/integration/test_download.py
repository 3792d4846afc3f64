"""Downloads into the landing zone from a real web server that misbehaves in every way a network has.

Each test says what came of it: the file, byte for byte; which bytes were asked for; how many were sent.
"""

import gzip
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imdb_assets.lake.landing import Dump, Landing
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.download import Pace
from imdb_assets.sources.imdb import ImdbSource, Limits
from imdb_assets_tests.faults.killing import moments
from imdb_assets_tests.integration.dump_server import (
    DumpServer,
    Misbehaviour,
    change,
    drop_after,
    drop_after_silence,
    drop_at_once,
    hang,
    ignore_range,
    promise,
    range_from,
    range_without_name,
    redirect,
    retry_after_date,
    serving,
    status,
    trickle,
    trickle_headers,
)

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"
LIMITS = Limits(
    silence=0.4,
    pace=Pace(bytes_per_second=10_000, over_seconds=0.3),
    fruitless=3,
    first_pause=0.01,
    longest_pause=0.02,
    longest_retry_after=2.0,
    whole=10.0,
)


def _dump(seed: int, lines: int = 30_000) -> bytes:
    """About 150 kB of gzip that no two seeds share."""
    rows = (b"tt%07d\t%d.%d\t%d\n" % (i, i % 9 + 1, seed, i * 7919 * seed % 1_000_003) for i in range(lines))
    return gzip.compress(b"tconst\taverageRating\tnumVotes\n" + b"".join(rows), 6, mtime=0)


BODY, NEXT = _dump(1), _dump(2)
SIZE = len(BODY)


@pytest.fixture
def server() -> Iterator[DumpServer]:
    with serving(body=BODY) as state:
        yield state


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def _fetch(landing: Landing, server: DumpServer, published: Dump | None = None, limits: Limits = LIMITS) -> Dump:
    return landing.fetch(DUMP, ImdbSource(server.url, limits), published and published.sha256)


def _refusal(landing: Landing, server: DumpServer, limits: Limits = LIMITS) -> str:
    """The message; the current dump stays."""
    before = landing.current(DUMP)
    with pytest.raises(SourceError) as caught:
        _fetch(landing, server, limits=limits)
    assert landing.current(DUMP) == before
    return str(caught.value)


def _content(dump: Dump) -> bytes:
    return Path(dump.path).read_bytes()


def _leftovers(landing: Landing) -> list[str]:
    """What a failed download has left behind."""
    return sorted(path.name for path in (landing.root / DUMP).glob(".incoming/*"))


def _partial(landing: Landing) -> bytes:
    return (landing.root / DUMP / ".incoming" / FILE).read_bytes()


# --- conditional requests ---------------------------------------------------------------------------------------------


def test_a_download_keeps_etag_time_and_address(landing: Landing, server: DumpServer) -> None:
    dump = landing.fetch(DUMP, ImdbSource(f"{server.url}/", LIMITS))
    assert (_content(dump), dump.bytes, dump.lines) == (BODY, SIZE, 30_000)
    assert (dump.etag, dump.version) == ('"abc-12"', '"abc-12"')
    assert dump.last_modified == "2023-11-14T22:13:20+00:00"
    assert dump.origin == f"{server.url}/{FILE}"
    assert server.asked == [("GET", FILE, None, None, None, None)]
    assert _leftovers(landing) == []


def test_a_published_dump_that_has_not_changed_is_not_sent_again(landing: Landing, server: DumpServer) -> None:
    first = _fetch(landing, server)
    landing.publish(first)
    assert _fetch(landing, server, published=first) == first
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"']
    assert server.sent == SIZE


def test_without_etag_the_time_is_the_condition(landing: Landing, server: DumpServer) -> None:
    server.etag = None
    first = _fetch(landing, server)
    landing.publish(first)
    assert _fetch(landing, server, published=first) == first
    conditions = [(asked.if_none_match, asked.if_modified_since) for asked in server.asked]
    assert conditions == [(None, None), (None, "Tue, 14 Nov 2023 22:13:20 GMT")]
    assert server.sent == SIZE
    assert first.version == first.sha256


def test_a_dump_that_has_landed_and_that_nobody_has_had_is_not_sent_again(landing: Landing, server: DumpServer) -> None:
    first = _fetch(landing, server)
    assert _fetch(landing, server) == first
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"']
    assert server.sent == SIZE


def test_the_etag_of_a_dump_that_was_never_published_is_not_sent(landing: Landing, server: DumpServer) -> None:
    landing.publish(_fetch(landing, server))  # current, and bronze has refused it or never got to it
    dump = _fetch(landing, server)
    assert _content(dump) == BODY
    assert [asked.if_none_match for asked in server.asked] == [None, None]
    # its end came again, with the checksum that fits the rest; the rest did not
    assert server.ranges == [None, f"bytes={SIZE - 65_536}-"]
    assert server.sent == SIZE + 65_536


def test_an_etag_that_stands_for_other_bytes_cannot_keep_an_unpublished_dump(
    landing: Landing, server: DumpServer
) -> None:
    landing.publish(_fetch(landing, server))
    server.body = _of_length(SIZE)  # under the same ETag
    dump = _fetch(landing, server)
    assert _content(dump) == server.body
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
    first = _fetch(landing, server)
    landing.publish(first)
    server.body, server.etag = NEXT, '"def-12"'
    second = _fetch(landing, server, published=first)
    assert (second.etag, _content(second)) == ('"def-12"', NEXT)
    assert _content(first) == BODY


def test_a_new_etag_of_the_same_content_is_remembered(landing: Landing, server: DumpServer) -> None:
    first = _fetch(landing, server)
    landing.publish(first)
    server.etag = '"def-12"'
    second = _fetch(landing, server, published=first)
    landing.publish(second)
    _fetch(landing, server, published=second)
    assert (second.path, second.etag) == (first.path, '"def-12"')
    assert [asked.if_none_match for asked in server.asked] == [None, '"abc-12"', '"def-12"']


def test_another_address_is_asked_without_condition(landing: Landing, server: DumpServer) -> None:
    first = _fetch(landing, server)
    landing.publish(first)
    with serving(body=NEXT) as mirror:
        assert _content(_fetch(landing, mirror, published=first)) == NEXT
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
    first = _fetch(landing, server)
    landing.publish(first)
    damage(Path(first.path))
    assert _fetch(landing, server, published=first) == first
    assert _content(first) == BODY
    assert [asked.if_none_match for asked in server.asked] == [None, None]


def test_a_host_without_etag_and_time_gives_hash_and_date_of_the_answer(landing: Landing, server: DumpServer) -> None:
    server.etag = server.last_modified = None
    dump = _fetch(landing, server)
    assert (dump.etag, dump.version) == (None, dump.sha256)
    assert dump.last_modified[:2] == "20"
    assert dump.last_modified.endswith("+00:00")


# --- resuming ---------------------------------------------------------------------------------------------------------


def test_a_connection_dropped_several_times_costs_no_byte_twice(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(20_000)] * 5  # more often than attempts without a new byte are allowed
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, *(f"bytes={count * 20_000}-" for count in range(1, 6))]
    assert {asked.if_range for asked in server.asked[1:]} == {'"abc-12"'}
    assert server.sent == SIZE


def test_a_connection_that_is_always_dropped_is_given_up_and_resumed_by_the_next_run(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(50_000), drop_after(0), drop_at_once, drop_after(0)]
    assert _refusal(landing, server).endswith(
        "Check the network and run again; 50,000 bytes are kept and will be resumed."
    )
    assert (_partial(landing), len(server.asked)) == (BODY[:50_000], 4)
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, *["bytes=50000-"] * 4]
    assert server.sent == SIZE


def test_a_download_that_lacks_nothing_but_its_end_is_resumed_there(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(SIZE - 1), *[status(500)] * 3]
    _refusal(landing, server)
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges[-1] == f"bytes={SIZE - 1}-"


def test_a_complete_partial_asks_for_its_last_byte_alone(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(20_000), *[status(500)] * 3]
    _refusal(landing, server)
    (landing.root / DUMP / ".incoming" / FILE).write_bytes(BODY)  # the process died before it could look at it
    sent = server.sent
    assert _content(_fetch(landing, server)) == BODY
    assert (server.ranges[-1], server.sent - sent) == (f"bytes={SIZE - 1}-", 1)


@pytest.mark.parametrize("etag", ['"def-12"', None], ids=["another ETag", "no ETag any more"])
def test_an_etag_that_changes_in_mid_download_begins_anew(
    landing: Landing, server: DumpServer, etag: str | None
) -> None:
    server.script = [drop_after(60_000), change(NEXT, etag)]
    dump = _fetch(landing, server)
    assert (dump.etag, _content(dump)) == (etag, NEXT)
    assert server.ranges == [None, "bytes=60000-"]  # If-Range did not match, so the answer was the whole new dump
    assert server.asked[1].if_range == '"abc-12"'
    assert server.sent == 60_000 + len(NEXT)


def test_an_etag_that_changes_between_runs_begins_anew(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(60_000), *[status(503)] * 3]
    _refusal(landing, server)
    server.body, server.etag = NEXT, '"def-12"'
    assert _content(_fetch(landing, server)) == NEXT
    assert server.asked[-1].if_range == '"abc-12"'


def test_an_etag_that_changes_again_and_again(landing: Landing, server: DumpServer) -> None:
    server.script = [
        drop_after(60_000),
        change(NEXT, '"def-12"', drop_after(80_000)),
        change(BODY, '"ghi-12"', drop_after(90_000)),
    ]
    dump = _fetch(landing, server)
    assert (dump.etag, _content(dump)) == ('"ghi-12"', BODY)
    assert [asked.if_range for asked in server.asked] == [None, '"abc-12"', '"def-12"', '"ghi-12"']
    assert server.sent == 60_000 + 80_000 + SIZE


def test_a_server_that_ignores_ranges_sends_all_of_it_and_nothing_is_mixed(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(60_000), ignore_range]
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=60000-"]
    assert server.sent == 60_000 + SIZE


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (range_from(1), f"got Content-Range bytes 60001-{SIZE - 1}/{SIZE}"),
        (range_from(-60_000), f"got Content-Range bytes 0-{SIZE - 1}/{SIZE}"),
        (range_from(0, total=SIZE + 5), f"got Content-Range bytes 60000-{SIZE - 1}/{SIZE + 5}"),
        (range_from(0, etag='"def-12"'), 'got "def-12"'),
        (range_without_name, "got Content-Range none"),
        (status(416), "the partial download is longer than the dump"),
    ],
    ids=["a byte late", "from the start", "another length", "another ETag", "no Content-Range", "not satisfiable"],
)
def test_a_wrong_answer_to_a_range_is_refused_and_all_begins_anew(
    landing: Landing, server: DumpServer, wrong: Misbehaviour, words: str
) -> None:
    server.script = [drop_after(60_000), wrong]
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=60000-", None]
    server.script = [drop_after(60_000), wrong, *[status(500)] * 2]
    landing.root.joinpath(DUMP, "arrived.json").unlink()
    with pytest.raises(SourceError) as caught:
        _fetch(landing, server, limits=Limits(**{**vars(LIMITS), "fruitless": 1}))
    assert words in str(caught.value)
    assert str(caught.value).endswith("nothing was changed.")


@pytest.mark.parametrize("etag", ['W/"abc"', "abc"], ids=["weak", "no ETag's form"])
def test_a_weak_etag_is_never_resumed_from(landing: Landing, server: DumpServer, etag: str) -> None:
    server.etag = etag
    server.script = [drop_after(60_000)]
    first = _fetch(landing, server)
    assert _content(first) == BODY
    assert server.ranges == [None, None]
    landing.publish(first)
    assert _fetch(landing, server, published=first) == first  # If-None-Match compares weakly
    assert server.asked[-1].if_none_match == etag


def test_without_etag_an_old_enough_time_is_resumed_from(landing: Landing, server: DumpServer) -> None:
    server.etag = None
    server.script = [drop_after(60_000)]
    assert _content(_fetch(landing, server)) == BODY
    assert server.asked[1].range == "bytes=60000-"
    assert server.asked[1].if_range == server.last_modified


def test_without_etag_a_time_of_just_now_is_not_resumed_from(landing: Landing, server: DumpServer) -> None:
    server.etag, server.last_modified = None, retry_after_date(-10)
    server.script = [drop_after(60_000)]
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, None]


def test_a_partial_with_bytes_that_are_wrong_is_downloaded_once_more_from_its_start(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(60_000), *[status(503)] * 3]
    _refusal(landing, server)
    (landing.root / DUMP / ".incoming" / FILE).write_bytes(bytes(60_000))  # as after a power cut
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges[-2:] == ["bytes=60000-", None]


KILLED = """
import sys
from pathlib import Path
from imdb_assets.lake.landing import Landing
from imdb_assets.sources.imdb import ImdbSource
Landing(Path(sys.argv[1])).fetch("title.ratings", ImdbSource(sys.argv[2]))
"""


def test_a_killed_process_is_resumed_by_the_next(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle(30, first=100_000)]
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(landing.root), server.url])
    incoming = landing.root / DUMP / ".incoming" / FILE
    try:
        _wait_for(lambda: incoming.is_file() and incoming.stat().st_size >= 90_000)
    finally:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    kept = incoming.stat().st_size
    assert BODY.startswith(incoming.read_bytes())
    before = server.sent
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, f"bytes={kept}-"]
    assert SIZE - kept <= server.sent - before <= SIZE - kept + 200  # the trickle may go on for a moment
    assert _leftovers(landing) == []


@pytest.mark.slow
def test_downloads_killed_at_random_moments_are_resumed(landing: Landing, server: DumpServer) -> None:
    cut = 0
    for moment in moments(seed=7, count=12, longest=0.3):
        own = Landing(landing.root / f"{moment:.4f}")
        server.script = [trickle(30, first=int(SIZE * moment))]
        before = len(server.asked)
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(own.root), server.url])
        _wait_for(lambda before=before: len(server.asked) > before)
        time.sleep(moment)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert own.current(DUMP) is None
        server.script.clear()
        assert _content(_fetch(own, server)) == BODY
        assert _leftovers(own) == []
        cut += server.ranges[-1] is not None
    assert cut >= 5  # the others were killed before a byte was on the disk


def _wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_two_processes_that_want_the_same_dump_download_it_once(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after_silence(60_000, 0.3), drop_after_silence(20_000, 0.3)]
    other = subprocess.Popen([sys.executable, "-c", KILLED, str(landing.root), server.url])
    _wait_for(lambda: bool(server.asked))
    dump = _fetch(landing, server)
    assert other.wait() == 0
    assert (_content(dump), server.sent) == (BODY, SIZE)
    assert [(asked.range, asked.if_none_match) for asked in server.asked] == [
        (None, None),
        ("bytes=60000-", None),
        ("bytes=80000-", None),
        (None, '"abc-12"'),
    ]


# --- servers that fail ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_burst_of_errors_is_waited_out(landing: Landing, server: DumpServer, code: int) -> None:
    server.script = [status(code)] * 2
    assert _content(_fetch(landing, server)) == BODY
    assert len(server.asked) == 3


def test_pauses_grow(landing: Landing, server: DumpServer) -> None:
    server.script = [status(503)] * 3
    limits = Limits(**{**vars(LIMITS), "first_pause": 0.1, "longest_pause": 0.2, "fruitless": 4})
    _fetch(landing, server, limits=limits)
    first, second, third = (late - early for early, late in zip(server.times, server.times[1:], strict=False))
    assert first >= 0.05
    assert second >= 0.1
    assert 0.1 <= third <= 0.4


def test_pauses_are_drawn_so_that_clients_do_not_come_back_together(
    landing: Landing, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[float, float]] = []
    monkeypatch.setattr(random, "uniform", lambda low, high: drawn.append((low, high)) or low)
    server.script = [status(503)] * 2
    _fetch(landing, server)
    assert drawn == [(0.5, 1.0)] * 2


def test_errors_without_end_are_given_up(landing: Landing, server: DumpServer) -> None:
    server.script = [status(503)] * 9
    assert _refusal(landing, server) == (
        f"{FILE}: {server.url}/{FILE} failed: 503 Service Unavailable. "
        "Check the network and run again; nothing was changed."
    )
    assert len(server.asked) == LIMITS.fruitless
    assert _leftovers(landing) == []


@pytest.mark.parametrize(
    ("code", "words"), [(400, "400 Bad Request"), (403, "403 Forbidden"), (404, "404 Not Found"), (410, "410 Gone")]
)
def test_what_stays_wrong_is_asked_for_once(landing: Landing, server: DumpServer, code: int, words: str) -> None:
    server.script = [status(code)]
    assert _refusal(landing, server).startswith(f"{FILE}: {server.url}/{FILE} failed: {words}.")
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_honoured(landing: Landing, server: DumpServer, code: int) -> None:
    server.script = [status(code, Retry_After="1")]
    assert _content(_fetch(landing, server)) == BODY
    assert 1.0 <= server.times[1] - server.times[0] < 2.0


def test_retry_after_with_a_date_is_honoured(landing: Landing, server: DumpServer) -> None:
    server.script = [status(429, Retry_After=retry_after_date(2))]
    assert _content(_fetch(landing, server)) == BODY
    assert 0.9 <= server.times[1] - server.times[0] < 2.5


def test_a_retry_after_beyond_the_bound_ends_the_download(landing: Landing, server: DumpServer) -> None:
    server.script = [status(429, Retry_After="3600")]
    assert "429 Too Many Requests (it asks to be left alone for 3600 s)" in _refusal(landing, server)
    assert len(server.asked) == 1


def test_a_host_that_does_not_answer_at_all(landing: Landing) -> None:
    message = _refusal(landing, DumpServer("http://127.0.0.1:1"))
    assert message.startswith(f"{FILE}: http://127.0.0.1:1/{FILE} failed: ")


def test_silence_before_the_answer_is_a_timeout(landing: Landing, server: DumpServer) -> None:
    server.script = [hang(1.5)]
    assert _content(_fetch(landing, server)) == BODY
    assert len(server.asked) == 2


def test_silence_in_the_middle_is_a_timeout_and_resumed(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after_silence(60_000, 1.0)]
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=60000-"]


def test_a_trickle_is_left_for_another_connection(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle(5, first=30_000)]
    started = time.monotonic()
    assert _content(_fetch(landing, server)) == BODY
    assert time.monotonic() - started < 3
    first = server.ranges[1]
    assert first is not None
    assert 30_000 < int(first.removeprefix("bytes=").removesuffix("-")) < 31_000


def test_a_trickle_of_headers_ends_with_the_deadline(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle_headers(4)] * 3
    started = time.monotonic()
    message = _refusal(landing, server, Limits(**{**vars(LIMITS), "whole": 0.8}))
    assert time.monotonic() - started < 2
    assert "failed: not complete after 1 s. Check the network and run again; nothing was changed." in message


def test_the_deadline_keeps_what_has_come(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle(5, first=30_000)] * 9
    slow_allowed = Limits(**{**vars(LIMITS), "whole": 0.8, "pace": Pace(0, 10)})
    assert "bytes are kept and will be resumed" in _refusal(landing, server, slow_allowed)
    assert BODY.startswith(_partial(landing))
    assert len(_partial(landing)) > 30_000


# --- wrong bodies -----------------------------------------------------------------------------------------------------


def test_a_content_length_that_promises_too_much_is_noticed(landing: Landing, server: DumpServer) -> None:
    server.script = [promise(SIZE + 100)] * 9
    message = _refusal(landing, server)
    assert "peer closed connection without sending complete message body" in message or "promised" in message


def test_a_content_length_that_promises_too_little_is_noticed(landing: Landing, server: DumpServer) -> None:
    server.script = [promise(SIZE - 100)]
    assert _refusal(landing, server).startswith(f"{FILE}: the gzip stream is cut off after {SIZE - 100:,} bytes.")
    assert _leftovers(landing) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BODY[:-8] + bytes(4) + BODY[-4:], "the gzip stream is corrupt (Error -6 Incorrect checksum found"),
        (BODY[:-30], f"the gzip stream is cut off after {SIZE - 30:,} bytes"),
        (
            b"<!doctype html><title>Sorry</title>",
            "not a gzip file: it begins with b'<!doctype html><title>Sorry</title>'",
        ),
        (gzip.compress(b"<html>"), "line 1 is not the expected header"),
        (b"", "the file is empty (0 bytes)"),
    ],
    ids=["wrong checksum", "truncated", "a web page", "a zipped web page", "nothing"],
)
def test_a_body_that_is_no_dump_is_refused_and_the_current_one_stays(
    landing: Landing, server: DumpServer, body: bytes, words: str
) -> None:
    first = _fetch(landing, server)
    landing.publish(first)
    server.body, server.etag = body, '"def-12"'
    with pytest.raises(SourceError) as caught:
        _fetch(landing, server, published=first)
    assert str(caught.value).startswith(f"{FILE}: {words}")
    assert landing.required(DUMP) == first
    assert _content(first) == BODY
    assert _leftovers(landing) == []
    server.body = NEXT  # mended under the same ETag, which was not remembered
    assert _content(_fetch(landing, server, published=first)) == NEXT


def test_a_dump_sent_as_gzip_encoding_is_kept_as_gzip(landing: Landing, server: DumpServer) -> None:
    server.script = [lambda exchange: exchange.answer(200, BODY, {"Content-Encoding": "gzip"})]
    assert _content(_fetch(landing, server)) == BODY


def test_a_redirect_is_followed(landing: Landing, server: DumpServer) -> None:
    server.script = [redirect(f"{server.url}/elsewhere"), drop_after(60_000), redirect(f"{server.url}/elsewhere")]
    dump = _fetch(landing, server)
    assert (_content(dump), dump.origin) == (BODY, f"{server.url}/{FILE}")
    assert server.ranges == [None, None, "bytes=60000-", "bytes=60000-"]
    assert server.sent == SIZE


def test_redirects_without_end_are_refused(landing: Landing, server: DumpServer) -> None:
    server.script = [redirect(f"{server.url}/{FILE}")] * 30
    assert "Exceeded maximum allowed redirects" in _refusal(landing, server)
    assert len(server.asked) == 21


def test_an_unexpected_304_is_no_dump(landing: Landing, server: DumpServer) -> None:
    server.script = [lambda exchange: exchange.answer(304, b"", send=False)] * 3
    assert "unexpected answer 304 Not Modified" in _refusal(landing, server)


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
        assert _refusal(landing, server) == (
            f"{FILE}: cannot write to {landing.root / DUMP}: [Errno 27] File too large. "
            "Check permissions, disk space and IMDB_DATA."
        )
    kept = _partial(landing)
    assert BODY.startswith(kept)
    assert len(kept) == 100_000
    assert _content(_fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=100000-"]
