"""Makes a new catalog from the tables' own metadata if the catalog file is damaged or lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imdb_assets.lake.catalog import (
    FILE,
    entries,
    explained,
    locked,
    metadata_files,
    open_database,
    require_home,
    write_whole,
)
from imdb_assets.lake.errors import LakeError, disk_errors
from imdb_assets.lake.lake import Lake, local_path
from imdb_assets.naming import asset_name, lake_name, schema

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog


@dataclass(frozen=True)
class Recovered:
    """A table in the new catalog."""

    name: str
    metadata: Path
    """The table's metadata file that the new catalog names."""
    from_catalog: bool
    """Whether the old catalog named this metadata file; if not, this is the newest complete metadata file."""


def recover(lake: Lake, *, force: bool = False) -> list[Recovered]:
    """Replaces the catalog with one made from the tables' metadata, and keeps the old catalog under another name.

    An entry of the old catalog is used if it is readable and names a complete metadata file. A sound catalog is
    replaced only with `force`. End every run first, because running processes would still commit to the old catalog.

    Raises:
        LakeError: There is no table, a table has no complete metadata file, the lake was moved, the catalog is sound,
            or another process is writing to the catalog. Nothing was changed.
    """
    folders: dict[str, list[Path]] = {}
    for path in metadata_files(lake.root):
        folders.setdefault(lake_name(path.relative_to(lake.root).parts[:2]), []).append(path)
    if not folders:
        raise LakeError(f"the lake at {lake.root} has no metadata of any table: there is nothing to recover.")
    for name, paths in folders.items():
        for path in paths:
            _require_home(lake.root, name, path)
    with disk_errors("the catalog was not rebuilt", lake.root), locked(lake.root), _held(lake.root) as (known, sound):
        found = [_newest(name, paths, known.get(name)) for name, paths in sorted(folders.items())]
        if not force and sound and all(table.from_catalog for table in found) and known.keys() == folders.keys():
            raise LakeError(
                f"nothing is wrong with the catalog {lake.root / FILE}: it has all {len(found)} tables, and their "
                "files are there. `imdb recover --force` rebuilds the catalog anyway; end every run first, because "
                "whatever a run commits during the rebuild is lost."
            )
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        for suffix in ("", "-journal"):  # SQLite would apply the old database's journal to the new database
            old = lake.root / f"{FILE}{suffix}"
            if old.exists():
                old.rename(lake.root / f"{FILE}.{stamp}{suffix}")

        def register(catalog: SqlCatalog) -> None:
            for table in found:
                catalog.create_namespace_if_not_exists(schema(table.name))
                catalog.register_table(table.name, str(table.metadata))

        write_whole(lake.root, register)
    return found


@contextmanager
def _held(root: Path) -> Generator[tuple[Mapping[str, Path], bool]]:
    """Yields the old catalog's readable entries (table → metadata file), and whether the old catalog is sound.

    No other process can write to the catalog until the `with` block ends.
    """
    file = root / FILE
    if not file.exists() or not file.stat().st_size:
        yield {}, False
        return
    with closing(open_database(file)) as database:
        yield _read(root, database)


def _read(root: Path, database: sqlite3.Connection) -> tuple[Mapping[str, Path], bool]:
    try:
        database.execute("begin exclusive")  # the lock lasts until the connection is closed
        known = entries(root, database)
        (first,) = database.execute("pragma integrity_check(1)").fetchone()
    except LakeError:
        return {}, False  # the file is not a catalog, which is a reason for a recovery
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return {}, False
        raise explained(root, error) from error
    return known, first == "ok"


def _require_home(root: Path, name: str, path: Path) -> None:
    try:
        location = json.loads(path.read_bytes())["location"]
    except (OSError, ValueError, KeyError):
        return  # the file is incomplete
    require_home(root, name, Path(local_path(location)))


def _newest(name: str, paths: list[Path], known: Path | None) -> Recovered:
    """The metadata file that the catalog names, if that file is complete; otherwise the newest complete file."""
    if known is not None and _is_whole(known):
        return Recovered(name, known, from_catalog=True)
    for path in sorted(paths, key=_age, reverse=True):
        if _is_whole(path):
            return Recovered(name, path, from_catalog=False)
    raise LakeError(
        f"{name}: each of the table's {len(paths)} metadata files (such as {paths[-1]}) is damaged or refers to lost "
        f"files. Move the table's folder away and run `imdb recover` again; then materialize {asset_name(name)}."
    )


def _age(path: Path) -> tuple[int, float]:
    """Sort key of a metadata file: its version, then its time. After two commits at once, two files share a version."""
    version = path.name.partition("-")[0]
    return int(version) if version.isdigit() else -1, path.stat().st_mtime


def _is_whole(path: Path) -> bool:
    """Whether the metadata can be read and the files of its current snapshot exist."""
    from pyiceberg.io.pyarrow import PyArrowFileIO
    from pyiceberg.table.metadata import TableMetadataUtil

    try:
        metadata: Any = TableMetadataUtil.parse_obj(json.loads(path.read_bytes()))
        snapshot = metadata.current_snapshot()
        if snapshot is None:
            return False
        io = PyArrowFileIO()
        return all(
            Path(local_path(entry.data_file.file_path)).is_file()
            for manifest in snapshot.manifests(io)
            for entry in manifest.fetch_manifest_entry(io, discard_deleted=True)
        )
    except Exception:  # noqa: BLE001 - reading a damaged JSON or Avro file can raise any exception
        return False
