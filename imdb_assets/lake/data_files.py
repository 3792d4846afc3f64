"""The metadata Iceberg keeps about a data file, read from the footer of a staged Parquet file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.audit import wrong_types
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.schema import ids_in, ids_of
from imdb_assets.naming import asset_name

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.table.metadata import TableMetadata


def data_file(contract: type[Contract], metadata: TableMetadata, io: FileIO, address: str, uri: str) -> DataFile:
    """Builds the entry of a file, with its partition value and the statistics of its columns.

    This replaces pyiceberg's `parquet_file_to_data_file`, which also accepts files whose field ids differ from the
    table's. Readers would get null for the columns of such a file. The audit takes the types of all files from one of
    them, so each file's are compared here, where its footer is read.

    Raises:
        LakeError: The file's columns or field ids differ from the table's.
    """
    import pyarrow.parquet as pq
    from pyiceberg.io.pyarrow import (
        compute_statistics_plan,
        data_file_statistics_from_parquet_metadata,
        parquet_path_to_id_mapping,
    )
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat

    file = io.new_input(address)
    with file.open() as stream:
        footer = pq.read_metadata(stream)  # pyright: ignore[reportArgumentType, reportUnknownMemberType]
    arrow = footer.schema.to_arrow_schema()
    table, again = contract.table, f"Nothing was published. Materialize {asset_name(contract.table)} again."
    if wrong := wrong_types(contract, nw.Schema.from_arrow(arrow)):
        raise LakeError(f"{table}: {address} is unlike the other staged files ({', '.join(wrong)}). {again}")
    schema = metadata.schema()
    mapping = metadata.name_mapping() or schema.name_mapping
    have, want = ids_in(arrow, mapping), ids_of(schema)
    wrong = [
        f"{path} is {have.get(path)}, not {field_id}" for path, field_id in want.items() if have.get(path) != field_id
    ]
    if wrong:
        raise LakeError(
            f"{table}: {address} has other field ids than the table ({', '.join(wrong)}): its columns changed while "
            f"the file was made. {again}"
        )
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer,
        stats_columns=compute_statistics_plan(schema, metadata.properties),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=uri,
        file_format=FileFormat.PARQUET,
        partition=statistics.partition(metadata.spec(), schema),
        file_size_in_bytes=len(file),
        sort_order_id=None,
        spec_id=metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )
