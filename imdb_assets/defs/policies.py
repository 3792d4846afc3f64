"""What holds for every asset of a layer: group, owners, kinds; and how a table's contract shows in the UI."""

import ast
import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from imdb_assets.contracts.base import Contract, asset_path, constraints, description, lineage
from imdb_assets.lake.publish import audit
from imdb_assets.settings import PROJECT_ROOT

OWNERS = ["team:data-platform"]

GROUPS = {  # numbered, so that the UI lists them in lineage order
    "imdb": "a_source",
    "landing": "b_landing",
    "bronze": "c_bronze",
    "quarantine": "c_quarantine",
    "silver": "d_silver",
    "gold": "e_gold",
    "warehouse": "e_warehouse",
    "models": "f_models",
    "serving": "g_serving",
    "ops": "h_ops",
    "dashboards": "i_dashboards",
}

WEEKLY = ("models.iterations", "models.audit", "models.champion_scores")
"""Tables that are made anew once a week; `automation.py` says when."""

FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=30), warn_window=timedelta(hours=26))
"""Of everything that a daily run materializes, which it does also where it keeps what is unchanged."""

FRESH_WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8))

PLAIN_ASSETS = "__ASSET_JOB"
"""Dagster's name of the job that materializes assets picked by hand."""


def asset_key(table: str) -> dg.AssetKey:
    """`silver.movies` → `silver/movies`."""
    return dg.AssetKey(asset_path(table))


def keys_of_the_run(context: dg.AssetExecutionContext) -> set[dg.AssetKey]:
    """The assets that the run makes, this one among them."""
    return set(context.job_def.asset_layer.executable_asset_keys)


def common(key: dg.AssetKey) -> dict[str, Any]:
    """Arguments that every asset of the key's layer shares."""
    shared = {"key": key, "group_name": GROUPS[key.path[0]], "owners": OWNERS}
    if key.path[0] == "quarantine":  # written with its bronze table, and only when that is made anew
        return shared
    return {**shared, "freshness_policy": FRESH_WEEKLY if ".".join(key.path) in WEEKLY else FRESH}


def table_arguments(contract: type[Contract], kinds: set[str]) -> dict[str, Any]:
    """Arguments of a table's asset that its contract determines, with the contract's check."""
    return {**contract_arguments(contract, {"iceberg", "parquet", *kinds}), "io_manager_key": "tables"}


def contract_arguments(contract: type[Contract], kinds: set[str]) -> dict[str, Any]:
    """Arguments of the asset of a table or view that its contract determines, with the contract's check."""
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
    """A column's description with what it is made of: the open-source UI does not draw column lineage."""
    return f"{words} Made from {', '.join(f'{table}.{column}' for table, column in sources)}." if sources else words


def column_lineage(contract: type[Contract]) -> dg.TableColumnLineage:
    """Which upstream columns each column is made of."""
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key=asset_key(table), column_name=column) for table, column in sources]
            for name, sources in lineage(contract).items()
            if sources
        }
    )


def code_version(*parts: Callable[..., Any] | type) -> str:
    """A hash of the source that these functions and classes are made of: their modules and all of ours they import.

    What audits and commits every table is part of each. A change of any of it marks the asset as stale, and tells two
    published snapshots apart.
    """
    files: set[Path] = set()
    waiting = [_source_of(part.__module__) for part in (*parts, audit)]
    while waiting:
        file = waiting.pop()
        if file is not None and file not in files:
            files.add(file)
            waiting.extend(_imports(file))
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:12]


@cache
def _imports(file: Path) -> list[Path | None]:
    """Our modules that a module imports, anywhere in it."""
    found: list[Path | None] = []
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [_source_of(node.module), *(_source_of(f"{node.module}.{name.name}") for name in node.names)]
        elif isinstance(node, ast.Import):
            found += [_source_of(name.name) for name in node.names]
    return found


def _source_of(module: str) -> Path | None:
    """The file of one of our modules; None for a package or another's module."""
    file = PROJECT_ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file if module.startswith("imdb_assets.") and file.is_file() else None
