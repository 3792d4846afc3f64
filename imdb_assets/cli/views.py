"""`imdb views`: lists the analytical views and prints their SQL for each engine."""

from enum import StrEnum
from typing import Annotated

import typer

from imdb_assets.cli.output import Format, fail, print_records


class Dialect(StrEnum):
    """The engine that the SQL is printed for."""

    duckdb = "duckdb"
    trino = "trino"
    redshift = "redshift"
    spark = "spark"


def views(
    name: Annotated[str | None, typer.Argument(help="The view whose SQL to print, such as warehouse.funnel.")] = None,
    *,
    dialect: Annotated[Dialect, typer.Option(help="The SQL dialect; Athena uses trino.")] = Dialect.duckdb,
    output: Annotated[Format, typer.Option("--format", help="How to print the list.")] = Format.table,
) -> None:
    """List the analytical views, which `imdb sql` can query, or print the SQL of one view."""
    from imdb_assets.contracts.base import description
    from imdb_assets.contracts.registry import VIEWS
    from imdb_assets.lake.close_names import advice
    from imdb_assets.settings import load_settings
    from imdb_assets.warehouse.views import every, select, tables
    from imdb_assets.wiring import lake_of

    settings = load_settings()
    if name is not None:
        found = name if "." in name else f"warehouse.{name}"
        if found not in VIEWS:
            fail(f"{name}: no such view; {advice(name, VIEWS)}")
        typer.echo(select(found, dialect.value))
        return
    handles, problems = lake_of(settings).survey()
    published = {table.name for table in handles}
    rows = [
        {
            "view": view.name,
            "what it says": description(view.contract).partition("\n")[0],
            "columns": len(view.contract.column_names()),
            "missing": ", ".join(sorted(set(tables(view.text)) - published)),
        }
        for view in map(every().__getitem__, VIEWS)
    ]
    print_records(rows, output)
    if problems:
        fail(*map(str, problems.values()))
