"""Dagster's webserver and daemon as `imdb ui` starts them, in a process group and with a history of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.support import free_port

TO_START, TO_END = 300, 30  # seconds; a busy machine needs most of the first
HISTORY = ".data/dagster"
"""As the project's `dagster.yaml` has it."""


def write_instance(home: Path) -> Path:
    """Makes the folder Dagster's home: configured as the project, with its history below."""
    home.mkdir(parents=True, exist_ok=True)
    text = (PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8")
    assert HISTORY in text
    (home / "dagster.yaml").write_text(text.replace(HISTORY, str(home / "history")), encoding="utf-8")
    return home


@contextmanager
def running(home: Path, **environment: str) -> Iterator[str]:
    """Starts both on a free port and yields their address; ends the whole group.

    Args:
        home: Dagster's home, by `write_instance`.
        environment: Settings of the deployment.

    Raises:
        RuntimeError: They did not come up; with the end of their log.
    """
    log = home / "log"
    address = f"http://127.0.0.1:{free_port()}"
    serve = f"from imdb_assets.cli.webserver import serve_locally; serve_locally({urlsplit(address).port}, {address!r})"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", serve],
            cwd=PROJECT_ROOT,
            env=os.environ | environment | {"DAGSTER_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, address, log)
        yield address
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + TO_START
    while process.poll() is None and time.monotonic() < until:
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/server_info").is_success:
                return
        time.sleep(0.5)
    last = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise RuntimeError(f"Dagster's UI did not come up at {address} within {TO_START} s; the end of its log:\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the group as Ctrl-C does, and kills what is left of it."""
    for sent, seconds in ((signal.SIGINT, TO_END), (signal.SIGKILL, TO_END)):
        until = time.monotonic() + seconds
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
            while time.monotonic() < until:
                process.poll()  # reaps the leader
                os.killpg(process.pid, 0)
                time.sleep(0.2)
