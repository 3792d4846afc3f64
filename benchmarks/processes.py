"""Time and memory of this process and those below it, from Linux's /proc."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def cpu_seconds() -> float:
    """User and system time of this process, of its ended children and of its living descendants."""
    ended = sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
    return ended + sum(cpu_of(pid) for pid in _descendants(os.getpid()))


def peak_bytes() -> int:
    """Largest resident memory of this process plus that of each living descendant.

    The kernel's high-water mark, not a sample: no short peak is missed. The peaks need not have been at one time, so
    this is an upper bound where there are several processes.
    """
    return sum(memory_of(pid, "VmHWM") for pid in (os.getpid(), *_descendants(os.getpid())))


def cpu_of(pid: int) -> float:
    """User and system time of a process so far; 0 if it has ended."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def memory_of(pid: int, which: str) -> int:
    """Resident memory of a process now (`VmRSS`), or at its highest (`VmHWM`), in bytes; 0 if it has ended."""
    try:
        status = (_PROC / str(pid) / "status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    kilobytes = [line.split()[1] for line in status.splitlines() if line.startswith(f"{which}:")]
    return int(kilobytes[0]) * 1024 if kilobytes else 0


def _descendants(parent: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    waiting = [parent]
    while waiting:
        for child in children.get(waiting.pop(), []):
            yield child
            waiting.append(child)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on: [0] state, [1] parent, [11] user and [12] system ticks."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return []
