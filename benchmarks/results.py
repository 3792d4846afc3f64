"""What a run of the benchmark found, kept as JSON, and what follows from it: sums, ratios, aims met or missed."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.floors import FloorTime
from benchmarks.jobs import ENGINES, JOBS

HERE = Path(__file__).parent
RESULTS_FILE = HERE / "results.json"
"""Of the last complete run; `docs/benchmarks.md` is made of it."""

PLATFORM = next(iter(ENGINES))


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
    value: float
    met: bool


def aims(results: Results) -> list[Aim]:
    """The aims that this run can judge."""
    found: list[Aim] = []
    ours = results.total(PLATFORM)
    for engine, wanted in (("duckdb", 2.0), ("spark", 8.0)):
        theirs = results.total(engine)
        if ours and theirs:
            ratio = theirs / ours
            text = f"all jobs together at least {wanted:g} times as fast as {ENGINES[engine]}"
            found.append(Aim(engine, text, ratio, ratio >= wanted))
    ingest = results.of(PLATFORM, "ingest")
    gzip = next((floor for floor in results.floors if floor.name == "gzip -dc"), None)
    if ingest and gzip:
        ratio = ingest.seconds / gzip.seconds
        found.append(Aim("gzip", "ingest of all seven within 2.5 times `gzip -dc`", ratio, ratio <= 2.5))  # noqa: PLR2004
    bronze = [size for size in results.sizes if size.gz]
    if bronze:
        parquet = sum(size.parquet[PLATFORM] for size in bronze)
        packed, text_bytes = sum(size.gz or 0 for size in bronze) / parquet, sum(size.text for size in bronze) / parquet
        found.append(Aim("bronze_gz", "bronze smaller than the gzip files", packed, packed > 1))
        found.append(
            Aim("bronze_text", "bronze at least 5 times smaller than the text", text_bytes, text_bytes >= 5)  # noqa: PLR2004
        )
    return found


def save(results: Results, path: Path = RESULTS_FILE) -> None:
    """Writes the results."""
    path.write_text(json.dumps(asdict(results), indent=2) + "\n", encoding="utf-8")


def load(path: Path = RESULTS_FILE) -> Results:
    """Reads results that `save` wrote."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kinds = {"floors": FloorTime, "measurements": Measurement, "growth": Measurement, "sizes": Size}
    lists = {name: [kind(**item) for item in values[name]] for name, kind in kinds.items()}
    return Results(**{**values, **lists})
