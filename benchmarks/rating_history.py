"""A simulated year of ratings: bytes of the history, seconds for a day, seconds to ask it.

    python -m benchmarks.rating_history --scale 1 --days 365

Each day's dump is written as IMDb's file, and the asset `silver/rating_history` makes the day's partition from it, with
the default engine and all checks. Seconds are those of the asset's whole run in this process, without writing the dump.

IMDb's dumps have no past, so how much changes in a day is assumed:

- 1.7 million rated titles, with votes like IMDb's: half have fewer than 25, one in a thousand more than 100,000;
- all votes together grow by 6 % a year, in proportion to a title's votes, and every title gets one in 500 days besides;
- a vote is a whole number around the title's rating, with a standard deviation of 2;
- 350 titles are rated for the first time, and 5 are no longer.
"""

import gzip
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import dagster as dg
import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.processes import cpu_seconds, peak_bytes
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import TitleBasics
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.defs.resources import resources_of
from imdb_assets.defs.silver.rating_history import rating_history
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table
from imdb_assets.settings import Settings
from imdb_assets.warehouse.duckdb import over

TITLES = 1_700_000
GROWTH, REST = 0.06 / 365, 1 / 500
"""Votes a day: as a share of a title's votes, and besides."""
NEW, GONE = 350, 5
"""Titles a day that are rated for the first time, and no longer."""
FIRST = date(2026, 1, 1)
SHOWN = (1, 2, 7, 30, 91, 182, 365)
console = Console()


@dataclass
class Catalogue:
    """The rated titles of one day, one array element per title."""

    random: np.random.Generator
    number: NDArray[np.int64]
    votes: NDArray[np.int64]
    mean: NDArray[np.float64]

    @classmethod
    def begin(cls, titles: int) -> "Catalogue":
        """The first day's titles."""
        random = np.random.default_rng(7)
        votes = 5 + np.exp(random.normal(3, 2.75, titles)).astype(np.int64).clip(0, 3_000_000)
        return cls(random, np.arange(1, titles + 1), votes, random.normal(6.9, 1.3, titles).clip(1, 10))

    def next_day(self, scale: float) -> None:
        """Votes come in; titles come and go."""
        came = self.random.poisson(self.votes * GROWTH + REST)
        mean_of_new = (self.mean + self.random.normal(0, 2, len(came)) / np.sqrt(np.maximum(came, 1))).clip(1, 10)
        self.mean += (mean_of_new - self.mean) * came / (self.votes + came)
        self.votes = self.votes + came
        stay = np.ones(len(came), dtype=bool)
        stay[self.random.integers(0, len(came), round(GONE * scale))] = False
        new = round(NEW * scale)
        first = self.number[-1] + 1
        self.number = np.concatenate([self.number[stay], np.arange(first, first + new)])
        self.votes = np.concatenate([self.votes[stay], np.full(new, 5)])
        self.mean = np.concatenate([self.mean[stay], self.random.normal(6.9, 1.8, new).clip(1, 10)])

    def ids(self) -> pl.Series:
        """The titles' ids."""
        return pl.Series("tconst", self.number).cast(pl.String).str.zfill(7).str.pad_start(9, "t").alias("tconst")

    def write(self, file: Path) -> None:
        """Writes the day's dump."""
        frame = pl.DataFrame({"tconst": self.ids(), "averageRating": self.mean.round(1), "numVotes": self.votes})
        file.parent.mkdir(parents=True)
        text = frame.write_csv(separator="\t", float_precision=1)
        file.write_bytes(gzip.compress(text.encode(), compresslevel=1))


def main(
    scale: Annotated[float, typer.Option(min=0.001, help="Size; 1 is IMDb's own.")] = 0.1,
    days: Annotated[int, typer.Option(min=2, help="Number of days.")] = 30,
) -> None:
    """Makes the days one after the other, then asks the history."""
    with tempfile.TemporaryDirectory(prefix="imdb-history-") as folder:
        root = Path(folder)
        settings = Settings(source="folder", source_folder=root, dated_dumps=root / "dated", data=root / "data")
        lake, catalogue = Lake(settings.lake_folder), Catalogue.begin(round(TITLES * scale))
        grid = Grid("day", "titles", "changes", "seconds", "processor", "MB of the day", "MB of all", "rows of all")
        for column in grid.columns:
            column.justify = "right"
        for day in range(1, days + 1):
            file = root / "dated" / str(FIRST + timedelta(day - 1)) / "title.ratings.tsv.gz"
            catalogue.write(file)
            before = lake.published(RatingHistory.table)
            seconds, processor = _make(settings, FIRST + timedelta(day - 1))
            shutil.rmtree(file.parent)
            table = lake.table(RatingHistory.table)
            if day in {*SHOWN, days}:
                grid.add_row(
                    str(day),
                    f"{len(catalogue.number):,}",
                    f"{table.rows - (before.rows if before else 0):,}",
                    f"{seconds:.2f}",
                    f"{processor:.2f}",
                    f"{(table.bytes - (before.bytes if before else 0)) / 1e6:.2f}",
                    f"{table.bytes / 1e6:.1f}",
                    f"{table.rows:,}",
                )
            catalogue.next_day(scale)
        console.print(grid)
        console.print(f"peak memory {peak_bytes() / 2**30:.2f} GiB")
        _ask(lake, catalogue, root)


def _make(settings: Settings, day: date) -> tuple[float, float]:
    """Seconds of wall and of all processors for a day's partition."""
    wall, processor = time.perf_counter(), cpu_seconds()
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(
            [rating_history],
            partition_key=day.isoformat(),
            resources=resources_of(settings),
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return time.perf_counter() - wall, cpu_seconds() - processor


def _ask(lake: Lake, catalogue: Catalogue, root: Path) -> None:
    """Times one title's history and one week's movers, each in a new connection."""
    basics = pl.DataFrame({"tconst": catalogue.ids(), "titleType": "movie", "primaryTitle": "A Title"})
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in polars_schema(TitleBasics).items() if name not in basics
    ]
    file = lake.root / "title_basics.parquet"
    basics.with_columns(missing).select(TitleBasics.column_names()).write_parquet(file)
    tables = [
        lake.table(RatingHistory.table),
        Table(TitleBasics.table, 1, (str(file),), basics.height, file.stat().st_size),
    ]
    popular = catalogue.ids()[int(catalogue.votes.argmax())]
    queries = {
        "one title's history": f"from warehouse.rating_periods where tconst = '{popular}'",
        "the week's movers": "from warehouse.rating_movers",
        "one day's changes": "select count(*) from silver.rating_history where valid_from = "
        "(select max(valid_from) from silver.rating_history)",
    }
    for name, query in queries.items():
        walls: list[float] = []
        rows = 0
        for _ in range(3):
            warehouse = over(tables, root)
            started = time.perf_counter()
            rows = warehouse.sql(query).pl().height
            walls.append(time.perf_counter() - started)
            warehouse.close()
        console.print(f"{name}: {min(walls):.3f} s ({rows:,} rows)")


if __name__ == "__main__":
    typer.run(main)
