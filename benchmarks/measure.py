"""Runs jobs in processes of their own, engines in turn, and checks after each job that all wrote the same rows."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.equality import require_equal
from benchmarks.jobs import ENGINES, JOBS, BenchError, Job, takes_part
from benchmarks.results import Measurement
from benchmarks.worker import Answer
from imdb_assets.settings import PROJECT_ROOT

BYTES_AT_FULL_SIZE = 14e9
"""Disk that a full run takes: 2 GB of dumps, 2 GB of tables of each engine, Spark's shuffles, and room to spare."""

_LINES_SHOWN = 15  # of a failed worker's log

OnStep = Callable[[str], None]


@dataclass
class Run:
    """What some jobs left behind."""

    measurements: list[Measurement] = field(default_factory=list[Measurement])
    rows: dict[str, int] = field(default_factory=dict[str, int])
    """Table → rows, the same for all engines."""
    files: dict[str, dict[str, list[Path]]] = field(default_factory=dict[str, dict[str, list[Path]]])
    """Table → engine → its Parquet files."""


def require_space(folder: Path, scale: float) -> None:
    """Raises: BenchError: The disk has too little room for the engines' tables at this scale."""
    folder.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(folder).free, BYTES_AT_FULL_SIZE * scale
    if free < needed:
        raise BenchError(
            f"{folder}: expected {needed / 1e9:.1f} GB of free disk for scale {scale:g}, found {free / 1e9:.1f} GB. "
            "Free some, set IMDB_DATA to another disk, or take a smaller SCALE."
        )


def run_jobs(  # noqa: PLR0913 - one choice each
    engines: list[str], jobs: list[str], *, scale: float, dumps: Path, home: Path, rounds: int, on_step: OnStep
) -> Run:
    """Measures jobs, job by job and within each engine by engine.

    Args:
        engines: Which.
        jobs: Which, in their order.
        scale: Of the dumps; noted with each measurement.
        dumps: Folder of the dumps.
        home: Folder for the engines' tables; what `ingest` finds there it removes.
        rounds: How often each is measured; the fastest counts.
        on_step: Called with words before each step.

    Raises:
        BenchError: An engine failed, or two wrote different rows.
    """
    run = Run()
    for job in (JOBS[name] for name in JOBS if name in jobs):
        answers: dict[str, Answer] = {}
        doing = [engine for engine in engines if takes_part(engine, job.name)]
        for number in range(rounds):
            turn = doing[number % len(doing) :] + doing[: number % len(doing)]  # nobody is always first
            for engine in turn:
                on_step(f"{job.description}: {ENGINES[engine]}")
                answer = run_worker(engine, job, dumps, home / engine)
                best = answers.get(engine)
                answers[engine] = answer if best is None or answer.seconds < best.seconds else best
        on_step(f"{job.description}: comparing rows")
        for contract in job.outputs:
            files = {engine: [Path(file) for file in answers[engine].files[contract.table]] for engine in doing}
            run.rows[contract.table] = require_equal(contract, files)
            run.files[contract.table] = files
        run.measurements += [_measurement(engine, job, scale, answers[engine]) for engine in doing]
    return run


def run_worker(engine: str, job: Job, dumps: Path, home: Path) -> Answer:
    """One measurement.

    Raises:
        BenchError: The worker failed; the message has the end of its log.
    """
    if not job.inputs:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    os.sync()  # what was written before must not slow this one down
    answer, log = home / f"{job.name}.json", home / f"{job.name}.log"
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.worker", engine, job.name, str(dumps), str(home), str(answer)]
    with log.open("w", encoding="utf-8") as out:
        code = subprocess.run(  # noqa: S603 - arguments of our own
            command, cwd=PROJECT_ROOT, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code or not answer.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES_SHOWN:]
        killed = " (killed: out of memory?)" if code == -9 else ""  # noqa: PLR2004 - SIGKILL
        raise BenchError("\n".join([f"{job.name} by {engine} failed with code {code}{killed}. {log} ends:", *lines]))
    return Answer(**json.loads(answer.read_text(encoding="utf-8")))


def _measurement(engine: str, job: Job, scale: float, answer: Answer) -> Measurement:
    return Measurement(
        engine=engine,
        job=job.name,
        scale=scale,
        seconds=answer.seconds,
        cpu_seconds=answer.cpu_seconds,
        start_seconds=answer.start_seconds,
        peak_bytes=answer.peak_bytes,
        output_bytes=answer.output_bytes,
    )
