"""The local deployment: starts, finds, updates and ends one model server process per data folder.

The server outlives the run that starts it. This module is cheap to import; `server` has the code that runs inside the
process.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
from filelock import FileLock
from pydantic import ValidationError

from imdb_assets.lake.files import read_sealed, write_sealed
from imdb_assets.lake.lake import Lake
from imdb_assets.serving.answers import HOST, Health
from imdb_assets.serving.errors import EndpointError
from imdb_assets.serving.fingerprint import fingerprint
from imdb_assets.settings import PROJECT_ROOT, Settings

REMEDY = "Free the port, or set IMDB_SERVING_PORT to another port."
MODULE = "imdb_assets.cli.serve"
PING_SECONDS = 30.0
"""A port that does not answer for this number of seconds counts as taken. A ping takes a millisecond. While the server
loads a model, a ping waits for up to 1 s on an idle machine, and for more than 5 s on a busy machine."""
POLL_SECONDS = 0.1
END_SECONDS = 5.0
"""Seconds between SIGTERM and SIGKILL; must exceed `server.DRAIN_SECONDS`."""
EXEC_POLLS = 20
"""Maximum number of reads of a new process's command line, which is empty for an instant between fork and exec."""
LOG_LINES = 8
"""Number of lines from the end of a failed server's log that an error quotes; the server's error is among them."""


@dataclass(frozen=True)
class Endpoint:
    """A running model server."""

    url: str
    pid: int
    model_version: str | None
    """Version in service; None if no model has been published."""


def url_of(settings: Settings) -> str:
    """Address of this deployment's endpoint, even if the endpoint does not run."""
    return f"http://{HOST}:{settings.serving_port}"


def ensure_running(settings: Settings, lake: Lake, model_version: str | None, timeout_s: float = 120) -> Endpoint:
    """Starts the endpoint unless it already runs the current code, and waits until it serves `model_version`.

    If no version is given, any running server of this data folder is accepted, whatever its code and model.

    Raises:
        EndpointError: The port is taken, or the process ended or did not load the version in time. If this
            call started a process, the process is ended before the error is raised.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.data / ".endpoint.lock"):  # a second run waits, then finds the first run's server
        health = _probe(settings, lake)
        # Replaces a server that runs other code or is not recorded in the data folder. If a server has no record,
        # somebody has removed the data folder since the server started, and the files that the server has open are
        # gone.
        if health and model_version and (health.pid != _recorded_pid(settings) or health.code != fingerprint()):
            _end(health.pid)
            health = None
        started = None if health else _start(settings)
        try:
            health = _wait(settings, lake, model_version, started, timeout_s)
        except BaseException:
            if started:
                _end(started)
            raise
    return Endpoint(url_of(settings), health.pid, health.model_version)


def status(settings: Settings, lake: Lake) -> Endpoint | None:
    """The endpoint of this deployment; None if the endpoint does not run."""
    try:
        health = _probe(settings, lake)
    except EndpointError:
        return None
    return Endpoint(url_of(settings), health.pid, health.model_version) if health else None


def is_wanted(settings: Settings) -> bool:
    """Whether a server was started for this data folder and not stopped on purpose; a server that died counts, too."""
    return _recorded_pid(settings) is not None


def stop(settings: Settings) -> bool:
    """Ends the recorded model server of this data folder; returns False if no server was running."""
    pid = _recorded_pid(settings)
    running = pid is not None and _serves(settings, pid)
    _record_file(settings).unlink(missing_ok=True)
    if pid is None or not running:
        return False
    _end(pid)
    return True


def record(settings: Settings) -> None:
    """Records this process as the data folder's server, in a file of that folder."""
    data = str(settings.data.resolve())
    write_sealed(_record_file(settings), {"pid": os.getpid(), "port": settings.serving_port, "data": data})


def _wait(settings: Settings, lake: Lake, model_version: str | None, started: int | None, timeout_s: float) -> Health:
    """Waits until the model version is served; raises an error as soon as the version can no longer be served."""
    url, deadline = url_of(settings), time.monotonic() + timeout_s
    while True:
        health = _probe(settings, lake)
        if health and model_version in {None, health.model_version}:
            return health
        if health and health.problem:
            raise EndpointError(f"the endpoint at {url} cannot serve {model_version}: {health.problem}")
        if started and not _is_server(started):
            raise EndpointError(f"the model server ended before it answered. {_log_end(settings)}")
        if time.monotonic() > deadline:
            state = f"model {health.model_version} answers" if health else f"it is silent. {_log_end(settings)}"
            raise EndpointError(
                f"the endpoint at {url} does not serve {model_version or 'anything'} after {timeout_s:g} s: "
                f"{(health and health.problem) or state}"
            )
        time.sleep(POLL_SECONDS)


def _probe(settings: Settings, lake: Lake) -> Health | None:
    """Health of this deployment's server on the port; None if nothing listens.

    Raises:
        EndpointError: Another program, or the server of another data folder, listens on the port.
    """
    health = _answering(settings)
    if health and health.lake != lake.home.address:
        raise EndpointError(
            f"port {settings.serving_port} is taken by the model server (process {health.pid}) of another data folder; "
            f"that server serves {health.lake}. {REMEDY}"
        )
    return health


def _answering(settings: Settings) -> Health | None:
    """Health of the model server on the port; None if nothing listens.

    Raises:
        EndpointError: Something else listens.
    """
    connection = HTTPConnection(HOST, settings.serving_port, timeout=PING_SECONDS)
    try:
        connection.request("GET", "/ping")
        return Health.model_validate_json(connection.getresponse().read())
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException, ValidationError) as error:
        raise EndpointError(f"port {settings.serving_port} is taken by another program. {REMEDY}") from error
    finally:
        connection.close()


def _start(settings: Settings) -> int:
    """Starts the server in its own session, not as a child of this process; returns the server's process id."""
    folder, log = settings.data.resolve(), _log_file(settings)
    # the command `env` adds these settings to the inherited environment, so this module need not read the environment
    own = {
        "IMDB_DATA": folder,
        "IMDB_SERVING_PORT": settings.serving_port,
        "IMDB_LAKE": settings.lake,
        "IMDB_AWS_PREFIX": settings.aws_prefix,
    }
    variables = [f"{name}={value}" for name, value in own.items()]
    # the last argument is for `_serves`, which looks for the folder in the command
    command = shlex.join(["env", *variables, sys.executable, "-m", MODULE, str(folder)])
    try:
        # the shell starts the server and ends at once, so this process need not wait for the server's end
        shell = subprocess.run(  # noqa: S603 - our own command, quoted
            ["/bin/sh", "-c", f"{command} </dev/null >{shlex.quote(str(log))} 2>&1 & echo $!"],
            cwd=PROJECT_ROOT,  # in this folder, `-m` finds the package even if the package is not installed
            start_new_session=True,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EndpointError(f"the model server cannot be started: {error}. See {log}.") from error
    return int(shell.stdout)


def _end(pid: int) -> None:
    """Ends the model server with SIGTERM, then SIGKILL; another program with that process id is left alone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _is_server(pid):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if not _is_server(pid):
                return
            time.sleep(POLL_SECONDS)


def _serves(settings: Settings, pid: int) -> bool:
    """Whether the process `pid` serves this data folder; the id may now belong to another folder's server."""
    if _command(pid).rstrip().endswith(f"-m {MODULE} {settings.data.resolve()}"):
        return True
    try:
        answering = _answering(settings)  # a foreground server, or one with older code, has another command
    except EndpointError:
        return False
    if answering is None or answering.pid != pid:
        return False
    return settings.lake != "folder" or answering.lake == str(settings.lake_folder.resolve())


def _is_server(pid: int) -> bool:
    """Whether the process is a running model server; a recorded id may meanwhile belong to another program."""
    return f"-m {MODULE}" in _command(pid)


def _command(pid: int) -> str:
    """The process's command line; empty if the process is gone, is a zombie, or belongs to another user."""
    try:
        process = psutil.Process(pid)
        for _ in range(EXEC_POLLS):
            if command := process.cmdline():
                return " ".join(command)  # just after `fork`, the process still has the shell's command line
            time.sleep(POLL_SECONDS)
    except psutil.Error:
        pass
    return ""


def _log_end(settings: Settings) -> str:
    log = _log_file(settings)
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        lines = []
    return "\n".join([f"The last lines of {log}:", *lines]) if lines else f"{log} is empty."


def _log_file(settings: Settings) -> Path:
    return settings.data.resolve() / "serving.log"


def _recorded_pid(settings: Settings) -> int | None:
    """Id of the server process recorded in this data folder; None if none is recorded or the folder is a copy."""
    remedy = "Delete the file; then `imdb doctor` shows whether a server still uses the port."
    found = read_sealed(_record_file(settings), remedy, "pid", "data")
    return found["pid"] if found and found["data"] == str(settings.data.resolve()) else None


def _record_file(settings: Settings) -> Path:
    return settings.data / "endpoint.json"
