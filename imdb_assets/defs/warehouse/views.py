"""Warehouse: the analytical views as assets. Materializing one runs its query and holds the rows to the contract.

A view has no rows of its own: whoever asks gets it from the tables as they are then. What is kept here is evidence.
Where the lake is on S3, the view is made on Athena, too, and read there once.
"""

import hashlib
import time
from collections.abc import Iterator

import dagster as dg

from imdb_assets.defs.policies import asset_key, code_version, column_lineage, contract_arguments
from imdb_assets.defs.table_asset import markdown_table
from imdb_assets.defs.unchanged import kept_showing
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets.warehouse import check, views
from imdb_assets.wiring import athena_of

PREVIEW_ROWS = 10
_READ = "read from"  # metadata by which a later run knows it again
_USED = ("athena bytes", "athena query", "athena usd")  # what one run used, and no later one that keeps the view


def _view_asset(view: views.View) -> dg.AssetsDefinition:
    contract, reads = view.contract, views.tables(view.text)
    key, shared = asset_key(view.name), contract_arguments(contract, {"sql", "duckdb"})

    @dg.asset(
        **{**shared, "description": f"{shared['description']}\n\n```sql\n{view.text}```"},
        deps=[asset_key(table) for table in reads],
        code_version=_version(view),
    )
    def body(
        context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], settings: dg.ResourceParam[Settings]
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        from imdb_assets.warehouse.duckdb import over

        tables = [lake.table(table) for table in reads]
        lake.require_agreement(tables)
        read = {table.name: str(table.snapshot_id) for table in tables}
        if kept := kept_showing(context, {_READ: read}):
            yield dg.AssetCheckResult(check_name="contract", asset_key=key, passed=True, description="As before.")
            shown = {name: value for name, value in kept.items() if not name.startswith(_USED)}
            yield dg.MaterializeResult(asset_key=key, metadata=shown)
            return
        warehouse = over(tables, lake.folder)
        started = time.perf_counter()
        rows = warehouse.sql(view.text).pl()
        seconds = time.perf_counter() - started
        broken = check.broken(contract, rows)
        rules = ", ".join(f"{count:,} rows break '{rule}'" for rule, count in broken.items())
        words = f"{view.name}: {rules or f'{rows.height:,} rows keep the contract'}"
        yield dg.AssetCheckResult(
            check_name="contract",
            asset_key=key,
            passed=not broken,
            description=words,
            metadata={"rows": rows.height, "broken": broken},
        )
        if broken:
            raise dg.Failure(
                description=f"{words}; its SQL is in {view.file.name}, its contract in contracts/warehouse.py",
                allow_retries=False,
            )
        athena = athena_of(settings)
        elsewhere = athena.try_view(view) if athena else {}
        if elsewhere and elsewhere["athena rows"] != rows.height:
            context.log.warning(
                "%s has %d rows here and %d on Athena", view.name, rows.height, elsewhere["athena rows"]
            )
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "dagster/row_count": rows.height,
                "dagster/column_lineage": column_lineage(contract),
                "preview": markdown_table(rows.head(PREVIEW_ROWS)),
                "seconds": round(seconds, 4),
                _READ: dg.MetadataValue.json(read),
                "sql": dg.MetadataValue.md(f"```sql\n{view.text}```"),
                **elsewhere,
            },
        )

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


def _version(view: views.View) -> str:
    """A hash of the query, its contract and what holds it to that."""
    code = code_version(view.contract, check.broken)
    return hashlib.sha256(f"{code}{view.text}".encode()).hexdigest()[:12]


view_assets = [_view_asset(view) for view in views.ALL.values()]
