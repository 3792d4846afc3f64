"""The only way to publish a table in the lake: stage files, audit them (`audit.py`), commit them as one snapshot.

A snapshot replaces the whole table, or the staged partitions of a table whose contract is incremental.

After a crash at any point, readers still get the previous snapshot: staged files become visible only when the catalog
swaps its pointer, which is atomic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imdb_assets.contracts.base import Contract, description
from imdb_assets.lake import integrity
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake, data_files, handle, local_path
from imdb_assets.lake.provenance import HASHES, Provenance
from imdb_assets.lake.schema import arrow_schema, evolve, ids_of, joined
from imdb_assets.lake.table import Staged, Table
from imdb_assets.naming import asset_name, schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction

READ_VECTORIZED = "read.parquet.vectorization.enabled"
"""Property that turns vectorized reading on or off in Iceberg's Spark reader. Up to version 1.10 of Iceberg,
vectorized reading refuses the delta encodings of bronze's files, so we turn vectorized reading off."""


def staging_folder(lake: Lake, contract: type[Contract]) -> str:
    """A new empty folder (in a bucket, a new prefix) for one attempt to write the table."""
    return lake.home.staging(contract.table)


def field_ids(lake: Lake, contract: type[Contract]) -> dict[str, int]:
    """The Iceberg field ids that the table's next files need (`contracts.parquet.FieldIds`). Nothing is written.

    Raises:
        LakeError: The catalog cannot be read, or the table's partitioning differs from its contract's.
    """
    with lake.home.errors(f"{contract.table}: nothing was staged"):
        return ids_of(_transaction(lake, contract, lake.find(contract.table)).table_metadata.schema())


def publish(lake: Lake, contract: type[Contract], staged: Staged, properties: Mapping[str, str]) -> Table:
    """Makes staged files the content of the table, or of some of its partitions, in one snapshot.

    Args:
        lake: The lake that gets the files.
        contract: The table's contract; if the contract has changed, the same commit evolves the table's schema.
        staged: Audited files.
        properties: Further snapshot properties, such as the run id.

    Returns:
        A handle of the new snapshot.

    Raises:
        LakeError: Another writer published the table meanwhile, the table's partitioning differs from the contract's,
            the files' field ids differ from the table's, or the disk or the catalog failed. Unless the message says
            otherwise, readers keep the previous snapshot.
    """
    provenance = {**properties, **Provenance(engine=staged.engine, inputs=staged.inputs).properties}
    with lake.home.errors(f"{contract.table}: not published"):
        lake.home.settle(staged.prefix)
        lake.home.make_namespace(lake.catalog, schema(contract.table))
        transaction, snapshot_id = _prepared(lake, contract, staged, provenance)
        committed = _committed(lake, contract, transaction, snapshot_id)
        if committed.metadata.current_snapshot_id == snapshot_id:
            return lake.current_handle(committed, contract.table)
        return handle(committed, contract.table, snapshot_id)


def _prepared(
    lake: Lake, contract: type[Contract], staged: Staged, provenance: dict[str, str]
) -> tuple[Transaction, int]:
    """A transaction that is ready to be committed, and the id of its snapshot."""
    from imdb_assets.lake.data_files import data_file
    from imdb_assets.lake.replace import replace_files, require_base

    iceberg = lake.find(contract.table)
    current = iceberg.metadata.current_snapshot_id if iceberg else None
    transaction = _transaction(lake, contract, iceberg)
    io = transaction._table.io  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public accessor
    metadata = transaction.table_metadata  # read once: pyiceberg applies all updates again at each access
    new = [data_file(contract, metadata, io, address, lake.home.uri(address)) for address in staged.files()]
    old, kept = data_files(iceberg, current) if iceberg else [], dict[str, str]()
    if contract.incremental:
        before = handle(iceberg, contract.table, current) if iceberg and current else None
        require_base(staged, before)
        old = [file for file in old if file.partition in {one.partition for one in new}]
        gone = {local_path(file.file_path) for file in old}
        known = zip(before.files, before.hashes, strict=False) if before else ()
        kept = {file: digest for file, digest in known if file not in gone}
    if lake.folder:
        provenance[HASHES] = integrity.recorded(contract.table, staged.files(), kept)
    with replace_files(transaction, provenance, old) as overwrite:
        for file in new:
            overwrite.append_data_file(file)
    return transaction, overwrite.snapshot_id


def _transaction(lake: Lake, contract: type[Contract], iceberg: IcebergTable | None) -> Transaction:
    """A transaction on an existing or new table, with the contract's schema."""
    from pyiceberg.table import TableProperties

    transaction = iceberg.transaction() if iceberg else _new_table(lake, contract)
    _require_spec(transaction, contract)
    known = transaction.table_metadata.name_mapping()  # read before `evolve` removes columns from the mapping
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

    If maintenance commits at the same time, pyiceberg tries again, which is safe: maintenance removes no current file.
    """
    from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError, ValidationException

    try:
        return transaction.commit_transaction()
    except Exception as error:
        # If only the catalog's answer was lost, the commit has succeeded, and its files must stay.
        committed = _asked_again(lake, contract, snapshot_id, error)
        if committed is not None:
            return committed
        if isinstance(error, (CommitFailedException, ValidationException, TableAlreadyExistsError)):
            raise LakeError(
                f"{contract.table}: another run published this table meanwhile; that run's snapshot stays current, and "
                f"this run published nothing. Materialize {asset_name(contract.table)} again. ({error})"
            ) from error
        raise


def _asked_again(lake: Lake, contract: type[Contract], snapshot_id: int, error: Exception) -> IcebergTable | None:
    """Returns the table if the commit made the snapshot in spite of the error; otherwise None."""
    try:
        iceberg = lake.find(contract.table)
    except Exception as again:
        raise LakeError(
            f"{contract.table}: the catalog failed while committing snapshot {snapshot_id} ({error}), and now it "
            f"cannot be read ({again}), so it is unknown whether the snapshot is published. Nothing was cleaned up. "
            f"Run `imdb history {contract.table}` later; if it does not list snapshot {snapshot_id}, materialize "
            f"{asset_name(contract.table)} again."
        ) from again
    return iceberg if iceberg and iceberg.snapshot_by_id(snapshot_id) else None


def _new_table(lake: Lake, contract: type[Contract]) -> Transaction:
    from pyiceberg.transforms import IdentityTransform

    transaction = lake.catalog.create_table_transaction(
        contract.table,
        schema=arrow_schema(contract),
        location=lake.home.uri(lake.home.location(contract.table)),
    )
    if contract.partition_by:
        with transaction.update_spec() as spec:
            spec.add_field(contract.partition_by, IdentityTransform(), contract.partition_by)
    return transaction


def _require_spec(transaction: Transaction, contract: type[Contract]) -> None:
    """Refuses a table whose partitioning differs from its contract's; engines partition files by the contract."""
    spec = [field.name for field in transaction.table_metadata.spec().fields]
    wanted = [contract.partition_by] if contract.partition_by else []
    if spec != wanted:
        raise LakeError(
            f"{contract.table}: is partitioned by {spec or 'nothing'}, but its contract says {wanted or 'nothing'}. "
            "A table's partitioning is not changed in place: give the contract another table name."
        )
