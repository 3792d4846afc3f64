"""Finds processes on this machine: those that hold locks, listen on ports, or were left behind by this project."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

LOCKS = Path("/proc/locks")
"""Linux's list of locks, which psutil does not offer."""


@dataclass(frozen=True)
class Process:
    """A running process."""

    pid: int
    command: str
    hours: float
    """Hours since the process started."""


def find(pid: int) -> Process | None:
    """The process with the given id; None if the process has ended or we may not read it."""
    with suppress(psutil.Error):
        found = psutil.Process(pid)
        return Process(pid, " ".join(found.cmdline()), (time.time() - found.create_time()) / 3600)
    return None


def processes() -> Iterator[Process]:
    """All processes that we may read."""
    return filter(None, map(find, psutil.pids()))


def held_locks(files: list[Path]) -> dict[Path, Process]:
    """Maps each locked file among `files` to the process that holds the lock.

    A lock ends when its process ends, so every lock that is found has a running holder.
    """
    inodes = {file.stat().st_ino: file for file in files if file.exists()}
    held: dict[Path, Process] = {}
    for line in LOCKS.read_text(encoding="ascii").splitlines():
        words = line.split()
        if "->" in words or len(words) < 6:  # noqa: PLR2004 - of one that waits for it
            continue
        file, holder = inodes.get(int(words[5].rpartition(":")[2])), find(int(words[4]))
        if file is not None and holder is not None:
            held[file] = holder
    return held


def listener(port: int) -> Process | None:
    """The process that listens on a port of this machine; None if we may not read that process."""
    with suppress(psutil.Error):
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (port,) and one.pid:
                return find(one.pid)
    return None


def variable(pid: int, name: str) -> str | None:
    """An environment variable of a process; None if the variable is not set or we may not read it."""
    with suppress(psutil.Error):
        return (psutil.Process(pid).as_dict(["environ"])["environ"] or {}).get(name)
    return None
