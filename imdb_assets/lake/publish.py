"""The one way into the lake: stage files, audit them against the contract, commit them as one snapshot.

A snapshot replaces the whole table, or the staged partitions of a table whose contract is incremental.

After a crash at any point the previous snapshot stands: staged files become visible only by the catalog's atomic swap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from imdb_assets.contracts.base import Contract, description, polars_schema, schema_name
from imdb_assets.lake import integrity
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import parquet_files, scan
from imdb_assets.lake.lake import Lake, data_files, handle, local_path
from imdb_assets.lake.provenance import HASHES, Provenance
from imdb_assets.lake.schema import arrow_schema, evolve, ids_of, joined
from imdb_assets.lake.table import Staged, Table, partition_folder
from imdb_assets.naming import asset_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction

PRIMARY_KEY = "primary_key"  # dataframely's name for the rule
READ_VECTORIZED = "read.parquet.vectorization.enabled"
"""Table property of Iceberg's Spark reader. Up to version 1.10 its vectorized code refuses bronze's delta encodings."""
EXAMPLES = 3  # rows named in an error: enough to find the cause, few enough to read


@dataclass(frozen=True)
class Audit:
    """Findings of an audit of staged files against their contract."""

    rows: int
    broken: dict[str, int]
    """Number of rows that break each rule; empty if the audit passed."""
    examples: list[str]
    """Keys of some of the rows that break a rule."""

    @property
    def passed(self) -> bool:
        """Whether the files may be published."""
        return not self.broken

    def summary(self, table: str) -> str:
        """One line for people, about the table."""
        if self.passed:
            return f"{table}: {self.rows:,} {'row keeps' if self.rows == 1 else 'rows keep'} the contract"
        rules = ", ".join(
            f"{count:,} {'row breaks' if count == 1 else 'rows break'} '{rule}'" for rule, count in self.broken.items()
        )
        more = ", …" if len(self.examples) == EXAMPLES else ""
        examples = f" ({', '.join(self.examples)}{more})" if self.examples else ""
        return f"{table}: {rules}{examples}; nothing was published"


def staging_folder(lake: Lake, contract: type[Contract]) -> str:
    """A new empty folder, or prefix of a bucket, for one attempt to write the table."""
    return lake.home.staging(contract.table)


def field_ids(lake: Lake, contract: type[Contract]) -> dict[str, int]:
    """Iceberg's field ids for the files of the table's next snapshot, as `schema.FieldIds`; nothing is written.

    Raises:
        LakeError: The catalog cannot be read, or the table's partitioning differs from its contract's.
    """
    with lake.home.errors(f"{contract.table}: nothing was staged"):
        return ids_of(_transaction(lake, contract, lake.find(contract.table)).table_metadata.schema())


def audit(contract: type[Contract], staged: Staged) -> Audit:
    """Checks staged files: types, nullability, bounds, keys, rules, and that each file holds one partition value.

    Raises:
        LakeError: There are no files, or they cannot be read or checked.
    """
    try:
        return _audited(contract, _files(staged))
    except pl.exceptions.ComputeError as error:
        raise LakeError(
            f"{staged.table}: the files that engine {staged.engine} staged below {staged.prefix} cannot be read "
            f"({error}). Nothing was published. Materialize {asset_name(staged.table)} again."
        ) from error


def _audited(contract: type[Contract], files: list[str]) -> Audit:
    frame = scan(files)
    rows = int(frame.select(pl.len()).collect().item())
    types = wrong_types(contract, frame.collect_schema())
    if types:
        return Audit(rows=rows, broken=dict.fromkeys(types, rows), examples=[])
    misplaced = _misplaced_files(contract, files)
    if misplaced:
        return Audit(rows=rows, broken={"each file holds one partition value, its path's": rows}, examples=misplaced)
    keys_differ, rules_hold = _at_a_glance(contract, frame)
    if keys_differ and rules_hold:  # only a failed audit looks for the bad rows
        return Audit(rows=rows, broken={}, examples=[])
    broken, examples = _broken(contract, frame)
    if not broken and not rules_hold:
        broken = {"some rule, but no row was found that does": rows}
    return Audit(rows=rows, broken=broken, examples=examples)


def _at_a_glance(contract: type[Contract], frame: pl.LazyFrame) -> tuple[bool, bool]:
    """Whether all keys have different hashes, and whether all rows keep all other rules: one pass that holds no rows.

    A hash takes a few bytes per row; dataframely's own rule for keys holds whole keys, several times over.
    """
    rules = contract._validation_rules(with_cast=False)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    hold = [rule.expr.fill_null(value=True).all() for name, rule in rules.items() if name != PRIMARY_KEY]
    key = contract.primary_key()
    differ = pl.struct(key).hash().n_unique() == pl.len() if key else pl.lit(value=True)
    glance = frame.select(differ.alias("keys"), pl.all_horizontal(hold or [pl.lit(value=True)]).alias("rules"))
    keys_differ, rules_hold = glance.collect(engine="streaming").row(0)
    return keys_differ, rules_hold


def _broken(contract: type[Contract], frame: pl.LazyFrame) -> tuple[dict[str, int], list[str]]:
    """Counts the rows that break each rule and collects some of their keys; streamed, since every row may be bad."""
    failure = contract.filter(frame).failure
    # dataframely's own `counts` first collects all such rows
    rules, rows = failure._rule_columns, failure._lf  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    counts = rows.select((~pl.col(rules)).sum()).collect(engine="streaming").row(0, named=True)
    key = contract.primary_key() or contract.column_names()[:1]
    examples = rows.select(key).head(EXAMPLES).collect(engine="streaming").rows()
    return {rule: count for rule, count in counts.items() if count}, [" ".join(map(str, row)) for row in examples]


def publish(lake: Lake, contract: type[Contract], staged: Staged, properties: Mapping[str, str]) -> Table:
    """Makes staged files the table's content, or that of their partitions, in one snapshot.

    Args:
        lake: The lake that gets them.
        contract: The table's contract; if it has changed, the same commit evolves the table's schema.
        staged: Audited files.
        properties: Further snapshot properties, such as the run id.

    Returns:
        A handle of the new snapshot.

    Raises:
        LakeError: Another writer published the table meanwhile, its partitioning differs from the contract's, the
            files' field ids differ from the table's, or the disk or the catalog failed. Unless the message says
            otherwise, readers keep the previous snapshot.
    """
    provenance = {**properties, **Provenance(engine=staged.engine, inputs=staged.inputs).properties}
    with lake.home.errors(f"{contract.table}: not published"):
        lake.home.settle(staged.prefix)
        lake.home.make_namespace(lake.catalog, schema_name(contract))
        transaction, snapshot_id = _prepared(lake, contract, staged, provenance)
        return handle(_committed(lake, contract, transaction, snapshot_id), contract.table, snapshot_id)


def _prepared(
    lake: Lake, contract: type[Contract], staged: Staged, provenance: dict[str, str]
) -> tuple[Transaction, int]:
    """A transaction that only needs its commit, and the id of its snapshot."""
    from imdb_assets.lake.data_files import data_file
    from imdb_assets.lake.replace import replace_files, require_base

    iceberg = lake.find(contract.table)
    current = iceberg.metadata.current_snapshot_id if iceberg else None
    transaction = _transaction(lake, contract, iceberg)
    io = transaction._table.io  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public accessor
    new = [data_file(contract.table, transaction.table_metadata, io, address) for address in _files(staged)]
    old, kept = data_files(iceberg, current) if iceberg else [], dict[str, str]()
    if contract.incremental:
        before = handle(iceberg, contract.table, current) if iceberg and current else None
        require_base(staged, before)
        old = [file for file in old if file.partition in {one.partition for one in new}]
        gone = {local_path(file.file_path) for file in old}
        known = zip(before.files, before.hashes, strict=False) if before else ()
        kept = {file: digest for file, digest in known if file not in gone}
    if lake.folder:
        provenance[HASHES] = integrity.recorded(contract.table, _files(staged), kept)
    with replace_files(transaction, provenance, old) as overwrite:
        for file in new:
            overwrite.append_data_file(file)
    return transaction, overwrite.snapshot_id


def _transaction(lake: Lake, contract: type[Contract], iceberg: IcebergTable | None) -> Transaction:
    """A transaction on an existing or new table, with the contract's schema."""
    from pyiceberg.table import TableProperties

    transaction = iceberg.transaction() if iceberg else _new_table(lake, contract)
    _require_spec(transaction, contract)
    known = transaction.table_metadata.name_mapping()  # now: evolving removes dropped and retyped columns
    evolve(transaction, contract)
    names = transaction.table_metadata.schema().name_mapping
    mapping = joined(known or names, names)
    transaction.set_properties(
        {
            TableProperties.DEFAULT_NAME_MAPPING: mapping.model_dump_json(),
            READ_VECTORIZED: "false",
            "comment": description(contract),
        }
    )
    return transaction


def _committed(lake: Lake, contract: type[Contract], transaction: Transaction, snapshot_id: int) -> IcebergTable:
    """The table with the new snapshot.

    If maintenance commits at the same time, pyiceberg tries again and finds the files to replace still there.
    """
    from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError, ValidationException

    try:
        return transaction.commit_transaction()
    except Exception as error:
        # The commit may have succeeded with only the answer lost: the files written must then stay, and count.
        committed = _asked_again(lake, contract, snapshot_id, error)
        if committed is not None:
            return committed
        if isinstance(error, (CommitFailedException, ValidationException, TableAlreadyExistsError)):
            raise LakeError(
                f"{contract.table}: another run published it meanwhile; that snapshot stands, this one was not "
                f"published. Materialize {asset_name(contract.table)} again. ({error})"
            ) from error
        raise


def _asked_again(lake: Lake, contract: type[Contract], snapshot_id: int, error: Exception) -> IcebergTable | None:
    """The table, if it has the snapshot after all."""
    try:
        iceberg = lake.find(contract.table)
    except Exception as again:
        raise LakeError(
            f"{contract.table}: the catalog failed while committing snapshot {snapshot_id} ({error}), and now it "
            f"cannot be read ({again}), so the snapshot may or may not be published. Nothing was cleaned up. Run "
            f"`imdb history {contract.table}` later; if it does not list that snapshot, materialize "
            f"{asset_name(contract.table)} again."
        ) from again
    return iceberg if iceberg and iceberg.snapshot_by_id(snapshot_id) else None


def _new_table(lake: Lake, contract: type[Contract]) -> Transaction:
    from pyiceberg.transforms import IdentityTransform

    transaction = lake.catalog.create_table_transaction(
        contract.table,
        schema=arrow_schema(contract),
        location=lake.home.location(contract.table),
    )
    if contract.partition_by:
        with transaction.update_spec() as spec:
            spec.add_field(contract.partition_by, IdentityTransform(), contract.partition_by)
    return transaction


def _require_spec(transaction: Transaction, contract: type[Contract]) -> None:
    """Refuses an older partition spec: Iceberg would silently keep it while the engines write by the contract's."""
    spec = [field.name for field in transaction.table_metadata.spec().fields]
    wanted = [contract.partition_by] if contract.partition_by else []
    if spec != wanted:
        raise LakeError(
            f"{contract.table}: is partitioned by {spec or 'nothing'}, but its contract says {wanted or 'nothing'}. "
            "A table's partitioning is not changed in place: give the contract another table name."
        )


def _files(staged: Staged) -> list[str]:
    """Parquet files below the prefix, in a stable order."""
    files = parquet_files(staged.prefix)
    if not files:
        raise LakeError(f"{staged.table}: the engine {staged.engine} staged no Parquet file below {staged.prefix}.")
    return files


def wrong_types(contract: type[Contract], have: pl.Schema) -> list[str]:
    """Describes wrong columns in words; empty if the columns are the contract's, in any order."""
    want = polars_schema(contract)
    wrong = [
        f"column {name} is {dtype}, have {have.get(name)}" for name, dtype in want.items() if have.get(name) != dtype
    ]
    return wrong + [f"column {name} is not in the contract" for name in have if name not in want]


def _misplaced_files(contract: type[Contract], files: list[str]) -> list[str]:
    """Files that hold anything except the one value of the partition column that is in their path.

    Iceberg takes partition values from file statistics, which can hide nulls and mixed values.
    """
    if contract.partition_by is None:
        return []
    found = (
        scan(files, include_file_paths="file")
        .group_by("file")
        .agg(
            pl.col(contract.partition_by).n_unique().alias("values"),
            pl.col(contract.partition_by).first().cast(pl.String).alias("value"),
        )
        .collect(engine="streaming")
    )
    directory = f"{partition_folder(contract.partition_by)}="
    return [
        file
        for file, values, value in found.iter_rows()
        if values != 1 or value is None or f"/{directory}{value}/" not in file
    ]
