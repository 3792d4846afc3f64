"""The process that gets killed: counts its operations on files and on the catalog, and dies before the n-th.

Operations are seen where Python makes them (its audit events, fsync, the database driver) or, for files that native
code writes, by a wrapper that leaves half a file. The product's code has no hook for this.
"""

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.engine.default import DefaultDialect

from imdb_assets.lake import durable
from imdb_assets_tests.faults.scenarios import SCENARIOS

AUDITED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.copyfile", "sqlite3.connect"}


def run(scenario: str, data: Path, at: int | None, answer: Connection) -> None:
    """Attempts the scenario's step and dies before operation `at`, counted from 0.

    Args:
        scenario: Its name.
        data: Its data folder, prepared.
        at: The operation to die at; None to survive.
        answer: Told `ready`, then the names of all operations if the step ends.
    """
    names: list[str] = []

    def step(name: str) -> None:
        if len(names) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        names.append(name)

    _watch(step, str(data))
    answer.send("ready")
    SCENARIOS[scenario].attempt(data)
    answer.send(names)
    answer.close()
    os._exit(0)  # no goodbye to watched files


def _watch(step: Callable[[str], None], folder: str) -> None:
    os.environ["PYICEBERG_MAX_WORKERS"] = "1"

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in AUDITED or not Path(str(arguments[0]).removeprefix("file:")).is_relative_to(folder):
            return
        if event == "open" and not _writes(arguments):
            return
        step(f"{event} {Path(str(arguments[0])).suffix}")

    sys.addaudithook(audit)

    def around(owner: Any, name: str) -> None:
        """A step before and one after each call: done or not done, the caller never learns."""
        original = getattr(owner, name)

        def wrapper(*arguments: Any, **more: Any) -> Any:
            step(f"before {name}")
            result = original(*arguments, **more)
            step(f"after {name}")
            return result

        setattr(owner, name, wrapper)

    around(os, "fsync")
    around(DefaultDialect, "do_execute")
    around(DefaultDialect, "do_commit")

    close = durable._Stream.close

    def close_torn(self: durable._Stream) -> None:
        if not self.closed:
            step("half a metadata file")
        close(self)

    durable._Stream.close = close_torn  # type: ignore[method-assign]

    write = pl.DataFrame.write_parquet

    def write_torn(self: pl.DataFrame, file: Path, **options: Any) -> None:
        step("before a Parquet file")
        write(self, file, **options)
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        step("half a Parquet file")
        file.write_bytes(whole)

    pl.DataFrame.write_parquet = write_torn  # type: ignore[method-assign, assignment]


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return bool(set(mode or "") & set("wxa+")) or bool(flags & (os.O_WRONLY | os.O_RDWR))
