"""The schema of a table's Parquet files: exact types and Iceberg's field ids, the same for all writers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

FIELD_ID = "PARQUET:field_id"
"""Arrow's name for a Parquet field id, in a field's metadata."""

PAGE_BYTES = 65_536
"""Largest uncompressed size of a page in Polars' files, bytes. The endpoint decodes whole pages to read one film."""

GROUP_ROWS = 16_384
"""Rows per row group in files that are made from frames in memory: the endpoint reads a film faster from small groups.
"""

FieldIds = Mapping[str, int]
"""Column → its Iceberg field id. The elements of a list column have an id of their own, under `<column>.element`."""


def file_schema(schema: pl.Schema, ids: FieldIds | None) -> pa.Schema:
    """The Arrow schema of data files: the columns' exact types, with these field ids if any are given."""
    import pyarrow as pa

    def field(path: str, name: str, kind: Any) -> Any:
        if pa.types.is_large_list(kind):
            kind = pa.large_list(field(f"{path}.element", "element", kind.value_type))
        return pa.field(name, kind, metadata={FIELD_ID: str(ids[path])} if ids and path in ids else None)

    kinds = schema.to_frame().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([field(name, name, kind) for name, kind in zip(kinds.names, kinds.types, strict=True)])
