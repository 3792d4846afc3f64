"""`imdb verify`: checks that the tables' files are still as they were published."""

from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import console, fail

if TYPE_CHECKING:
    from imdb_assets.lake.verification import Verdict


def verify(
    tables: Annotated[list[str] | None, typer.Argument(help="Tables, such as silver.movies; all by default.")] = None,
) -> None:
    """Read every data file of every snapshot, and compare its hash with the hash recorded when the file was published.

    A disk can flip a bit, and change a number, without reporting an error. Other commands and runs hash a file again
    only if the file's size or times have changed since the last check. `imdb verify` hashes every file, as the nightly
    maintenance does, and changes nothing. The exit code is 1 if a file is damaged or gone.

    Each damaged file is named with its snapshot. If readers get the damaged snapshot, go back to a sound one with `imdb
    rollback TABLE --to SNAPSHOT`, or materialize the table. *Not verified* means that the snapshot has no hashes. Older
    versions of this program recorded no hashes, and on S3 none are recorded, because S3 itself keeps checksums.
    """
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.lake.verification import verify
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    lake = lake_of(load_settings())
    names, all_sound = tables or lake.names(), True
    if not names:
        fail(f"The lake at {lake.home.address} is empty. Run `make demo` first, or correct IMDB_DATA.")
    for name in names:
        try:
            with console.status(f"reading {name}"):
                verdicts = list(verify(lake, name))
        except LakeError as error:  # the other tables are still verified
            lines, sound = [f"{'damaged':<12} {name}: {error}"], False
        else:
            if tables and not verdicts:
                raise lake.not_published(name)
            lines, sound = _lines(name, verdicts), not any(verdict.errors for verdict in verdicts)
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        all_sound = all_sound and sound
    if not all_sound:
        raise typer.Exit(1)


def _lines(name: str, verdicts: "list[Verdict]") -> list[str]:
    """The report on a table: one line if all is well, none if the table was never published."""
    from imdb_assets.naming import maker

    checked = [verdict for verdict in verdicts if verdict.verified]
    files = {file for verdict in checked for file in verdict.files}
    damaged = [verdict for verdict in verdicts if verdict.errors]
    word = "damaged" if damaged else "sound" if checked else "not verified"
    lines = [f"{word:<12} {name}: {len(files)} files hashed, in {len(checked)} of {len(verdicts)} snapshots"]
    if not damaged:
        return lines if verdicts else []
    way_back = (
        f"Readers get a damaged snapshot: go back to a sound snapshot (`imdb rollback {name} --to SNAPSHOT`), or "
        f"materialize {maker(name)}."
        if any(verdict.current for verdict in damaged)
        else "Readers get a sound snapshot. `imdb maintain` removes the damaged snapshots when they expire."
    )
    return [*lines, *map(_line, verdicts), f"  {way_back}"]


def _line(verdict: "Verdict") -> str:
    if verdict.unreadable:
        state = f"damaged: {verdict.unreadable}"
    elif verdict.damaged:
        state = f"damaged: {', '.join(verdict.damaged)}"
    else:
        state = "sound" if verdict.verified else "not verified"
    return f"  snapshot {verdict.snapshot_id}{' (current)' if verdict.current else ''}: {state}"
