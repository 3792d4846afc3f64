"""Compares data files with the hashes recorded in their snapshot, and remembers which files were checked.

A flipped bit in a Parquet page changes a value, and no reader of Parquet notices. If a lake is kept in a folder, each
publish records the SHA-256 of each file, and our readers call this module to check files before they read them. A file
is hashed again when its size or times have changed since the last check. `imdb verify` and maintenance
(`verification.py`) also find changes on the disk that do not change a file's size and times. On S3 no hash is recorded,
because S3 itself keeps and checks a checksum of each object.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import state, write_json
from imdb_assets.lake.provenance import HASHES
from imdb_assets.lake.remote import remote_of
from imdb_assets.naming import asset_name, maker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKED = "checked"
"""Name of the lake's folder with one JSON file for each table. The JSON file lists the table's data files that were
found undamaged, and the state of each data file at the time of the check. If a table's JSON file is lost or damaged,
the table's data files are hashed again."""

State = list[int | str]
"""Size, modification times in nanoseconds, and SHA-256 of a file."""


def recorded(table: str, files: Sequence[str], kept: Mapping[str, str]) -> str:
    """Returns the hashes of all files as text for the snapshot property `HASHES`, and marks the new files as checked.

    Args:
        table: `schema.table`.
        files: Absolute paths of the new files.
        kept: Maps absolute path to hash, for the files that the new snapshot shares with the previous snapshot.
    """
    states: dict[str, State] = {file: [*state(file), sha256(file)] for file in files}
    _Checked(table, files).add(states)
    found = {**kept, **{file: str(states[file][-1]) for file in files}}
    return json.dumps({_below(file): digest for file, digest in found.items()}, sort_keys=True)


def hashes(properties: Mapping[str, str], files: Sequence[str]) -> tuple[str, ...]:
    """The recorded hashes of a snapshot's files, in the order of the files; empty if any file has no recorded hash."""
    known: dict[str, str] = json.loads(properties.get(HASHES, "{}"))
    found = [known.get(_below(file)) for file in files]
    return tuple(digest for digest in found if digest) if None not in found else ()


def require(table: str, snapshot_id: int, files: Sequence[str], wanted: Sequence[str]) -> None:
    """Raises an error if a file differs from what was published. Only files changed since their last check are hashed.

    Raises:
        LakeError: A file is damaged or lost. The message names table, file, snapshot and the way to recover. If the
            snapshot was published without hashes, damaged files go unnoticed, and lost files are noticed only if the
            lake is in a folder, not on S3.
    """
    if not wanted:
        for file in files if files and not remote_of(files[0]) else ():
            if not Path(file).exists():  # DuckDB may notice a lost file only in the middle of a query
                raise lost(table, snapshot_id, file)
        return
    checked = _Checked(table, files)
    found: dict[str, State] = {}
    for file, digest in zip(files, wanted, strict=True):
        try:
            now: State = [*state(file), digest]
            if checked.get(file) == now:
                continue
            if sha256(file) != digest:
                raise damaged(table, snapshot_id, file)
        except FileNotFoundError as error:
            raise lost(table, snapshot_id, file) from error
        found[file] = now
    if found:
        checked.add(found)


def is_sound(table: str, file: str, wanted: str) -> bool:
    """Whether a file has the hash `wanted`. The file is hashed even if it was checked before.

    A damaged or missing file no longer counts as checked.
    """
    checked = _Checked(table, [file])
    try:
        now: State = [*state(file), wanted]
        sound = sha256(file) == wanted
    except OSError:
        sound, now = False, []
    if not sound or checked.get(file) != now:
        checked.add({file: now if sound else []})
    return sound


def damaged(table: str, snapshot_id: int, file: str) -> LakeError:
    """The error for a file whose content is not the published content."""
    return LakeError(
        f"{table}: {file} of snapshot {snapshot_id} is not what was published: its SHA-256 differs, so bytes have "
        f"changed on the disk. The file was not read. {_way_back(table)}"
    )


def lost(table: str, snapshot_id: int, file: str) -> LakeError:
    """The error for a file that no longer exists."""
    return LakeError(f"{table}: {file} of snapshot {snapshot_id} is lost. {_way_back(table)}")


def _way_back(table: str) -> str:
    return (
        f"`imdb verify {table}` says which snapshots are sound: roll back to one (`imdb rollback {table} --to "
        f"SNAPSHOT`), or materialize {maker(table)}. Other tables are not affected."
    )


def sha256(file: str | Path) -> str:
    """The file's hash, in hexadecimal digits."""
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class _Checked:
    """The record of which files of a table were checked.

    If two processes write the record at the same time, an entry may be lost; a file without an entry is hashed again.
    """

    def __init__(self, table: str, files: Sequence[str]) -> None:
        place = f"/{asset_name(table)}/data/"
        self._path = Path(files[0].rpartition(place)[0]) / CHECKED / f"{table}.json"
        self._states: dict[str, State] = {}
        with suppress(OSError, ValueError, TypeError):
            self._states = dict(json.loads(self._path.read_bytes()))

    def get(self, file: str) -> State | None:
        return self._states.get(file)

    def add(self, states: Mapping[str, State]) -> None:
        known = self._states | dict(states)
        with suppress(OSError):  # in a read-only lake, checks are not recorded, so files are hashed each time
            write_json(self._path, {file: state for file, state in known.items() if state and Path(file).exists()})


def _below(file: str) -> str:
    """The file's path below the table's `data` folder."""
    return file.rpartition("/data/")[2]
