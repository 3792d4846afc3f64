"""Time and memory of the daily job on the lake that the settings name, step by step, and the cost of its hashes.

    IMDB_SOURCE=folder IMDB_SOURCE_FOLDER=<dumps> IMDB_DATA=<folder> python -m benchmarks.daily

Runs it once as if all were new, and once more as schedules do, who keep what has not changed. A lake without scores
gets everything first, since champions are chosen by them. Full size is `imdb sample --scale 1.0`.
"""

import argparse
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest import mock

import dagster as dg
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.processes import cpu_seconds, memory_of, peak_bytes
from imdb_assets.cli.run import use_project_instance
from imdb_assets.contracts.models import Iterations
from imdb_assets.definitions import defs
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake import integrity
from imdb_assets.serving import local
from imdb_assets.settings import load_settings
from imdb_assets.wiring import lake_of

SAMPLE_SECONDS = 0.02
WORTH_A_LINE = 1.0
"""Seconds of a step; shorter ones count in their layer's sum alone."""
GIB = 2**30
RUNS: dict[str, tuple[str, dict[str, str]]] = {
    "first run": ("everything", {}),
    "everything again": ("daily", {}),
    "nothing changed": ("daily", MAY_KEEP),
}
"""What is run → its job and tags."""
console = Console()


@dataclass(frozen=True)
class Step:
    """A step of a run."""

    name: str
    seconds: float
    processor: float
    """Seconds of processor time of this process and its ended children."""
    bytes: int
    """Most resident memory of the process meanwhile, whoever holds it: what earlier steps left counts too."""


class Sample(NamedTuple):
    """What this process has used at one moment."""

    moment: float
    processor: float
    bytes: int


def main() -> None:
    """Runs what is named; else each in a process of its own, since what one has held counts with the next one's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.daily", description=__doc__)
    parser.add_argument("--only", choices=RUNS)
    only = parser.parse_args().only
    use_project_instance()
    settings = load_settings()
    if only:
        measure(only)
        return
    scored = lake_of(settings).exists(Iterations.table)
    try:
        for title in list(RUNS)[1 if scored else 0 :]:
            subprocess.run([sys.executable, "-m", "benchmarks.daily", "--only", title], check=True)  # noqa: S603 - ours
    finally:
        local.stop(settings)


def measure(title: str) -> None:
    """Runs it in this process, and prints its steps."""
    before, started = cpu_seconds(), time.monotonic()
    with _hashing() as hashing:
        steps = run(*RUNS[title])
    wall, processor, hashed = time.monotonic() - started, cpu_seconds() - before, sum(hashing)
    console.print(_grid(title, steps))
    console.print(f"{title}: {wall:.1f} s, {processor:.0f} s of processor time, {peak_bytes() / GIB:.2f} GiB at most")
    without = processor - hashed
    console.print(
        f"hashes of data files: {hashed:.2f} s of processor time; {without:.1f} s without them, {hashed / without:+.2%}"
    )


def run(job: str, tags: dict[str, str]) -> list[Step]:
    """Runs a job in this process; its steps in their order."""
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    definition = defs().resolve_job_def(job)  # before there is an instance, which Dagster would ask once per module
    with dg.DagsterInstance.get() as instance, _sampled() as samples:
        done = definition.execute_in_process(instance=instance, raise_on_error=False, run_config=quiet, tags=tags)
        began: dict[str | None, float] = {}
        steps: list[Step] = []
        for record in instance.all_logs(done.run_id):
            event = record.dagster_event
            if event is None:
                continue
            if event.event_type == dg.DagsterEventType.STEP_START:
                began[event.step_key] = record.timestamp
            elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
                since, until = began[event.step_key], record.timestamp
                within = [sample for sample in samples if since <= sample.moment <= until]
                processor = within[-1].processor - within[0].processor if within else 0.0
                held = max((sample.bytes for sample in within), default=0)
                steps.append(Step(str(event.step_key), until - since, processor, held))
            elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
                sys.exit(f"{event.step_key} failed: {event.step_failure_data.error}")
    return steps


@contextmanager
def _hashing() -> Iterator[list[float]]:
    """Seconds of processor time of each time this process records or checks the hashes of a table's files.

    They are taken out of the run's own time: two runs, one with hashes and one without, differ by more than that.
    """
    spent: list[float] = []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*args)
            finally:
                spent.append(time.thread_time() - began)

        return call

    with mock.patch.multiple(integrity, recorded=timed(integrity.recorded), require=timed(integrity.require)):
        yield spent


@contextmanager
def _sampled() -> Iterator[list[Sample]]:
    """Samples of this process, taken meanwhile."""
    samples: list[Sample] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
            processor = sum(usage.ru_utime + usage.ru_stime for usage in used)
            samples.append(Sample(time.time(), processor, memory_of(os.getpid(), "VmRSS")))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield samples
    finally:
        over.set()
        watcher.join()


def _grid(title: str, steps: list[Step]) -> Grid:
    grid = Grid("step", "seconds", "of processor time", "GiB", title=title)
    for column in grid.columns[1:]:
        column.justify = "right"
    for step in steps:
        if step.seconds >= WORTH_A_LINE:
            grid.add_row(step.name, f"{step.seconds:.1f}", f"{step.processor:.1f}", f"{step.bytes / GIB:.2f}")
    grid.add_section()
    for layer in dict.fromkeys(_layer(step) for step in steps):
        own = [step for step in steps if _layer(step) == layer]
        seconds, processor = sum(step.seconds for step in own), sum(step.processor for step in own)
        most = max(step.bytes for step in own)
        grid.add_row(f"all of {layer}", f"{seconds:.1f}", f"{processor:.1f}", f"{most / GIB:.2f}")
    return grid


def _layer(step: Step) -> str:
    return step.name.partition("__")[0]


if __name__ == "__main__":
    main()
