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

PASSWORD = "secret"


def postgres_binaries() -> Path | None:
    """The folder of Debian's newest PostgreSQL, else of the one on the path; None if none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    program = found[-1] if found else shutil.which("initdb")
    return Path(program).parent if program else None


@contextmanager
def postgres(binaries: Path) -> Iterator[str]:
    """The address of a new PostgreSQL that asks for its password; run as Debian's user `postgres` if we are root."""
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="imdb-postgres-") as name:
        data, port = Path(name, "data"), free_port()
        data.mkdir()
        if user:
            for folder in (name, data):
                shutil.chown(folder, user)
        own: dict[str, Any] = {"user": user, "cwd": name, "start_new_session": True}
        Path(name, "password").write_text(PASSWORD)
        login = ["-U", "lake", "--pwfile", Path(name, "password"), "-A", "scram-sha-256"]
        make = [binaries / "initdb", "-D", data, *login, "--no-sync"]
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
            yield f"postgresql+psycopg2://lake:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # its children have sessions of their own
            server.wait()
