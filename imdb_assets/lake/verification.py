"""Compares every data file of every snapshot with the hash that was recorded when the file was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imdb_assets.lake.errors import DamagedError, LakeError
from imdb_assets.lake.integrity import damaged, is_sound, lost
from imdb_assets.lake.lake import Lake


@dataclass(frozen=True)
class Verdict:
    """Result of verifying one snapshot."""

    table: str
    snapshot_id: int
    current: bool
    """Whether readers get this snapshot."""
    files: tuple[str, ...] = ()
    verified: bool = False
    """Whether there were hashes to compare with. Snapshots on S3, and snapshots from older code, have no hashes."""
    damaged: tuple[str, ...] = ()
    """Files that are missing or differ from what was published."""
    unreadable: DamagedError | None = None
    """The error if a manifest (a list of the snapshot's files) is damaged or lost; otherwise None."""

    @property
    def errors(self) -> list[LakeError]:
        """The errors that readers of the snapshot get; empty if the snapshot is sound or was not verified."""
        if self.unreadable:
            return [self.unreadable]
        return [(damaged if Path(file).exists() else lost)(self.table, self.snapshot_id, file) for file in self.damaged]


def verify(lake: Lake, name: str) -> Iterator[Verdict]:
    """Hashes the files of all snapshots of a table, newest first. Without recorded hashes, only lost files are found.

    Raises:
        LakeError: The table's metadata is damaged, so we do not know its snapshots.
    """
    for snapshot in reversed(lake.history(name)):
        try:
            table = lake.table(name, snapshot.snapshot_id)
        except DamagedError as error:
            yield Verdict(name, snapshot.snapshot_id, snapshot.current, unreadable=error)
            continue
        pairs = zip(table.files, table.hashes, strict=bool(table.hashes))
        wrong = [file for file, wanted in pairs if not is_sound(name, file, wanted)]
        yield Verdict(
            name,
            snapshot.snapshot_id,
            snapshot.current,
            table.files,
            bool(table.hashes),
            tuple(wrong if table.hashes else lake.home.lost(table.files)),
        )


def require_sound(lake: Lake) -> None:
    """Verifies all snapshots of all tables; meant for the nightly maintenance.

    Raises:
        LakeError: Files of current snapshots differ from what was published. Damaged past snapshots raise no error
            here; `imdb verify` names them.
    """
    verdicts = [verdict for name in lake.names() for verdict in verify(lake, name)]
    errors = [str(error) for verdict in verdicts if verdict.current for error in verdict.errors]
    if errors:
        raise LakeError("\n".join(errors))
