"""`imdb history`: lists a table's snapshots."""

from typing import Annotated, Any

import typer

from imdb_assets.cli.output import Format, console, print_records


def history(
    table: Annotated[str, typer.Argument(help="A table, such as silver.movies.")],
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """List a table's snapshots, oldest first, with time, run and inputs, and mark the snapshot that readers get."""
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
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
        lake.table(table)  # raises an error that names the missing table
    if output is Format.table:
        for row in rows:
            _print_snapshot(row)
        return
    print_records(rows, output)


def _print_snapshot(row: dict[str, Any]) -> None:
    """Prints one snapshot as a block, because a table with all facts of a snapshot would be too wide for a terminal."""
    style, mark = ("bold", "   <- readers get this snapshot") if row["current"] else ("", "")
    facts = [("run", row["run"]), ("code", row["code"]), ("engine", row["engine"])]
    facts += [("from" if not place else "", text) for place, text in enumerate(row["inputs"])]
    facts += [("rolled back to", text) for text in row["rolled_back_to"]]
    head = f"{row['snapshot']}   {row['published_at'][:16].replace('T', ' ')} UTC   {row['rows']:,} rows{mark}"
    console.print(head, style=style, markup=False, highlight=False, soft_wrap=True)
    for name, text in facts:
        if text:
            console.print(f"  {name:<6} {text}", markup=False, highlight=False, soft_wrap=True)
