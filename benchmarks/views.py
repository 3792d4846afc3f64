"""Time of the analytical views on the lake that the settings name: `python -m benchmarks.views`.

Full size is a lake made from `imdb sample --scale 1.0`. Each view runs several times in one connection; the best wall
time counts, since others may use the machine, and the processor's seconds stand beside it, of all threads together.
"""

import time
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table as Grid

from imdb_assets.lake.lake import Lake
from imdb_assets.settings import load_settings
from imdb_assets.warehouse import views
from imdb_assets.warehouse.duckdb import over

AIM_MS = 200
console = Console()


def main(rounds: Annotated[int, typer.Option(min=1, help="Times that each view runs.")] = 7) -> None:
    """Times every view whose tables are in the lake."""
    lake = Lake(load_settings().lake_folder)
    read = sorted({name for view in views.ALL.values() for name in views.tables(view.text)})
    tables = [lake.table(name) for name in read if lake.exists(name)]
    warehouse = over(tables, lake.root)
    grid = Grid("view", "rows", "first, ms", "best, ms", "processor, ms", f"within {AIM_MS} ms")
    for column in grid.columns[1:5]:
        column.justify = "right"
    for view in views.ALL.values():
        if not {table.name for table in tables}.issuperset(views.tables(view.text)):
            continue
        walls: list[float] = []
        processor: list[float] = []
        rows = 0
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            rows = warehouse.sql(view.text).pl().height
            walls.append((time.perf_counter() - wall) * 1e3)
            processor.append((time.process_time() - cpu) * 1e3)
        best = min(walls)
        cells = (
            f"{rows:,}",
            f"{walls[0]:.0f}",
            f"{best:.0f}",
            f"{min(processor):.0f}",
            "yes" if best <= AIM_MS else "no",
        )
        grid.add_row(view.name, *cells)
    console.print(grid)
    console.print(f"DuckDB {duckdb.__version__}; " + ", ".join(f"{table.name} {table.rows:,} rows" for table in tables))


if __name__ == "__main__":
    typer.run(main)
