"""What other readers of Iceberg get from the lake: every snapshot of a table whose columns have changed three times."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow.parquet as pq
import pytest
from pyiceberg.table import StaticTable
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.name_mapping import NameMapping

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.lake.audit import audit
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.publish import field_ids, publish, staging_folder
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.schema import ids_in, ids_of
from imdb_assets.lake.table import Staged
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.lakes import NOTHING, put, stage, stores

pytestmark = pytest.mark.filterwarnings(
    "ignore:Iceberg scan planning with the polars_iceberg plugin:polars.exceptions.PerformanceWarning"
)

LONG = "ß" * 40
"""Longer than the statistics of a text, which Iceberg cuts within its bytes."""


class First(Contract):
    """A table as it begins."""

    table = "gold.evolving"

    tconst = dy.String(primary_key=True, description="Title id.")
    runtime = dy.Int32(nullable=True, description="Minutes.")
    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")
    note = dy.String(nullable=True, description="Dropped later.")


class Second(Contract):
    """One column more, before the others."""

    table = "gold.evolving"

    year = dy.Int32(nullable=True, description="Year.")
    tconst = dy.String(primary_key=True, description="Title id.")
    runtime = dy.Int32(nullable=True, description="Minutes.")
    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")
    note = dy.String(nullable=True, description="Dropped later.")


class Third(Contract):
    """One column less, and two of other types: a list became a text, a number a list."""

    table = "gold.evolving"

    tconst = dy.String(primary_key=True, description="Title id.")
    runtime = dy.List(dy.String(nullable=True), nullable=True, description="Minutes, as cut.")
    genres = dy.String(nullable=True, description="Genres.")
    year = dy.Int32(nullable=True, description="Year.")


class Fourth(Contract):
    """A column comes back under its old name."""

    table = "gold.evolving"

    tconst = dy.String(primary_key=True, description="Title id.")
    note = dy.Float64(nullable=True, description="Now a number.")
    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")


HISTORY: tuple[tuple[type[Contract], list[dict[str, Any]]], ...] = (
    (
        First,
        [
            {"tconst": "tt1", "runtime": 90, "genres": ["Drama", None], "note": LONG},
            {"tconst": "tt2", "runtime": None, "genres": [], "note": None},
            {"tconst": "tt3", "runtime": 7, "genres": None, "note": ""},
        ],
    ),
    (Second, [{"year": 1999, "tconst": "tt1", "runtime": 91, "genres": ["War"], "note": "n"}]),
    (Third, [{"tconst": "tt1", "runtime": ["92", "95"], "genres": "War", "year": 2000}]),
    (Fourth, [{"tconst": "tt1", "note": 0.5, "genres": ["Noir"]}, {"tconst": "tt4", "note": None, "genres": None}]),
)

Rows = list[dict[str, Any]]
Reader = Callable[[IcebergTable, int | None], Rows]


def _number(text: str) -> float:
    return int(float(text)) if float(text) % 1 == 0 else float(text)


def in_order(rows: Rows) -> Rows:
    """The rows in one order, with whole numbers written in one way: ClickHouse's JSON has 1 for 1.0."""
    plain: Rows = json.loads(json.dumps(rows), parse_float=_number)
    return sorted(plain, key=lambda row: json.dumps(row, sort_keys=True))


def publish_bronze(lake: Lake) -> dict[str, Rows]:
    """Publishes awkward tables as the reader of dumps writes them: table → its rows, `in_order`."""
    published: dict[str, Rows] = {}
    for name, frame in awkward_bronze().items():
        contract = CONTRACTS[f"bronze.{name}"]
        staged = Staged(contract.table, staging_folder(lake, contract), "by hand")
        with ParquetFile(Path(staged.prefix) / "0.parquet", frame.schema, field_ids(lake, contract)) as file:
            file.write(frame)
        assert audit(contract, staged).passed
        publish(lake, contract, staged, {})
        published[contract.table] = in_order(frame.to_dicts())
    return published


def by_polars(table: IcebergTable, snapshot: int | None) -> Rows:
    """With Polars' own reader."""
    scan = pl.scan_iceberg(table, snapshot_id=snapshot, reader_override="native")
    return in_order(scan.collect().to_dicts())


def by_pyiceberg(table: IcebergTable, snapshot: int | None) -> Rows:
    """With pyiceberg's reader of Parquet, from the metadata file alone."""
    rows = StaticTable.from_metadata(table.metadata_location).scan(snapshot_id=snapshot).to_arrow()
    return in_order(rows.to_pylist())


@pytest.fixture(params=[by_polars, by_pyiceberg])
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each in turn."""
    return request.param


def _iceberg(lake: Lake, name: str = "gold.evolving") -> IcebergTable:
    found = lake.find(name)
    assert found is not None
    return found


def evolved(lake: Lake) -> list[int]:
    """The snapshots of the history, oldest first."""
    return [
        put(lake, contract, pl.DataFrame(rows, schema=polars_schema(contract))).snapshot_id
        for contract, rows in HISTORY
    ]


def publish_without_ids(lake: Lake) -> int:
    """Publishes the first of the history as tables were before files carried field ids; its snapshot."""
    contract, rows = HISTORY[0]
    staged = Staged(contract.table, staging_folder(lake, contract), "before ids")
    pl.DataFrame(rows, schema=polars_schema(contract)).write_parquet(f"{staged.prefix}/0.parquet")
    return publish(lake, contract, staged, {}).snapshot_id


def test_bronze_is_read_as_it_was_written(lake: Lake, reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    for table, rows in publish_bronze(lake).items():
        assert reader(_iceberg(lake, table), None) == rows
    assert "statistics missing" not in caplog.text  # columns without bounds are meant to have none


def test_a_table_is_read_after_maintenance_and_without_rows(lake: Lake, reader: Reader) -> None:
    evolved(lake)
    assert maintain(stores(lake), NOTHING)
    assert reader(_iceberg(lake), None) == HISTORY[-1][1]
    put(lake, Fourth, pl.DataFrame(schema=polars_schema(Fourth)))
    assert reader(_iceberg(lake), None) == []


def test_every_snapshot_of_a_table_that_changed_three_times_is_read(lake: Lake, reader: Reader) -> None:
    snapshots = evolved(lake)
    for (_, rows), snapshot in zip(HISTORY, snapshots, strict=True):
        assert reader(_iceberg(lake), snapshot) == rows
    assert reader(_iceberg(lake), None) == HISTORY[-1][1]


def test_every_snapshot_is_read_after_a_rollback_and_the_publish_after_it(lake: Lake, reader: Reader) -> None:
    snapshots = evolved(lake)
    roll_back(lake, "gold.evolving", snapshots[0], by="ann")
    assert reader(_iceberg(lake), None) == HISTORY[0][1]
    put(lake, Third, pl.DataFrame(HISTORY[2][1], schema=polars_schema(Third)))
    for (_, rows), snapshot in zip(HISTORY, snapshots, strict=True):
        assert reader(_iceberg(lake), snapshot) == rows
    assert reader(_iceberg(lake), None) == HISTORY[2][1]


def test_files_carry_the_ids_of_the_schema_and_a_new_column_never_gets_an_old_one(lake: Lake) -> None:
    snapshots = evolved(lake)
    iceberg = _iceberg(lake)
    ids: dict[tuple[str, bool], set[int]] = {}
    for snapshot_id in snapshots:
        snapshot = iceberg.snapshot_by_id(snapshot_id)
        assert snapshot is not None
        assert snapshot.schema_id is not None
        of_schema = ids_of(iceberg.schemas()[snapshot.schema_id])
        for file in lake.table("gold.evolving", snapshot_id).files:
            assert ids_in(pq.read_schema(file), NameMapping([])) == of_schema
        for path, number in of_schema.items():
            ids.setdefault((path, "genres.element" in of_schema), set()).add(number)
    numbers = {path: sorted(own) for (path, _), own in ids.items()}
    assert numbers["tconst"] == [1]
    assert set(ids["genres", True]) & set(ids["genres", False]) == set()


def test_snapshots_that_were_published_without_ids_stay_readable(lake: Lake, reader: Reader) -> None:
    (_, rows), *later = HISTORY
    before = publish_without_ids(lake)
    for contract, now in later:
        put(lake, contract, pl.DataFrame(now, schema=polars_schema(contract)))
        assert reader(_iceberg(lake), None) == now
        assert reader(_iceberg(lake), before) == rows


def test_filters_that_are_pushed_down_find_their_rows(lake: Lake) -> None:
    put(lake, First, pl.DataFrame(HISTORY[0][1], schema=polars_schema(First)))
    found = _iceberg(lake).scan("note >= 'ß' and runtime > 80").to_arrow().to_pylist()
    assert [row["tconst"] for row in found] == ["tt1"]
    scan = pl.scan_iceberg(_iceberg(lake), reader_override="native", use_metadata_statistics=True)
    assert scan.filter(pl.col("note") == LONG).collect()["tconst"].to_list() == ["tt1"]
    assert scan.filter(pl.col("note") > LONG).collect().height == 0


def test_a_file_with_other_field_ids_is_refused_and_nothing_is_published(lake: Lake) -> None:
    staged = stage(lake, First, pl.DataFrame(HISTORY[0][1], schema=polars_schema(First)))
    publish(lake, First, staged, {})
    late = stage(lake, Third, pl.DataFrame(HISTORY[2][1], schema=polars_schema(Third)))
    put(lake, Second, pl.DataFrame(HISTORY[1][1], schema=polars_schema(Second)))
    put(lake, Third, pl.DataFrame(HISTORY[2][1], schema=polars_schema(Third)))
    put(lake, Fourth, pl.DataFrame(HISTORY[3][1], schema=polars_schema(Fourth)))
    with pytest.raises(
        LakeError, match=r"^gold\.evolving: /.*parquet has other field ids than the table \(runtime is "
    ):
        publish(lake, Third, late, {})
    assert by_polars(_iceberg(lake), None) == HISTORY[3][1]
