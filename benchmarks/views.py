"""Time of the analytical views on the lake that the settings name: `python -m benchmarks.views`.

Full size is a lake made from `imdb sample --scale 1.0`. Each view runs several times in one connection; the best wall
time counts, since others may use the machine, and the processor's seconds stand beside it, of all threads together.
"""

import time
from typing import Annotated, Any

import duckdb
import pyarrow.parquet as pq
import sqlglot
import typer
from rich.console import Console
from rich.table import Table as Grid
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import load_settings
from imdb_assets.warehouse import views
from imdb_assets.warehouse.duckdb import over

AIM_MS = 200
console = Console()


def main(rounds: Annotated[int, typer.Option(min=1, help="Times that each view runs.")] = 7) -> None:
    """Times every view whose tables are in the lake."""
    lake = Lake(load_settings().lake_folder)
    read = sorted({name for view in views.every().values() for name in views.tables(view.text)})
    tables = [lake.table(name) for name in read if lake.exists(name)]
    warehouse = over(tables, lake.root)
    grid = Grid("view", "rows", "first, ms", "best, ms", "processor, ms", f"within {AIM_MS} ms", "MB of its columns")
    for column in [*grid.columns[1:5], grid.columns[6]]:
        column.justify = "right"
    for view in views.every().values():
        if not {table.name for table in tables}.issuperset(views.tables(view.text)):
            continue
        walls: list[float] = []
        processor: list[float] = []
        rows = 0
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            rows = warehouse.sql(view.checked).pl().height
            walls.append((time.perf_counter() - wall) * 1e3)
            processor.append((time.process_time() - cpu) * 1e3)
        best = min(walls)
        cells = (
            f"{rows:,}",
            f"{walls[0]:.0f}",
            f"{best:.0f}",
            f"{min(processor):.0f}",
            "yes" if best <= AIM_MS else "no",
            f"{scanned(view, lake) / 1e6:.1f}",
        )
        grid.add_row(view.name, *cells)
    console.print(grid)
    console.print(f"DuckDB {duckdb.__version__}; " + ", ".join(f"{table.name} {table.rows:,} rows" for table in tables))


def scanned(view: views.View, lake: Lake) -> int:
    """Bytes of the columns that the view names, in all files of their tables: what an engine reads of them at most.

    Athena bills them, and 10 MB at least (`aws/athena.py`).
    """
    found = 0
    for table, columns in named(view).items():
        for file in lake.table(table).files:
            metadata = pq.read_metadata(file)
            groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
            chunks = (group.column(place) for group in groups for place in range(group.num_columns))
            found += sum(
                chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns
            )
    return found


def named(view: views.View) -> dict[str, set[str]]:
    """Table → the columns that the view's query names."""
    tables = views.tables(view.text)
    schema: dict[str, Any] = {}
    for table in tables:
        database, _, name = table.partition(".")
        columns = dict.fromkeys(CONTRACTS[table].column_names(), "VARCHAR")
        schema[database] = {**schema.get(database, {}), name: columns}
    tree = qualify(sqlglot.parse_one(view.text, read="duckdb"), schema=schema, dialect="duckdb")
    found: dict[str, set[str]] = {table: set() for table in tables}
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found[f"{source.db}.{source.name}"].add(column.name)
    return found


if __name__ == "__main__":
    typer.run(main)
