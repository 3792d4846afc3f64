"""The lake: an Iceberg catalog, and the tables that readers get from it.

`home.py` knows where the lake is kept (a folder or buckets); `publish.py` writes to the lake.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.lake import integrity, known
from imdb_assets.lake.close_names import advice
from imdb_assets.lake.errors import DamagedError, LakeError
from imdb_assets.lake.home import FolderHome, Home
from imdb_assets.lake.provenance import PREFIX, ROLLBACKS, Provenance
from imdb_assets.lake.table import Rollback, Snapshot, Table
from imdb_assets.naming import asset_name

if TYPE_CHECKING:  # importing pyiceberg would slow down Dagster's loading of definitions by half a second
    from pyiceberg.catalog import Catalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot


class Lake:
    """Iceberg tables with their catalog."""

    def __init__(self, home: Path | Home) -> None:
        """Does not open the catalog yet; the catalog is opened at its first use."""
        self.home: Home = FolderHome(home) if isinstance(home, Path) else home

    @property
    def folder(self) -> Path | None:
        """The local folder that holds all files of the lake; None if the files are elsewhere."""
        return self.home.folder if isinstance(self.home, FolderHome) else None

    @property
    def root(self) -> Path:
        """Folder of the lake.

        Raises:
            LakeError: The lake is not in a folder.
        """
        return self.home.folder

    @cached_property
    def catalog(self) -> Catalog:
        """The Iceberg catalog of the lake's tables.

        Raises:
            LakeError: The catalog is damaged or lost, or we have no permission to use it.
        """
        catalog = self.home.open_catalog()
        weakref.finalize(self, self.home.close, catalog)
        return catalog

    def exists(self, name: str) -> bool:
        """Whether the table has been published."""
        return self.published(name) is not None

    def published(self, name: str) -> Table | None:
        """A handle of the table, pinned to its current snapshot; None if the table was never published."""
        return self._published(name, self._current())

    def table(self, name: str, snapshot_id: int | None = None) -> Table:
        """A handle of the table, pinned to the snapshot `snapshot_id`, or, without an id, to the current snapshot.

        Raises:
            LakeError: There is no such table or snapshot.
        """
        if snapshot_id is None:
            if (published := self.published(name)) is None:
                raise self.not_published(name)
            return published
        iceberg = self.find(name)
        if iceberg is None or iceberg.current_snapshot() is None:
            raise self.not_published(name)
        if iceberg.snapshot_by_id(snapshot_id) is None:
            raise unknown_snapshot(iceberg, name, snapshot_id)
        return handle(iceberg, name, snapshot_id)

    def tables(self) -> list[Table]:
        """Handles of all published tables, sorted by name.

        Raises:
            LakeError: A table's metadata is damaged; see `survey`.
        """
        tables, problems = self.survey()
        for problem in problems.values():
            raise problem
        return tables

    def survey(self) -> tuple[list[Table], dict[str, LakeError]]:
        """Returns the handles of all readable tables, sorted by name, and maps each unreadable table to its error.

        Raises:
            LakeError: The catalog cannot be read, so no table can be read either.
        """
        tables: list[Table] = []
        problems: dict[str, LakeError] = {}
        current = self._current()
        for name in sorted(current) if current is not None else self.names():
            try:
                if table := self._published(name, current):
                    tables.append(table)
            except LakeError as error:
                problems[name] = error
        return tables, problems

    def names(self) -> list[str]:
        """Names of all tables in the catalog, sorted."""
        if (current := self._current()) is not None:
            return sorted(current)
        with self.home.errors("the lake's tables cannot be listed"):
            return sorted(
                f"{schema[0]}.{table[-1]}"
                for schema in self.catalog.list_namespaces()
                if self.home.has_namespace(schema[0])
                for table in self.catalog.list_tables(schema)
            )

    def not_published(self, name: str) -> LakeError:
        """The error for a table that is missing: either the table has not been made yet, or the name is wrong."""
        from imdb_assets.contracts.registry import CONTRACTS

        where = f"{name}: not in the lake at {self.home.address}"
        if name not in CONTRACTS:
            return LakeError(f"{where}, and no asset makes it; {advice(name, CONTRACTS)} See `imdb tables`.")
        asset = asset_name(name)
        return LakeError(
            f"{where} yet. Materialize the asset {asset} first (`make demo`, or `make materialize ASSETS={asset}`)."
        )

    def history(self, name: str) -> list[Snapshot]:
        """All snapshots of a table that have not expired, oldest first."""
        if seen := self._recalled(name, self._current()):
            return seen.history
        iceberg = self.find(name)
        return _history(iceberg) if iceberg else []

    def rollbacks(self, name: str) -> list[Rollback]:
        """The latest rollbacks of a table, oldest first."""
        iceberg = self.find(name)
        return [Rollback(**entry) for entry in json.loads(iceberg.properties.get(ROLLBACKS, "[]"))] if iceberg else []

    def current_handle(self, iceberg: IcebergTable, name: str) -> Table:
        """Makes and stores the handle of the current snapshot, so that later readers need not read the metadata."""
        snapshot = iceberg.current_snapshot()
        assert snapshot is not None  # the caller has checked that there is a snapshot
        table = handle(iceberg, name, snapshot.snapshot_id)
        if self.home.current() is not None:
            manifests = [snapshot.manifest_list, *(one.manifest_path for one in snapshot.manifests(iceberg.io))]
            metadata = Path(local_path(iceberg.metadata_location))
            known.remember(self.root, metadata, map(local_path, manifests), known.Known(table, _history(iceberg)))
        return table

    def _current(self) -> dict[str, Path] | None:
        with self.home.errors("the lake's tables cannot be listed"):
            return self.home.current()

    def _published(self, name: str, current: Mapping[str, Path] | None) -> Table | None:
        if current is not None and name not in current:
            return None
        if seen := self._recalled(name, current):
            return seen.table
        iceberg = self.find(name)
        return self.current_handle(iceberg, name) if iceberg and iceberg.current_snapshot() else None

    def _recalled(self, name: str, current: Mapping[str, Path] | None) -> known.Known | None:
        """The record of what was read from the table's current metadata file; None if there is no usable record."""
        metadata = current.get(name) if current is not None else None
        return known.recall(self.root, name, metadata) if metadata else None

    def find(self, name: str) -> IcebergTable | None:
        """The Iceberg table behind a name; None if there is no such table.

        Raises:
            LakeError: The catalog cannot be read, or the table's metadata file that the catalog names is lost or
                incomplete.
        """
        from pyiceberg.exceptions import (
            NoSuchIcebergTableError,
            NoSuchPropertyException,
            NoSuchTableError,
            ValidationError,
        )

        if "." not in name:
            return None
        with self.home.errors(f"{name} cannot be looked up"):
            if (current := self.home.current()) is not None and name not in current:
                return None
            try:
                iceberg = self.catalog.load_table(name)
            except (NoSuchTableError, NoSuchIcebergTableError, NoSuchPropertyException):
                return None  # in Glue's catalog, a view or another owner's table may have this name
            except (FileNotFoundError, ValidationError, ValueError, LookupError, TypeError) as error:
                cause = (str(error) or repr(error)).splitlines()[0]
                raise self.home.damaged(f"the metadata file of {name} is lost or damaged ({cause})") from error
        current = iceberg.metadata.current_snapshot_id
        if current is not None and iceberg.snapshot_by_id(current) is None:
            why = f"the metadata file of {name} lacks the current snapshot, which is {current}"
            raise self.home.damaged(why)
        return iceberg


def _own_properties(snapshot: IcebergSnapshot) -> dict[str, str]:
    """The snapshot properties that `publish` wrote, without Iceberg's own statistics."""
    properties = snapshot.summary.additional_properties if snapshot.summary else {}
    return {name: value for name, value in properties.items() if name.startswith(PREFIX)}


def _history(iceberg: IcebergTable) -> list[Snapshot]:
    return [
        Snapshot(
            snapshot_id=snapshot.snapshot_id,
            published_at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, tz=UTC).isoformat(timespec="seconds"),
            rows=int(snapshot.summary["total-records"] or 0) if snapshot.summary else 0,
            current=snapshot.snapshot_id == iceberg.metadata.current_snapshot_id,
            properties=_own_properties(snapshot),
        )
        for snapshot in iceberg.snapshots()
    ]


def handle(iceberg: IcebergTable, name: str, snapshot_id: int) -> Table:
    """A table's handle, pinned to one of its snapshots.

    If the snapshot comes from a compaction, which changes no rows, the handle has the files and hashes of the
    compaction, but the id and provenance of the last snapshot that changed rows.
    """
    snapshot = iceberg.snapshot_by_id(snapshot_id)
    files, changed = data_files(iceberg, snapshot_id), _last_change(iceberg, snapshot_id)
    paths = tuple(sorted(local_path(file.file_path) for file in files))
    return Table(
        name=name,
        snapshot_id=changed.snapshot_id,
        files=paths,
        rows=sum(file.record_count for file in files),
        bytes=sum(file.file_size_in_bytes for file in files),
        provenance=Provenance.of(_own_properties(changed)),
        hashes=integrity.hashes(_own_properties(snapshot) if snapshot else {}, paths),
    )


def _last_change(iceberg: IcebergTable, snapshot_id: int) -> IcebergSnapshot:
    """The latest snapshot that changed rows: the given snapshot or one of its ancestors.

    A compaction changes no rows, because a compaction only moves the same rows into other files.
    """
    from pyiceberg.table.snapshots import Operation

    snapshot = iceberg.snapshot_by_id(snapshot_id)
    assert snapshot is not None  # the caller took the id from the table
    while snapshot.summary and snapshot.summary.operation == Operation.REPLACE and snapshot.parent_snapshot_id:
        before = iceberg.snapshot_by_id(snapshot.parent_snapshot_id)
        if before is None:  # the parent snapshot has expired
            break
        snapshot = before
    return snapshot


def unknown_snapshot(iceberg: IcebergTable, name: str, snapshot_id: int) -> LakeError:
    """The error for a snapshot that a table never had or no longer has."""
    known = ", ".join(str(snapshot.snapshot_id) for snapshot in iceberg.snapshots())
    return LakeError(f"{name}: no snapshot {snapshot_id} (it may have expired); the table has {known}.")


def local_path(address: str) -> str:
    """The path of a file that Iceberg's metadata names."""
    return address.removeprefix("file://")


def data_files(iceberg: IcebergTable, snapshot_id: int | None) -> list[DataFile]:
    """All data files of a snapshot; none if there is no snapshot.

    The list includes files without rows, which pyiceberg's planning of scans leaves out.
    """
    snapshot = iceberg.snapshot_by_id(snapshot_id) if snapshot_id is not None else None
    return snapshot_files(iceberg, snapshot) if snapshot else []


def snapshot_files(iceberg: IcebergTable, snapshot: IcebergSnapshot) -> list[DataFile]:
    """All data files of a snapshot, even of a snapshot that has been removed from the table.

    Raises:
        DamagedError: A manifest cannot be read.
    """
    try:
        files = [
            entry.data_file
            for manifest in snapshot.manifests(iceberg.io)
            for entry in manifest.fetch_manifest_entry(iceberg.io, discard_deleted=True)
        ]
        _require_all(files, snapshot)
    except Exception as error:  # reading a damaged Avro file can raise any exception
        name, cause = ".".join(iceberg.name()[-2:]), (str(error) or repr(error)).splitlines()[0]
        where, asset = local_path(iceberg.location()), asset_name(name)
        way_back = (
            f"Go back to an earlier snapshot: `imdb history {name}`, `imdb rollback {name} --to SNAPSHOT`. "
            f"If there is no earlier snapshot, move {where} away, run `imdb recover`, then materialize {asset}."
            if snapshot.snapshot_id == iceberg.metadata.current_snapshot_id
            else f"The table's other snapshots are not affected: `imdb verify {name}` says which snapshots are sound."
        )
        raise DamagedError(
            f"{name}: a manifest of snapshot {snapshot.snapshot_id} is damaged or lost ({cause}). The other tables "
            f"are intact. {way_back}"
        ) from error
    return files


def _require_all(files: Collection[DataFile], snapshot: IcebergSnapshot) -> None:
    """Raises ValueError if the manifests do not list as many files and rows as the snapshot's summary states."""
    found = {"total-data-files": len(files), "total-records": sum(file.record_count for file in files)}
    for name, value in found.items():
        said = snapshot.summary[name] if snapshot.summary else None
        if said is not None and int(said) != value:
            msg = f"the manifests list {value} {name.removeprefix('total-')}, but the snapshot has {said}"
            raise ValueError(msg)
