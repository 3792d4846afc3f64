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
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from imdb_assets.cli.host import Token
from imdb_assets.deploy import deployment, history, trigger
from imdb_assets.deploy.errors import DeployError
from imdb_assets.deploy.trigger import TriggerError
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws import deployed, emulators
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.unit.test_serving_support import ask

JOBS = """
import dagster as dg
import time


@dg.op
def wait() -> None:
    time.sleep(20)


@dg.job
def daily() -> None:
    wait()


defs = dg.Definitions(jobs=[daily])
"""
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
    monkeypatch.setenv("DAGSTER_TOKEN", "secret")
    repository = {"name": "r", "location": {"name": "l"}, "jobs": [{"name": "daily"}]}
    found: dict[str, Any] = {
        "asked": [],
        "runsOrError": {"__typename": "Runs", "results": []},
        "repositoriesOrError": {"__typename": "RepositoryConnection", "nodes": [repository]},
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


def test_a_run_is_started_as_the_schedule_would_start_it(answers: dict[str, Any]) -> None:
    assert trigger.handler({"id": "event-1"}) == {"started": True, "run_id": "new"}
    params = answers["asked"][-1]["variables"]["params"]
    assert params["selector"] == {"repositoryName": "r", "repositoryLocationName": "l", "jobName": "daily"}
    tags = {tag["key"]: tag["value"] for tag in params["executionMetadata"]["tags"]}
    assert tags == {"imdb/unchanged": "keep", "imdb/started-by": "external", "imdb/event": "event-1"}


def test_no_second_run_is_started(answers: dict[str, Any]) -> None:
    answers["runsOrError"]["results"] = [{"runId": "old", "status": "STARTED"}]
    assert trigger.handler({"id": "event-1"}) == {"started": False, "run_id": "old", "because": "a run is STARTED"}


@pytest.mark.parametrize(
    ("field", "answer", "said"),
    [
        ("runsOrError", OSError("timed out"), "cannot be reached: timed out. Is the host running"),
        (
            "runsOrError",
            urllib.error.HTTPError("", 401, "", {}, None),  # pyright: ignore[reportArgumentType] - headers
            "answered 401; the token differs from the host's",
        ),
        ("repositoriesOrError", {"__typename": "RepositoryConnection", "nodes": []}, "Dagster has no job daily"),
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


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/graphql", {"Sec-Fetch-Site": "same-origin", "Origin": "http://endpoint"}, 200),
        ("/graphql", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/graphql", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
        ("/graphql", {"Sec-Fetch-Site": "same-site"}, 403),
        ("/graphql", {"Origin": "http://elsewhere"}, 403),
        ("/runs", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),  # a link in a message
    ],
)
def test_pages_of_other_sites_cannot_use_the_password_that_a_browser_remembers(
    path: str, headers: dict[str, str], status: int
) -> None:
    app = Token(Starlette(routes=[Route(path, lambda _: PlainTextResponse("in"))]), "right")
    remembered = {"Authorization": "Basic YW55Ym9keTpyaWdodA=="}
    assert ask(app, "GET", path, headers=remembered | headers).status_code == status


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
    with history.held(place):
        with pytest.raises(DeployError, match="another task has been at the daily job since"), history.held(place):
            pass
        with dg.DagsterInstance.local_temp(str(tmp_path / "first")) as first:
            assert history.fetch(place, first) is False
            done = nothing.execute_in_process(instance=first)
            history.keep(place, first)
    with history.held(place), dg.DagsterInstance.local_temp(str(tmp_path / "second")) as second:
        assert history.fetch(place, second) is True
        assert [run.run_id for run in second.get_runs()] == [done.run_id]
    monkeypatch.setattr(history, "STALE", -history.STALE)
    with history.held(place), history.held(place):  # of a task that died
        pass


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
    port, home = emulators.free_port(), tmp_path / "home"
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
        Environment={"Variables": {"DAGSTER_URL": f"http://127.0.0.1:{port}", "DAGSTER_TOKEN": token}},
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
            again = json.loads(functions.invoke(FunctionName="imdb-assets-trigger")["Payload"].read())
            assert again["started"] is False
            (run,) = instance.get_runs()
            assert run.job_name == "daily"
            assert run.tags["imdb/started-by"] == "external"
            events.disable_rule(Name="imdb-assets-daily")
            _until(lambda: instance.get_runs()[0].status == dg.DagsterRunStatus.SUCCESS, 180)
            assert len(instance.get_runs()) == 1


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
