"""Unchanged input, no work: when a run may keep what is there, and how it knows that nothing has changed.

Unattended starters mark their runs with `MAY_KEEP`; what a person materializes is always made anew. A result is
unchanged if the same code made it from the same snapshots of its inputs (`is_unchanged`). A table's snapshot and a
model version record both themselves; of a view, a dashboard or a check, what Dagster was told of it last does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from imdb_assets.lake.provenance import Provenance

MAY_KEEP = {"imdb/unchanged": "keep"}
"""Run tag of unattended starters."""

_READ_FROM, _CODE = "read from", "code version"  # metadata of what is no table, by which a later run knows it again

Told = Iterator[dg.AssetCheckResult | dg.MaterializeResult[Any] | dg.DagsterEvent]
"""What an asset yields: the result of its check, and then of itself."""


def may_keep(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether this run may leave alone what has not changed."""
    return context.run.tags.items() >= MAY_KEEP.items()


def is_unchanged(before: Provenance | None, code: str, inputs: Mapping[str, str]) -> bool:
    """Whether a result would be made again as it is.

    Args:
        before: What made the result that there is; None if there is none.
        code: The version of the code that would make it.
        inputs: What it would be made from: `Provenance.inputs`.
    """
    return before is not None and (before.code_version, before.inputs) == (code, inputs)


def mark(code: str, inputs: Mapping[str, str]) -> dict[str, dg.MetadataValue]:
    """Metadata by which a later run knows again what is told with it."""
    return {_READ_FROM: dg.MetadataValue.json(dict(inputs)), _CODE: dg.MetadataValue.text(code)}


def marked(metadata: Mapping[str, dg.MetadataValue]) -> Provenance | None:
    """What `mark` has left; None if nothing."""
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
    """Shows again what an asset without rows of its own has shown last, if nothing has changed; else looks.

    Args:
        context: Of the asset.
        inputs: The tables that it reads, and their snapshots.
        look: Looks, and returns what the asset's check has found, and the metadata to show. Without metadata the asset
            fails by the check's words. A failed check is looked at again by the next run.
        once: Beginnings of names of metadata that are of one look only.
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
