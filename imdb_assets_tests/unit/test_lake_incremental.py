"""Tables whose publishes replace single partitions: what is kept, what is refused, what maintenance leaves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import file_schema
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.publish import field_ids, publish, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.lake.verification import require_sound
from imdb_assets_tests.lakes import NOTHING, files_in_use, files_on_disk, stage, stores


class Days(Contract):
    """Values by day."""

    table = "silver.days"
    partition_by = "day"
    incremental = True

    name = dy.String(primary_key=True, description="Name.")
    day = dy.Date(primary_key=True, description="Day.")
    value = dy.Int32(description="Value.")


def _rows(values: Mapping[int, int]) -> pl.DataFrame:
    """A row for each day of January: its number → its value."""
    rows = [("one", date(2026, 1, day), value) for day, value in values.items()]
    return pl.DataFrame(rows, schema=polars_schema(Days), orient="row")


def _put(lake: Lake, values: Mapping[int, int], base: Table | None) -> Table:
    staged = replace(stage(lake, Days, _rows(values)), base=base and base.snapshot_id)
    return publish(lake, Days, staged, {})


def _values(table: Table) -> dict[int, int]:
    return {row["day"].day: row["value"] for row in table.scan().collect().to_dicts()}


def test_a_publish_replaces_its_partitions_and_keeps_the_others(lake: Lake) -> None:
    first = _put(lake, {1: 10, 2: 20}, None)
    second = _put(lake, {2: 21, 3: 30}, first)
    third = _put(lake, {4: 40}, second)
    assert [_values(table) for table in (first, second, third)] == [
        {1: 10, 2: 20},
        {1: 10, 2: 21, 3: 30},
        {1: 10, 2: 21, 3: 30, 4: 40},
    ]
    assert _values(lake.table(Days.table)) == _values(third)
    assert len(third.hashes) == len(third.files) == 4
    iceberg = lake.find(Days.table)
    assert iceberg
    assert sorted(iceberg.scan().to_arrow().to_pylist(), key=str) == sorted(third.scan().collect().to_dicts(), key=str)


def test_a_file_without_rows_holds_the_place_of_its_partition(lake: Lake) -> None:
    first = _put(lake, {1: 10, 2: 20}, None)
    folder = Path(staging_folder(lake, Days))
    (folder / "part_day=2026-01-02").mkdir()
    empty = _rows({})
    schema = file_schema(empty.schema, field_ids(lake, Days))
    empty.write_parquet(folder / "part_day=2026-01-02" / "0.parquet", arrow_schema=schema)
    second = publish(lake, Days, Staged(Days.table, str(folder), "by hand", base=first.snapshot_id), {})
    assert _values(second) == {1: 10}
    assert [Path(file).parent.name for file in second.files if "01-02" in file] == ["part_day=2026-01-02"]
    assert _values(_put(lake, {2: 22}, second)) == {1: 10, 2: 22}


def test_partitions_computed_from_another_snapshot_are_refused(lake: Lake) -> None:
    first = _put(lake, {1: 10}, None)
    for base in (None, replace(first, snapshot_id=7)):
        with pytest.raises(LakeError, match=rf"is at snapshot {first.snapshot_id}, but this run read snapshot (N|7)"):
            _put(lake, {2: 20}, base)
    assert _values(lake.table(Days.table)) == {1: 10}


def test_a_commit_is_not_repeated_on_top_of_another_writers(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _put(lake, {1: 10}, None)
    commit, others = type(lake.catalog).commit_table, iter([{2: 20}])

    def late(self: Any, *arguments: Any, **more: Any) -> Any:
        for values in others:  # another run is faster, once
            _put(Lake(lake.root), values, first)
        return commit(self, *arguments, **more)

    monkeypatch.setattr(type(lake.catalog), "commit_table", late)
    with pytest.raises(LakeError, match="another run published this table meanwhile; that run's snapshot") as caught:
        _put(lake, {3: 30}, first)
    assert str(caught.value).endswith(f"(the current snapshot is {lake.table(Days.table).snapshot_id} by now)")
    assert _values(lake.table(Days.table)) == {1: 10, 2: 20}


def test_other_columns_are_refused(lake: Lake) -> None:
    first = _put(lake, {1: 10}, None)
    wider = type("Days", (Days,), {"more": dy.Int32(nullable=True), "__doc__": "Values by day."})
    with pytest.raises(LakeError, match="The partitions that are already in the table would not fit"):
        publish(lake, wider, replace(stage(lake, Days, _rows({2: 20})), base=first.snapshot_id), {})


def test_maintenance_keeps_the_files_of_every_day(lake: Lake) -> None:
    table = None
    for day in range(1, 5):
        table = _put(lake, {day: day, **({day - 1: 0} if day > 1 else {})}, table)
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert len(lake.history(Days.table)) == 1
    assert _values(lake.table(Days.table)) == {1: 0, 2: 0, 3: 0, 4: 4}
    assert files_on_disk(lake) == files_in_use(lake)
    require_sound(lake)
