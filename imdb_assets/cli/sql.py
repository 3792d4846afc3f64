"""`imdb sql`: queries the lake, here or on Athena."""

import re
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import Format, fail, print_rows

if TYPE_CHECKING:
    from imdb_assets.settings import Settings

TABLE_ROWS = 100
"""Rows that a table shows by default: more than people read."""


def sql(
    query: Annotated[str, typer.Argument(help='DuckDB SQL, such as "select count(*) from silver.movies".')],
    *,
    athena: Annotated[
        bool,
        typer.Option(
            "--athena",
            help="Ask Athena, in Trino's dialect; schemas start with the prefix, as in imdb_assets_silver.movies.",
        ),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help=f"Print at most this many rows. [default: {TABLE_ROWS} in a table, else all]"),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Query the lake's tables and views, named `schema.table`; see `imdb tables` and `imdb views`. Ctrl-C ends it."""
    from imdb_assets.settings import load_settings

    settings = load_settings()
    if limit is None and output is Format.table:
        limit = TABLE_ROWS
    if athena:
        _ask_athena(settings, query, limit, output)
        return
    import duckdb

    from imdb_assets.warehouse.duckdb import connect
    from imdb_assets.wiring import lake_of

    with closing(connect(lake_of(settings))) as warehouse:
        try:
            answer = warehouse.rows(query, limit)
            print_rows(answer.columns, answer.rows, output)
        except duckdb.Error as error:
            lists = ["A list is searched by list_contains, as in: where list_contains(genres, 'Drama')"]
            hints = lists if re.search(r"VARCHAR\[\]", str(error)) else []
            fail(f"SQL: {error}", *hints, "Tables: imdb tables. Views over them: imdb views")
    _tell_more(answer.more)


def _tell_more(rows: int) -> None:
    if rows:
        typer.echo(f"{rows:,} more rows: --limit {TABLE_ROWS * 10} prints more, --format csv or json all", err=True)


def _ask_athena(settings: "Settings", query: str, limit: int | None, output: Format) -> None:
    """Prints rows to standard output, and the cost of the query to standard error."""
    if settings.lake != "s3":
        fail("Athena reads a lake on S3, and this one is in a folder.", "Leave --athena out, or set IMDB_LAKE=s3.")
    from imdb_assets.aws.athena import Athena, AthenaError

    try:
        answer = Athena(settings).sql(query)
    except AthenaError as error:
        fail(f"Athena: {error}", "Tables: imdb tables")
    rows = answer.rows if limit is None else answer.rows.head(limit)
    print_rows(rows.columns, rows.iter_rows(), output)
    _tell_more(answer.rows.height - rows.height)
    typer.echo(
        f"{answer.bytes_scanned:,} bytes scanned in {answer.seconds:.1f} s, ${answer.usd:.6f}; query {answer.query_id}",
        err=True,
    )
