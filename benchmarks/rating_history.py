"""A simulated year of ratings: bytes of the history, seconds for a day, seconds to ask it.

    python -m benchmarks.rating_history --scale 1

The last days are made as in service: a day's dump is written as IMDb's file, and the asset `silver/rating_history`
makes its partition, with the default engine and all checks. Seconds are those of the asset's whole run in this process,
without writing the dump. The rows of the days before are known from the simulation, and published at once.

IMDb's dumps have no past, so how much changes in a day is assumed:

- 1.7 million rated titles, with votes like IMDb's: half have fewer than 25, one in a thousand more than 100,000;
- all votes together grow by 6 % a year, in proportion to a title's votes, and every title gets one in 500 days besides;
- a vote is a whole number around the title's rating, with a standard deviation of 2;
- 350 titles are rated for the first time, and 5 are no longer.
"""

import gzip
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
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import TitleBasics
from imdb_assets.contracts.parquet import file_schema
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.silver import Movies
from imdb_assets.defs.resources import resources_of
from imdb_assets.defs.silver.rating_history import rating_history
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import field_ids, publish, staging_folder
from imdb_assets.lake.table import Staged, Table, partition_folder
from imdb_assets.settings import Settings
from imdb_assets.warehouse.duckdb import over

TITLES = 1_700_000
GROWTH, REST = 0.06 / 365, 1 / 500
"""Votes a day: as a share of a title's votes, and besides."""
NEW, GONE = 350, 5
"""Titles a day that are rated for the first time, and no longer."""
FIRST = date(2025, 1, 1)
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

    def next_day(self, scale: float) -> pl.DataFrame:
        """Votes come in, titles come and go; returns what the history has to say of the day, without the day."""
        came = self.random.poisson(self.votes * GROWTH + REST)
        mean_of_new = (self.mean + self.random.normal(0, 2, len(came)) / np.sqrt(np.maximum(came, 1))).clip(1, 10)
        before = (self.mean, self.votes)
        self.mean = self.mean + (mean_of_new - self.mean) * came / (self.votes + came)
        self.votes = self.votes + came
        stay = np.ones(len(came), dtype=bool)
        stay[self.random.integers(0, len(came), round(GONE * scale))] = False
        new = round(NEW * scale)
        numbers = np.arange(self.number[-1] + 1, self.number[-1] + 1 + new)
        first = (self.random.normal(6.9, 1.8, new).clip(1, 10), np.full(new, 5))
        moved = stay & (came > 0)
        rows = [
            _frame(self.number[~stay]),
            _frame(self.number[moved], (self.mean[moved], self.votes[moved]), (before[0][moved], before[1][moved])),
            _frame(numbers, first),
        ]
        self.number = np.concatenate([self.number[stay], numbers])
        self.mean, self.votes = (
            np.concatenate([old[stay], added]) for old, added in zip((self.mean, self.votes), first, strict=True)
        )
        return pl.concat(rows)

    def frame(self) -> pl.DataFrame:
        """The day's ratings, as the history's first rows without the day."""
        return _frame(self.number, (self.mean, self.votes))

    def write(self, file: Path) -> None:
        """Writes the day's dump."""
        rows = self.frame().select("tconst", averageRating="average_rating", numVotes="num_votes")
        file.parent.mkdir(parents=True)
        text = rows.write_csv(separator="\t", float_precision=1)
        file.write_bytes(gzip.compress(text.encode(), compresslevel=1))


Ratings = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Ratings, and votes."""


def _frame(number: NDArray[np.int64], now: Ratings | None = None, before: Ratings | None = None) -> pl.DataFrame:
    """Rows of the history without the day: titles by number, their ratings, and the change if there were any before."""
    nothing = pl.Series([None] * len(number), dtype=pl.Float64)
    columns = dict.fromkeys(("average_rating", "num_votes", "rating_change", "votes_change"), nothing)
    if now:
        columns |= {"average_rating": pl.Series(now[0].round(1)), "num_votes": pl.Series(now[1])}
    if now and before:
        change = ((now[0] * 10).round() - (before[0] * 10).round()) / 10
        columns |= {"rating_change": pl.Series(change), "votes_change": pl.Series(now[1] - before[1])}
    ids = "tt" + pl.Series(number).cast(pl.String).str.zfill(7)
    return pl.DataFrame({"tconst": ids, **columns}).cast({"num_votes": pl.Int64, "votes_change": pl.Int64})


def main(
    scale: Annotated[float, typer.Option(min=0.001, help="Size; 1 is IMDb's own.")] = 0.1,
    days: Annotated[int, typer.Option(min=2, help="Number of days.")] = 365,
    by_asset: Annotated[int, typer.Option(min=1, help="How many of the last days the asset makes.")] = 3,
) -> None:
    """Makes the days one after the other, then asks the history."""
    with tempfile.TemporaryDirectory(prefix="imdb-history-") as folder:
        root = Path(folder)
        settings = Settings(source="folder", source_folder=root, dated_dumps=root / "dated", data=root / "data")
        lake, catalogue = Lake(settings.lake_folder), Catalogue.begin(round(TITLES * scale))
        rows = catalogue.frame()
        staged = Path(staging_folder(lake, RatingHistory))
        for day in range(days - by_asset):
            _stage(lake, staged, FIRST + timedelta(day), rows)
            rows = catalogue.next_day(scale)
        if days > by_asset:
            publish(lake, RatingHistory, Staged(RatingHistory.table, str(staged), "simulation"), {})
        grid = Grid("day", "titles", "changes", "seconds", "processor", "MB of the day", "MB of all", "rows of all")
        for column in grid.columns:
            column.justify = "right"
        for day in range(days - by_asset, days):
            before = lake.published(RatingHistory.table)
            seconds, processor = _make(settings, catalogue, FIRST + timedelta(day))
            table = lake.table(RatingHistory.table)
            assert table.rows - (before.rows if before else 0) == rows.height  # the asset finds what changed
            grid.add_row(
                str(day + 1),
                f"{len(catalogue.number):,}",
                f"{rows.height:,}",
                f"{seconds:.2f}",
                f"{processor:.2f}",
                f"{(table.bytes - (before.bytes if before else 0)) / 1e6:.2f}",
                f"{table.bytes / 1e6:.1f}",
                f"{table.rows:,}",
            )
            rows = catalogue.next_day(scale)
        console.print(grid)
        console.print(f"peak memory {peak_bytes() / 2**30:.2f} GiB")
        _ask(lake, catalogue, root)


def _stage(lake: Lake, folder: Path, day: date, rows: pl.DataFrame) -> None:
    """Writes a day's partition as the engine does."""
    schema = polars_schema(RatingHistory)
    partition = folder / f"{partition_folder('valid_from')}={day}"
    partition.mkdir()
    made = rows.with_columns(valid_from=pl.lit(day)).select(schema.names()).cast(schema).sort("tconst")
    made.write_parquet(
        partition / "0.parquet", compression="zstd", arrow_schema=file_schema(schema, field_ids(lake, RatingHistory))
    )


def _make(settings: Settings, catalogue: Catalogue, day: date) -> tuple[float, float]:
    """Seconds of wall and of all processors for a day's partition."""
    dump = settings.data.parent / "dated" / str(day) / "title.ratings.tsv.gz"
    catalogue.write(dump)
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
    """Times one title's history, the two views and one day's changes, each in a new connection."""
    known = catalogue.frame()
    basics = known.select("tconst", titleType=pl.lit("movie"), primaryTitle=pl.lit("A Title"))
    movies = known.select("tconst", "average_rating", "num_votes", start_year=pl.lit(2020))
    tables = [lake.table(RatingHistory.table), _fake(lake, TitleBasics, basics), _fake(lake, Movies, movies)]
    popular = basics["tconst"][int(catalogue.votes.argmax())]
    queries = {
        "one title's history": f"from warehouse.rating_periods where tconst = '{popular}'",
        "the week's movers": "from warehouse.rating_movers",
        "how ratings settle": "from warehouse.rating_settling",
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


def _fake(lake: Lake, contract: type[Contract], rows: pl.DataFrame) -> Table:
    """A table of these rows; the columns that they lack are null."""
    schema = polars_schema(contract)
    missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in rows.columns]
    file = lake.root / f"{contract.table}.parquet"
    rows.with_columns(missing).select(schema.names()).cast(schema).write_parquet(file)
    return Table(contract.table, 1, (str(file),), rows.height, file.stat().st_size)


if __name__ == "__main__":
    typer.run(main)
