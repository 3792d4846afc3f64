"""A PostgreSQL on this machine: a process of its own on a free loopback port."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from imdb_assets_tests.support import free_port


def postgres_binaries() -> Path | None:
    """The folder of Debian's newest PostgreSQL; None if it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres(binaries: Path) -> Iterator[str]:
    """The address of a new PostgreSQL; run as Debian's user `postgres` if we are root, whom it refuses."""
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="imdb-postgres-") as name:
        data, port = Path(name, "data"), free_port()
        data.mkdir()
        if user:
            for folder in (name, data):
                shutil.chown(folder, user)
        own: dict[str, Any] = {"user": user, "cwd": name, "start_new_session": True}
        make = [binaries / "initdb", "-D", data, "-U", "lake", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, **own)
        serve = [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", data]
        with Path(name, "log").open("wb") as log:
            server = subprocess.Popen(serve, stdout=log, stderr=log, **own)
        try:
            deadline = monotonic() + 30
            while subprocess.run(
                [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
            ).returncode:
                assert monotonic() < deadline, Path(name, "log").read_text()
                sleep(0.1)
            yield f"postgresql+psycopg2://lake@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # its children have sessions of their own
            server.wait()
