"""From a contract to an Iceberg schema, and from a published table's older schema to the contract's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Transaction


def arrow_schema(contract: type[Contract]) -> pa.Schema:
    """The contract as Arrow fields with the column descriptions as Iceberg docs.

    All fields are optional: files that carry no field ids may not fill required ones. The audit enforces nullability.
    """
    import pyarrow as pa

    columns = contract.columns()
    empty = pl.DataFrame(schema=polars_schema(contract)).to_arrow().schema
    docs = {name: columns[name].description or "" for name in empty.names}
    kinds = zip(empty.names, empty.types, strict=True)
    return pa.schema([pa.field(name, kind, metadata={"doc": docs[name]}) for name, kind in kinds])


def evolve(transaction: Transaction, contract: type[Contract]) -> None:
    """Brings the table's schema, with its descriptions, to the contract's within the transaction.

    New columns are added, dropped ones removed; a column whose type changed is removed and added anew, since every
    publish replaces all files. Snapshots of older schemas stay readable: their files keep their own columns.
    """
    wanted = arrow_schema(contract)
    have, want = _types(transaction.table_metadata.schema().as_arrow()), _types(wanted)
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
    """Column → type without what Arrow adds: offset width, names and nullability of list items."""
    return {
        name: re.sub(r"large_|<\w+: | not null", "", str(kind))
        for name, kind in zip(schema.names, schema.types, strict=True)
    }
