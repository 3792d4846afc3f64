"""What is measured: four jobs, what each reads and writes, and the contracts their results must have.

Engines do the same four, each on the tables that it wrote itself in the jobs before; their rows are proven equal
(`equality.py`). How an engine does a job is in `platform_engine`, `duckdb_engine`, `spark_engine` and
`clickhouse_engine`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, TitleBasics, TitleCrew, TitleRatings
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation
from imdb_assets.contracts.silver import Movies
from imdb_assets.naming import file_name

GROUPS = ("title", "interactions", "votes", "director_career", "director_history", "form")
"""Groups of features that are built: those of the source document, the honest twins of its director features, and the
form of title and crew. Groups that need people beyond title.crew, or a model, are left out."""


class BenchError(Exception):
    """The benchmark cannot go on; the message names the thing, what was expected and the remedy."""


def _features() -> type[Contract]:
    columns = {
        name: column
        for name, column in MovieFeatures.columns().items()
        if (column.metadata or {}).get("group", GROUPS[0]) in GROUPS
    }
    more = {name: getattr(MovieFeatures, name) for name in ("table", "partition_by", "__doc__")}
    return type("BenchmarkedFeatures", (Contract,), {**columns, **more})


Features = _features()
"""`gold.movie_features` with the columns of these groups alone, made at once: unlike the platform's table it is made
straight from a dump, `title.crew`, which every part would read again."""


@dataclass(frozen=True)
class Job:
    """One measured step."""

    name: str
    letter: str
    """As the benchmark's results are listed: (a) to (d)."""
    description: str
    inputs: tuple[type[Contract], ...]
    """Tables it reads; none: it reads the dumps."""
    outputs: tuple[type[Contract], ...]


JOBS = {
    job.name: job
    for job in (
        Job("ingest", "a", "seven dumps, gz → typed Parquet", (), tuple(DUMP_CONTRACTS.values())),
        Job("movies", "b", "the movies ETL", (TitleBasics, TitleRatings), (Movies,)),
        Job(
            "director_reputation",
            "c",
            "point-in-time director reputation",
            (Movies, TitleCrew),
            (DirectorReputation,),
        ),
        Job("features", "d", "features of every film", (Movies, TitleCrew, DirectorReputation), (Features,)),
    )
}
"""In order: each reads what those before it wrote."""


def largest_first(dumps: Path) -> list[str]:
    """The seven dumps in an order that keeps all cores busy to the end where several are read at a time."""
    return sorted(DUMP_CONTRACTS, key=lambda dump: -(dumps / file_name(dump)).stat().st_size)


class Runner(Protocol):
    """An engine that can do the jobs; made in a process of its own, ready to start when it is made."""

    def run(self, job: Job) -> None:
        """Does the job from its inputs to finished Parquet files."""
        ...

    def files(self, contract: type[Contract]) -> list[Path]:
        """The Parquet files of a table it has written; none if it has not."""
        ...


ENGINES = {"platform": "this platform", "duckdb": "DuckDB", "spark": "PySpark", "clickhouse": "ClickHouse"}
"""Name → what people call it. The first is what the others are compared with."""

INGEST_ONLY = frozenset({"clickhouse"})
"""Engines that do the first job alone. Their bronze has empty lists for null ones, which ClickHouse does not have."""


def takes_part(engine: str, job: str) -> bool:
    """Whether an engine does a job."""
    return job == "ingest" or engine not in INGEST_ONLY
