"""How handles pass between assets: outputs are committed here, inputs arrive pinned. No data passes through."""

from typing import Any

import dagster as dg

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Dump, Landing
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.publish import publish
from imdb_assets.lake.table import Staged, Table


def table_name(key: dg.AssetKey) -> str:
    """`silver/movies` → `silver.movies`."""
    return ".".join(key.path)


def dump_name(key: dg.AssetKey) -> str:
    """`landing/title_basics` → `title.basics`."""
    return key.path[-1].replace("_", ".")


def run_properties(run_id: str, code_version: str | None) -> dict[str, str]:
    """Snapshot properties that say who published: the run and the code."""
    return {"imdb.run-id": run_id, "imdb.code-version": code_version or "unknown"}


class TableIOManager(dg.IOManager):
    """Commits staged, audited files to the lake; hands out tables pinned to their current snapshot."""

    def __init__(self, lake: Lake) -> None:
        """Of one lake."""
        self._lake = lake

    def handle_output(self, context: dg.OutputContext, obj: Staged | Table) -> None:
        """Publishes staged files, the asset's only commit; a table that is to be kept stands already."""
        contract = CONTRACTS[table_name(context.asset_key)]
        code_version = context.step_context.assets_def.code_versions_by_key.get(context.asset_key)  # type: ignore[union-attr]
        properties = run_properties(context.run_id, code_version)
        table = obj if isinstance(obj, Table) else publish(self._lake, contract, obj, properties)
        context.add_output_metadata(table_metadata(table))  # pyright: ignore[reportUnknownMemberType] - untyped inside

    def load_input(self, context: dg.InputContext) -> Table:
        """The upstream table as it is now."""
        return self._lake.table(table_name(context.asset_key))


class DumpIOManager(dg.IOManager):
    """Makes a landed dump current; hands out the current one."""

    def __init__(self, landing: Landing) -> None:
        """Of one landing zone."""
        self._landing = landing

    def handle_output(self, context: dg.OutputContext, obj: Dump) -> None:
        """Moves the landing zone's pointer."""
        del context
        self._landing.publish(obj)

    def load_input(self, context: dg.InputContext) -> Dump:
        """The current dump.

        Raises:
            LakeError: Nothing has landed yet.
        """
        return self._landing.required(dump_name(context.asset_key))


class ModelIOManager(dg.IOManager):
    """Makes a model version the one in service; hands out the one in service."""

    def __init__(self, store: ModelStore) -> None:
        """Of one model store."""
        self._store = store

    def handle_output(self, context: dg.OutputContext, obj: ModelVersion) -> None:
        """Moves the store's pointer."""
        del context
        self._store.publish(obj)

    def load_input(self, context: dg.InputContext) -> ModelVersion:
        """The version in service."""
        del context
        return self._store.current()


def table_metadata(table: Table) -> dict[str, Any]:
    """What the UI shows of a published table."""
    return {
        "dagster/row_count": table.rows,
        "dagster/table_name": table.name,
        "dagster/uri": table.files[0].rpartition("/data/")[0],
        "bytes": table.bytes,
        "files": len(table.files),
        "snapshot_id": str(table.snapshot_id),
    }
