"""Handles of tables and of files that wait to become one; they cross process and machine borders."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from imdb_assets.lake import integrity
from imdb_assets.lake.files import scan
from imdb_assets.lake.provenance import Provenance


@dataclass(frozen=True)
class Table:
    """A table as of one snapshot; what it reads never changes, whatever is published later."""

    name: str
    """`schema.table`."""
    snapshot_id: int
    """The last snapshot that changed rows; also the asset's data version in Dagster."""
    files: tuple[str, ...]
    """Addresses of the Parquet files: absolute paths on a laptop, else `s3://`."""
    rows: int
    bytes: int
    """Size of the Parquet files."""
    provenance: Provenance = field(default_factory=Provenance)
    hashes: tuple[str, ...] = ()
    """SHA-256 of each file; none if it was published without."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """What it was made from: `Provenance.inputs`."""
        return self.provenance.inputs

    def scan(self) -> pl.LazyFrame:
        """All columns of all rows, lazily; raises as `sound_files`."""
        return scan(self.sound_files())

    def sound_files(self) -> tuple[str, ...]:
        """The files, to be read now.

        Raises:
            LakeError: One of them is not what was published.
        """
        integrity.require(self.name, self.snapshot_id, self.files, self.hashes)
        return self.files


@dataclass(frozen=True)
class Staged:
    """Parquet files that an engine has written and no reader sees yet."""

    table: str
    prefix: str
    """Folder of the files, or prefix of a bucket; private to one attempt."""
    engine: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the files were made from: `Provenance.inputs`."""


@dataclass(frozen=True)
class Snapshot:
    """One published state of a table."""

    snapshot_id: int
    published_at: str
    """ISO 8601, UTC."""
    rows: int
    current: bool
    """Whether readers get it."""
    properties: dict[str, str]
    """Run id, code version, engine and inputs, as published."""

    @property
    def provenance(self) -> Provenance:
        """The same, taken apart."""
        return Provenance.of(self.properties)

    @property
    def inputs(self) -> Mapping[str, str]:
        """What it was made from: `Provenance.inputs`."""
        return self.provenance.inputs


@dataclass(frozen=True)
class Rollback:
    """A past snapshot was made current again."""

    at: str
    """ISO 8601, UTC."""
    by: str
    """Name of the person's account."""
    replaced: int
    """The snapshot that was current until then."""
    to: int
    """The snapshot that has been current since."""


def partition_folder(column: str) -> str:
    """Name before the `=` of partition folders: not the column's own, which readers would then take from the path."""
    return f"part_{column}"
