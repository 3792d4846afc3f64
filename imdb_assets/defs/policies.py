"""Policies for every asset of a layer (group, owners, kinds), and the display of table contracts in the UI."""

from datetime import timedelta
from typing import Any

import dagster as dg

from imdb_assets.contracts.base import Contract, constraints, description, lineage
from imdb_assets.naming import asset_path, lake_name

OWNERS = ["team:data-platform"]

WEEKLY = ("models.iterations", "models.audit", "models.champion_scores")
"""Tables that are made once a week; `automation.py` has the schedule."""

LATER = {"models.predictions": -1, "models.champion_scores": -2, "models.iterations": -2}
"""Low priorities, so that a run makes these tables late; the endpoint can answer without these tables."""

LAST = -3
"""Priority of dashboards: they are made last, because some of them show when each table was published."""

FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=30), warn_window=timedelta(hours=26))
"""Freshness policy of the assets in the daily job; a run reports all its assets to Dagster, even unchanged assets."""

FRESH_WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8))

PLAIN_ASSETS = "__ASSET_JOB"
"""Dagster's name for the job that materializes assets selected by hand."""


def asset_key(name: str) -> dg.AssetKey:
    """The asset key (`silver/movies`) of a name in the lake (`silver.movies`)."""
    return dg.AssetKey(asset_path(name))


def group(layer: str) -> str:
    """The group of a layer's assets has the layer's name; assets that we do not make are in the group `source`."""
    return "source" if layer == "imdb" else layer


def keys_of_the_run(context: dg.AssetExecutionContext) -> set[dg.AssetKey]:
    """Keys of all assets that the context's run makes."""
    return set(context.job_def.asset_layer.executable_asset_keys)


def common(key: dg.AssetKey) -> dict[str, Any]:
    """Arguments for Dagster that follow from an asset's key: group, owners, priority and freshness policy."""
    shared: dict[str, Any] = {"key": key, "group_name": group(key.path[0]), "owners": OWNERS}
    priority = LATER.get(lake_name(key.path), LAST if key.path[0] == "dashboards" else 0)
    if priority:
        shared["op_tags"] = {"dagster/priority": str(priority)}
    # IMDb's files and the quarantine tables have no freshness policy: we do not make the files, and a quarantine table
    # changes only with its bronze table.
    if key.path[0] in {"imdb", "quarantine"}:
        return shared
    return {**shared, "freshness_policy": FRESH_WEEKLY if lake_name(key.path) in WEEKLY else FRESH}


def contract_arguments(contract: type[Contract], kinds: set[str]) -> dict[str, Any]:
    """Arguments of a table's or view's asset that follow from its contract, including the contract's check."""
    key = asset_key(contract.table)
    return {
        **common(key),
        "description": description(contract),
        "kinds": kinds,
        "metadata": {"dagster/column_schema": column_schema(contract), "dagster/table_name": contract.table},
        "check_specs": [
            dg.AssetCheckSpec(
                "contract", asset=key, blocking=True, description="Types, keys, bounds and rules hold for every row."
            )
        ],
    }


def column_schema(contract: type[Contract]) -> dg.TableSchema:
    """The contract's columns as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                type=str(column.dtype),
                description=_with_sources(column.description or "", lineage(contract)[name]),
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable, unique=contract.primary_key() == [name], other=constraints(column)
                ),
            )
            for name, column in contract.columns().items()
        ]
    )


def _with_sources(words: str, sources: list[tuple[str, str]]) -> str:
    """A column's description and its source columns; the open-source UI shows the source columns in no other place."""
    return f"{words} Made from {', '.join(f'{table}.{column}' for table, column in sources)}." if sources else words


def column_lineage(contract: type[Contract]) -> dg.TableColumnLineage:
    """The upstream columns from which each column is made."""
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key=asset_key(table), column_name=column) for table, column in sources]
            for name, sources in lineage(contract).items()
            if sources
        }
    )
