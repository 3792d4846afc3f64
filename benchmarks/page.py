"""`docs/benchmarks.md`, from the results of the last complete run and the reasons written by hand."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import charts
from benchmarks.jobs import ENGINES, INGEST_ONLY, JOBS
from benchmarks.results import HERE, PLATFORM, Measurement, Results, Size, aims, with_sum
from imdb_assets.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "benchmarks.md"
IMAGES = PROJECT_ROOT / "docs" / "images"
REASONS_FILE = HERE / "reasons.toml"

METHOD_FILE = HERE / "method.md"


def reasons() -> dict[str, str]:
    """Key of an aim → why it is missed."""
    return tomllib.loads(REASONS_FILE.read_text(encoding="utf-8"))


def render(results: Results, why: dict[str, str]) -> str:
    """The whole page."""
    return "\n".join(_lines(results, why)) + "\n"


def write(results: Results, page: Path = PAGE, images: Path = IMAGES) -> None:
    """Writes the page and its pictures."""
    page.write_text(render(results, reasons()), encoding="utf-8")
    for name, chart in (("growth", charts.growth_chart(results)), ("engines", charts.engines_chart(results))):
        (images / f"benchmarks-{name}.png").write_bytes(charts.to_png(chart))


def _lines(results: Results, why: dict[str, str]) -> Iterator[str]:
    yield from _head(results)
    yield from _section("Time", _times(results))
    memory = _by_engine(results, lambda item: item.peak_bytes / charts.GiB, "{:,.2f}", ratios=False, total=False)
    yield from _section("Memory", ["Peak resident memory, GiB.", "", *memory])
    yield from _section("Aims", _aims(results, why))
    yield from _section("Floors", _floors(results))
    yield from _section("Growth", _growth(results))
    yield from _section("Size", _sizes(results))
    columns = len(JOBS["features"].outputs[0].column_names())
    yield ""
    yield METHOD_FILE.read_text(encoding="utf-8").format(columns=columns).rstrip()


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def _head(results: Results) -> Iterator[str]:
    rounds = "" if results.rounds == 1 else f", the fastest of {results.rounds} rounds"
    yield "# Benchmarks"
    yield ""
    yield f"Written by `{results.command}` on {results.date}, at scale {results.scale:g} (IMDb's size is 1){rounds}."
    yield (
        "Do not edit this page: change the code in `benchmarks/`, or the reasons in `benchmarks/reasons.toml`, "
        "and run the benchmark again."
    )
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in results.machine.items())
    yield ""
    yield "![Seconds of each job by each engine](images/benchmarks-engines.png)"


def _times(results: Results) -> Iterator[str]:
    yield "Seconds; the number in brackets is the multiple of this platform's time."
    yield ""
    yield from _by_engine(results, lambda item: item.seconds, "{:,.1f}", ratios=True, total=True)
    yield ""
    yield "CPU seconds, summed over all cores and processes:"
    yield ""
    yield from _by_engine(results, lambda item: item.cpu_seconds, "{:,.1f}", ratios=True, total=True)


def _floors(results: Results) -> Iterator[str]:
    yield "Time to unpack the seven dumps one after the other, without writing the result anywhere:"
    yield ""
    yield "| program | seconds | CPU seconds | ingest by this platform |"
    yield "|---|---:|---:|---:|"
    ingest = results.of(PLATFORM, "ingest")
    for floor in results.floors:
        times = f"{ingest.seconds / floor.seconds:.2f} times" if ingest else ""
        note = f" ({floor.note})" if floor.note else ""
        yield f"| `{floor.name}`{note} | {floor.seconds:,.1f} | {floor.cpu_seconds:,.1f} | {times} |"


def _by_engine(
    results: Results, value: Callable[[Measurement], float], form: str, *, ratios: bool, total: bool
) -> Iterator[str]:
    """A table: a row per job, a column per engine."""
    engines = results.engines()
    yield f"| job | {' | '.join(ENGINES[engine] for engine in engines)} |"
    yield f"|---|{'---:|' * len(engines)}"
    sums = {engine: 0.0 for engine in engines if engine not in INGEST_ONLY}
    for job in JOBS.values():
        values = {engine: value(item) for engine in engines if (item := results.of(engine, job.name))}
        sums = {engine: known + values.get(engine, 0) for engine, known in sums.items()}
        yield f"| ({job.letter}) {job.description} | {' | '.join(_cells(engines, values, form, ratios=ratios))} |"
    if total:
        yield f"| **all** | {' | '.join(_cells(engines, sums, form, ratios=ratios))} |"


def _cells(engines: list[str], values: dict[str, float], form: str, *, ratios: bool) -> Iterator[str]:
    own = values.get(PLATFORM)
    for engine in engines:
        number = values.get(engine)
        if number is None:
            yield ""
            continue
        ratio = f" ({number / own:.1f})" if ratios and own and engine != PLATFORM else ""
        yield form.format(number) + ratio


def _aims(results: Results, why: dict[str, str]) -> Iterator[str]:
    found = aims(results)
    yield "| aim | measured | |"
    yield "|---|---:|---|"
    for aim in found:
        yield f"| {aim.text} | {aim.measured} | {'met' if aim.met else '**missed**'} |"
    for aim in found:
        if not aim.met:
            yield ""
            yield f"The aim *{aim.text}* is missed. {why.get(aim.key, 'No reason has been written yet.').strip()}"


def _growth(results: Results) -> Iterator[str]:
    yield "![Seconds and peak memory of each job against the scale](images/benchmarks-growth.png)"
    yield ""
    own = [item for item in results.measurements if item.engine == PLATFORM]
    points = sorted([*results.growth, *own], key=lambda item: item.scale)
    scales = sorted({item.scale for item in points})
    yield f"| job | {' | '.join(f'seconds at {scale:g} | GiB at {scale:g}' for scale in scales)} |"
    yield f"|---|{'---:|' * 2 * len(scales)}"
    for job in JOBS.values():
        cells = [f"{item.seconds:,.1f} | {item.peak_bytes / charts.GiB:.2f}" for item in points if item.job == job.name]
        yield f"| ({job.letter}) {job.name} | {' | '.join(cells)} |"


def _sizes(results: Results) -> Iterator[str]:
    engines = results.engines()
    yield "Megabytes; the number in brackets says how many times smaller the files are than the text."
    yield ""
    yield f"| table | rows | text | gz | {' | '.join(f'Parquet by {ENGINES[engine]}' for engine in engines)} |"
    yield f"|---|---:|---:|---:|{'---:|' * len(engines)}"
    for size in with_sum(results.sizes, engines, "**bronze**"):
        yield _size(engines, size)


def _size(engines: list[str], size: Size) -> str:
    parquet = [
        f"{size.parquet[engine] / 1e6:,.1f} ({size.text / size.parquet[engine]:.1f})"
        if size.parquet.get(engine)
        else ""
        for engine in engines
    ]
    packed = f"{size.gz / 1e6:,.1f} ({size.text / size.gz:.1f})" if size.gz else ""
    return f"| {size.table} | {size.rows:,} | {size.text / 1e6:,.1f} | {packed} | {' | '.join(parquet)} |"
