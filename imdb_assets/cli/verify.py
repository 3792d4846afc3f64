"""`imdb verify`: checks that the tables' files are still as they were published."""

from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import console

if TYPE_CHECKING:
    from imdb_assets.lake.verification import Verdict


def verify(
    tables: Annotated[list[str] | None, typer.Argument(help="Tables, such as silver.movies; all by default.")] = None,
) -> None:
    """Read every data file of every snapshot and compare it with the hash recorded when it was published.

    A disk can flip a bit, and change a number, without reporting an error. Before they read a file, all commands and
    runs compare its size and times with those of its last check, and hash it again if they differ. This command hashes
    everything, as the nightly maintenance does. Nothing is changed. The exit code is 1 if a file is damaged
    or gone.

    Each damaged file is named with its snapshot. If readers get that snapshot, go back to a sound one with `imdb
    rollback TABLE --to SNAPSHOT`, or materialize the table. *Not verified* means that the snapshot was published
    without hashes: by an older version, or on S3, which keeps checksums itself.
    """
    from imdb_assets.lake.verification import verify
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
    chosen = [lake.table(name).name for name in tables] if tables else [table.name for table in lake.tables()]
    damaged = 0
    for name in chosen:
        with console.status(f"reading {name}"):
            verdicts = list(verify(lake, name))
        for line in _lines(name, verdicts):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        damaged += sum(len(verdict.damaged) for verdict in verdicts)
    if damaged:
        raise typer.Exit(1)


def _lines(name: str, verdicts: "list[Verdict]") -> list[str]:
    """The report on a table: one line if all is well."""
    checked = [verdict for verdict in verdicts if verdict.verified]
    files = {file for verdict in checked for file in verdict.table.files}
    damaged = any(verdict.damaged for verdict in verdicts)
    word = "damaged" if damaged else "sound" if checked else "not verified"
    lines = [f"{word:<12} {name}: {len(files)} files of {len(checked)} of {len(verdicts)} snapshots were hashed"]
    if damaged:
        lines += [_line(verdict) for verdict in verdicts]
    return lines


def _line(verdict: "Verdict") -> str:
    state = (
        "damaged: " + ", ".join(verdict.damaged) if verdict.damaged else "sound" if verdict.verified else "not verified"
    )
    return f"  snapshot {verdict.table.snapshot_id}{' (current)' if verdict.current else ''}: {state}"
