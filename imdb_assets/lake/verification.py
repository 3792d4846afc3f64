"""Every data file of every snapshot against the hash that was recorded when it was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.integrity import damaged, is_sound
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table


@dataclass(frozen=True)
class Verdict:
    """What became of one snapshot's verification."""

    table: Table
    current: bool
    """Whether readers get this snapshot."""
    damaged: tuple[str, ...] = ()
    """Files that are not what was published, or gone."""

    @property
    def verified(self) -> bool:
        """Whether there were hashes to compare with: older versions recorded none, and on S3 none are needed."""
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
    """Verifies everything, for the night.

    Raises:
        LakeError: Files of current snapshots are not what was published. A damaged past is in nobody's way; `imdb
            verify` names it.
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
