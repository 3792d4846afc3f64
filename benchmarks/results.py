"""What a run of the benchmark found, kept as JSON, and what follows from it: sums, ratios, aims met or missed."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.floors import FloorTime
from benchmarks.jobs import ENGINES, JOBS

HERE = Path(__file__).parent
RESULTS_FILE = HERE / "results.json"
"""Of the last complete run; `docs/benchmarks.md` is made of it."""

PLATFORM = next(iter(ENGINES))

MOST_OF_GZIP = 2.5
INGEST_SECONDS = 180
STEPS_SECONDS = 30
MEMORY_GIB = 4
FLAT = 0.25
SMALLER_THAN_TEXT = 5


@dataclass(frozen=True)
class Measurement:
    """One job by one engine; of several rounds the fastest."""

    engine: str
    job: str
    scale: float
    seconds: float
    cpu_seconds: float
    start_seconds: float
    peak_bytes: int
    output_bytes: int


@dataclass(frozen=True)
class Size:
    """One table on disk, in bytes."""

    table: str
    rows: int
    text: int
    """As tab-separated text: the dump unpacked, or what the table would be."""
    gz: int | None
    """The dump as served; none for a table that is no dump's."""
    parquet: dict[str, int]
    """Engine → its Parquet files."""


@dataclass(frozen=True)
class Results:
    """One run."""

    date: str
    command: str
    scale: float
    rounds: int
    machine: dict[str, str]
    floors: list[FloorTime]
    measurements: list[Measurement]
    growth: list[Measurement]
    """This platform alone, at smaller scales."""
    sizes: list[Size]

    def of(self, engine: str, job: str) -> Measurement | None:
        """What was measured of a job; None if it was not."""
        return next((item for item in self.measurements if (item.engine, item.job) == (engine, job)), None)

    def engines(self) -> list[str]:
        """The engines that were measured, this platform first."""
        measured = {item.engine for item in self.measurements}
        return [engine for engine in ENGINES if engine in measured]

    def total(self, engine: str) -> float | None:
        """Seconds of all jobs; None if some were not measured."""
        times = [item.seconds for item in self.measurements if item.engine == engine]
        return sum(times) if len(times) == len(JOBS) else None


@dataclass(frozen=True)
class Aim:
    """One aim of the platform and what came of it."""

    key: str
    """Of the reason in `reasons.toml` if it was missed."""
    text: str
    measured: str
    met: bool


def aims(results: Results) -> list[Aim]:
    """The aims that this run can judge."""
    return [*_against_peers(results), *_at_full_size(results), *_memory(results), *_sizes(results)]


def _against_peers(results: Results) -> Iterator[Aim]:
    ours = results.total(PLATFORM)
    for engine, wanted in (("duckdb", 2.0), ("spark", 8.0)):
        theirs = results.total(engine)
        if ours and theirs:
            text = f"all jobs together at least {wanted:g} times as fast as {ENGINES[engine]}"
            yield Aim(engine, text, f"{theirs / ours:.2f} times", theirs / ours >= wanted)
    ingest, theirs = results.of(PLATFORM, "ingest"), results.of("clickhouse", "ingest")
    if ingest and theirs:
        ratio = theirs.seconds / ingest.seconds
        yield Aim("clickhouse", f"ingest faster than {ENGINES['clickhouse']}", f"{ratio:.2f} times", ratio > 1)
    gzip = next((floor.seconds for floor in results.floors if floor.name == "gzip -dc"), None)
    if ingest and gzip:
        ratio = ingest.seconds / gzip
        text = f"ingest of all seven within {MOST_OF_GZIP} times `gzip -dc`"
        yield Aim("gzip", text, f"{ratio:.2f} times", ratio <= MOST_OF_GZIP)


def _at_full_size(results: Results) -> Iterator[Aim]:
    seconds = {item.job: item.seconds for item in results.measurements if item.engine == PLATFORM}
    if results.scale == 1 and len(seconds) == len(JOBS):
        ingest, rest = seconds.pop("ingest"), sum(seconds.values())
        text = f"ingest at full size within {INGEST_SECONDS} s"
        yield Aim("ingest_seconds", text, f"{ingest:.1f} s", ingest <= INGEST_SECONDS)
        text = f"movies, director reputation and features at full size within {STEPS_SECONDS} s"
        yield Aim("steps_seconds", text, f"{rest:.1f} s", rest <= STEPS_SECONDS)


def _memory(results: Results) -> Iterator[Aim]:
    peaks: dict[float, float] = {}
    for item in [*results.growth, *(item for item in results.measurements if item.engine == PLATFORM)]:
        peaks[item.scale] = max(peaks.get(item.scale, 0.0), item.peak_bytes / 2**30)
    if peaks:
        largest = max(peaks)
        text = f"peak memory of this platform within {MEMORY_GIB} GiB"
        yield Aim("memory", text, f"{peaks[largest]:.2f} GiB", peaks[largest] <= MEMORY_GIB)
        if len(peaks) > 1:
            change = peaks[largest] / peaks[min(peaks)] - 1
            text = f"peak memory flat within {FLAT:.0%} from a quarter of the scale to all of it"
            yield Aim("flat", text, f"{change:+.0%}", abs(change) <= FLAT)


def _sizes(results: Results) -> Iterator[Aim]:
    bronze = [size for size in results.sizes if size.gz]
    if bronze:
        parquet = sum(size.parquet[PLATFORM] for size in bronze)
        packed, text_bytes = sum(size.gz or 0 for size in bronze) / parquet, sum(size.text for size in bronze) / parquet
        yield Aim("bronze_gz", "bronze smaller than the gzip files", f"{packed:.2f} times", packed > 1)
        text = f"bronze at least {SMALLER_THAN_TEXT} times smaller than the text"
        yield Aim("bronze_text", text, f"{text_bytes:.2f} times", text_bytes >= SMALLER_THAN_TEXT)


def with_sum(sizes: list[Size], engines: list[str], title: str) -> list[Size]:
    """The tables of bronze, a line with their sum and this title, and the other tables."""
    bronze = [size for size in sizes if size.gz]
    total = Size(
        title,
        sum(size.rows for size in bronze),
        sum(size.text for size in bronze),
        sum(size.gz or 0 for size in bronze),
        {engine: sum(size.parquet.get(engine, 0) for size in bronze) for engine in engines},
    )
    return [*bronze, total, *(size for size in sizes if not size.gz)]


def save(results: Results, path: Path = RESULTS_FILE) -> None:
    """Writes the results."""
    path.write_text(json.dumps(asdict(results), indent=2) + "\n", encoding="utf-8")


def load(path: Path = RESULTS_FILE) -> Results:
    """Reads results that `save` wrote."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kinds = {"floors": FloorTime, "measurements": Measurement, "growth": Measurement, "sizes": Size}
    lists = {name: [kind(**item) for item in values[name]] for name, kind in kinds.items()}
    return Results(**{**values, **lists})
