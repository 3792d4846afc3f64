"""`imdb rollback`: returns a table to a past snapshot."""

import getpass
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console


def rollback(
    table: Annotated[str, typer.Argument(help="A table, such as silver.movies.")],
    to: Annotated[int, typer.Option(help="Id of one of the table's snapshots; see `imdb history`.")],
) -> None:
    """Make a past snapshot of a table current again, until the table is next published."""
    from imdb_assets.cli.run import tell_dagster
    from imdb_assets.lake.rollback import made_from_others, roll_back
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
    try:
        restored = roll_back(lake, table, to, getpass.getuser())
    finally:  # even if this rollback fails: an earlier rollback may have died before it told Dagster
        tell_dagster(lake)
    console.print(f"{escape(table)}: snapshot {to} is current again, {restored.rows:,} rows")
    for other in made_from_others(lake, restored):
        console.print(
            f"{escape(other)} was made from another snapshot of {escape(table)}: roll {escape(other)} back, "
            "or materialize it again"
        )
