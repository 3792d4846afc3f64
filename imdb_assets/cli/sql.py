"""`imdb sql`: queries the lake, here or on Athena."""

import re
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import Format, ended_as_by_ctrl_c, fail, print_rows

if TYPE_CHECKING:
    from imdb_assets.settings import Settings
    from imdb_assets.warehouse.duckdb import Warehouse

TABLE_ROWS = 100
"""Number of rows that the format `table` shows by default: nobody reads more."""


def sql(  # noqa: PLR0913 - options
    query: Annotated[
        str | None, typer.Argument(help='DuckDB SQL, such as "select count(*) from silver.movies". [default: a prompt]')
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", help="Run the queries in this file; - stands for standard input.", allow_dash=True
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the rows of one query to this file: .csv, .jsonl, .json or .parquet.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="Query the lake as it was at the end of a date, at a time, or at a snapshot from `imdb history`; "
            "today's tables are then called now.silver.movies and so on."
        ),
    ] = None,
    athena: Annotated[
        bool,
        typer.Option(
            "--athena",
            help="Run the query on Athena, in Trino's dialect; schema names start with the deployment's prefix, as in "
            "imdb_assets_silver.",
        ),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=0, help=f"Largest number of rows to print. [default: {TABLE_ROWS} for a table, all for other formats]"
        ),
    ] = None,
    output: Annotated[Format | None, typer.Option("--format", help="How to print the rows. [default: table]")] = None,
) -> None:
    """Query the lake's tables and views, named `schema.table`; see `imdb tables` and `imdb views`. Ctrl-C ends a query.

    Without a query, the command prompts for queries; if standard input is a file or a pipe, the queries are read from
    it. `imdb export` makes a file of whole tables for other programs.
    """
    from imdb_assets.settings import load_settings

    text = _text(query, file)
    if out and output:
        raise typer.BadParameter(f"--format {output} is for printing; with --out, the file's suffix sets the format.")
    output = output or Format.table
    settings = load_settings()
    if limit is None and output is Format.table and out is None:
        limit = TABLE_ROWS
    if athena:
        if text is None or at is not None or out:
            raise typer.BadParameter("--athena takes exactly one query, and cannot be used with --at or --out.")
        _ask_athena(settings, text, limit, output)
        return
    import duckdb

    from imdb_assets.lake.past import moment
    from imdb_assets.warehouse.duckdb import connect
    from imdb_assets.wiring import lake_of

    lake = lake_of(settings)
    with closing(connect(lake, None if at is None else moment(lake, at))) as warehouse:
        if text is None:
            _prompt(warehouse, settings.data / "sql-history", limit, output)
            return
        try:
            queries = [statement.query for statement in duckdb.extract_statements(text)] or [text]
            if out:
                if len(queries) > 1:
                    raise typer.BadParameter(f"--out takes one query; there are {len(queries)}.")
                _write(warehouse, queries[0], limit, out)
                return
            for one in queries:
                _print(warehouse, one, limit, output)
        except duckdb.Error as error:
            fail(*_explained(error))


def _text(query: str | None, file: Path | None) -> str | None:
    """The queries from the argument, a file or standard input; None if the command has to prompt for queries."""
    if query is not None and file is not None:
        raise typer.BadParameter("Give a query or --file, not both.")
    if query is not None:
        return query
    if file is None and sys.stdin.isatty():
        return None
    source = None if file is None or str(file) == "-" else file
    try:
        return source.read_text(encoding="utf-8") if source else sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{source or 'standard input'}: cannot be read: {error}")


def _prompt(warehouse: "Warehouse", history: Path, limit: int | None, output: Format) -> None:
    """Prompts for queries and prints their rows until the user leaves."""
    import duckdb

    from imdb_assets.cli.prompt import ask

    typer.echo(
        "SQL over the lake. End each query with a semicolon; Ctrl-C ends a running query. Tables: show tables;",
        err=True,
    )
    for query in ask(warehouse.names(), history):
        started = time.monotonic()
        try:
            _print(warehouse, query, limit, output)
            typer.echo(f"{time.monotonic() - started:.2f} s", err=True)
        except duckdb.Error as error:
            typer.echo("\n".join(_explained(error)), err=True)
        except KeyboardInterrupt:
            typer.echo("\nended", err=True)


def _print(warehouse: "Warehouse", query: str, limit: int | None, output: Format) -> None:
    answer = warehouse.rows(query, limit)
    print_rows(answer.columns, answer.rows, output)
    _tell_more(answer.more)


def _write(warehouse: "Warehouse", query: str, limit: int | None, out: Path) -> None:
    """Writes the rows to a file, which appears only when it is complete."""
    from imdb_assets.lake.files import replacing

    kinds = [Format.csv.value, Format.jsonl.value, Format.json.value, "parquet"]
    kind = out.suffix.removeprefix(".")
    if kind not in kinds:
        raise typer.BadParameter(f"--out {out}: expected a name that ends with .{', .'.join(kinds)}.")
    try:
        with ended_as_by_ctrl_c(), replacing(out) as unfinished:
            if kind == "parquet":
                warehouse.write_parquet(query, unfinished, limit)
            else:
                answer = warehouse.rows(query, limit)
                with unfinished.open("w", encoding="utf-8", newline="") as to:
                    print_rows(answer.columns, answer.rows, Format(kind), to)
    except OSError as error:
        fail(f"{out}: cannot be written: {error}")
    typer.echo(f"{out}: {out.stat().st_size:,} bytes")


def _explained(error: Exception) -> list[str]:
    """DuckDB's error message, with advice."""
    lists = ["To search a list, use list_contains, as in: where list_contains(genres, 'Drama')"]
    hints = lists if re.search(r"VARCHAR\[\]", str(error)) else []
    return [f"SQL: {error}", *hints, "To list the tables: imdb tables. To list the views: imdb views"]


def _tell_more(rows: int) -> None:
    if rows:
        typer.echo(
            f"{rows:,} more rows are not shown: --limit {TABLE_ROWS * 10} prints more rows, --out FILE.csv or "
            "FILE.parquet saves all rows, and imdb export imdb.duckdb exports whole tables for other programs",
            err=True,
        )


def _ask_athena(settings: "Settings", query: str, limit: int | None, output: Format) -> None:
    """Prints rows to standard output, and the cost of the query to standard error."""
    if settings.lake != "s3":
        fail(
            "Athena can read only a lake on S3, but this lake is in a folder.",
            "Leave --athena out, or set IMDB_LAKE=s3.",
        )
    from imdb_assets.aws.athena import Athena, AthenaError

    try:
        answer = Athena(settings).sql(query)
    except AthenaError as error:
        fail(f"Athena: {error}", "To list the tables: imdb tables")
    rows = answer.rows if limit is None else answer.rows.head(limit)
    print_rows(rows.columns, rows.iter_rows(), output)
    _tell_more(answer.rows.height - rows.height)
    typer.echo(
        f"{answer.bytes_scanned:,} bytes scanned in {answer.seconds:.1f} s, ${answer.usd:.6f}; query {answer.query_id}",
        err=True,
    )
