"""Other readers of Iceberg, each the real one in an environment of its own, and all values of tables.

`docs/readers.md` shows the result. A cell is equal, or a strict expected failure whose reason names the reader.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.contracts.base import polars_schema
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.maintenance import maintain
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.test_readers import HISTORY, Rows, in_order, publish_bronze
from imdb_assets_tests.lakes import NOTHING, People, people, put, stores

pytestmark = pytest.mark.slow

PINS: dict[str, tuple[str, ...]] = {
    "duckdb": ("duckdb==1.5.5", "duckdb-extension-iceberg==1.5.5", "duckdb-extension-avro==1.5.5"),
    "clickhouse": ("chdb==4.4.0",),
    "daft": ("daft==0.7.26", "pyiceberg==0.12.0", "pyarrow==25.0.1"),
    "datafusion": ("datafusion==54.1.0", "pyiceberg-core==0.11.0", "pyarrow==25.0.1"),
    "sail": ("pysail==0.7.2", "pyspark-client==4.0.1"),
}
"""Reader → packages of its environment. There is no wheel of an iceberg extension for DuckDB 2.0 yet."""

BRONZE = [f"bronze.{name}" for name in awkward_bronze()]
EVOLVED = [f"evolved, snapshot {number}" for number in range(1, len(HISTORY) + 1)]
CELLS = [*BRONZE, *EVOLVED, "evolved", "without rows", "after maintenance"]

NULL_LISTS = [*(name for name in BRONZE if name != "bronze.title_ratings"), EVOLVED[0], EVOLVED[3], "evolved"]
"""Cells with a null list."""
DATAFUSION = "pyiceberg-core takes addresses with a scheme only, and the lake's metadata names files by their paths"
CLICKHOUSE = "ClickHouse has no null lists: they come as empty ones"
EXPECTED = {
    **{("datafusion", cell): DATAFUSION for cell in CELLS},
    **{("clickhouse", cell): CLICKHOUSE for cell in NULL_LISTS},
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Rows]]:
    """Cell → the address of a snapshot for the readers' program, and its rows."""
    lake = Lake(tmp_path_factory.mktemp("readers") / "lake")
    found: dict[str, tuple[str, Rows]] = {}
    for table, rows in publish_bronze(lake).items():
        found[table] = (_address(lake, table), rows)
    for cell, (contract, rows) in zip(EVOLVED, HISTORY, strict=True):
        snapshot = put(lake, contract, pl.DataFrame(rows, schema=polars_schema(contract))).snapshot_id
        found[cell] = (str(snapshot), rows)
    evolved = _address(lake, "gold.evolving")
    found |= {cell: (evolved.replace("@0", f"@{found[cell][0]}"), found[cell][1]) for cell in EVOLVED}
    found["evolved"] = (evolved, HISTORY[-1][1])
    put(lake, People, people(0).clear())
    found["without rows"] = (_address(lake, People.table), [])
    kept = Lake(tmp_path_factory.mktemp("maintained") / "lake")
    for version in (1, 2):
        put(kept, People, people(version))
    assert maintain(stores(kept), NOTHING)
    found["after maintenance"] = (_address(kept, People.table), people(2).to_dicts())
    return found


def _address(lake: Lake, table: str) -> str:
    iceberg = lake.find(table)
    assert iceberg is not None
    return f"{iceberg.metadata_location.removeprefix('file://')}@0"


@pytest.fixture(scope="module", params=PINS)
def answers(request: pytest.FixtureRequest, cells: dict[str, tuple[str, Rows]]) -> tuple[str, dict[str, Rows | str]]:
    """A reader's name, and what it made of each cell."""
    reader: str = request.param
    python = _environment(reader)
    program = Path(__file__).with_name("reader_program.py")
    command = [str(python), str(program), reader, *(address for address, _ in cells.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    lines = done.stdout.splitlines()
    assert len(lines) == len(cells), done.stderr[-3000:]
    return reader, dict(zip(cells, map(json.loads, lines), strict=True))


def _environment(reader: str) -> Path:
    """Python of the reader's environment, which is made once."""
    folder = Path(tempfile.gettempdir()) / "imdb-assets-readers" / "-".join([reader, *PINS[reader]]).replace("==", "-")
    uv, python = Path(sys.executable).with_name("uv"), folder / "bin" / "python"
    if not (folder / "whole").exists():
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, *PINS[reader]], check=True)
        (folder / "whole").touch()
    return python


@pytest.mark.parametrize("cell", CELLS)
def test_a_reader_gets_all_values(
    cell: str,
    answers: tuple[str, dict[str, Rows | str]],
    cells: dict[str, tuple[str, Rows]],
    request: pytest.FixtureRequest,
) -> None:
    reader, found = answers
    if reason := EXPECTED.get((reader, cell)):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    answer = found[cell]
    assert not isinstance(answer, str), answer
    assert in_order(answer) == in_order(cells[cell][1])
