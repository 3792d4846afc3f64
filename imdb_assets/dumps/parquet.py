"""Writes bronze rows as Parquet, with encodings and compression chosen by measurement.

Polars' own writer stores every id and list element with plain encoding; pyarrow's writer accepts an encoding for each
column (`docs/adr/0009-bronze-parquet-by-pyarrow.md`). This module knows nothing about dumps.
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from imdb_assets.contracts.parquet import FieldIds, file_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROW_GROUP_ROWS = 300_000
"""Smallest number of rows in a row group; twice as many rows would save 1 % of the bytes and take twice the memory."""

PAGE_ROWS = 1_000_000
"""Largest number of rows in a page: more than a row group has, so that only a page's bytes (1 MB) end a page. zstd
compresses each page by itself; with pyarrow's default of 20,000 rows, the file of `title.akas` would be a tenth
larger."""

COMPRESSION_LEVEL = 2
"""Compression level of zstd. At level 3, files would be 2 % smaller and writing would take a twentieth longer; at level
1, files would be 5 % larger and writing would take 6 % less time."""

FEW_VALUES = 0.3
"""A text column is stored in a dictionary if at most this share of the values in its first batch are distinct."""

DICTIONARY = "DICTIONARY"
"""Encoding that stores each distinct value once, in a dictionary; a row has only the value's number in the dictionary.
If the dictionary grows too large, further values are stored in plain encoding."""

DELTA_LENGTH = "DELTA_LENGTH_BYTE_ARRAY"
"""Encoding of text with many distinct values: lengths are stored apart from the bytes, so zstd compresses neighbouring
texts together."""

PLAIN = "PLAIN"
"""Encoding of ids. Polars reads plain values five times as fast as delta-encoded values, and compressed files of both
kinds have a similar size."""

LENGTHS_OF_IDS = 2
"""A text column counts as a column of ids if its values have at most `LENGTHS_OF_IDS` different lengths."""


class ParquetFile:
    """A Parquet file that is written batch by batch. The file is complete if the `with` block ends without an error."""

    def __init__(self, path: Path, schema: pl.Schema, ids: FieldIds | None = None) -> None:
        """Writes nothing until the first row group is full or the `with` block ends."""
        self.rows = 0
        self._path = path
        self._schema = file_schema(schema, ids)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, batch: "pl.DataFrame | pa.Table") -> None:
        """Appends rows in order; text in an Arrow table may be dictionary-encoded."""
        if isinstance(batch, pl.DataFrame):
            batch = batch.to_arrow(compat_level=pl.CompatLevel.oldest())
        if not batch.num_rows:  # an empty row group has no statistics, and Iceberg requires statistics
            return
        if self._writer is None:
            self._open(batch)
        self.rows += batch.num_rows
        self._waiting_rows += batch.num_rows
        self._waiting.append(batch.cast(self._schema))
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._flush()

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes the waiting rows and the footer. After an error, the file is left incomplete."""
        if kind is None:
            if self._writer is None:
                self._open(self._schema.empty_table())
            if self._waiting:
                self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        assert self._writer is not None
        rows = pa.concat_tables(self._waiting).unify_dictionaries()
        self._writer.write_table(rows, row_group_size=rows.num_rows)
        self._waiting, self._waiting_rows = [], 0

    def _open(self, first: "pa.Table") -> None:
        """Opens the file; the values in the first batch decide how each column is stored."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: list[Any] = list(self._schema)
        stored = [_stored(field, first[field.name]) for field in columns]
        self._schema = pa.schema([field for field, _ in stored])
        encodings = {_leaf(field): encoding for field, encoding in stored}
        bounded = [field.name for field, encoding in stored if _is_bounded(field, encoding, first[field.name])]
        self._writer = pq.ParquetWriter(
            self._path,
            self._schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            max_rows_per_page=PAGE_ROWS,
            write_page_checksum=True,
            store_schema=False,  # otherwise readers would turn dictionary-encoded text into categories
            use_dictionary=[leaf for leaf, encoding in encodings.items() if encoding == DICTIONARY],  # pyright: ignore[reportArgumentType]
            column_encoding={leaf: encoding for leaf, encoding in encodings.items() if encoding != DICTIONARY},
            write_statistics=bounded,
        )


def _stored(field: Any, values: Any) -> tuple[Any, str]:
    """The Arrow field for a column of the file, and the encoding of the column's values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_large_list(field.type):
        element, encoding = _stored(field.type.value_field, pc.list_flatten(values))
        return field.with_type(pa.list_(element)), encoding
    if not pa.types.is_large_string(field.type):
        return field, DICTIONARY
    encoding = DICTIONARY if pa.types.is_dictionary(values.type) else _encoding(values.drop_null())
    return field.with_type(pa.dictionary(pa.int32(), pa.string()) if encoding == DICTIONARY else pa.string()), encoding


def _encoding(texts: Any) -> str:
    import pyarrow.compute

    compute: Any = pyarrow.compute
    if len(compute.binary_length(texts).unique()) <= LENGTHS_OF_IDS:
        return PLAIN
    return DICTIONARY if len(texts.unique()) / max(1, len(texts)) <= FEW_VALUES else DELTA_LENGTH


def _is_bounded(field: Any, encoding: str, values: Any) -> bool:
    """Whether row groups store the column's minimum and maximum, which do not help readers of unsorted text."""
    import pyarrow as pa

    is_id = pa.types.is_string(field.type) and encoding == PLAIN
    return pa.types.is_primitive(field.type) or (is_id and pl.Series(values).is_sorted())


def _leaf(field: Any) -> str:
    """The path of the column's values within the Parquet file."""
    import pyarrow as pa

    return f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
