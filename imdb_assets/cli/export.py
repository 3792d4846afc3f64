"""`imdb export`: writes tables and views to a file or folder for other programs."""

import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from imdb_assets.cli.output import console, ended_as_by_ctrl_c, fail


class FolderFormat(StrEnum):
    """Format of the files in an exported folder."""

    parquet = "parquet"
    csv = "csv"


class Names(StrEnum):
    """The names of tables and columns in an export: our own names, or another program's names."""

    lake = "lake"
    imdb_sqlite = "imdb-sqlite"


def export(  # noqa: PLR0913 - options
    out: Annotated[
        Path,
        typer.Argument(
            help="Where to write: a file such as imdb.duckdb or imdb.sqlite, or (without a suffix) a folder, which "
            "gets one file for each table."
        ),
    ],
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            help="Tables and views, such as silver.movies, or schemas, such as silver. [default: all tables]"
        ),
    ] = None,
    *,
    folder_format: Annotated[
        FolderFormat | None, typer.Option("--format", help="Format of the files in a folder. [default: parquet]")
    ] = None,
    names: Annotated[
        Names,
        typer.Option(
            help="With imdb-sqlite, export the six tables that the program imdb-sqlite makes (people, titles, akas, "
            "…), and its indexes."
        ),
    ] = Names.lake,
    at: Annotated[
        str | None, typer.Option(help="Export the lake as it was at a date, a time, or a snapshot of any table.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an earlier export when the new export is complete.")
    ] = False,
) -> None:
    """Export tables and views to DuckDB, SQLite, Parquet or CSV; the file or folder appears only when it is complete.

    Columns keep their types. The export has the descriptions of tables and columns. DuckDB keeps the descriptions as
    comments, SQLite shows the descriptions in `.schema`, and a folder has the descriptions in datapackage.json. Tables
    keep their primary keys; a SQLite file also gets indexes of ids, titles and names. In SQLite and CSV, lists are
    JSON. A DuckDB file has the analytical views as well.
    """
    import duckdb

    from imdb_assets.cli.progress import show_shares
    from imdb_assets.lake import past
    from imdb_assets.settings import load_settings
    from imdb_assets.warehouse import imdb_sqlite, relations
    from imdb_assets.warehouse.duckdb import fill
    from imdb_assets.warehouse.export import export, kind_of
    from imdb_assets.wiring import lake_of

    started = time.monotonic()
    lake = lake_of(load_settings())
    if out.suffix and folder_format:
        raise typer.BadParameter(f"--format {folder_format} is for a folder; the suffix of {out.name} sets the format.")
    kind = kind_of(out, (folder_format or FolderFormat.parquet).value)
    handles, problems = past.survey(lake, past.moment(lake, at)) if at is not None else lake.survey()
    if handles and not tables:  # an export of all tables leaves out tables that did not exist at the time `at`
        problems = {name: error for name, error in problems.items() if not isinstance(error, past.NoSnapshotError)}
    with closing(duckdb.connect()) as connection:
        known, unreadable = fill(connection, handles, damaged=problems)
        if names is Names.imdb_sqlite:
            if tables or kind != "sqlite":
                raise typer.BadParameter(
                    "--names imdb-sqlite writes six tables to an SQLite file, such as imdb.sqlite: name no TABLES."
                )
            relations.chosen(imdb_sqlite.READS, known, unreadable)
            wanted = list(imdb_sqlite.RELATIONS)
        else:
            snapshots = {table.name: table.snapshot_id for table in handles}
            names_chosen = relations.chosen(tables or [], known, unreadable)
            wanted = [relations.of_lake(name, snapshots.get(name)) for name in names_chosen]
        try:
            with ended_as_by_ctrl_c(), show_shares(console) as on_progress:
                export(connection, wanted, out, kind, replace=replace, on_progress=on_progress)
        except OSError as error:
            fail(f"{out}: cannot be written: {error}. Make room, or name another place.", "Nothing was exported.")
    size = sum(path.stat().st_size for path in ([out] if out.is_file() else out.iterdir()))
    seconds = time.monotonic() - started
    console.print(
        f"{out}: {len(wanted)} tables, {size / 1e6:,.1f} MB, {seconds:.1f} s", highlight=False, soft_wrap=True
    )
