"""Downloads that break off, in any way a network or a process has: resumed where they were, and nothing is mixed.

Each test says what came of it: the file, byte for byte; which bytes were asked for; how many were sent.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.imdb import Limits
from imdb_assets_tests.faults.killing import moments
from imdb_assets_tests.integration.download.dump_server import (
    DumpServer,
    Misbehaviour,
    change,
    drop_after,
    drop_after_silence,
    drop_at_once,
    ignore_range,
    range_from,
    range_without_name,
    retry_after_date,
    status,
    trickle,
)
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
    partial,
    refusal,
)


def test_a_connection_dropped_several_times_costs_no_byte_twice(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(20_000)] * 5  # more often than attempts without a new byte are allowed
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, *(f"bytes={count * 20_000}-" for count in range(1, 6))]
    assert {asked.if_range for asked in server.asked[1:]} == {'"abc-12"'}
    assert server.sent == SIZE


def test_a_connection_that_is_always_dropped_is_given_up_and_resumed_by_the_next_run(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(50_000), drop_after(0), drop_at_once, drop_after(0)]
    assert refusal(landing, server).endswith(
        "Check the network and run again; 50,000 bytes are kept, and the download will continue after them."
    )
    assert (partial(landing), len(server.asked)) == (BODY[:50_000], 4)
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, *["bytes=50000-"] * 4]
    assert server.sent == SIZE


def test_a_download_that_lacks_nothing_but_its_end_is_resumed_there(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(SIZE - 1), *[status(500)] * 3]
    refusal(landing, server)
    assert content(fetch(landing, server)) == BODY
    assert server.ranges[-1] == f"bytes={SIZE - 1}-"


def test_a_complete_partial_asks_for_its_last_byte_alone(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(20_000), *[status(500)] * 3]
    refusal(landing, server)
    (landing.root / DUMP / ".incoming" / FILE).write_bytes(BODY)  # the process died before it could look at it
    sent = server.sent
    assert content(fetch(landing, server)) == BODY
    assert (server.ranges[-1], server.sent - sent) == (f"bytes={SIZE - 1}-", 1)


@pytest.mark.parametrize("etag", ['"def-12"', None], ids=["another ETag", "no ETag any more"])
def test_an_etag_that_changes_in_mid_download_begins_anew(
    landing: Landing, server: DumpServer, etag: str | None
) -> None:
    server.script = [drop_after(60_000), change(NEXT, etag)]
    dump = fetch(landing, server)
    assert (dump.etag, content(dump)) == (etag, NEXT)
    assert server.ranges == [None, "bytes=60000-"]  # If-Range did not match, so the answer was the whole new dump
    assert server.asked[1].if_range == '"abc-12"'
    assert server.sent == 60_000 + len(NEXT)


def test_an_etag_that_changes_between_runs_begins_anew(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(60_000), *[status(503)] * 3]
    refusal(landing, server)
    server.body, server.etag = NEXT, '"def-12"'
    assert content(fetch(landing, server)) == NEXT
    assert server.asked[-1].if_range == '"abc-12"'


def test_an_etag_that_changes_again_and_again(landing: Landing, server: DumpServer) -> None:
    server.script = [
        drop_after(60_000),
        change(NEXT, '"def-12"', drop_after(80_000)),
        change(BODY, '"ghi-12"', drop_after(90_000)),
    ]
    dump = fetch(landing, server)
    assert (dump.etag, content(dump)) == ('"ghi-12"', BODY)
    assert [asked.if_range for asked in server.asked] == [None, '"abc-12"', '"def-12"', '"ghi-12"']
    assert server.sent == 60_000 + 80_000 + SIZE


def test_a_server_that_ignores_ranges_sends_all_of_it_and_nothing_is_mixed(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(60_000), ignore_range]
    assert content(fetch(landing, server)) == BODY
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
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=60000-", None]
    server.script = [drop_after(60_000), wrong, *[status(500)] * 2]
    landing.root.joinpath(DUMP, "arrived.json").unlink()
    with pytest.raises(SourceError) as caught:
        fetch(landing, server, limits=Limits(**{**vars(LIMITS), "fruitless": 1}))
    assert words in str(caught.value)
    assert str(caught.value).endswith("nothing was changed.")


@pytest.mark.parametrize("etag", ['W/"abc"', "abc"], ids=["weak", "no ETag's form"])
def test_a_weak_etag_is_never_resumed_from(landing: Landing, server: DumpServer, etag: str) -> None:
    server.etag = etag
    server.script = [drop_after(60_000)]
    first = fetch(landing, server)
    assert content(first) == BODY
    assert server.ranges == [None, None]
    landing.publish(first)
    assert fetch(landing, server, published=first) == first  # If-None-Match compares weakly
    assert server.asked[-1].if_none_match == etag


def test_without_etag_an_old_enough_time_is_resumed_from(landing: Landing, server: DumpServer) -> None:
    server.etag = None
    server.script = [drop_after(60_000)]
    assert content(fetch(landing, server)) == BODY
    assert server.asked[1].range == "bytes=60000-"
    assert server.asked[1].if_range == server.last_modified


def test_without_etag_a_time_of_just_now_is_not_resumed_from(landing: Landing, server: DumpServer) -> None:
    server.etag, server.last_modified = None, retry_after_date(-10)
    server.script = [drop_after(60_000)]
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, None]


def test_a_partial_with_bytes_that_are_wrong_is_downloaded_once_more_from_its_start(
    landing: Landing, server: DumpServer
) -> None:
    server.script = [drop_after(60_000), *[status(503)] * 3]
    refusal(landing, server)
    (landing.root / DUMP / ".incoming" / FILE).write_bytes(bytes(60_000))  # as after a power cut
    assert content(fetch(landing, server)) == BODY
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
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, f"bytes={kept}-"]
    assert SIZE - kept <= server.sent - before <= SIZE - kept + 200  # the trickle may go on for a moment
    assert leftovers(landing) == []


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
        assert content(fetch(own, server)) == BODY
        assert leftovers(own) == []
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
    dump = fetch(landing, server)
    assert other.wait() == 0
    assert (content(dump), server.sent) == (BODY, SIZE)
    assert [(asked.range, asked.if_none_match) for asked in server.asked] == [
        (None, None),
        ("bytes=60000-", None),
        ("bytes=80000-", None),
        (None, '"abc-12"'),
    ]
