"""The local deployment with a real server process: started, asked, updated, found again, and ended."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from imdb_assets.lake.files import read_sealed
from imdb_assets.serving import client, local
from imdb_assets.serving.local import EndpointError
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.support import free_port
from imdb_assets_tests.world import SEEN, SHOWCASE, STORED, World


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = deployment(data=tmp_path / "the data", serving_port=free_port())
    yield settings
    local.stop(settings)
    assert servers_of(settings) == []


def deployment(**axes: Any) -> Settings:
    return Settings(**axes)


@pytest.fixture
def world(settings: Settings) -> World:
    return World.build(settings.data)


def servers_of(settings: Settings) -> list[int]:
    """Processes that a test left behind; nobody may be needed to look for them."""
    data, found = str(settings.data.resolve()), []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("IMDB_DATA") == data and "imdb_assets.cli.serve" in process.cmdline():
                found.append(process.pid)
    return found


@pytest.fixture
def occupied(settings: Settings) -> Iterator[None]:
    """The serving port taken by a web server that is not ours."""

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"service": "another"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", settings.serving_port), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_a_server_without_a_model_is_searched_and_then_predicts(settings: Settings, world: World) -> None:
    version = world.store.current()
    pointer = world.store.root / "current.json"
    held_back = pointer.rename(pointer.with_name("held-back"))
    endpoint = local.ensure_running(settings, lake_of(settings), None)
    assert (endpoint.model_version, len(client.films(endpoint.url, "film"))) == (None, 10)
    with pytest.raises(EndpointError, match=r"/predict answered 503: no rating model below .* yet"):
        client.ask(endpoint.url, SHOWCASE[:1])
    held_back.rename(pointer)
    assert local.ensure_running(settings, lake_of(settings), version.version) == local.Endpoint(
        endpoint.url, endpoint.pid, version.version
    )
    assert client.ask(endpoint.url, SHOWCASE[:1])[0][0].model_version == version.version


def test_life_of_an_endpoint(settings: Settings, world: World) -> None:
    version = world.store.current().version
    assert local.status(settings, lake_of(settings)) is None

    endpoint = local.ensure_running(settings, lake_of(settings), version)
    assert endpoint == local.Endpoint(f"http://127.0.0.1:{settings.serving_port}", endpoint.pid, version)
    assert local.status(settings, lake_of(settings)) == endpoint
    assert servers_of(settings) == [endpoint.pid]
    assert os.getsid(endpoint.pid) != os.getsid(0)
    assert read_sealed(settings.data / "endpoint.json", "") == {
        "pid": endpoint.pid,
        "port": settings.serving_port,
        "data": str(settings.data.resolve()),
    }

    (seen, _), (showcase, latency_ms) = client.ask(endpoint.url, [SEEN, SHOWCASE[0]])
    assert (seen.predicted, seen.basis) == (STORED, "out-of-sample")
    assert (showcase.basis, showcase.model_version) == ("live", version)
    assert 0 < latency_ms < 1000
    with pytest.raises(EndpointError, match=r"/predict answered 404: tt9999999: not among the films of the lake"):
        client.ask(endpoint.url, ["tt9999999"])

    newer = world.publish_model(9).version
    assert local.ensure_running(settings, lake_of(settings), newer) == local.Endpoint(endpoint.url, endpoint.pid, newer)
    assert client.ask(endpoint.url, SHOWCASE[:1])[0][0].model_version == newer

    assert world.store.roll_back("test").version == version
    assert local.ensure_running(settings, lake_of(settings), version) == local.Endpoint(
        endpoint.url, endpoint.pid, version
    )
    (showcase, _) = client.ask(endpoint.url, SHOWCASE[:1])[0]
    assert showcase.model_version == version
    world.store.promote(newer, "test")
    local.ensure_running(settings, lake_of(settings), newer)

    (Path(world.publish_model(7).path) / "model.json").unlink()
    with pytest.raises(EndpointError, match=r"cannot serve .*: model .* cannot be loaded: .*model.json"):
        local.ensure_running(settings, lake_of(settings), world.store.current().version)
    assert client.ask(endpoint.url, SHOWCASE[:1])[0][0].model_version == newer

    assert local.stop(settings) is True
    assert servers_of(settings) == []
    assert local.status(settings, lake_of(settings)) is None
    assert local.stop(settings) is False
    with pytest.raises(EndpointError, match=r"does not answer: .* Materialize serving/rating_endpoint"):
        client.ask(endpoint.url, [SEEN])


def test_no_request_is_dropped_while_models_are_swapped(settings: Settings, world: World) -> None:
    first, second = world.store.current().version, world.publish_model(9).version
    url = local.ensure_running(settings, lake_of(settings), second).url
    answers: list[tuple[int, str]] = []
    done = threading.Event()

    def keep_asking() -> None:
        with httpx.Client(base_url=url, timeout=30) as http:
            while not done.is_set():
                answer = http.post("/predict", json={"tconst": SHOWCASE[0]})
                answers.append((answer.status_code, answer.json().get("model_version")))

    with ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(keep_asking) for _ in range(4)]
        try:
            for version in (first, second, first, second):
                asked = len(answers)
                world.store.promote(version, "test")
                deadline = time.monotonic() + 30
                while (200, version) not in answers[asked:] and time.monotonic() < deadline:
                    time.sleep(0.01)
                assert (200, version) in answers[asked:]
        finally:
            done.set()
        for client_thread in asking:
            client_thread.result()
    assert {status for status, _ in answers} == {200}


def test_server_of_other_code_is_replaced(settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = world.store.current().version
    first = local.ensure_running(settings, lake_of(settings), version)
    assert local.ensure_running(settings, lake_of(settings), version) == first
    monkeypatch.setattr(local, "fingerprint", lambda: "edited")
    second = local.ensure_running(settings, lake_of(settings), version)
    assert servers_of(settings) == [second.pid] != [first.pid]
    assert second.model_version == version


def test_each_data_folder_has_one_server_of_its_own(settings: Settings, world: World) -> None:
    version = world.store.current().version
    with ThreadPoolExecutor() as threads:
        first, second = threads.map(lambda _: local.ensure_running(settings, lake_of(settings), version), range(2))
    assert first == second
    assert servers_of(settings) == [first.pid]
    with httpx.Client(trust_env=False) as web:
        assert web.get(f"{first.url}/ping", headers={"Host": "rebound.example"}).status_code == 400

    copy = deployment(data=settings.data.with_name("a copy"), serving_port=settings.serving_port)
    copy.data.mkdir()
    shutil.copy(settings.data / "endpoint.json", copy.data)
    assert not local.is_wanted(copy)
    assert local.stop(copy) is False
    (copy.data / "endpoint.json").write_text(  # as after the process id of its own server was reused
        json.dumps({"pid": first.pid, "port": copy.serving_port, "data": str(copy.data.resolve())})
    )
    assert local.stop(copy) is False
    other = deployment(data=settings.data / "other", serving_port=settings.serving_port)
    with pytest.raises(
        EndpointError, match=rf"process {first.pid}\) of another data folder; that server serves .*the data/lake"
    ):
        local.ensure_running(other, lake_of(other), version)
    assert local.status(other, lake_of(other)) is None
    assert local.stop(other) is False
    assert local.status(settings, lake_of(settings)) == first

    shutil.rmtree(settings.data)
    version = World.build(settings.data).store.current().version
    rebuilt = local.ensure_running(settings, lake_of(settings), version)
    assert servers_of(settings) == [rebuilt.pid] != [first.pid]
    assert client.ask(rebuilt.url, [SEEN])[0][0].predicted == STORED


@pytest.mark.usefixtures("occupied")
def test_port_of_another_program_is_left_alone(settings: Settings) -> None:
    expected = rf"^port {settings.serving_port} is taken by another program. Free the port, or set IMDB_SERVING_PORT"
    with pytest.raises(EndpointError, match=expected):
        local.ensure_running(settings, lake_of(settings), "000000000000")
    assert local.status(settings, lake_of(settings)) is None
    assert local.stop(settings) is False


def test_server_that_cannot_start_quotes_its_log(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMDB_SERVING_PROT", "8017")
    with pytest.raises(
        EndpointError, match=r"ended before it answered. The last lines of .*serving.log:\nIMDB_SERVING_PROT: unk"
    ):
        local.ensure_running(settings, lake_of(settings), "000000000000")
    assert servers_of(settings) == []
    assert not (settings.data / "endpoint.json").exists()


def test_version_that_never_comes_ends_the_server_that_was_started(settings: Settings) -> None:
    with pytest.raises(
        EndpointError, match=r"does not serve 000000000000 after 0.5 s: it is silent. .*serving.log is emp"
    ):
        local.ensure_running(settings, lake_of(settings), "000000000000", timeout_s=0.5)
    assert servers_of(settings) == []


def test_process_id_of_another_program_is_not_ended(settings: Settings) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        settings.data.mkdir(parents=True)
        record = {"pid": bystander.pid, "port": settings.serving_port, "data": str(settings.data)}
        (settings.data / "endpoint.json").write_text(json.dumps(record))
        assert local.stop(settings) is False
        assert bystander.poll() is None
        bystander.kill()
    assert not (settings.data / "endpoint.json").exists()


@pytest.mark.usefixtures("occupied")
def test_server_in_the_foreground_says_that_the_port_is_taken(settings: Settings) -> None:
    variables = {"IMDB_DATA": str(settings.data), "IMDB_SERVING_PORT": str(settings.serving_port)}
    ended = subprocess.run(
        [sys.executable, "-m", "imdb_assets.cli.serve"],
        cwd=PROJECT_ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"port {settings.serving_port} cannot be opened: Address already in use. "
        "Free the port, or set IMDB_SERVING_PORT to another port.\n"
    )


def test_local_deployment_is_cheap_to_import() -> None:
    heavy = "{'xgboost', 'fastapi', 'uvicorn', 'httpx', 'pyiceberg'}"
    code = f"import sys; from imdb_assets.serving import client, local; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_process_between_fork_and_exec_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([[], [], ["python", "-m", local.MODULE]])
    monkeypatch.setattr(psutil.Process, "cmdline", lambda _: next(looks))
    assert local._is_server(os.getpid())
    assert list(looks) == []


def test_a_process_that_only_waits_to_be_reaped_is_none(settings: Settings) -> None:
    command = [sys.executable, "-c", "pass", "-m", local.MODULE]
    with subprocess.Popen(command) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert not local._is_server(ended.pid)
