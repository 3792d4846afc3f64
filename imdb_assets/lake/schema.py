"""Makes Iceberg schemas from contracts, evolves the schemas of published tables, and reads the field ids of files.

Readers of Iceberg find a column by its field id, so data files carry the field ids of their table's schema. Older
files have no field ids: the table's name mapping gives the field ids of their columns (`docs/adr/0040-field-ids.md`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import FIELD_ID
from imdb_assets.lake.errors import LakeError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.schema import Schema
    from pyiceberg.table import Transaction
    from pyiceberg.table.name_mapping import NameMapping


def arrow_schema(contract: type[Contract]) -> pa.Schema:
    """The contract as Arrow fields; a column's description becomes the `doc` of its Iceberg field.

    All fields are optional, as in the files that engines write. The audit enforces nullability.
    """
    import pyarrow as pa

    columns = contract.columns()
    empty = pl.DataFrame(schema=polars_schema(contract)).to_arrow().schema
    docs = {name: columns[name].description or "" for name in empty.names}
    kinds = zip(empty.names, empty.types, strict=True)
    return pa.schema([pa.field(name, kind, metadata={"doc": docs[name]}) for name, kind in kinds])


def ids_of(schema: Schema) -> dict[str, int]:
    """Maps each column of an Iceberg schema to its field id; the items of a list column are `<column>.element`."""
    return {str(schema.find_column_name(field_id)): field_id for field_id in schema.field_ids}


def ids_in(schema: pa.Schema, mapping: NameMapping) -> dict[str, int | None]:
    """Maps each column of a file to its field id; if the file has no field ids, the ids come from the name mapping."""
    import pyarrow as pa

    found: dict[str, int | None] = {}

    def add(path: str, field: Any) -> None:
        metadata: dict[bytes, bytes] = field.metadata or {}
        stored = metadata.get(FIELD_ID.encode())
        found[path] = int(stored) if stored else None
        if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
            add(f"{path}.element", field.type.value_field)

    for name in schema.names:
        add(name, schema.field(name))  # pyright: ignore[reportUnknownMemberType]
    if any(found.values()):
        return found
    by_name = {path: field.field_id for path, field in mapping._field_by_name.items()}  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return {path: by_name.get(path) for path in found}


def joined(mapping: NameMapping, more: NameMapping) -> NameMapping:
    """Merges two mappings; for a name in both, the first mapping counts.

    If an older and a newer column have the same name, the name maps to the id of the older column: files without ids
    were written before the newer column existed.
    """
    known = {name for field in mapping for name in field.names}
    return type(mapping)([*mapping, *(field for field in more if known.isdisjoint(field.names))])


def evolve(transaction: Transaction, contract: type[Contract]) -> None:
    """Changes the table's schema and descriptions to the contract's, within the transaction.

    New columns are added, and columns that the contract no longer has are removed. A column with a changed type is
    removed and added with a new field id; nothing is lost, because the publish replaces all files. Snapshots with older
    schemas can still be read, because their files keep their columns.

    Raises:
        LakeError: The contract is incremental, and its columns differ from the table's.
    """
    wanted = arrow_schema(contract)
    have, want = _types(transaction.table_metadata.schema().as_arrow()), _types(wanted)
    if have != want and contract.incremental:
        raise LakeError(
            f"{contract.table}: the columns are {have}, but the contract says {want}. The partitions that are already "
            "in the table would not fit the new columns. Give the contract another table name, and fill the new table "
            "from the old one."
        )
    if have != want:
        with transaction.update_schema(allow_incompatible_changes=True) as update:
            for name, kind in have.items():
                if want.get(name) != kind:
                    update.delete_column(name)
        with transaction.update_schema() as update:
            update.union_by_name(wanted)
    docs = {name: column.description for name, column in contract.columns().items()}
    changed = [field.name for field in transaction.table_metadata.schema().fields if field.doc != docs[field.name]]
    if changed:
        with transaction.update_schema() as update:
            for name in changed:
                update.update_column(name, doc=docs[name])


def _types(schema: pa.Schema) -> dict[str, str]:
    """Maps each column to its type; leaves out Arrow's offset widths, and the names and nullability of list items."""
    return {
        name: re.sub(r"large_|<\w+: | not null", "", str(kind))
        for name, kind in zip(schema.names, schema.types, strict=True)
    }
