"""Warehouse: the analytical views as assets.

Materializing a view runs its query and checks the rows against the contract. A view has no rows of its own: each query
computes the view's rows from the current tables. The view's asset stores no rows, only the result of the check. If the
lake is on S3, the view is also created on Athena and read there once.
"""

import hashlib
import time
from typing import Any

import dagster as dg

from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.inputs import require_usable
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.policies import asset_key, column_lineage, contract_arguments
from imdb_assets.defs.unchanged import Told, keep_or_look
from imdb_assets.lake.handles import Handles
from imdb_assets.settings import Settings
from imdb_assets.warehouse import check, views
from imdb_assets.wiring import athena_of

PREVIEW_ROWS = 10
_USED = ("athena bytes", "athena query", "athena usd")  # usage of one run; not repeated if a later run keeps the view


def _view_asset(view: views.View) -> dg.AssetsDefinition:
    contract, reads = view.contract, views.tables(view.text)
    shared = contract_arguments(contract, {"sql", "duckdb"})

    @dg.asset(
        **{**shared, "description": f"{shared['description']}\n\n```sql\n{view.text}```"},
        deps=[asset_key(table) for table in reads],
        code_version=_version(view),
    )
    def body(
        context: dg.AssetExecutionContext, handles: dg.ResourceParam[Handles], settings: dg.ResourceParam[Settings]
    ) -> Told:
        tables = [handles.table(table) for table in reads]
        require_usable(view.name, tables, handles)

        def look() -> tuple[dg.AssetCheckResult, dict[str, Any] | None]:
            from imdb_assets.warehouse.duckdb import over

            warehouse = over(tables, handles.lake.folder)
            started = time.perf_counter()
            rows = warehouse.sql(view.checked).pl()
            seconds = time.perf_counter() - started
            broken = check.broken(contract, rows)
            found = _found(view, rows.height, broken)
            if broken:
                return found, None
            athena = athena_of(settings)
            elsewhere = athena.try_view(view) if athena else {}
            if elsewhere and elsewhere["athena rows"] != rows.height and not contract.checked_where:
                context.log.warning(
                    "%s has %d rows in DuckDB and %d in Athena", view.name, rows.height, elsewhere["athena rows"]
                )
            return found, {
                "rows checked" if contract.checked_where else "dagster/row_count": rows.height,
                "dagster/column_lineage": column_lineage(contract),
                "preview": markdown_table(rows.head(PREVIEW_ROWS)),
                "seconds": round(seconds, 4),
                "sql": dg.MetadataValue.md(f"```sql\n{view.text}```"),
                **elsewhere,
            }

        yield from keep_or_look(context, {table.name: str(table.snapshot_id) for table in tables}, look, once=_USED)

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


def _found(view: views.View, rows: int, broken: dict[str, int]) -> dg.AssetCheckResult:
    """The result of checking the view's rows against the contract."""
    rules = ", ".join(f"{count:,} rows break '{rule}'" for rule, count in broken.items())
    module, part = view.contract.__module__.rpartition(".")[2], view.contract.checked_where
    where = f"The SQL is in {view.file.name}, and the contract in contracts/{module}.py"
    return dg.AssetCheckResult(
        check_name="contract",
        asset_key=asset_key(view.name),
        passed=not broken,
        description=f"{view.name}: {rules}. {where}"
        if broken
        else f"{view.name}: {rows:,} rows{f' ({part})' if part else ''} satisfy the contract",
        metadata={"rows": rows, "broken": broken},
    )


def _version(view: views.View) -> str:
    """A hash of the view's query, its contract and the code that checks its rows."""
    code = code_version(view.contract, check.broken)
    return hashlib.sha256(f"{code}{view.text}".encode()).hexdigest()[:12]


view_assets = [_view_asset(view) for view in views.every().values()]
