"""Remembers, in the lake's folder, what was read from a table's metadata: the current snapshot and the history.

A metadata file and its manifests never change, so they need not be read twice. Because the metadata are remembered, a
reader need not import pyiceberg. Importing pyiceberg would take longer than many queries. The record of a table lists
the files that were read (the metadata file and manifests), with the files' sizes and times. A record is ignored if the
catalog points at another metadata file, or if a listed file has changed. Lost or damaged records are made again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.files import read_sealed, state, write_sealed
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.table import Snapshot, Table

FOLDER = "known"
"""Name of the lake's folder that has one record per table."""
FORMAT = 1
"""Version of the records. Raise the version when a field of `Table` or `Snapshot` changes or is read in a new way."""


@dataclass(frozen=True)
class Known:
    """What readers need to know about a table."""

    table: Table
    """The handle of the table's current snapshot."""
    history: list[Snapshot]
    """The table's snapshots that have not expired, oldest first."""


def recall(root: Path, name: str, metadata: Path) -> Known | None:
    """The record of what was read from a metadata file; None if there is no usable record.

    Args:
        root: Folder of the lake.
        name: `schema.table`.
        metadata: The metadata file that the catalog points at.
    """
    with suppress(OSError, DamagedError, LookupError, TypeError):  # the record is lost, damaged, or of another form
        record = read_sealed(_path(root, name), "made again", "format", "metadata", "files", "table", "history")
        if record is None or (record["format"], record["metadata"]) != (FORMAT, str(metadata)):
            return None
        if record["files"] == _states(record["files"]):
            return Known(_table(record["table"]), [Snapshot(**one) for one in record["history"]])
    return None


def remember(root: Path, metadata: Path, manifests: Iterable[str], known: Known) -> None:
    """Records what was read from a table's metadata file and manifests.

    If the lake is read-only or its disk is full, nothing is recorded, and readers read the metadata again.
    """
    with suppress(OSError):
        record: dict[str, Any] = {
            "format": FORMAT,
            "metadata": str(metadata),
            "files": _states([str(metadata), *manifests]),
            "table": asdict(known.table),
            "history": [asdict(one) for one in known.history],
        }
        write_sealed(_path(root, known.table.name), record)


def _path(root: Path, name: str) -> Path:
    return root / FOLDER / f"{name}.json"


def _states(files: Iterable[str]) -> dict[str, list[int]]:
    return {file: list(state(file)) for file in files}


def _table(fields: dict[str, Any]) -> Table:
    lists: dict[str, Any] = {name: tuple(fields[name]) for name in ("files", "hashes")}
    found: dict[str, Any] = {**fields, **lists, "provenance": Provenance(**fields["provenance"])}
    return Table(**found)
