"""`imdb maintain`: removes expired snapshots, dumps, files and models."""

from dataclasses import astuple, fields
from datetime import timedelta
from typing import Annotated

import typer

from imdb_assets.cli.output import Format, console, print_rows
from imdb_assets.lake.retention import LONGEST, Policy

KEEP = Policy()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def maintain(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be removed.")] = False,
    snapshots: Annotated[
        int,
        typer.Option(
            min=1,
            help="Keep N snapshots of each table outside bronze, quarantine and ops, however old they are.",
        ),
    ] = (KEEP.snapshots),
    days: Annotated[
        float,
        typer.Option(min=0, max=LONGEST / DAY, help="Also keep snapshots that were current in the last N days."),
    ] = KEEP.snapshot_age / DAY,
    hours: Annotated[
        float,
        typer.Option(
            min=0,
            max=LONGEST / HOUR,
            help="Keep files that are younger than N hours, because a run in progress may need them.",
        ),
    ] = KEEP.file_age / HOUR,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Remove old snapshots, dumps that only old snapshots need, files that no snapshot has, old models and old samples.

    The last two versions of each dump always stay. Bronze and quarantine keep snapshots for at most two days, whatever
    the options say.
    """
    from imdb_assets.lake.maintenance import Removal, maintain
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import stores_of

    settings = load_settings()
    policy = Policy(snapshots=snapshots, snapshot_age=days * DAY, file_age=hours * HOUR)
    removals = maintain(stores_of(settings), policy, dry_run=dry_run)
    if output is not Format.table or removals:
        names = [field.name for field in fields(Removal)]
        print_rows(names, [astuple(removal) for removal in removals], output)
    if output is Format.table:
        total = sum(removal.bytes for removal in removals) / 1e6
        console.print(f"{total:,.1f} MB {'would be' if dry_run else 'were'} removed")
