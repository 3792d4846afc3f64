"""The schema of a table's Parquet files: exact types and Iceberg's field ids, the same for all writers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

FIELD_ID = "PARQUET:field_id"
"""Key of the Parquet field id in the metadata of an Arrow field."""

PAGE_BYTES = 65_536
"""Largest uncompressed size in bytes of a page in Parquet files that Polars writes. Pages are small, because the
endpoint decodes whole pages even to read a single film."""

GROUP_ROWS = 16_384
"""Rows per row group in files made from frames in memory. Small row groups let the endpoint read a film fast."""

FieldIds = Mapping[str, int]
"""Maps each column to its Iceberg field id; a list column has a second id for its elements, `<column>.element`."""


def file_schema(schema: pl.Schema, ids: FieldIds | None) -> pa.Schema:
    """The Arrow schema of data files: the columns' exact types, and the given field ids, if any."""
    import pyarrow as pa

    def field(path: str, name: str, kind: Any) -> Any:
        if pa.types.is_large_list(kind):
            kind = pa.large_list(field(f"{path}.element", "element", kind.value_type))
        return pa.field(name, kind, metadata={FIELD_ID: str(ids[path])} if ids and path in ids else None)

    kinds = schema.to_frame().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([field(name, name, kind) for name, kind in zip(kinds.names, kinds.types, strict=True)])
