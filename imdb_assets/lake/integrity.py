"""Whether data files are still what was published: hashes in the snapshot, and a note of which files were checked.

One flipped bit in a Parquet page is another number, and no reader of Parquet notices. So a publish records the SHA-256
of each file of a lake in a folder, and our readers ask here before they read. A file is hashed again when its size or
its times have changed since; what changes on the disk without that is found by `imdb verify` and by maintenance
(`verification.py`). On S3 no hash is recorded: S3 keeps and checks a checksum of each object itself.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HASHES = "imdb.sha256"
"""Snapshot property: file below the table's `data` folder → SHA-256, as JSON."""

CHECKED = "checked"
"""Folder below the lake's, with a file for each table: which of its data files were found sound, and as of when. It may
be lost or damaged: files are then hashed again."""

State = list[int | str]
"""Size, times of change in nanoseconds, and SHA-256."""


def recorded(table: str, files: Sequence[str]) -> str:
    """The snapshot property for files that were just written; they count as checked."""
    states = {file: [*_stat(file), sha256(file)] for file in files}
    _Checked(table, files).add(states)
    return json.dumps({_below(file): states[file][-1] for file in files}, sort_keys=True)


def hashes(properties: Mapping[str, str], files: Sequence[str]) -> tuple[str, ...]:
    """The recorded hashes of a snapshot's files, in their order; none if it was published without them."""
    known: dict[str, str] = json.loads(properties.get(HASHES, "{}"))
    found = [known.get(_below(file)) for file in files]
    return tuple(digest for digest in found if digest) if None not in found else ()


def require(table: str, snapshot_id: int, files: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuses files that are not what was published; hashes those that have changed since they were last checked.

    A file that is gone is for its reader to report.

    Args:
        table: `schema.table`.
        snapshot_id: Whose files they are.
        files: Absolute paths.
        wanted: Their hashes; none if the snapshot was published without.

    Raises:
        LakeError: Names the table, the file, the snapshot and the way back.
    """
    if not wanted:
        return
    checked = _Checked(table, files)
    found: dict[str, State] = {}
    for file, digest in zip(files, wanted, strict=True):
        with suppress(FileNotFoundError):
            state: State = [*_stat(file), digest]
            if checked.get(file) == state:
                continue
            if sha256(file) != digest:
                raise damaged(table, snapshot_id, file)
            found[file] = state
    if found:
        checked.add(found)


def is_sound(table: str, file: str, wanted: str) -> bool:
    """Hashes a file whether it was checked or not; one that has changed, or is gone, is no longer taken for checked."""
    checked = _Checked(table, [file])
    try:
        state: State = [*_stat(file), wanted]
        sound = sha256(file) == wanted
    except OSError:
        sound, state = False, []
    if not sound or checked.get(file) != state:
        checked.add({file: state if sound else []})
    return sound


def damaged(table: str, snapshot_id: int, file: str) -> LakeError:
    """What to say of a file that is not what was published."""
    asset = table.replace("quarantine.", "bronze.").replace(".", "/")
    return LakeError(
        f"{table}: {file} of snapshot {snapshot_id} is not what was published: its SHA-256 differs, so bytes have "
        f"changed on the disk. It is not read. `imdb verify {table}` says which snapshots are sound: roll back to one "
        f"(`imdb rollback {table} --to SNAPSHOT`), or materialize {asset}. Other tables are not affected."
    )


def sha256(file: str) -> str:
    """The file's hash, in hexadecimal digits."""
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class _Checked:
    """What is known of a table's files. Two processes that write at once lose a note, not more."""

    def __init__(self, table: str, files: Sequence[str]) -> None:
        place = f"/{table.replace('.', '/')}/data/"
        self._path = Path(files[0].rpartition(place)[0]) / CHECKED / f"{table}.json"
        self._states: dict[str, State] = {}
        with suppress(OSError, ValueError, TypeError):
            self._states = dict(json.loads(self._path.read_bytes()))

    def get(self, file: str) -> State | None:
        return self._states.get(file)

    def add(self, states: Mapping[str, State]) -> None:
        known = self._states | dict(states)
        with suppress(OSError):  # a lake that cannot be written to is checked each time
            write_json(self._path, {file: state for file, state in known.items() if state and Path(file).exists()})


def _stat(file: str) -> tuple[int, int, int]:
    found = Path(file).stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _below(file: str) -> str:
    """The file's path below the table's `data` folder."""
    return file.rpartition("/data/")[2]
