"""02:00 UTC → Lambda → Dagster's API behind its token → the daily job; and what stands in the way, in words."""

import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from imdb_assets import definitions
from imdb_assets.aws.deploy import deployment, run_history, trigger
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.trigger import TriggerError
from imdb_assets.cli import host
from imdb_assets.cli.host import Token
from imdb_assets.defs import automation
from imdb_assets.defs.ops.watch import monitoring
from imdb_assets.defs.policies import WEEKLY, asset_key
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.support import free_port
from imdb_assets_tests.world import ask

JOBS = """
import time
from pathlib import Path

import dagster as dg

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs import automation
from imdb_assets.defs.policies import WEEKLY, asset_key

PUBLISHED = Path(__file__).with_name("published")


class Lake:
    def exists(self, table: str) -> bool:
        return PUBLISHED.exists()


def made(name: str) -> dg.AssetsDefinition:
    @dg.asset(key=asset_key(name))
    def table() -> None:
        time.sleep(5)

    return table


defs = dg.Definitions(
    assets=[made(name) for name in ("silver.movies", "silver.rating_history", "models.leak_check", *WEEKLY)],
    jobs=[automation.everything, automation.daily],
    sensors=automation.sensors(running=True, trigger="external"),
    resources={"lake": Lake()},
    executor=dg.in_process_executor,
)
"""
"""The starters of the real graph, on assets that take no time."""
INSTANCE = """
storage:
  sqlite:
    base_dir: {home}
telemetry:
  enabled: false
"""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Field of GraphQL → what Dagster answers; the questions are kept under `asked`."""
    monkeypatch.setenv("DAGSTER_URL", "http://10.20.0.10:3000")
    monkeypatch.setattr(trigger, "_token", lambda: "secret")
    repository = {"name": "r", "location": {"name": "l"}, "sensors": [{"name": "daily_when_asked"}]}
    tags = [{"key": "imdb/unchanged", "value": "keep"}, {"key": "imdb/event", "value": "event-1"}]
    request = {"jobName": "everything", "assetSelection": [{"path": ["silver", "movies"]}], "tags": tags}
    told = {"skipReason": None, "error": None, "runRequests": [request]}
    found: dict[str, Any] = {
        "asked": [],
        "repositoriesOrError": {"__typename": "RepositoryConnection", "nodes": [repository]},
        "sensorDryRun": {"__typename": "DryRunInstigationTick", "evaluationResult": told},
        "launchRun": {"__typename": "LaunchRunSuccess", "run": {"runId": "new"}},
    }

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        assert request.get_header("Authorization") == "Bearer secret"
        assert isinstance(request.data, bytes)
        asked = json.loads(request.data)
        found["asked"].append(asked)
        field = next(name for name in found if name in asked["query"] and name != "asked")
        if isinstance(found[field], Exception):
            raise found[field]
        return io.BytesIO(json.dumps({"data": {field: found[field]}}).encode())

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return found


def test_what_the_sensor_says_is_launched(answers: dict[str, Any]) -> None:
    assert trigger.handler({"id": "event-1"}) == {"started": True, "run_id": "new"}
    question, launch = (asked["variables"] for asked in answers["asked"][-2:])
    place = {"repositoryName": "r", "repositoryLocationName": "l"}
    assert question == {"selector": {**place, "sensorName": "daily_when_asked"}, "event": "event-1"}
    selection = [{"path": ["silver", "movies"]}]
    assert launch["params"]["selector"] == {**place, "jobName": "everything", "assetSelection": selection}
    tags = {tag["key"]: tag["value"] for tag in launch["params"]["executionMetadata"]["tags"]}
    assert tags == {"imdb/unchanged": "keep", "imdb/event": "event-1"}


def test_no_second_run_is_started(answers: dict[str, Any]) -> None:
    told = {"skipReason": "Run 1a2b is under way.", "error": None, "runRequests": None}
    answers["sensorDryRun"]["evaluationResult"] = told
    assert trigger.handler({"id": "event-1"}) == {"started": False, "because": "Run 1a2b is under way."}


@pytest.mark.parametrize(
    ("field", "answer", "said"),
    [
        ("repositoriesOrError", OSError("timed out"), "cannot be reached: timed out. Is the host running"),
        (
            "repositoriesOrError",
            urllib.error.HTTPError("", 401, "", {}, None),  # pyright: ignore[reportArgumentType] - headers
            "answered 401. The host's token is outdated: restart the host.",
        ),
        ("repositoriesOrError", {"__typename": "RepositoryConnection", "nodes": []}, "has no sensor daily_when_asked"),
        (
            "sensorDryRun",
            {
                "__typename": "DryRunInstigationTick",
                "evaluationResult": {"error": {"message": "no lake"}, "skipReason": None, "runRequests": None},
            },
            "could not decide what the run should make: no lake",
        ),
        (
            "sensorDryRun",
            {"__typename": "SensorNotFoundError", "message": "gone"},
            "refused: SensorNotFoundError: gone",
        ),
        ("launchRun", {"__typename": "PythonError", "message": "no disk"}, "Dagster refused: PythonError: no disk"),
    ],
)
def test_what_stands_in_the_way_is_told(answers: dict[str, Any], field: str, answer: Any, said: str) -> None:
    answers[field] = answer
    with pytest.raises(TriggerError, match=said):
        trigger.handler({"id": "event-1"})


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer right", 200),
        ("Basic YW55Ym9keTpyaWdodA==", 200),  # anybody:right
        ("Bearer wrong", 401),
        ("Basic YW55Ym9keTp3cm9uZw==", 401),
        ("Basic ???", 401),
        ("", 401),
    ],
)
def test_the_webserver_lets_in_who_shows_the_token(authorization: str, status: int) -> None:
    app = Token(Starlette(routes=[Route("/graphql", lambda _: PlainTextResponse("in"))]), "right")
    answer = ask(app, "GET", "/graphql", headers={"Authorization": authorization} if authorization else {})
    assert answer.status_code == status


def test_one_task_at_a_time_and_its_history_is_the_next_ones(
    aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.reset()
    place = deployment.place_of(Settings())
    deployed.deploy(aws, Settings(), place)

    @dg.job
    def nothing() -> None:
        pass

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with run_history.held(place):
        with (
            pytest.raises(DeployError, match="another task has been running the daily job since"),
            run_history.held(place),
        ):
            pass
        with dg.DagsterInstance.local_temp(str(tmp_path / "first")) as first:
            assert run_history.fetch(place, first) is False
            (tmp_path / "first" / "dagster.yaml").write_text("of an older image")
            done = nothing.execute_in_process(instance=first)
            run_history.keep(place, first)
    with run_history.held(place), dg.DagsterInstance.local_temp(str(tmp_path / "second")) as second:
        assert run_history.fetch(place, second) is True
        assert [run.run_id for run in second.get_runs()] == [done.run_id]
    assert not (tmp_path / "second" / "dagster.yaml").exists()
    monkeypatch.setattr(run_history, "STALE", -run_history.STALE)
    with run_history.held(place), run_history.held(place):  # of a task that died
        pass


@pytest.mark.parametrize(
    ("day", "there", "made"),
    [
        ("2026-11-24", False, {"movies", "leak_check", "iterations"}),  # a Tuesday, and an empty lake
        ("2026-11-24", True, {"movies", "leak_check"}),
        ("2026-11-29", True, {"movies", "leak_check", "iterations"}),
    ],
)
def test_a_task_does_what_schedules_do_elsewhere(
    aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, day: str, there: bool, made: set[str]
) -> None:
    aws.reset()
    settings = Settings(lake="s3", aws_prefix="imdb-task")
    make_buckets(aws, settings.aws_prefix)
    done: list[str] = []
    monkeypatch.setattr(definitions, "defs", lambda: _graph(done))
    monkeypatch.setattr(Lake, "exists", lambda *_: there)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(host, "datetime", SimpleNamespace(now=lambda _: datetime.fromisoformat(day)))
    assert host.run(settings) is True
    assert set(done) & {"movies", "leak_check", "iterations"} == made
    assert done[-2:] == ["tidied", "looked"]
    with dg.DagsterInstance.get() as instance:
        assert {run.tags["imdb/started-by"] for run in instance.get_runs()} == {"external"}
        assert instance.get_runs()[0].job_name == "monitoring"


def _graph(done: list[str]) -> dg.Definitions:
    """Assets that say that they were made, in the jobs of the real graph."""

    def says(name: str) -> dg.AssetsDefinition:
        @dg.asset(key=asset_key(name))
        def table() -> None:
            done.append(name.partition(".")[2])

        return table

    @dg.op
    def tidy() -> None:
        done.append("tidied")

    @dg.job
    def maintenance() -> None:
        tidy()

    names = ("silver.movies", "silver.rating_history", "models.leak_check", *WEEKLY, "ops.looked")
    jobs = [automation.everything, automation.daily, automation.iterations, maintenance, monitoring]
    return dg.Definitions([says(name) for name in names], jobs=jobs)


@contextmanager
def _running(*arguments: str, env: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            arguments, env={**os.environ, **env}, cwd=PROJECT_ROOT, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=60)


@pytest.mark.slow
def test_the_rule_starts_the_job_on_a_running_dagster(aws: Emulator, tmp_path: Path) -> None:
    aws.reset()
    settings = Settings(host="instance")
    deployed.deploy(aws, settings, deployment.place_of(settings))
    token = aws.client("secretsmanager").get_secret_value(SecretId="imdb-assets-token")["SecretString"]
    port, home = free_port(), tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(INSTANCE.format(home=home))
    (home / "jobs.py").write_text(JOBS)
    (home / "workspace.yaml").write_text(f"load_from:\n  - python_file: {home / 'jobs.py'}\n")
    env = {"DAGSTER_HOME": str(home), "IMDB_UI_TOKEN": token}
    serve = (
        "from pathlib import Path; "
        f"from imdb_assets.cli import host; host.prepare(Path({str(home)!r})); "
        "from imdb_assets.settings import load_settings; "
        f"host.web(load_settings(), Path({str(home / 'workspace.yaml')!r}), '127.0.0.1', {port})"
    )
    functions, events = aws.client("lambda"), aws.client("events")
    functions.update_function_configuration(
        FunctionName="imdb-assets-trigger",
        Environment={
            "Variables": {"DAGSTER_URL": f"http://127.0.0.1:{port}", "DAGSTER_TOKEN_SECRET": "imdb-assets-token"}
        },
    )
    with (
        _running(sys.executable, "-c", serve, env=env, log=tmp_path / "web.log"),
        _running(sys.executable, "-m", "imdb_assets.cli.host", "daemon", env=env, log=tmp_path / "daemon.log"),
    ):
        url = f"http://127.0.0.1:{port}"
        _until(lambda: httpx.get(f"{url}/server_info").is_success, 120)
        assert httpx.get(url).status_code == 401
        # the rule as it is fires at 02:00; here, every minute
        events.put_rule(Name="imdb-assets-daily", ScheduleExpression="rate(1 minute)", State="ENABLED")
        with dg.DagsterInstance.from_config(str(home)) as instance:
            _until(lambda: bool(instance.get_runs()), 180)
            again = _invoke(functions)
            assert (again["started"], "is under way" in again["because"]) == (False, True)
            (first,) = instance.get_runs()
            assert (first.job_name, first.tags["imdb/started-by"]) == ("everything", "external")
            assert {key.path[1] for key in first.asset_selection or ()} == {
                "movies",
                "leak_check",
                *(name.partition(".")[2] for name in WEEKLY),
            }, "the lake is empty, so the first run makes what later ones only read"
            events.disable_rule(Name="imdb-assets-daily")
            _until(lambda: instance.get_runs()[0].status == dg.DagsterRunStatus.SUCCESS, 180)
            (home / "published").touch()
            assert _invoke(functions)["started"] is True
            later, _ = instance.get_runs()
            assert {key.path[1] for key in later.asset_selection or ()} == {"movies", "leak_check"}
            _until(lambda: instance.get_runs()[0].status == dg.DagsterRunStatus.SUCCESS, 180)


def _invoke(functions: Any) -> dict[str, Any]:
    return json.loads(functions.invoke(FunctionName="imdb-assets-trigger")["Payload"].read())


def _until(holds: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} s")
