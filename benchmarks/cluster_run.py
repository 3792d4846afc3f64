"""Makes all heavy silver and gold tables on a Spark cluster, from bronze: run by `Cluster.run`.

Each table is staged and judged by the cluster, and published here. Prints a line of JSON for each table.
"""

import json
import os
import signal
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog

from benchmarks.steps import NAMES, STEPS
from imdb_assets.contracts.expectation import RatingExpectation
from imdb_assets.defs.table_asset import stage_frame
from imdb_assets.engines.spark import SparkEngine
from imdb_assets.lake.audit import audit
from imdb_assets.lake.home import FolderHome
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import field_ids, publish, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.ml.expectation import expect, fit
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of


class PostgresHome(FolderHome):
    """A folder whose catalog is a PostgreSQL."""

    def __init__(self, folder: Path, uri: str) -> None:
        """Names the folder of the tables' files, and the catalog's address."""
        super().__init__(folder)
        self._uri = uri

    def current(self) -> None:
        """Only the catalog's own protocol tells."""

    def open_catalog(self) -> Catalog:
        """See `Home`."""
        return SqlCatalog(
            "lake",
            uri=self._uri,
            warehouse=str(self.folder),
            **{"py-io-impl": "imdb_assets.lake.durable.DurableFileIO"},
        )


def made(
    engine: SparkEngine, lake: Lake, bronze: dict[str, list[str]], names: list[str], kill: tuple[str, int] | None
) -> None:
    """Makes the tables.

    Args:
        engine: Spark.
        lake: Gets the tables.
        bronze: Table → its files.
        names: The tables to make.
        kill: A table, and the worker whose processes are killed while it is made.
    """
    tables = {name: Table(f"bronze.{name}", 1, tuple(files), 0, 0) for name, files in bronze.items()}
    for step in (step for step in STEPS if step.contract.table in names):
        if "rating_expectation" in step.inputs and "rating_expectation" not in tables:
            movies = tables["movies"]
            frame = expect(movies.scan(), fit(movies.scan()).lazy())
            staged = stage_frame(lake, RatingExpectation, frame)
            assert audit(RatingExpectation, staged).passed
            tables["rating_expectation"] = publish(lake, RatingExpectation, staged, {})
        name, started = step.contract.table, monotonic()
        if kill and kill[0] == name:
            Thread(target=kill_midway, args=(engine, kill[1]), daemon=True).start()
        folder, inputs = staging_folder(lake, step.contract), {name: tables[name] for name in step.inputs}
        ran = engine.run(step.transform, inputs, step.contract, folder, field_ids(lake, step.contract))
        seconds = monotonic() - started
        assert ran.audit, name
        assert ran.audit.passed, ran.audit.summary(name)
        table = publish(lake, step.contract, Staged(name, folder, engine.name), {})
        tables[name.partition(".")[2]] = table
        say(table=name, audited=ran.audit.rows, published=table.rows, bytes=table.bytes, seconds=round(seconds, 2))


def kill_midway(engine: SparkEngine, worker: int) -> None:
    """Kills a worker with its executor as soon as a stage has finished tasks and running ones."""
    tracker = engine.session.sparkContext.statusTracker()
    while True:
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info and info.numCompletedTasks and info.numActiveTasks:
                os.killpg(worker, signal.SIGKILL)
                return
        sleep(0.005)


def lake_in(work: dict[str, Any]) -> Lake:
    """The lake in the buckets of a prefix, or in a folder, with a PostgreSQL as its catalog or without."""
    if "prefix" in work:
        return lake_of(Settings(lake="s3", aws_prefix=work["prefix"]))
    folder = Path(work["lake"])
    return Lake(PostgresHome(folder, work["catalog"]) if "catalog" in work else folder)


def say(**facts: Any) -> None:
    """Prints a line for `Cluster.run`."""
    print(json.dumps(facts), flush=True)  # noqa: T201


if __name__ == "__main__":
    work = json.loads(sys.argv[1])
    engine = SparkEngine(work["address"])
    made(engine, lake_in(work), work["bronze"], work.get("tables", NAMES), work.get("kill"))
    engine.session.stop()  # closes the event log
