"""All seven dumps over HTTP: at once, with room for them, told as they come; and as assets of the real graph."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.landing.dumps import landing_assets
from imdb_assets.defs.resources import resources_of
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.transfer import fetch_all
from imdb_assets.settings import Settings
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.download import Pace
from imdb_assets.sources.imdb import ImdbSource, Limits
from imdb_assets.sources.partial import Partial
from imdb_assets.sources.progress import Reading
from imdb_assets_tests.integration.download.dump_server import DumpServer, serving, status, together, trickle
from imdb_assets_tests.support import QUIET, materialize, tiny_rows, write_dump, write_lines

DUMPS = tuple(DUMP_CONTRACTS)
LIMITS = Limits(silence=2.0, fruitless=2, first_pause=0.01, longest_pause=0.02)


@pytest.fixture
def server(tiny_dumps: Path) -> Iterator[DumpServer]:
    with serving(files=_files(tiny_dumps)) as state:
        yield state


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _fetch_all(landing: Landing, server: DumpServer, *dumps: str, **published: str) -> dict[str, Dump | BaseException]:
    known = {name.replace("_", "."): digest for name, digest in published.items()}
    return fetch_all(landing, dumps or DUMPS, ImdbSource(server.url, LIMITS), known, lambda _: None)


def _total(server: DumpServer) -> int:
    return sum(len(content) for content in server.files.values())


def test_all_seven_come_at_once(landing: Landing, server: DumpServer) -> None:
    server.script = [together(threading.Barrier(7))] * 7
    landed = _fetch_all(landing, server)
    assert list(landed) == list(DUMPS)
    contents = {name: Path(dump.path).read_bytes() for name, dump in landed.items() if isinstance(dump, Dump)}
    assert contents == {name: server.files[f"{name}.tsv.gz"] for name in DUMPS}
    assert [landing.current(name) for name in DUMPS] == [None] * 7
    assert server.sent == _total(server)


def test_what_came_at_once_is_not_sent_again_to_the_steps_that_follow(landing: Landing, server: DumpServer) -> None:
    together_landed = _fetch_all(landing, server)
    for dump in DUMPS:
        assert _fetch_all(landing, server, dump) == {dump: together_landed[dump]}
    assert server.sent == _total(server)


def test_one_that_fails_does_not_touch_the_others(landing: Landing, server: DumpServer) -> None:
    server.scripts = {"title.crew.tsv.gz": [status(404)]}
    landed = _fetch_all(landing, server)
    assert {name for name, dump in landed.items() if isinstance(dump, Dump)} == set(DUMPS) - {"title.crew"}
    assert str(landed["title.crew"]).startswith(
        f"title.crew.tsv.gz: {server.url}/title.crew.tsv.gz failed: 404 Not Found."
    )


def test_one_that_s3_refuses_does_not_touch_the_others(
    landing: Landing, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Landing._keep

    def refused(zone: Landing, partial: Partial, landed: Dump) -> None:
        if landed.name == "title.crew":
            raise LakeError("access denied")
        keep(zone, partial, landed)

    monkeypatch.setattr(Landing, "_keep", refused)
    landed = _fetch_all(landing, server)
    assert {name for name, dump in landed.items() if isinstance(dump, Dump)} == set(DUMPS) - {"title.crew"}
    assert isinstance(landed["title.crew"], LakeError)


def test_where_nothing_is_new_only_the_first_is_asked_for(landing: Landing, server: DumpServer) -> None:
    published: dict[str, str] = {}
    for name, dump in _fetch_all(landing, server).items():
        assert isinstance(dump, Dump)
        landing.publish(dump)
        published[name.replace(".", "_")] = dump.sha256
    sent, server.asked = server.sent, []
    assert list(_fetch_all(landing, server, **published)) == [DUMPS[0]]
    assert server.sent == sent
    assert sorted(asked.method for asked in server.asked) == ["GET", *["HEAD"] * 7]
    assert {asked.if_none_match for asked in server.asked} == {'"abc-12"'}


def _free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    usage = shutil.disk_usage("/")._replace(free=count)
    monkeypatch.setattr("imdb_assets.lake.transfer.shutil.disk_usage", lambda _: usage)


def test_without_room_nothing_is_downloaded(
    landing: Landing, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = round(3.5 * _total(server))
    _free(monkeypatch, needed - 1)
    with pytest.raises(SourceError) as caught:
        _fetch_all(landing, server)
    assert str(caught.value) == (
        f"not enough disk space: {needed:,} bytes are needed ({_total(server):,} for 7 dumps, the rest for the tables "
        f"made from them), but only {needed - 1:,} are free at {landing.root.parent}. Make room on the disk, or "
        "set IMDB_DATA to a folder on a larger disk; nothing was changed."
    )
    assert {asked.method for asked in server.asked} == {"HEAD"}
    _free(monkeypatch, needed)
    assert _total(server) == sum(dump.bytes for dump in _fetch_all(landing, server).values() if isinstance(dump, Dump))


def test_what_is_there_already_needs_no_room(
    landing: Landing, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fetch_all(landing, server)
    _free(monkeypatch, 0)
    assert isinstance(_fetch_all(landing, server, DUMPS[0])[DUMPS[0]], Dump)


def test_a_server_that_does_not_tell_sizes_is_downloaded_from_all_the_same(
    landing: Landing, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.heads = False
    _free(monkeypatch, 0)
    assert len(_fetch_all(landing, server)) == 7
    assert server.sent == _total(server)


def test_progress_is_told_in_this_thread_as_bytes_come(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.lake.transfer.SECONDS", 0.02)
    body = write_lines(tmp_path, "title.ratings", [b"tt%07d\t5.5\t%d" % (i, i * 7919 % 99_991) for i in range(60_000)])
    told: list[tuple[Reading, int]] = []

    def watch(reading: Reading) -> None:
        told.append((reading, threading.get_ident()))

    with serving(body=body.read_bytes(), script=[trickle(0.4, first=100_000)]) as server:
        limits = Limits(pace=Pace(10_000, 0.2), first_pause=0.01)
        fetch_all(landing, ["title.ratings"], ImdbSource(server.url, limits), {}, watch)
    assert {ident for _, ident in told} == {threading.get_ident()}
    total = body.stat().st_size
    first, *_, last = (reading for reading, _ in told)
    assert (first.dump, first.total) == ("title.ratings", total)
    assert 100_000 <= first.received < 110_000
    assert last == ("title.ratings", total, total)


def test_an_interrupt_ends_the_downloads_and_keeps_what_has_come(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.lake.transfer.SECONDS", 0.02)
    body = write_lines(tmp_path, "title.ratings", [b"tt%07d\t5.5\t%d" % (i, i * 7919 % 99_991) for i in range(60_000)])

    def interrupt(reading: Reading) -> None:
        raise KeyboardInterrupt(reading)

    started = time.monotonic()
    with (
        serving(body=body.read_bytes(), script=[trickle(9, first=100_000)]) as server,
        pytest.raises(KeyboardInterrupt),
    ):
        fetch_all(landing, ["title.ratings"], ImdbSource(server.url), {}, interrupt)
    assert time.monotonic() - started < 5
    kept = (landing.root / "title.ratings" / ".incoming" / "title.ratings.tsv.gz").read_bytes()
    assert len(kept) >= 100_000
    assert body.read_bytes().startswith(kept)


@pytest.fixture
def settings(server: DumpServer, tmp_path: Path) -> Settings:
    return Settings(source="imdb", accept_terms="yes", dumps_url=server.url, data=tmp_path / "data", max_bad_share=0.1)


def test_a_run_downloads_all_its_dumps_at_once_and_the_next_one_nothing(settings: Settings, server: DumpServer) -> None:
    server.script = [together(threading.Barrier(7))] * 7
    run = materialize(settings, "landing", "bronze")
    assert run.failures == {}
    assert run.metadata("landing/title_ratings")["lines"] == 26
    assert server.sent == _total(server)
    assert materialize(settings, "landing", "bronze").failures == {}
    assert server.sent == _total(server)
    assert server.asked[-1].if_none_match == '"abc-12"'


def test_a_run_hands_readings_to_who_started_it(settings: Settings, server: DumpServer) -> None:
    landing = dg.define_asset_job("landing", selection=["landing/title_ratings"])
    defined = dg.Definitions(assets=landing_assets, resources=resources_of(settings), jobs=[landing])
    told: list[Reading] = []
    with dg.DagsterInstance.ephemeral() as instance:
        run = defined.resolve_job_def("landing").execute_in_process(
            instance=instance, resources={"watch_downloads": told.append}, run_config=QUIET
        )
    assert run.success
    size = len(server.files["title.ratings.tsv.gz"])
    assert told == [("title.ratings", size, size)]


def test_one_landing_asset_alone_asks_for_its_dump_alone(settings: Settings, server: DumpServer) -> None:
    assert materialize(settings, "landing/name_basics", "bronze/name_basics").failures == {}
    assert {asked.file for asked in server.asked} == {"name.basics.tsv.gz"}


def test_the_etag_of_a_dump_that_bronze_refused_is_not_sent(
    settings: Settings, server: DumpServer, tmp_path: Path
) -> None:
    chain = ("landing/title_ratings", "bronze/title_ratings")
    assert materialize(settings, *chain).failures == {}
    bad = write_dump(tmp_path / "bad", "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4).read_bytes()
    good = server.files["title.ratings.tsv.gz"]
    server.files["title.ratings.tsv.gz"], server.etag = bad, '"bad"'
    assert list(materialize(settings, *chain).failures) == ["bronze/title_ratings"]
    server.asked = []
    server.files["title.ratings.tsv.gz"] = good  # mended without a new ETag
    assert materialize(settings, *chain).failures == {}
    assert [asked.if_none_match for asked in server.asked] == [None, None]
    assert Landing(settings.landing_folder).required("title.ratings").etag == '"bad"'


def test_a_landing_step_that_fails_lets_the_others_go_on(settings: Settings, server: DumpServer) -> None:
    server.scripts = {"name.basics.tsv.gz": [status(404)]}  # the step that downloads for all
    run = materialize(settings, "landing", "bronze/title_ratings", "bronze/name_basics")
    assert list(run.failures) == ["landing/name_basics"]
    assert run.failures["landing/name_basics"].startswith(
        f"name.basics.tsv.gz: {server.url}/name.basics.tsv.gz failed: 404 Not Found."
    )
    assert "bronze/title_ratings" in run.materialized()
    assert server.sent == _total(server) - len(server.files["name.basics.tsv.gz"]) + len(b"not now")


def test_no_room_fails_the_landing_step_with_the_reason(
    settings: Settings, server: DumpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, 10)
    assert materialize(settings, "landing/title_ratings").failure.startswith("not enough disk space: ")
    assert server.sent == 0
