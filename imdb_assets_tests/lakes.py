"""Two small tables and how they get into a lake, for tests of the lake: staged by hand, audited, published."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import dataframely as dy
import narwhals as nw
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import file_schema
from imdb_assets.lake.audit import audit
from imdb_assets.lake.files import writing
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.maintenance import Stores
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.publish import field_ids, publish, staging_folder
from imdb_assets.lake.remote import remote_of
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.table import Staged, Table


class Films(Contract):
    """Films of a test."""

    table = "silver.films"
    partition_by = "decade"
    rules: ClassVar = {"decade_is_round": nw.col("decade") % 10 == 0}

    tconst = dy.String(primary_key=True, regex="^tt", description="Title id.")
    decade = dy.Int32(min=1900, description="Decade.")
    rating = dy.Float64(nullable=True, max=10, description="Rating.")


class People(Contract):
    """People of a test: not partitioned."""

    table = "gold.people"
    independent_by = "nconst"

    nconst = dy.String(primary_key=True, description="Person id.")
    born = dy.Int32(nullable=True, description="Year of birth.")


NOTHING = Policy(snapshots=1, snapshot_age=timedelta(0), models=0, file_age=timedelta(0))
"""Keeps nothing but what is in use."""


def films(version: int) -> pl.DataFrame:
    """Films of which every row tells the version: a mix of two versions shows. Three decades, 30 rows."""
    return pl.DataFrame(
        {
            "tconst": [f"tt{number}" for number in range(30)],
            "decade": [1990 + 10 * (number % 3) for number in range(30)],
            "rating": [float(version % 10)] * 30,
        },
        schema=polars_schema(Films),
    )


def people(version: int) -> pl.DataFrame:
    """As many people as the version says, and one more."""
    return pl.DataFrame(
        {"nconst": [f"nm{number}" for number in range(version + 1)], "born": [version] * (version + 1)},
        schema=polars_schema(People),
    )


def stage(lake: Lake, contract: type[Contract], frame: pl.DataFrame, **inputs: str) -> Staged:
    """Stages the frame as an engine would: with a folder for each value where the contract is partitioned."""
    prefix = staging_folder(lake, contract)
    by = contract.partition_by
    parts = {"": frame} if by is None or frame.is_empty() else {f"part_{by}={k[0]}/": v for k, v in frame.group_by(by)}
    for folder, part in parts.items():
        if remote_of(prefix) is None:
            Path(prefix, folder).mkdir(exist_ok=True)
        with writing(f"{prefix}/{folder}0.parquet") as path:
            part.write_parquet(path, arrow_schema=file_schema(part.schema, field_ids(lake, contract)))
    return Staged(contract.table, prefix, "by hand", inputs)


def put(lake: Lake, contract: type[Contract], frame: pl.DataFrame, **inputs: str) -> Table:
    """Stages, audits, publishes."""
    staged = stage(lake, contract, frame, **inputs)
    assert audit(contract, staged).passed
    return publish(lake, contract, staged, {"imdb.run-id": "run", "imdb.code-version": "code"})


def rows(table: Table) -> list[dict[str, Any]]:
    """All rows, sorted by the first column."""
    frame = table.scan().collect()
    return frame.sort(frame.columns[0]).to_dicts()


def stores(lake: Lake) -> Stores:
    """The lake with the other stores beside it."""
    data = lake.root.parent
    return Stores(lake, Landing(data / "landing"), ModelStore(data / "models"), data / "sample")


def before_the_next_commit(lake: Lake, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Somebody acts once a commit is under way, and before the catalog takes it."""
    catalog = type(lake.catalog)
    commit = catalog.commit_table

    def late(*arguments: Any) -> object:
        monkeypatch.undo()
        act()
        return commit(*arguments)

    monkeypatch.setattr(catalog, "commit_table", late)


def files_on_disk(lake: Lake) -> set[str]:
    """Paths of all files of tables, relative to the lake."""
    return {str(path.relative_to(lake.root)) for path in lake.root.glob("*/*/**/*") if path.is_file()}


def files_in_use(lake: Lake) -> set[str]:
    """Paths of all files that snapshots and the catalog need, as pyiceberg's own inspection tells."""
    found: set[str] = set()
    for table in lake.tables():
        iceberg = lake.find(table.name)
        assert iceberg is not None
        found.add(iceberg.metadata_location)
        found.update(snapshot.manifest_list for snapshot in iceberg.snapshots())
        found.update(map(str, iceberg.inspect.all_manifests()["path"].to_pylist()))
        found.update(map(str, iceberg.inspect.all_data_files()["file_path"].to_pylist()))
    return {str(Path(path.removeprefix("file://")).relative_to(lake.root)) for path in found}


def age(folder: Path, by: timedelta) -> None:
    """Makes everything in a folder older."""
    for path in [folder, *folder.rglob("*")]:
        moment = time.time() - by.total_seconds()
        os.utime(path, (moment, moment))
