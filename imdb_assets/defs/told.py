"""Reports published tables to Dagster: the snapshot is the data version, and the snapshot's inputs are the provenance.

Because the snapshot is the data version, Dagster and the lake judge by the same values whether a table is stale.
Dagster has no public names for the tags that it writes with a materialization, so this module defines names.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from imdb_assets.defs.policies import asset_key
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.table import Table
from imdb_assets.naming import asset_name

_DATA_VERSION, _CODE_VERSION = "dagster/data_version", "dagster/code_version"
_INPUT_VERSION, _INPUT_EVENT = "dagster/input_data_version/", "dagster/input_event_pointer/"
_NO_EVENT = "NULL"


def materialized(table: Table, metadata: Mapping[str, Any]) -> dg.MaterializeResult[Any]:
    """The result of a table's asset; the table was either just published or kept unchanged."""
    return dg.MaterializeResult(
        asset_key=asset_key(table.name),
        metadata={**metadata, **_metadata(table)},
        data_version=dg.DataVersion(str(table.snapshot_id)),
        tags=input_versions(table.inputs),
    )


def event(
    table: Table, metadata: Mapping[str, Any], others: Mapping[str, str] | None = None
) -> dg.AssetMaterialization:
    """Like `materialized`, but returns an event, which code outside the step of the table's asset can report.

    `others` are further tags, besides the tags that are made from the snapshot.
    """
    inputs = input_versions(table.inputs)
    pointers = {name.replace(_INPUT_VERSION, _INPUT_EVENT): _NO_EVENT for name in inputs}
    versions = {_DATA_VERSION: str(table.snapshot_id), _CODE_VERSION: table.provenance.code_version}
    return dg.AssetMaterialization(
        asset_key(table.name),
        metadata={**metadata, **_metadata(table)},
        tags={**(others or {}), **inputs, **pointers, **versions},
    )


def report_moved(instance: dg.DagsterInstance, tables: Iterable[Table]) -> list[str]:
    """Reports each table whose snapshot has changed since the last report (say, by a rollback); returns the names."""
    moved: list[str] = []
    for table in tables:
        known = instance.get_latest_materialization_event(asset_key(table.name))
        tags = known.asset_materialization.tags if known and known.asset_materialization else None
        if tags is not None and tags.get(_DATA_VERSION) != str(table.snapshot_id):
            others = {name: tag for name, tag in tags.items() if name.startswith((_INPUT_VERSION, _INPUT_EVENT))}
            instance.report_runless_asset_event(event(table, {"moved": True}, others))
            moved.append(table.name)
    return moved


def input_versions(inputs: Mapping[str, str]) -> dict[str, str]:
    """Tags with the versions of the inputs that were read, even if Dagster already knows newer versions."""
    return {f"{_INPUT_VERSION}{asset_name(name)}": version for name, version in inputs.items() if name != PLACE}


def _metadata(table: Table) -> dict[str, Any]:
    """The metadata that the UI shows for a published table."""
    return {
        "dagster/row_count": table.rows,
        "dagster/table_name": table.name,
        "dagster/uri": table.files[0].rpartition("/data/")[0],
        "bytes": table.bytes,
        "files": len(table.files),
        "snapshot_id": str(table.snapshot_id),
    }
