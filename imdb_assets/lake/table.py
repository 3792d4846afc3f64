"""Handles of tables and of staged files. The handles can be sent to other processes and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imdb_assets.lake import integrity
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import parquet_files, scan
from imdb_assets.lake.provenance import Provenance

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Table:
    """A table at one snapshot; its content never changes, whatever is published later."""

    name: str
    """`schema.table`."""
    snapshot_id: int
    """Id of the last snapshot that changed rows; also the asset's data version in Dagster."""
    files: tuple[str, ...]
    """Addresses of the Parquet files: absolute paths for a local lake, otherwise `s3://`."""
    rows: int
    bytes: int
    """Total size of the Parquet files."""
    provenance: Provenance = field(default_factory=Provenance)
    hashes: tuple[str, ...] = ()
    """SHA-256 of each file; empty if the snapshot was published without hashes."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """The inputs that the snapshot was made from (`Provenance.inputs`)."""
        return self.provenance.inputs

    def scan(self) -> pl.LazyFrame:
        """All columns of all rows, as a lazy frame; raises the same error as `sound_files`."""
        return scan(self.sound_files())

    def sound_files(self) -> tuple[str, ...]:
        """Checks the files just before they are read, and returns their addresses.

        Raises:
            LakeError: The content of a file is not the published content.
        """
        integrity.require(self.name, self.snapshot_id, self.files, self.hashes)
        return self.files


@dataclass(frozen=True)
class Staged:
    """Parquet files that an engine has written and that no reader sees yet."""

    table: str
    prefix: str
    """Folder or, in a bucket, prefix of the files. Each attempt to write a table has a folder or prefix of its own."""
    engine: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """The inputs that the files were made from (`Provenance.inputs`)."""
    base: int | None = None
    """Only for incremental contracts: id of the table's current snapshot at the time when the files were computed; None
    if the table had no snapshot yet."""

    def files(self) -> list[str]:
        """Parquet files below the prefix, in a stable order.

        Raises:
            LakeError: There are no files.
        """
        files = parquet_files(self.prefix)
        if not files:
            raise LakeError(f"{self.table}: the engine {self.engine} staged no Parquet file below {self.prefix}.")
        return files


@dataclass(frozen=True)
class Snapshot:
    """One published state of a table."""

    snapshot_id: int
    published_at: str
    """Time of the publish, ISO 8601, UTC."""
    rows: int
    current: bool
    """Whether this is the snapshot that readers get."""
    properties: dict[str, str]
    """Run id, code version, engine and inputs, as published."""

    @property
    def provenance(self) -> Provenance:
        """The snapshot's properties, as an object."""
        return Provenance.of(self.properties)

    @property
    def inputs(self) -> Mapping[str, str]:
        """The inputs that the snapshot was made from (`Provenance.inputs`)."""
        return self.provenance.inputs


@dataclass(frozen=True)
class Rollback:
    """The record of one return to a past snapshot."""

    at: str
    """Time of the rollback, ISO 8601, UTC."""
    by: str
    """Account name of the person who rolled back."""
    replaced: int
    """Id of the snapshot that was current before the rollback."""
    to: int
    """Id of the snapshot that the rollback made current."""


def partition_folder(column: str) -> str:
    """The name before the `=` in the name of a partition folder.

    The part before `=` is not the column's name; otherwise, readers would take the column's value from the path.
    """
    return f"part_{column}"
