"""Unchanged input, no work: when a run may keep what is published, and how it knows that nothing has changed.

Unattended starters mark their runs with `MAY_KEEP`; what a person materializes is always made anew. A result is
unchanged if the same code made it, on the same engine, from the same snapshots of its inputs.
"""

import json
from collections.abc import Callable, Iterator, Mapping

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from imdb_assets.contracts.base import Contract
from imdb_assets.defs.policies import asset_key, code_version
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.table import PLACE, Table

MAY_KEEP = {"imdb/unchanged": "keep"}
"""Run tag of unattended starters."""

_MODEL = "models.rating_model"

NOT_JUDGED = "not judged"
"""Metadata of the result of a check that found a table missing."""

_MADE_FROM, _CODE = "made from", "code version"  # metadata of a check's result, by which a later run knows it again


def may_keep(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether this run may leave alone what has not changed."""
    return context.run.tags.items() >= MAY_KEEP.items()


def pinned(inputs: Mapping[str, Table | ModelVersion]) -> dict[str, str]:
    """What is about to be made from: table → snapshot id, model → version; and the tables' one `PLACE`."""
    place = next((handle.place for handle in inputs.values() if isinstance(handle, Table) and handle.place), None)
    return ({PLACE: place} if place else {}) | {
        handle.name if isinstance(handle, Table) else _MODEL: (
            str(handle.snapshot_id) if isinstance(handle, Table) else handle.version
        )
        for handle in inputs.values()
    }


def kept_table(
    context: dg.AssetExecutionContext,
    lake: Lake,
    contract: type[Contract],
    inputs: Mapping[str, str] | None,
    engine: str,
) -> Table | None:
    """The published table, if this run may keep it and would make the same; None if it has to be made.

    Args:
        context: Of the table's asset.
        lake: Where it is published.
        contract: The table's contract.
        inputs: As they would be written into the snapshot: table → snapshot id, dump → hash, model → version. None
            if what the table says is of the code alone.
        engine: Name of the engine that would run.
    """
    if not may_keep(context) or not lake.exists(contract.table):
        return None
    table = lake.table(contract.table)
    snapshot = next(old for old in lake.history(table.name) if old.snapshot_id == table.snapshot_id)
    version = context.assets_def.code_versions_by_key[asset_key(contract.table)]
    made_by = (snapshot.properties.get("imdb.code-version"), snapshot.properties.get("imdb.engine"))
    same = made_by == (version, engine) and (inputs is None or snapshot.inputs == inputs)
    return table if same else None


def deliver_kept(contract: type[Contract], table: Table) -> Iterator[dg.AssetCheckResult | dg.Output[Table]]:
    """Hands on a published table as it is; its contract was kept when it was published."""
    yield dg.AssetCheckResult(
        check_name="contract",
        asset_key=asset_key(contract.table),
        passed=True,
        description=f"{contract.table}: unchanged since snapshot {table.snapshot_id} was audited and published.",
        metadata={"rows": table.rows},
    )
    yield dg.Output(table, metadata={"unchanged": True})


def kept_showing(context: dg.AssetExecutionContext, mark: Mapping[str, object]) -> dict[str, dg.MetadataValue] | None:
    """What an asset that is no table has shown last, if this run may keep it and would show the same; else None.

    Args:
        context: Of the asset.
        mark: Metadata by name whose values tell that it would: what is read, above all.
    """
    event = context.instance.get_latest_materialization_event(context.asset_key) if may_keep(context) else None
    if event is None or event.asset_materialization is None:
        return None
    metadata, tags = event.asset_materialization.metadata, event.asset_materialization.tags or {}
    code = context.assets_def.code_versions_by_key[context.asset_key]
    before = {name: metadata[name].value for name in mark if name in metadata}
    same = before == mark and tags.get("dagster/code_version") == code
    return {**metadata, "unchanged": dg.MetadataValue.bool(True)} if same else None


def table_check(
    judge: Callable[..., dg.AssetCheckResult], *, asset: str, reads: list[str], blocking: bool = False
) -> dg.AssetChecksDefinition:
    """A check of published tables; what the same code has said of the same snapshots is not found out again.

    Args:
        judge: Named and documented as the check; takes one handle per table it reads, by the last part of its name
            (of `models.rating_model`, which is no table, the version in service).
        asset: The table that is checked, as `schema.table`.
        reads: Tables it reads.
        blocking: Whether what is downstream waits for it and stops if it fails.
    """
    version = code_version(judge)
    key = dg.AssetCheckKey(asset_key(asset), judge.__name__)

    @dg.asset_check(
        asset=key.asset_key,
        name=key.name,
        description=judge.__doc__,
        blocking=blocking,
        additional_deps=[asset_key(table) for table in reads if table != asset],
    )
    def check(
        context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake], models: dg.ResourceParam[ModelStore]
    ) -> dg.AssetCheckResult:
        absent = [table for table in reads if table != _MODEL and not lake.exists(table)]
        if absent:
            words = f"Not judged: {', '.join(absent)} is not in the lake yet. Materialize it and run this check again."
            return dg.AssetCheckResult(
                passed=False, severity=dg.AssetCheckSeverity.WARN, description=words, metadata={NOT_JUDGED: True}
            )
        handles = {
            table.partition(".")[2]: models.current() if table == _MODEL else lake.table(table) for table in reads
        }
        mark = {_MADE_FROM: json.dumps(pinned(handles), sort_keys=True), _CODE: version}
        before = _evaluated(context.instance, key) if may_keep(context) else None
        if before and {name: before.metadata[name].value for name in mark if name in before.metadata} == mark:
            return before
        result = judge(**handles)
        return result._replace(metadata={**result.metadata, **mark})

    return check


def _evaluated(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> dg.AssetCheckResult | None:
    """The check's latest result; None before the first."""
    done = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=done):
        if record.evaluation:
            return dg.AssetCheckResult(
                passed=record.evaluation.passed,
                severity=record.evaluation.severity,
                metadata=record.evaluation.metadata,
                description=record.evaluation.description,
            )
    return None
