"""What a run of the benchmark prints."""

from rich.console import Console
from rich.table import Table as Grid

from benchmarks.charts import GiB
from benchmarks.floors import FloorTime
from benchmarks.jobs import ENGINES, INGEST_ONLY, JOBS
from benchmarks.results import PLATFORM, Aim, Measurement, Size, with_sum


def show_times(console: Console, measurements: list[Measurement], floors: list[FloorTime]) -> None:
    """A row per job and engine, in the order they ran, the sums, and the floors."""
    grid = Grid(title="Time and memory", title_justify="left")
    for name in ("job", "engine"):
        grid.add_column(name, no_wrap=True)
    for name in ("s", "/ ours", "CPU s", "start s", "peak GiB", "MB"):
        grid.add_column(name, justify="right")
    for job in JOBS.values():
        items = [item for item in measurements if item.job == job.name]
        own = next((item.seconds for item in items if item.engine == PLATFORM), None)
        for place, item in enumerate(items):
            grid.add_row(
                f"({job.letter}) {job.name}" if place == 0 else "",
                ENGINES[item.engine],
                f"{item.seconds:,.1f}",
                f"{item.seconds / own:.2f}" if own else "",
                f"{item.cpu_seconds:,.1f}",
                f"{item.start_seconds:.1f}",
                f"{item.peak_bytes / GiB:.2f}",
                f"{item.output_bytes / 1e6:,.1f}",
                end_section=place == len(items) - 1,
            )
    for engine, seconds in _sums(measurements).items():
        own = _sums(measurements).get(PLATFORM)
        grid.add_row("all", ENGINES[engine], f"{seconds:,.1f}", f"{seconds / own:.2f}" if own else "")
    for floor in floors:
        grid.add_row("floor", floor.name, f"{floor.seconds:,.1f}", "", f"{floor.cpu_seconds:,.1f}")
    console.print(grid)


def show_sizes(console: Console, sizes: list[Size]) -> None:
    """A row per table, and the sum of bronze."""
    engines = [engine for engine in ENGINES if any(engine in size.parquet for size in sizes)]
    grid = Grid(title="Size, MB: as text, packed, and as Parquet by each engine", title_justify="left")
    grid.add_column("table", no_wrap=True)
    for name in ("rows", "text", "gz", *(ENGINES[engine] for engine in engines), "text / first"):
        grid.add_column(name, justify="right")
    for size in with_sum(sizes, engines, "bronze"):
        if not size.parquet:
            continue
        first = next(iter(size.parquet.values()))
        grid.add_row(
            size.table,
            f"{size.rows:,}",
            f"{size.text / 1e6:,.1f}",
            f"{size.gz / 1e6:,.1f}" if size.gz else "",
            *(f"{size.parquet[engine] / 1e6:,.1f}" if engine in size.parquet else "" for engine in engines),
            f"{size.text / first:.1f}" if first else "",
        )
    console.print(grid)


def show_aims(console: Console, aims: list[Aim]) -> None:
    """One line per aim."""
    for aim in aims:
        console.print(f"{'[green]met[/]   ' if aim.met else '[red]missed[/]'} {aim.text}: {aim.measured}")


def _sums(measurements: list[Measurement]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for item in measurements:
        if item.engine not in INGEST_ONLY:
            sums[item.engine] = sums.get(item.engine, 0.0) + item.seconds
    return sums
