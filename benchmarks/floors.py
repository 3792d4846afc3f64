"""The least time that any reader of the dumps needs: unpacking them, by the usual program and by a fast one."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.jobs import BenchError


@dataclass(frozen=True)
class Floor:
    """One program that unpacks."""

    name: str
    command: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class FloorTime:
    """What unpacking all dumps cost."""

    name: str
    seconds: float
    cpu_seconds: float
    note: str


def floors() -> list[Floor]:
    """`gzip -dc`, and `igzip -dc` (of ISA-L) from the system or else from the Python package isal."""
    if shutil.which("igzip"):
        fast = Floor("igzip -dc", ("igzip", "-dc"))
    else:
        fast = Floor(
            "igzip -dc", (sys.executable, "-m", "isal.igzip", "-dc"), "by Python's isal: igzip is not installed"
        )
    return [Floor("gzip -dc", ("gzip", "-dc")), fast]


def measure(floor: Floor, dumps: list[Path]) -> FloorTime:
    """Unpacks all dumps one after the other, and discards the text.

    Raises:
        BenchError: The program failed.
    """
    before, started = os.times(), time.perf_counter()
    for dump in dumps:
        command = [*floor.command, str(dump)]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - ours
            raise BenchError(f"`{' '.join(command)}` failed: is the file damaged?")
    seconds, after = time.perf_counter() - started, os.times()
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return FloorTime(floor.name, round(seconds, 3), round(cpu, 3), floor.note)
