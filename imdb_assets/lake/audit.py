"""Audits staged files against their table's contract, with queries that every engine can run where the files are.

The engine that staged the files reads the files into a frame; the verdict is the same on every engine. This module uses
no catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import narwhals as nw
import polars as pl
from narwhals.exceptions import NarwhalsError

from imdb_assets.contracts.base import Contract, column_types
from imdb_assets.contracts.rules import rules
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import scan
from imdb_assets.lake.table import Staged, partition_folder
from imdb_assets.naming import asset_name

FILE = "file that holds the row"
"""Name of the column that holds the address of each row's file, in frames of staged files."""

PRIMARY_KEY = "primary_key"
ONE_PARTITION = "each file has the partition value that its path names"
EXAMPLES = 3  # an error names at most this number of rows: enough to find the cause, few enough to read

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Audit:
    """Findings of an audit of staged files against their table's contract."""

    rows: int
    broken: dict[str, int]
    """Number of rows that break each rule; empty if the audit passed."""
    examples: list[str]
    """Keys of rows that break a rule, lowest keys first. If files have wrong partition values, the list has the files'
    addresses instead."""

    @property
    def passed(self) -> bool:
        """Whether the files may be published."""
        return not self.broken

    def summary(self, table: str) -> str:
        """The findings in one line, for people."""
        if self.passed:
            return f"{table}: {self.rows:,} {'row satisfies' if self.rows == 1 else 'rows satisfy'} the contract"
        broken = ", ".join(
            f"{count:,} {'row breaks' if count == 1 else 'rows break'} '{rule}'" for rule, count in self.broken.items()
        )
        more = ", …" if len(self.examples) == EXAMPLES else ""
        examples = f" ({', '.join(self.examples)}{more})" if self.examples else ""
        return f"{table}: {broken}{examples}; nothing was published"


def audit(contract: type[Contract], staged: Staged) -> Audit:
    """Audits staged files in this process.

    Raises:
        LakeError: There are no files, or the files cannot be read or audited.
    """
    try:
        return judge(contract, nw.from_native(scan(staged.files(), include_file_paths=FILE)))
    except (pl.exceptions.PolarsError, NarwhalsError) as error:
        raise unreadable(staged, error) from error


def unreadable(staged: Staged, error: Exception) -> LakeError:
    """The error for staged files that cannot be audited."""
    return LakeError(
        f"{staged.table}: the files that engine {staged.engine} staged below {staged.prefix} cannot be read "
        f"({error}). Nothing was published. Materialize {asset_name(staged.table)} again."
    )


def judge(contract: type[Contract], frame: nw.LazyFrame[Any]) -> Audit:
    """Checks types, partitions, nullability, bounds, rules and the primary key of all rows.

    Args:
        contract: The contract.
        frame: The rows, in an engine's lazy frame. If the contract is partitioned, the frame also has the column
            `FILE`.
    """
    types = {name: dtype for name, dtype in frame.collect_schema().items() if name != FILE}
    if wrong := wrong_types(contract, types):
        rows: int = _collected(frame.select(nw.len()))[0][0]
        return Audit(rows, dict.fromkeys(wrong, rows), [])
    keeps = rules(contract)
    broken = [(~kept).cast(nw.Int64).sum().alias(rule) for rule, kept in keeps.items()]
    ((rows, *counts),) = _collected(frame.select(nw.len(), *broken))
    if misplaced := _misplaced_files(contract, frame):
        return Audit(rows, {ONE_PARTITION: rows}, misplaced)
    found = {PRIMARY_KEY: _repeated(contract, frame), **dict(zip(keeps, counts, strict=True))}
    found = {rule: count for rule, count in found.items() if count}
    return Audit(rows, found, _examples(contract, frame, found))


def wrong_types(contract: type[Contract], have: Mapping[str, nw.dtypes.DType]) -> list[str]:
    """Describes how the columns differ from the contract's columns; empty if at most their order differs."""
    want = column_types(contract)
    wrong = [
        f"{name} must be {dtype}, found {have.get(name)}" for name, dtype in want.items() if have.get(name) != dtype
    ]
    return wrong + [f"column {name} is not in the contract" for name in have if name not in want]


def _misplaced_files(contract: type[Contract], frame: nw.LazyFrame[Any]) -> list[str]:
    """Files whose rows have a value in the partition column that differs from the value in the file's path.

    Iceberg takes partition values from file statistics, which can hide nulls and mixed values.
    """
    if contract.partition_by is None:
        return []
    column, directory = nw.col(contract.partition_by), f"{partition_folder(contract.partition_by)}="
    found = _collected(frame.group_by(FILE).agg(column.n_unique().alias("values"), column.min().alias("value")))
    return sorted(
        _address(file)
        for file, values, value in found
        if values != 1 or value is None or f"/{directory}{value}/" not in file
    )


def _address(file: str) -> str:
    """The path of a file, even if Spark names the file by a URI."""
    return unquote(urlsplit(file).path) if file.startswith("file:") else file


def _repeated(contract: type[Contract], frame: nw.LazyFrame[Any]) -> int:
    """The number of rows whose key also occurs in another row."""
    if not contract.primary_key() or _keys_differ(contract, frame):
        return 0
    ((rows,),) = _collected(_repeated_keys(contract, frame).select(nw.col("rows").sum()))
    return rows


def _keys_differ(contract: type[Contract], frame: nw.LazyFrame[Any]) -> bool:
    """Whether no two keys have the same hash. Polars needs less memory for the hashes than for the keys."""
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        return False
    differ = pl.struct(contract.primary_key()).hash().n_unique() == pl.len()
    return native.select(differ).collect(engine="streaming").item()


def _repeated_keys(contract: type[Contract], frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return frame.group_by(contract.primary_key()).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)


def _examples(contract: type[Contract], frame: nw.LazyFrame[Any], broken: dict[str, int]) -> list[str]:
    if not broken:
        return []
    key = contract.primary_key() or contract.column_names()[:1]
    keeps = rules(contract)
    breaks = [~keeps[rule] for rule in broken if rule != PRIMARY_KEY]
    found = [frame.filter(nw.any_horizontal(*breaks, ignore_nulls=True))] if breaks else []
    if PRIMARY_KEY in broken:
        found.append(_repeated_keys(contract, frame))
    keys = {row for bad in found for row in _collected(bad.select(key).sort(key).head(EXAMPLES))}
    first = sorted(keys, key=lambda row: [(value is not None, value) for value in row])[:EXAMPLES]
    return [" ".join(map(str, row)) for row in first]


def _collected(query: nw.LazyFrame[Any]) -> Rows:
    """All rows of a small result."""
    native = query.to_native()
    if isinstance(native, pl.LazyFrame):
        return native.collect(engine="streaming").rows()
    return [tuple(row) for row in native.collect()]  # `native` is a Spark frame
