"""`imdb tables`: lists the lake's tables."""

from typing import Annotated

import typer

from imdb_assets.cli.output import Format, fail, print_records


def tables(output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table) -> None:
    """List the lake's tables with rows, size, current snapshot and number of snapshots."""
    from imdb_assets.cli.damage import wrong_files
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
    tables, problems = lake.survey()
    rows = [
        {
            "table": table.name,
            "rows": table.rows,
            "bytes": table.bytes,
            "snapshot": table.snapshot_id,
            "snapshots": len(lake.history(table.name)),
        }
        for table in tables
    ]
    if not rows and not problems:
        fail(f"The lake at {lake.home.address} is empty. Run `make demo` first.")
    print_records(rows, output)
    found = [*map(str, problems.values()), *filter(None, (wrong_files(lake, table) for table in tables))]
    if found:
        fail(*found)
