"""Processes of this machine that concern us: who holds a lock or a port, which servers are left over.

All from /proc; on a system without it nothing is found, and the doctor says so.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_LISTENS = "0A"
"""State of a socket, as the kernel writes it."""


@dataclass(frozen=True)
class Process:
    """A process that lives."""

    pid: int
    command: str
    hours: float
    """Since it started."""


@dataclass(frozen=True)
class Held:
    """A lock file that a process has locked."""

    file: Path
    holder: Process


def readable() -> bool:
    """Whether this system tells."""
    return (PROC / "locks").is_file()


def processes() -> Iterator[Process]:
    """All that we may look at."""
    for folder in PROC.glob("[0-9]*"):
        if (found := _process(int(folder.name))) is not None:
            yield found


def held_locks(files: list[Path]) -> list[Held]:
    """Which of the files are locked, and by whom. A lock ends with its process, so none is ever merely left behind."""
    inodes = {file.stat().st_ino: file for file in files if file.exists()}
    held: list[Held] = []
    for line in (PROC / "locks").read_text(encoding="ascii").splitlines():
        words = line.split()
        if "->" in words or len(words) < 6:  # noqa: PLR2004 - of one that waits for it
            continue
        file, holder = inodes.get(int(words[5].rpartition(":")[2])), _process(int(words[4]))
        if file is not None and holder is not None:
            held.append(Held(file, holder))
    return held


def listener(port: int) -> Process | None:
    """Who listens on a port of this machine; None if we may not look."""
    for table in (PROC / "net" / "tcp", PROC / "net" / "tcp6"):
        for line in table.read_text(encoding="ascii").splitlines()[1:] if table.is_file() else ():
            words = line.split()
            if words[3] == _LISTENS and int(words[1].rpartition(":")[2], 16) == port:
                return _owner(f"socket:[{words[9]}]")
    return None


def _owner(file: str) -> Process | None:
    """Who has this open."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if any(str(descriptor.readlink()) == file for descriptor in (folder / "fd").iterdir()):
                return _process(int(folder.name))
    return None


def variable(pid: int, name: str) -> str | None:
    """A variable of a process's environment; None if it has none of that name, or we may not look."""
    with suppress(OSError):
        for entry in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            if entry.startswith(f"{name}=".encode()):
                return entry.partition(b"=")[2].decode(errors="replace")
    return None


def _process(pid: int) -> Process | None:
    with suppress(OSError, ValueError):
        command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        started = (PROC / str(pid)).stat().st_mtime
        if command:
            return Process(pid, command, (time.time() - started) / 3600)
    return None
