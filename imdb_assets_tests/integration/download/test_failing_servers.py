"""Downloads from a server that refuses, is slow or says nothing: patience that has a bound."""

import random
import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets.sources.download import Pace
from imdb_assets.sources.imdb import Limits
from imdb_assets_tests.integration.download.dump_server import (
    DumpServer,
    Misbehaviour,
    drop_after_silence,
    hang,
    retry_after_date,
    status,
    trickle,
    trickle_headers,
)
from imdb_assets_tests.integration.download.fetching import (
    BODY,
    FILE,
    LIMITS,
    content,
    fetch,
    leftovers,
    partial,
    refusal,
)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_burst_of_errors_is_waited_out(landing: Landing, server: DumpServer, code: int) -> None:
    server.script = [status(code)] * 2
    assert content(fetch(landing, server)) == BODY
    assert len(server.asked) == 3


def test_pauses_grow(landing: Landing, server: DumpServer) -> None:
    server.script = [status(503)] * 3
    limits = Limits(**{**vars(LIMITS), "first_pause": 0.1, "longest_pause": 0.2, "fruitless": 4})
    fetch(landing, server, limits=limits)
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
    fetch(landing, server)
    assert drawn == [(0.5, 1.0)] * 2


def test_errors_without_end_are_given_up(landing: Landing, server: DumpServer) -> None:
    server.script = [status(503)] * 9
    assert refusal(landing, server) == (
        f"{FILE}: {server.url}/{FILE} failed: 503 Service Unavailable. "
        "The server is busy or has a fault: run again later; nothing was changed."
    )
    assert len(server.asked) == LIMITS.fruitless
    assert leftovers(landing) == []


_REFUSED = (
    "The server refuses this machine: try the address in a browser; if the browser gets the dump, save all seven "
    "dumps in a folder and set IMDB_SOURCE=folder and IMDB_SOURCE_FOLDER"
)
_MOVED = "The dump has moved or has another name: find its new address and set IMDB_DUMPS_URL"
_CHALLENGE = ", a challenge that only a browser can answer"


@pytest.mark.parametrize(
    ("answer", "words", "remedy"),
    [
        (status(400), "400 Bad Request", "Check IMDB_DUMPS_URL"),
        (status(401), "401 Unauthorized", _REFUSED),
        (status(403), "403 Forbidden", _REFUSED),
        (status(404), "404 Not Found", _MOVED),
        (
            status(407),
            "407 Proxy Authentication Required",
            "The network's proxy wants a password: put it into HTTPS_PROXY",
        ),
        (
            status(410),
            "410 Gone",
            "The dump was removed from its address: find its new address and set IMDB_DUMPS_URL",
        ),
        (status(202, x_amzn_waf_action="challenge"), f"202 Accepted{_CHALLENGE}", _REFUSED),
        (status(405, x_amzn_waf_action="captcha"), f"405 Method Not Allowed{_CHALLENGE}", _REFUSED),
    ],
)
def test_what_stays_wrong_is_asked_for_once_and_has_its_own_remedy(
    landing: Landing, server: DumpServer, answer: Misbehaviour, words: str, remedy: str
) -> None:
    server.script = [answer]
    assert refusal(landing, server) == (f"{FILE}: {server.url}/{FILE} failed: {words}. {remedy}; nothing was changed.")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (202, "unexpected answer 202 Accepted", "The server does not send the dump now: run again later"),
        (301, "unexpected answer 301 Moved Permanently", _MOVED),
        (429, "429 Too Many Requests", "The server is busy or has a fault: run again later"),
    ],
)
def test_what_may_pass_and_does_not_has_its_own_remedy(
    landing: Landing, server: DumpServer, code: int, words: str, remedy: str
) -> None:
    server.script = [status(code)] * LIMITS.fruitless
    assert refusal(landing, server).endswith(f" failed: {words}. {remedy}; nothing was changed.")
    assert len(server.asked) == LIMITS.fruitless


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_honoured(landing: Landing, server: DumpServer, code: int) -> None:
    server.script = [status(code, Retry_After="1")]
    assert content(fetch(landing, server)) == BODY
    assert 1.0 <= server.times[1] - server.times[0] < 2.0


def test_retry_after_with_a_date_is_honoured(landing: Landing, server: DumpServer) -> None:
    server.script = [status(429, Retry_After=retry_after_date(2))]
    assert content(fetch(landing, server)) == BODY
    assert 0.9 <= server.times[1] - server.times[0] < 2.5


@pytest.mark.parametrize("code", [429, 503])
def test_a_retry_after_beyond_the_bound_ends_the_download_and_says_until_when(
    landing: Landing, server: DumpServer, code: int
) -> None:
    server.script = [status(code, Retry_After="3600")]
    message = refusal(landing, server)
    until = re.search(r"\(the server asks clients to wait 3600 s\)\. Run again after (.+) UTC; nothing was ch", message)
    assert until is not None
    wait = datetime.strptime(until[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(seconds=3590) < wait <= timedelta(seconds=3600)
    assert len(server.asked) == 1


def test_a_host_that_does_not_answer_at_all(landing: Landing) -> None:
    message = refusal(landing, DumpServer("http://127.0.0.1:1"))
    assert message.startswith(f"{FILE}: http://127.0.0.1:1/{FILE} failed: ")


def test_silence_before_the_answer_is_a_timeout(landing: Landing, server: DumpServer) -> None:
    server.script = [hang(1.5)]
    assert content(fetch(landing, server)) == BODY
    assert len(server.asked) == 2


def test_silence_in_the_middle_is_a_timeout_and_resumed(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after_silence(60_000, 1.0)]
    assert content(fetch(landing, server)) == BODY
    assert server.ranges == [None, "bytes=60000-"]


def test_a_trickle_is_left_for_another_connection(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle(5, first=30_000)]
    started = time.monotonic()
    assert content(fetch(landing, server)) == BODY
    assert time.monotonic() - started < 3
    first = server.ranges[1]
    assert first is not None
    assert 30_000 < int(first.removeprefix("bytes=").removesuffix("-")) < 31_000


def test_a_trickle_of_headers_ends_with_the_deadline(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle_headers(4)] * 3
    started = time.monotonic()
    message = refusal(landing, server, Limits(**{**vars(LIMITS), "whole": 0.8}))
    assert time.monotonic() - started < 2
    assert "failed: not complete after 1 s. Check the network and run again; nothing was changed." in message


def test_the_deadline_keeps_what_has_come(landing: Landing, server: DumpServer) -> None:
    server.script = [trickle(5, first=30_000)] * 9
    slow_allowed = Limits(**{**vars(LIMITS), "whole": 0.8, "pace": Pace(0, 10)})
    assert "bytes are kept, and the download will continue after them" in refusal(landing, server, slow_allowed)
    assert BODY.startswith(partial(landing))
    assert len(partial(landing)) > 30_000
