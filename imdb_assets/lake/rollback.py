"""Rollback: makes a past snapshot of a table current again. Only the table's metadata is written.

After a rollback, readers get the old rows, with the id of the old snapshot. Tables made from the old snapshot can
be joined with the table again; tables made from the newer snapshot cannot, until they are made again. The next publish
replaces the old snapshot like any other snapshot.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake, handle, unknown_snapshot
from imdb_assets.lake.provenance import ROLLBACKS
from imdb_assets.lake.schema import joined
from imdb_assets.lake.table import Rollback, Table

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot

REMEMBERED = 20  # number of recorded rollbacks per table; few, because every lookup of the table reads the record


def roll_back(lake: Lake, name: str, snapshot_id: int, by: str) -> Table:
    """Makes a past snapshot current again, together with the schema that it was published with, in one commit.

    Raises:
        LakeError: There is no such table or snapshot, the snapshot has expired, files are lost or damaged, or another
            writer published first.
    """
    iceberg = lake.find(name)
    replaced = iceberg.metadata.current_snapshot_id if iceberg else None  # reads no data files, which may be damaged
    if iceberg is None or replaced is None:
        raise lake.not_published(name)
    snapshot = iceberg.snapshot_by_id(snapshot_id)
    if snapshot is None:
        raise unknown_snapshot(iceberg, name, snapshot_id)
    if snapshot_id == replaced:
        raise LakeError(f"{name}: snapshot {snapshot_id} is the current one already; nothing was changed.")
    wanted = handle(iceberg, name, snapshot_id)
    lost = lake.home.lost(wanted.files)
    if lost:
        raise LakeError(
            f"{name}: snapshot {snapshot_id} cannot be read any more: {len(lost)} of the snapshot's "
            f"{len(wanted.files)} files are gone, such as {lost[0]}. Nothing was changed; choose another snapshot "
            f"(`imdb history {name}`)."
        )
    wanted.sound_files()
    with lake.home.errors(f"{name}: not rolled back"):
        record = Rollback(datetime.now(UTC).isoformat(timespec="seconds"), by, replaced, snapshot_id)
        _commit(lake, iceberg, replaced, snapshot, record)
    return wanted


def made_from_others(lake: Lake, table: Table) -> list[str]:
    """Other tables whose current snapshot was made from `table`, but not from the given snapshot of `table`."""
    own = str(table.snapshot_id)
    tables, _ = lake.survey()
    return [other.name for other in tables if other.inputs.get(table.name, own) != own]


def _commit(lake: Lake, iceberg: IcebergTable, replaced: int, snapshot: IcebergSnapshot, record: Rollback) -> None:
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
    from pyiceberg.table.update import (
        AssertRefSnapshotId,
        AssertTableUUID,
        SetCurrentSchemaUpdate,
        SetPropertiesUpdate,
        SetSnapshotRefUpdate,
    )

    name = ".".join(iceberg.name())
    schema_id = iceberg.metadata.current_schema_id if snapshot.schema_id is None else snapshot.schema_id
    try:
        lake.catalog.commit_table(
            iceberg,
            requirements=(
                AssertTableUUID(uuid=iceberg.metadata.table_uuid),
                AssertRefSnapshotId.model_validate({"ref": MAIN_BRANCH, "snapshot-id": replaced}),
            ),
            updates=(
                SetCurrentSchemaUpdate.model_validate({"schema-id": schema_id}),
                SetSnapshotRefUpdate.model_validate(
                    {"ref-name": MAIN_BRANCH, "type": SnapshotRefType.BRANCH, "snapshot-id": snapshot.snapshot_id}
                ),
                SetPropertiesUpdate(updates=_properties(iceberg, schema_id, record)),
            ),
        )
    except CommitFailedException as error:
        raise LakeError(
            f"{name}: another run published this table meanwhile; that run's snapshot stays current, and nothing was "
            f"rolled back. Look at `imdb history {name}`, and choose a snapshot again."
        ) from error


def _properties(iceberg: IcebergTable, schema_id: int, rollback: Rollback) -> dict[str, str]:
    """The table properties to set: the record of the rollback, and a name mapping that prefers the restored columns."""
    from pyiceberg.table import TableProperties

    earlier = json.loads(iceberg.properties.get(ROLLBACKS, "[]"))
    own = iceberg.schemas()[schema_id].name_mapping
    mapping = joined(own, iceberg.name_mapping() or own)
    return {
        ROLLBACKS: json.dumps([*earlier, asdict(rollback)][-REMEMBERED:]),
        TableProperties.DEFAULT_NAME_MAPPING: mapping.model_dump_json(),
    }
