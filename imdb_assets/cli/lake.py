"""Commands on the lake's past and its upkeep: history, rollback, maintain, recover."""

import getpass
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape

from imdb_assets.cli.output import Format, console, print_rows
from imdb_assets.lake.retention import Policy
from imdb_assets.settings import load_settings

app = typer.Typer()

KEEP = Policy()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@app.command()
def history(
    table: Annotated[str, typer.Argument(help="A table, such as silver.movies.")],
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """List a table's snapshots, oldest first: when, by which run, from what, and which one readers get."""
    settings = load_settings()
    import polars as pl

    from imdb_assets.wiring import lake_of

    lake = lake_of(settings)
    rollbacks: dict[int, list[str]] = {}
    for rollback in lake.rollbacks(table):
        rollbacks.setdefault(rollback.to, []).append(f"{rollback.at} by {rollback.by}, replacing {rollback.replaced}")
    rows = [
        {
            "snapshot": snapshot.snapshot_id,
            "current": snapshot.current,
            "published_at": snapshot.published_at,
            "rows": snapshot.rows,
            "run": snapshot.provenance.run_id or None,
            "code": snapshot.provenance.code_version or None,
            "engine": snapshot.provenance.engine or None,
            "inputs": [f"{name} {version}" for name, version in sorted(snapshot.inputs.items())],
            "rolled_back_to": rollbacks.get(snapshot.snapshot_id, []),
        }
        for snapshot in lake.history(table)
    ]
    if not rows:
        lake.table(table)  # says what is missing
    if output is Format.table:
        for row in rows:
            _print_snapshot(row)
        return
    texts = pl.List(pl.String)
    print_rows(pl.DataFrame(rows, schema_overrides={"inputs": texts, "rolled_back_to": texts}), output)


def _print_snapshot(row: dict[str, Any]) -> None:
    """One snapshot as a block: a table as wide as all this does not fit a terminal."""
    style, mark = ("bold", "   <- readers get this one") if row["current"] else ("", "")
    facts = [("run", row["run"]), ("code", row["code"]), ("engine", row["engine"])]
    facts += [("from" if not place else "", text) for place, text in enumerate(row["inputs"])]
    facts += [("rolled back to", text) for text in row["rolled_back_to"]]
    head = f"{row['snapshot']}   {row['published_at'][:16].replace('T', ' ')} UTC   {row['rows']:,} rows{mark}"
    console.print(head, style=style, markup=False, highlight=False, soft_wrap=True)
    for name, text in facts:
        if text:
            console.print(f"  {name:<6} {text}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def rollback(
    table: Annotated[str, typer.Argument(help="A table, such as silver.movies.")],
    to: Annotated[int, typer.Option(help="A snapshot of the table; see `imdb history`.")],
) -> None:
    """Make a past snapshot of a table the current one again, until the table is published next."""
    settings = load_settings()
    from imdb_assets.cli.run import tell_dagster
    from imdb_assets.lake.rollback import made_from_others, roll_back
    from imdb_assets.wiring import lake_of

    lake = lake_of(settings)
    restored = roll_back(lake, table, to, getpass.getuser())
    tell_dagster([restored])
    console.print(f"{escape(table)}: snapshot {to} is current again, {restored.rows:,} rows")
    for other in made_from_others(lake, restored):
        console.print(f"{escape(other)} was made from another snapshot of it: roll it back too, or materialize it")


@app.command()
def maintain(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would go.")] = False,
    snapshots: Annotated[
        int, typer.Option(min=1, help="Snapshots of each table from silver on to keep, however old.")
    ] = (KEEP.snapshots),
    days: Annotated[float, typer.Option(min=0, help="Keep snapshots that were current within so many days.")] = (
        KEEP.snapshot_age / DAY
    ),
    hours: Annotated[
        float, typer.Option(min=0, help="Keep files younger than this: they may belong to a run in progress.")
    ] = KEEP.file_age / HOUR,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Remove old snapshots, the dumps that only they were made from, files of no snapshot, old models and old samples.

    Of each dump the last two stay in any case; bronze and quarantine keep at most two days, whatever the options say.
    """
    settings = load_settings()
    import polars as pl

    from imdb_assets.lake.maintenance import Removal, Stores, maintain

    policy = Policy(snapshots=snapshots, snapshot_age=days * DAY, file_age=hours * HOUR)
    removals = maintain(Stores.of(settings), policy, dry_run=dry_run)
    if output is not Format.table or removals:
        schema = {"kind": pl.String, "name": pl.String, "files": pl.Int64, "bytes": pl.Int64}
        assert list(schema) == list(Removal.__dataclass_fields__)
        print_rows(pl.DataFrame(removals, schema=schema), output)
    if output is Format.table:
        total = sum(removal.bytes for removal in removals) / 1e6
        console.print(f"{total:,.1f} MB {'would be' if dry_run else 'were'} removed")


@app.command()
def recover(
    *, force: Annotated[bool, typer.Option("--force", help="Even if nothing is wrong with the catalog.")] = False
) -> None:
    """Make a damaged or lost catalog anew from the tables' own metadata. No run may be in progress."""
    settings = load_settings()
    from imdb_assets.cli.run import tell_dagster
    from imdb_assets.lake.recovery import recover
    from imdb_assets.wiring import lake_of

    lake = lake_of(settings)
    for table in recover(lake, force=force):
        origin = "as the old catalog had it" if table.from_catalog else "its newest metadata that is whole"
        console.print(f"{table.name}: {lake.table(table.name).rows:,} rows, {origin}")
    tell_dagster(lake.tables())
