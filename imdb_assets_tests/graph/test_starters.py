"""What starts the daily run, when, and when not: one starter at a time, one run at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.definitions import defs
from imdb_assets.defs import automation
from imdb_assets.defs.automation import sensors
from imdb_assets.defs.new_dumps import AT_LEAST, PATIENCE, Seen, decide
from imdb_assets.defs.ops.watch import look_after_runs
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets.sources.imdb import ImdbSource
from imdb_assets_tests.integration.download.dump_server import DumpServer, serving
from imdb_assets_tests.support import definitions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILES = [f"{dump}.tsv.gz" for dump in DUMP_CONTRACTS]


def _served(version: str, *late: str) -> dict[str, str | None]:
    return {name: "before" if name in late else version for name in FILES}


def _decide(versions: dict[str, str | None], seen: Seen, hours: float = 0) -> tuple[bool, str, Seen]:
    return decide(versions, Seen.of(seen.cursor), NOON + timedelta(hours=hours))


ASKED = decide(_served("before"), Seen(), NOON).seen


def test_the_first_look_starts_a_run_and_the_second_does_not() -> None:
    start, why, seen = _decide(_served("one"), Seen())
    assert (start, why) == (True, "All dumps are new.")
    start, why, again = _decide(_served("one"), seen, 1)
    assert (start, why) == (False, "No dump has changed since the run of 2026-03-01 12:00 UTC.")
    assert again == seen


def test_a_late_file_is_waited_for_but_not_for_ever() -> None:
    late = "title.akas.tsv.gz"
    start, why, seen = _decide(_served("one", late), ASKED, 1)
    assert (start, why) == (False, f"6 of 7 dumps are new since 13:00 UTC; waiting for {late} until 19:00 UTC.")
    start, _, seen = _decide(_served("one", late), seen, 4)
    assert not start
    assert _decide(_served("one"), seen, 5)[:2] == (True, "All dumps are new.")
    start, why, seen = _decide(_served("one", late), seen, 1 + PATIENCE / timedelta(hours=1))
    assert (start, why) == (True, f"6 of 7 dumps are new since 13:00 UTC; the run starts without {late}.")
    start, why, _ = _decide(_served("one"), seen, 8)
    assert not start
    assert "1 of 7 dumps are new since 20:00 UTC; waiting for name.basics.tsv.gz, title.basics.tsv.gz and 4 more" in why


def test_a_source_that_is_down_starts_nothing_and_is_named() -> None:
    start, why, seen = _decide({**_served("one"), FILES[0]: None}, ASKED, 40)
    assert (start, seen) == (False, ASKED)
    assert why == f"The source is down or does not answer HEAD requests, so the version of {FILES[0]} is unknown."


def test_there_is_a_run_a_day_even_if_nothing_is_new() -> None:
    hours = AT_LEAST / timedelta(hours=1)
    assert not _decide(_served("before"), ASKED, hours - 0.1)[0]
    start, why, seen = _decide(_served("before"), ASKED, hours)
    assert (start, why) == (True, "No dump is new, but a run is due: the last run is over a day old.")
    assert not _decide(_served("before"), seen, hours + 1)[0]


@pytest.fixture
def server() -> Iterator[DumpServer]:
    with serving(body=b"x", etags={name: f'"{name}-1"' for name in FILES}) as started:
        yield started


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """On disk: a schedule's tick opens it anew."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def _tick(server: DumpServer, instance: dg.DagsterInstance, lake: Lake, cursor: str | None) -> Any:
    source = ImdbSource(server.url)
    context = dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        resources={"lake": lake, "source": source},
        repository_def=definitions().get_repository_def(),
    )
    return sensors(running=True, trigger="sensor")[0].evaluate_tick(context)


def test_the_sensor_asks_for_etags_and_says_why_it_skips(
    server: DumpServer, instance: dg.DagsterInstance, lake: Lake
) -> None:
    first = _tick(server, instance, lake, None)
    (request,) = first.run_requests
    assert request.tags.items() >= {**MAY_KEEP, "imdb/why": "All dumps are new."}.items()
    assert {key.path[0] for key in request.asset_selection} >= {"landing", "models", "serving"}
    assert not any(key.path[0] == "ops" for key in request.asset_selection)
    assert {(asked.method, asked.file) for asked in server.asked} == {("HEAD", name) for name in FILES}
    second = _tick(server, instance, lake, first.cursor)
    assert not second.run_requests
    assert second.skip_message.startswith("No dump has changed since the run of ")
    server.etags = {**server.etags, FILES[3]: '"new"'}
    third = _tick(server, instance, lake, second.cursor)
    assert third.skip_message.startswith("1 of 7 dumps are new since ")
    server.heads = False
    assert "does not answer HEAD" in _tick(server, instance, lake, third.cursor).skip_message
    server.url = "http://127.0.0.1:9"
    assert "is down" in _tick(server, instance, lake, third.cursor).skip_message


@pytest.mark.parametrize("job", ["everything", "daily"])
def test_a_run_that_is_under_way_is_not_overlapped(
    job: str, server: DumpServer, instance: dg.DagsterInstance, lake: Lake
) -> None:
    repository = definitions().get_repository_def()
    run = instance.create_run_for_job(repository.get_job(job), status=dg.DagsterRunStatus.STARTED)
    message = f"Run {run.run_id[:8]} of the job {job} is under way or waits in the queue."
    assert _tick(server, instance, lake, None).skip_message == message
    context = dg.build_schedule_context(instance=instance, repository_def=repository, resources={"lake": lake})
    assert repository.get_schedule_def("daily_at_02_utc").evaluate_tick(context).skip_message == message
    instance.report_run_canceled(run)
    assert _tick(server, instance, lake, None).run_requests


@pytest.mark.parametrize(
    ("trigger", "starters"),
    [
        ("schedule", {"daily_at_02_utc"}),
        ("sensor", {"daily_when_dumps_are_new"}),
        ("external", {"daily_when_asked"}),
    ],
)
def test_there_is_one_starter(trigger: str, starters: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMDB_TRIGGER", trigger)
    monkeypatch.setenv("IMDB_SCHEDULE", "running")
    repository = defs().get_repository_def()
    automation = [*repository.schedule_defs, *repository.sensor_defs]
    everywhere = {"iterations_on_sundays_at_04_utc", "maintenance_at_06_utc", "monitoring_after_runs"}
    everywhere |= {"rating_history_after_bronze"}
    assert {one.name for one in automation} == everywhere | starters
    assert {one.name for one in automation if one.default_status.value != "RUNNING"} == starters & {"daily_when_asked"}


def _asked(instance: dg.DagsterInstance, lake: Lake, event: str | None) -> Any:
    context = dg.build_sensor_context(
        instance=instance,
        cursor=event,
        resources={"lake": lake},
        repository_def=definitions().get_repository_def(),
    )
    return sensors(running=True, trigger="external")[0].evaluate_tick(context)


def test_who_asks_is_told_what_to_launch_and_by_itself_the_sensor_starts_nothing(
    instance: dg.DagsterInstance, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = definitions().get_repository_def()
    (first,) = _asked(instance, lake, "event-1").run_requests
    tags = {**MAY_KEEP, "imdb/started-by": "external", "imdb/event": "event-1"}
    assert first.job_name == "everything"
    assert first.tags.items() >= tags.items()
    scores = dg.AssetKey(["models", "iterations"])
    assert scores in first.asset_selection, "on an empty lake the first run makes the weekly tables, too"
    monkeypatch.setattr(Lake, "exists", lambda *_: True)
    (later,) = _asked(instance, lake, "event-2").run_requests
    assert set(first.asset_selection) > set(later.asset_selection) == set(automation.wanted(repository, lake))
    assert scores not in later.asset_selection
    assert _asked(instance, lake, None).skip_message.startswith("No event was given")
    run = instance.create_run_for_job(repository.get_job("everything"), tags=tags, status=dg.DagsterRunStatus.STARTED)
    assert "is under way" in _asked(instance, lake, "event-2").skip_message
    instance.report_run_canceled(run)
    assert _asked(instance, lake, "event-1").skip_message == f"Run {run.run_id[:8]} was started for the event event-1."


def test_monitoring_follows_every_run_and_looks_once_an_hour(instance: dg.DagsterInstance) -> None:
    def tick(cursor: str | None) -> Any:
        return look_after_runs(dg.build_sensor_context(instance=instance, cursor=cursor))

    first = tick(None)
    assert [request.job_name for request in first.run_requests] == ["monitoring"]
    assert "No run has ended since" in tick(first.cursor).skip_message
    repository = definitions().get_repository_def()
    run = instance.create_run_for_job(repository.get_job("daily"))
    instance.report_run_failed(run)
    second = tick(first.cursor)
    assert second.run_requests
    look = instance.create_run_for_job(repository.get_job("monitoring"), status=dg.DagsterRunStatus.STARTED)
    assert tick(second.cursor).skip_message == "A run of monitoring is in progress."
    instance.report_run_failed(look)
    assert "No run has ended since" in tick(second.cursor).skip_message  # its own runs do not start it again
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert tick(f'{{"looked_at": "{an_hour_ago}"}}').run_requests


def test_the_instance_runs_one_at_a_time_for_two_hours_at_most_and_retries_crashes_once() -> None:
    instance = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    assert instance["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert instance["run_monitoring"]["max_runtime_seconds"] == 7200
    assert instance["run_retries"] == {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False}
    assert instance["freshness"] == {"enabled": True}


def test_assets_are_to_be_made_daily_and_scores_weekly() -> None:
    windows = {
        spec.key.to_user_string(): spec.freshness_policy and spec.freshness_policy.fail_window.to_timedelta()  # pyright: ignore[reportAttributeAccessIssue]
        for spec in definitions().resolve_all_asset_specs()
    }
    assert windows["models/iterations"] == timedelta(days=8)
    assert windows["gold/movie_features"] == windows["landing/title_akas"] == timedelta(hours=30)
    assert windows["quarantine/title_akas"] is None
    assert Settings().trigger == "schedule"
