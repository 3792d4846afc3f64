"""`imdb sql`: questions to the lake, here or on Athena."""

from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import Format, fail, print_rows

if TYPE_CHECKING:
    from imdb_assets.settings import Settings


def sql(
    query: Annotated[str, typer.Argument(help='DuckDB SQL, such as "select count(*) from silver.movies".')],
    *,
    athena: Annotated[
        bool, typer.Option("--athena", help="Ask Athena, in its own dialect (Trino); needs IMDB_LAKE=s3.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Query the lake's tables and views, named `schema.table`; see `imdb tables` and `imdb views`."""
    from imdb_assets.settings import load_settings

    settings = load_settings()
    if athena:
        _ask_athena(settings, query, output)
        return
    import duckdb

    from imdb_assets.warehouse.duckdb import connect
    from imdb_assets.wiring import lake_of

    try:
        frame = connect(lake_of(settings)).rows(query)
    except duckdb.Error as error:
        fail(f"SQL: {error}", "Tables: imdb tables. Views over them: imdb views")
    print_rows(frame, output)


def _ask_athena(settings: "Settings", query: str, output: Format) -> None:
    """Prints rows; what they cost goes where it does not mix with them."""
    if settings.lake != "s3":
        fail("Athena reads a lake on S3, and this one is in a folder.", "Leave --athena out, or set IMDB_LAKE=s3.")
    from imdb_assets.aws.athena import Athena, AthenaError

    try:
        answer = Athena(settings).sql(query)
    except AthenaError as error:
        fail(f"Athena: {error}", "Tables: imdb tables")
    print_rows(answer.rows, output)
    typer.echo(
        f"{answer.bytes_scanned:,} bytes scanned in {answer.seconds:.1f} s, ${answer.usd:.6f}; query {answer.query_id}",
        err=True,
    )
