"""Writes bronze rows as Parquet, with encodings and compression chosen by measurement; knows nothing about dumps.

Polars' own writer stores every id and list element plainly; pyarrow's accepts an encoding for each column
(`docs/adr/0009-bronze-parquet-by-pyarrow.md`).
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import polars as pl

from imdb_assets.contracts.parquet import FieldIds, file_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROW_GROUP_ROWS = 500_000
"""Rows of a row group; twice as many save 1 % of the bytes and hold twice the memory."""

ROW_GROUP_BYTES = 1 << 29
"""Memory of its rows at which a row group ends early: ten times that of the widest rows of a generated dump."""

COMPRESSION_LEVEL = 3
"""Compression level of zstd: 4 is 2 % smaller and takes a quarter longer; 2 is 2 % larger and hardly faster."""

FEW_VALUES = 0.05
"""Distinct values per value, in the first row group, up to which text is stored in a dictionary."""

DELTA_LENGTH = "DELTA_LENGTH_BYTE_ARRAY"
"""Encoding of text with many values: lengths stand apart from the bytes, so zstd sees neighbouring words together."""

FRONT_CODING = "DELTA_BYTE_ARRAY"
"""Encoding of sorted ids that hardly repeat: each stores its difference from the previous one. Slower to scan."""

HARDLY_REPEAT = 0.99
"""Distinct values per row from which text counts as such ids."""


class ParquetFile:
    """A Parquet file written batch by batch; complete if the context ends without an error."""

    def __init__(self, path: Path, schema: pl.Schema, ids: FieldIds | None = None) -> None:
        """Writes nothing until the first row group is full or the context ends."""
        self.rows = 0
        self._path = path
        self._schema = schema
        self._file_schema = file_schema(schema, ids)
        self._waiting: list[pl.DataFrame] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, batch: pl.DataFrame) -> None:
        """Appends rows, in order."""
        self.rows += batch.height
        self._waiting.append(batch)
        self._waiting_rows += batch.height
        self._waiting_bytes += int(batch.estimated_size())
        if self._waiting_rows >= ROW_GROUP_ROWS or self._waiting_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes the waiting rows and the footer; after an error the file stays incomplete."""
        if kind is None and (self._waiting_rows or self._writer is None):
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        rows = pl.concat([self._schema.to_frame(), *self._waiting])
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(self._file_schema)
        if self._writer is None:
            self._writer = _writer(self._path, rows, self._file_schema)
        if rows.height:  # a row group without rows has no statistics, and Iceberg complains
            self._writer.write_table(table, row_group_size=rows.height)


def _writer(path: Path, first: pl.DataFrame, schema: "pa.Schema") -> "pq.ParquetWriter":
    import pyarrow.parquet as pq

    encodings = {_leaf(column): _encoding(column) for column in first}
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        write_page_checksum=True,
        use_dictionary=[leaf for leaf, encoding in encodings.items() if encoding is None],  # pyright: ignore[reportArgumentType]
        column_encoding={leaf: encoding for leaf, encoding in encodings.items() if encoding is not None},
    )


def _encoding(column: pl.Series) -> str | None:
    """Encoding for the values of a column's first row group; None: a dictionary, which falls back to plain values."""
    values = (column.explode() if column.dtype == pl.List else column).drop_nulls()
    if values.dtype != pl.String:
        return None
    distinct = values.n_unique()
    if distinct >= HARDLY_REPEAT * len(column):
        return FRONT_CODING
    return DELTA_LENGTH if distinct > FEW_VALUES * len(values) else None


def _leaf(column: pl.Series) -> str:
    """The column's name within the Parquet file."""
    return f"{column.name}.list.element" if column.dtype == pl.List else column.name
