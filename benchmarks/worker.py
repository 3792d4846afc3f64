"""One job by one engine in a process of its own: `python -m benchmarks.worker ENGINE JOB DUMPS HOME ANSWER`.

The clock runs from the moment the engine is up (modules imported, Java started) to the last byte written. Started anew
for every measurement, so that memory is the job's own and no engine finds another's leavings.
"""

import importlib
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.jobs import JOBS, BenchError, Job, Runner
from benchmarks.processes import cpu_seconds, peak_bytes

_RUNNERS = {
    "platform": "PlatformRunner",
    "duckdb": "DuckDBRunner",
    "spark": "SparkRunner",
    "clickhouse": "ClickHouseRunner",
}


@dataclass(frozen=True)
class Answer:
    """What a worker measured of itself."""

    seconds: float
    cpu_seconds: float
    """User and system time of all its processes while the clock ran."""
    start_seconds: float
    """Before the clock: imports, and for Spark the start of Java."""
    peak_bytes: int
    """Largest resident memory of this process, and of a Java process beside it."""
    output_bytes: int
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Table → its Parquet files."""


def make(engine: str, dumps: Path, home: Path) -> Runner:
    """An engine, ready to run: its modules and processes are up."""
    module = importlib.import_module(f"benchmarks.{engine}_engine")
    home.mkdir(parents=True, exist_ok=True)
    return getattr(module, _RUNNERS[engine])(dumps, home)


def require_inputs(engine: str, runner: Runner, job: Job) -> list[Path]:
    """The files of the tables a job reads.

    Raises:
        BenchError: An earlier job has not written them.
    """
    files: list[Path] = []
    for contract in job.inputs:
        found = runner.files(contract)
        if not found:
            maker = next(name for name, other in JOBS.items() if contract in other.outputs)
            raise BenchError(
                f"{job.name} by {engine} reads {contract.table}, which {engine} has not written yet: "
                f"add the job `{maker}`, or leave --jobs out to run all."
            )
        files += found
    return files


def measure(engine: str, job: Job, dumps: Path, home: Path) -> Answer:
    """Runs the job and measures this process."""
    begun = time.perf_counter()
    runner = make(engine, dumps, home)
    start_seconds = time.perf_counter() - begun
    for path in require_inputs(engine, runner, job) or sorted(dumps.glob("*.tsv.gz")):
        _read(path)
    started, cpu = time.perf_counter(), cpu_seconds()
    runner.run(job)
    seconds, cpu = time.perf_counter() - started, cpu_seconds() - cpu
    files = {contract.table: runner.files(contract) for contract in job.outputs}
    return Answer(
        seconds=round(seconds, 3),
        cpu_seconds=round(cpu, 3),
        start_seconds=round(start_seconds, 3),
        peak_bytes=peak_bytes(),
        output_bytes=sum(file.stat().st_size for found in files.values() for file in found),
        files={table: [str(file) for file in found] for table, found in files.items()},
    )


def _read(path: Path) -> None:
    """Brings a file into the page cache: every engine finds its inputs there."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def main() -> None:
    """Entry point of the process."""
    engine, job, dumps, home, answer = sys.argv[1:]
    try:
        measured = measure(engine, JOBS[job], Path(dumps), Path(home))
    except BenchError as error:
        sys.exit(str(error))
    Path(answer).write_text(json.dumps(asdict(measured)), encoding="utf-8")


if __name__ == "__main__":
    main()
