"""Tables that each transform makes from bronze tables of a few rows."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from benchmarks.steps import STEPS, Step
from imdb_assets.engines.base import Engine
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import field_ids
from imdb_assets.lake.table import Table
from imdb_assets.ml.expectation import expect, fit


def lake_of(folder: Path, bronze: Mapping[str, pl.DataFrame]) -> dict[str, Table]:
    """The bronze tables and what Polars makes of them, by asset name."""
    tables: dict[str, Table] = {}
    for name, frame in bronze.items():
        file = folder / f"{name}.parquet"
        frame.write_parquet(file)
        tables[name] = Table(f"bronze.{name}", 1, (str(file),), frame.height, file.stat().st_size)
    for step in STEPS:
        if "rating_expectation" in step.inputs and "rating_expectation" not in tables:
            tables["rating_expectation"] = _expectation(tables["movies"], folder)
        tables[step.contract.table.partition(".")[2]] = run(PolarsEngine(), step, tables, folder)
    return tables


def _expectation(movies: Table, folder: Path) -> Table:
    """Made on the orchestrator, whatever the engine."""
    frame = expect(movies.scan(), fit(movies.scan()).lazy())
    file = folder / "rating_expectation.parquet"
    frame.write_parquet(file)
    return Table("gold.rating_expectation", 1, (str(file),), frame.height, file.stat().st_size)


def run(engine: Engine, step: Step, tables: Mapping[str, Table], folder: Path) -> Table:
    """The step's table, made by the engine in a folder of its own."""
    destination = folder / engine.name / step.contract.table
    destination.mkdir(parents=True)
    inputs = {name: tables[name] for name in step.inputs}
    engine.run(step.transform, inputs, step.contract, str(destination), field_ids(Lake(folder / "lake"), step.contract))
    files = tuple(sorted(str(path) for path in destination.rglob("*.parquet")))
    return Table(step.contract.table, 1, files, 0, 0)
