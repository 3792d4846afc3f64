"""`imdb recover`: rebuilds the catalog from the tables' own metadata."""

from typing import Annotated

import typer

from imdb_assets.cli.output import console


def recover(
    *, force: Annotated[bool, typer.Option("--force", help="Rebuild the catalog even if it is not damaged.")] = False
) -> None:
    """Rebuild a damaged or lost catalog from the tables' own metadata. No run may be in progress."""
    from imdb_assets.cli.run import tell_dagster
    from imdb_assets.lake.recovery import recover
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
    for table in recover(lake, force=force):
        origin = (
            "from the metadata file that the old catalog named"
            if table.from_catalog
            else "from the table's newest intact metadata file"
        )
        console.print(f"{table.name}: {lake.table(table.name).rows:,} rows, {origin}")
    tell_dagster(lake)
