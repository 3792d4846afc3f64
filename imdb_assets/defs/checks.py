"""Checks of published tables, in addition to the checks of their contracts."""

from collections.abc import Callable

import dagster as dg

from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.inputs import handle, pinned, resources_for
from imdb_assets.defs.policies import asset_key
from imdb_assets.defs.unchanged import is_unchanged, mark, marked, may_keep
from imdb_assets.naming import MODEL, parameter

LOOK_BACK = 5
"""How many of a check's latest records are searched for a result; some records say only that the check was planned."""
NOT_JUDGED = "not judged"
"""Metadata key that marks a check as not evaluated because a table was missing."""


def table_check(
    judge: Callable[..., dg.AssetCheckResult], *, asset: str, reads: list[str], blocking: bool = False
) -> dg.AssetChecksDefinition:
    """A check of published tables, which reuses its last result if code and snapshots have not changed.

    Args:
        judge: A function that judges the tables; the check gets the function's name and docstring. The function
            takes one handle per input, in parameters named by `naming.parameter`.
        asset: Name of the checked table in the lake.
        reads: Names of the check's inputs in the lake: tables or the model.
        blocking: Whether downstream assets wait for the check and are not made if the check fails.
    """
    version = code_version(judge)
    key = dg.AssetCheckKey(asset_key(asset), judge.__name__)

    @dg.asset_check(
        asset=key.asset_key,
        name=key.name,
        description=judge.__doc__,
        blocking=blocking,
        additional_deps=[asset_key(name) for name in reads if name != asset],
        required_resource_keys=resources_for(reads),
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        absent = [name for name in reads if name != MODEL and context.resources.handles.find(name) is None]
        if absent:
            words = f"Not judged: the lake lacks {', '.join(absent)}. Materialize what is missing, and check again."
            return dg.AssetCheckResult(
                passed=False, severity=dg.AssetCheckSeverity.WARN, description=words, metadata={NOT_JUDGED: True}
            )
        read = {name: handle(context.resources, name) for name in reads}
        inputs, before = pinned(read), _evaluated(context.instance, key)
        if before and may_keep(context) and is_unchanged(marked(before.metadata), version, inputs):
            return before
        result = judge(**{parameter(name): one for name, one in read.items()})
        return result._replace(metadata={**result.metadata, **mark(version, inputs)})

    return check


def _evaluated(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> dg.AssetCheckResult | None:
    """The check's latest result; None if the check has no result yet."""
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=LOOK_BACK):
        if isinstance(record.evaluation, dg.AssetCheckEvaluation):  # otherwise the check was only planned
            return dg.AssetCheckResult(
                passed=record.evaluation.passed,
                severity=record.evaluation.severity,
                metadata=record.evaluation.metadata,
                description=record.evaluation.description,
            )
    return None
