"""DDL, loads and an external schema for a move to Redshift, derived from the contracts.

`make docs` uses this module to write `docs/redshift.sql`. Tables are distributed by the id that joins use, so that
joined rows are on the same node. Tables are sorted by the columns that queries filter by.
"""

import sys
from collections.abc import Iterator

import dataframely as dy
import polars as pl

from imdb_assets.aws.buckets import bucket_of
from imdb_assets.contracts.base import Contract, description, polars_schema
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.naming import asset_name, schema
from imdb_assets.warehouse.literals import quoted

SCHEMAS = ("silver", "gold", "models")
"""Schemas to load. Bronze and quarantine stay on S3, and are read through the external schema."""
DISTRIBUTED_BY = ("tconst", "nconst")
"""Distribution keys. A table is distributed by `tconst` or, if it lacks `tconst`, by `nconst`. A table without a
distribution key is copied to every node."""
SORTED_BY = ("decade", "start_year", "year")
TEXT = "VARCHAR(65535)"
ID = "VARCHAR(16)"
"""Type of ids, which have 9 or 10 characters today. The type is not wider, because joins reserve memory for a type's
full width."""

_TYPES: dict[type[pl.DataType] | pl.DataType, str] = {
    pl.Boolean: "BOOLEAN",
    pl.Int8: "SMALLINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.UInt8: "SMALLINT",
    pl.UInt16: "INTEGER",
    pl.UInt32: "BIGINT",
    pl.Float32: "REAL",
    pl.Float64: "DOUBLE PRECISION",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMP",
    pl.String: TEXT,
}


_HEADER = """\
The lake's tables in Redshift: as external tables, and as tables that Redshift stores. `make docs` writes this file;
nobody has run the file's statements on Redshift yet.
Replace <role> with the ARN of an IAM role. Replace <databases> with the value of IMDB_AWS_PREFIX, with underscores
instead of hyphens, such as imdb_assets. Replace <name> with the prefix, account and region in the buckets' names.
Replace <publish> with the name of the folder that holds the files of the table's current snapshot: the last folder in
each file's address. On Athena, SELECT file_path FROM "<databases>_silver"."movies$files" lists the addresses of the
files of silver.movies.
From an external table, Redshift reads only the first 16,384 characters of a text; a text in a table that Redshift
stores can have 65,535 bytes.
"""


def render() -> str:
    """The whole script."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    contracts = [contract for contract in CONTRACTS.values() if schema(contract.table) in SCHEMAS]
    yield from (f"-- {line}" for line in _HEADER.splitlines())
    for name in ("bronze", "silver", "gold", "models"):
        yield ""
        yield f"CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_{name}"
        yield f"FROM DATA CATALOG DATABASE '<databases>_{name}' IAM_ROLE '<role>';"
    for name in SCHEMAS:
        yield ""
        yield f"CREATE SCHEMA IF NOT EXISTS {name};"
    for contract in contracts:
        yield from _table(contract)


def _table(contract: type[Contract]) -> Iterator[str]:
    names = list(polars_schema(contract))
    key = contract.primary_key()
    yield ""
    yield f"-- {description(contract).splitlines()[0]}"
    yield f"CREATE TABLE {contract.table} ("
    columns = [
        f'    "{name}" {ID if name in DISTRIBUTED_BY else _type(column)}{"" if column.nullable else " NOT NULL"}'
        for name, column in contract.columns().items()
    ]
    if key:
        columns.append(f"    PRIMARY KEY ({', '.join(map(quoted, key))})")
    yield ",\n".join(columns)
    yield ")"
    distributed = next((name for name in DISTRIBUTED_BY if name in names), None)
    yield f'DISTSTYLE KEY DISTKEY ("{distributed}")' if distributed else "DISTSTYLE ALL"
    cut_by = next((name for name in SORTED_BY if name in names), None)
    sorted_by = [name for name in (cut_by, distributed) if name] or names[:1]
    yield f"SORTKEY ({', '.join(map(quoted, sorted_by))});"
    yield ""
    if contract.incremental:  # an incremental table's files are in the folders of many snapshots
        yield f"INSERT INTO {contract.table} SELECT * FROM lake_{contract.table};"  # noqa: S608 - a contract's name
        return
    yield f"COPY {contract.table}"
    yield f"FROM '{_address(contract)}/data/<publish>/'"
    yield "IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;"


def _address(contract: type[Contract]) -> str:
    """Address of the table's files, as in `aws/buckets.py`."""
    return f"s3://<name>-{bucket_of(contract.table)}/tables/{asset_name(contract.table)}"


def _type(column: dy.Column) -> str:
    dtype = column.dtype
    if isinstance(dtype, pl.List):
        return "SUPER"
    return next(sql for kind, sql in _TYPES.items() if dtype == kind)


if __name__ == "__main__":
    sys.stdout.write(render())
