"""The metadata that Iceberg keeps about a data file, read from the footer of a staged Parquet file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.audit import wrong_types
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.schema import ids_in, ids_of
from imdb_assets.lake.table import partition_folder
from imdb_assets.naming import asset_name

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.typedef import Record


def data_file(contract: type[Contract], metadata: TableMetadata, io: FileIO, address: str, uri: str) -> DataFile:
    """Builds Iceberg's entry for a data file, with the file's partition value and the statistics of its columns.

    This function replaces pyiceberg's `parquet_file_to_data_file`, which also accepts files whose field ids differ from
    the table's. Readers would get null for a column whose field id in the file differs from its field id in the table.
    This function is called for each file, and compares the types in each footer with the contract's types. The audit
    reads the types of one file only.

    Raises:
        LakeError: The file's columns or field ids differ from the table's.
    """
    import pyarrow.parquet as pq
    from pyiceberg.io.pyarrow import (
        MetricModeTypes,
        MetricsMode,
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
        raise LakeError(f"{table}: {address} breaks the contract ({', '.join(wrong)}). {again}")
    schema = metadata.schema()
    mapping = metadata.name_mapping() or schema.name_mapping
    have, want = ids_in(arrow, mapping), ids_of(schema)
    wrong = [
        f"{path} is {have.get(path)}, not {field_id}" for path, field_id in want.items() if have.get(path) != field_id
    ]
    if wrong:
        raise LakeError(
            f"{table}: {address} has other field ids than the table ({', '.join(wrong)}): the table's columns changed "
            f"while the file was made. {again}"
        )
    plan, by_path = compute_statistics_plan(schema, metadata.properties), parquet_path_to_id_mapping(schema)
    for place in range(footer.num_columns if footer.num_row_groups else 0):
        column = footer.row_group(0).column(place)
        if not column.is_stats_set:  # pyiceberg would warn of a column without statistics
            field_id = by_path[column.path_in_schema]
            plan[field_id] = replace(plan[field_id], mode=MetricsMode(MetricModeTypes.NONE))
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer, stats_columns=plan, parquet_column_mapping=by_path
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=uri,
        file_format=FileFormat.PARQUET,
        partition=_partition(metadata, address)
        if footer.num_rows == 0
        else statistics.partition(metadata.spec(), schema),
        file_size_in_bytes=len(file),
        sort_order_id=None,
        spec_id=metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _partition(metadata: TableMetadata, address: str) -> Record:
    """The partition that a file's path names; used for files without rows, whose statistics name no partition."""
    from pyiceberg.expressions.literals import literal
    from pyiceberg.typedef import Record

    schema, values = metadata.schema(), list[Any]()
    for field in metadata.spec().fields:
        _, found, value = address.rpartition("/")[0].rpartition(f"/{partition_folder(field.name)}=")
        kind = schema.find_field(field.source_id).field_type
        values.append(literal(value).to(kind).value if found else None)
    return Record(*values)
