"""The default engine is Polars in this process; Polars streams from Parquet to Parquet within bounded memory."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl
from polars.io.partition import FileProviderArgs

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import PAGE_BYTES, FieldIds, file_schema
from imdb_assets.engines.base import Ran, Transform, conform
from imdb_assets.lake.audit import audit
from imdb_assets.lake.files import storage_options
from imdb_assets.lake.remote import remote_of
from imdb_assets.lake.table import Staged, Table, partition_folder
from imdb_assets.transforms.parts import parts

if TYPE_CHECKING:
    import pyarrow as pa

JOIN_SAMPLE_ROWS = 1_000_000
"""A streaming join reads this many rows of each input before it decides which input goes into the hash table. Polars'
default of ten million rows takes a gigabyte of memory when a dump with wide rows is joined to the films."""


class PolarsEngine:
    """Runs transforms in this process."""

    name = "polars"

    def __init__(self) -> None:
        """Limits the memory of all joins that Polars makes in the process."""
        os.environ["POLARS_JOIN_SAMPLE_LIMIT"] = str(JOIN_SAMPLE_ROWS)
        pl.Config.reload_env_vars()

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Ran:
        """See `Engine.run`.

        The inputs are processed in numbered parts. A file's name begins with the number of the part that the file was
        made from. In a partitioned table, a file's name also has a running number, because one part can give several
        files.
        """
        written: list[str] = []
        schema = file_schema(polars_schema(contract), ids)
        scans = {name: table.scan() for name, table in inputs.items()}
        for part, frames in enumerate(parts(scans, contract.independent_by)):
            for table in inputs.values() if part else ():  # `scan` has already counted the reads of part 0
                if remote := remote_of(table.files[0]):
                    remote.polars_reads(len(table.files))
            made = transform(**{name: nw.from_native(frame) for name, frame in frames.items()})
            frame: pl.LazyFrame = conform(made, contract).to_native()
            if contract.partition_by is None:
                written.append(f"{part}.parquet")
                _sink(frame, f"{destination}/{part}.parquet", destination, schema)
            else:
                written += _sink_partitioned(frame, contract.partition_by, destination, part, schema)
        if not written:
            written.append("0.parquet")
            empty = pl.LazyFrame(schema=polars_schema(contract))
            _sink(empty, f"{destination}/{written[-1]}", destination, schema)
        if remote := remote_of(destination):
            remote.polars_writes(len(written))
        return Ran(audit(contract, Staged(contract.table, destination, self.name)))


def _sink(frame: pl.LazyFrame, target: str | pl.PartitionBy, destination: str, schema: "pa.Schema") -> None:
    where = storage_options(destination)
    frame.sink_parquet(
        target,
        compression="zstd",
        data_page_size=PAGE_BYTES,
        engine="streaming",
        storage_options=where,
        arrow_schema=schema,
    )


def _sink_partitioned(frame: pl.LazyFrame, column: str, destination: str, part: int, schema: "pa.Schema") -> list[str]:
    """Writes one or more files per value of the partition column; returns the files' paths below `destination`."""
    written: list[str] = []

    def path(file: FileProviderArgs) -> str:
        value = file.partition_keys[column].item()
        written.append(f"{partition_folder(column)}={value}/{part}-{file.index_in_partition}.parquet")
        return written[-1]

    target = pl.PartitionBy(destination, key=column, include_key=True, file_path_provider=path)
    _sink(frame, target, destination, schema)
    return written
