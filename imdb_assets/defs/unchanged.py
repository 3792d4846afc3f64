"""Decides whether a run may keep an earlier result, and whether a new result would equal the earlier result.

Unattended runs have the tag `MAY_KEEP`; assets that a person materializes are always made again. A result is unchanged
if the same code made it from the same snapshots of its inputs (`is_unchanged`). A table's snapshot records the table's
code and inputs, and a model version records the model's code and inputs. The code and inputs of a view, a dashboard or
a check are recorded in its last event in Dagster.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from imdb_assets.lake.provenance import Provenance

MAY_KEEP = {"imdb/unchanged": "keep"}
"""Tag of unattended runs, which may keep unchanged results."""

_READ_FROM, _CODE = "read from", "code version"  # metadata keys of results that have no snapshot

Told = Iterator[dg.AssetCheckResult | dg.MaterializeResult[Any] | dg.DagsterEvent]
"""The events that an asset yields: the result of its check, then its own result."""


def may_keep(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether the context's run may keep unchanged results."""
    return context.run.tags.items() >= MAY_KEEP.items()


def is_unchanged(before: Provenance | None, code: str, inputs: Mapping[str, str]) -> bool:
    """Whether there is an earlier result that the same code made from the same inputs."""
    return before is not None and (before.code_version, before.inputs) == (code, inputs)


def mark(code: str, inputs: Mapping[str, str]) -> dict[str, dg.MetadataValue]:
    """Metadata that records code and inputs, so that a later run recognizes an unchanged result."""
    return {_READ_FROM: dg.MetadataValue.json(dict(inputs)), _CODE: dg.MetadataValue.text(code)}


def marked(metadata: Mapping[str, dg.MetadataValue]) -> Provenance | None:
    """The provenance that `mark` recorded; None if the metadata has none."""
    read, code = metadata.get(_READ_FROM), metadata.get(_CODE)
    return Provenance(code_version=str(code.value), inputs=read.value) if read and code else None  # pyright: ignore[reportArgumentType] - JSON


def code_of(context: dg.AssetExecutionContext) -> str:
    """The code version of the context's asset."""
    return context.assets_def.code_versions_by_key[context.asset_key] or ""


def keep_or_look(
    context: dg.AssetExecutionContext,
    inputs: Mapping[str, str],
    look: Callable[[], tuple[dg.AssetCheckResult, Mapping[str, Any] | None]],
    *,
    once: tuple[str, ...] = (),
) -> Told:
    """Runs `look` for an asset that stores no rows; if nothing has changed, repeats the asset's last metadata instead.

    Args:
        context: The asset's context.
        inputs: Maps each table that the asset reads to the table's snapshot.
        look: A function that returns the asset's check result and the metadata to show. If `look` returns no metadata,
            the asset fails with the check's description. After a failed check, the next run makes the check again.
        once: Beginnings of the names of metadata entries that describe only one run, and are therefore not repeated.
    """
    code = code_of(context)
    event = context.instance.get_latest_materialization_event(context.asset_key)
    shown = event.asset_materialization.metadata if event and event.asset_materialization else {}
    if may_keep(context) and is_unchanged(marked(shown), code, inputs):
        (check,) = context.assets_def.check_specs
        yield dg.AssetCheckResult(
            check_name=check.name, asset_key=context.asset_key, passed=True, description="As before."
        )
        kept = {name: value for name, value in shown.items() if not name.startswith(once)}
        yield dg.MaterializeResult(asset_key=context.asset_key, metadata={**kept, "unchanged": True})
        return
    found, metadata = look()
    yield found
    if metadata is None:
        raise dg.Failure(description=found.description, allow_retries=False)
    known_again = mark(code, inputs) if found.passed else {_READ_FROM: mark(code, inputs)[_READ_FROM]}
    yield dg.MaterializeResult(asset_key=context.asset_key, metadata={**metadata, **known_again})
