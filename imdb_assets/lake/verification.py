"""Compares every data file of every snapshot with the hash recorded when it was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.integrity import damaged, is_sound
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table


@dataclass(frozen=True)
class Verdict:
    """Result of verifying one snapshot."""

    table: Table
    current: bool
    """Whether readers get this snapshot."""
    damaged: tuple[str, ...] = ()
    """Files that are missing or are not what was published."""

    @property
    def verified(self) -> bool:
        """Whether there were hashes to compare with: older versions of this code recorded none, and S3 needs none."""
        return bool(self.table.hashes)


def verify(lake: Lake, name: str) -> Iterator[Verdict]:
    """Hashes the files of all snapshots of a table, newest first."""
    for snapshot in reversed(lake.history(name)):
        table = lake.table(name, snapshot.snapshot_id)
        pairs = zip(table.files, table.hashes, strict=bool(table.hashes))
        yield Verdict(
            table, snapshot.current, tuple(file for file, wanted in pairs if not is_sound(name, file, wanted))
        )


def require_sound(lake: Lake) -> None:
    """Verifies all snapshots of all tables; meant for the nightly maintenance.

    Raises:
        LakeError: Files of current snapshots are not what was published. Damaged past snapshots are no error here;
            `imdb verify` names them.
    """
    verdicts = [verdict for table in lake.tables() for verdict in verify(lake, table.name)]
    errors = [
        str(damaged(verdict.table.name, verdict.table.snapshot_id, file))
        for verdict in verdicts
        if verdict.current
        for file in verdict.damaged
    ]
    if errors:
        raise LakeError("\n".join(errors))
