"""What each run has cost on AWS: quantities from its events, prices from `deploy/costs.toml`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Costs
from imdb_assets.defs.ops.records import Record
from imdb_assets.defs.ops.tables import past_rows, records_of
from imdb_assets.defs.policies import asset_key, code_version, table_arguments
from imdb_assets.defs.table_asset import Delivery, deliver, markdown_table, stage_frame
from imdb_assets.defs.unchanged import pinned
from imdb_assets.deploy import budget
from imdb_assets.deploy import costs as prices
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.stored import REMOTE
from imdb_assets.lake.table import Table
from imdb_assets.monitoring.measure import WHOLE_JOBS
from imdb_assets.settings import Settings

METERED = {
    "glue dpu seconds": "glue_dpu",
    "athena bytes scanned": "athena_scan",
    "training seconds": "training",
}
"""Metadata of a materialization → item of the price table."""
TASK_CPUS, TASK_GB = 2, 8
"""Of the ephemeral task, as deploy/templates/host.yaml has them."""
DAYS = 30
"""A month of storage is paid for day by day."""


@dg.asset(
    **table_arguments(Costs, {"aws"}),
    ins={"runs": dg.AssetIn(asset_key("ops.runs"))},
    code_version=code_version(prices.prices, Record, Costs),
)
def costs(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], settings: dg.ResourceParam[Settings], runs: Table
) -> Delivery:
    now, schema = datetime.now(UTC), polars_schema(Costs)
    past = past_rows(lake, Costs, "ended_at", now)
    recorded = runs.scan().filter(
        pl.col("recorded_at") > _looked_at(lake), ~pl.col("run_id").is_in(past["run_id"].to_list())
    )
    stored = sum(table.bytes for table in lake.tables() if table.files and table.files[0].startswith(REMOTE))
    records = records_of(context.instance, recorded.collect()["run_id"].to_list())
    new = [row for record in records for row in rows(record, settings, stored, now)]
    frame = pl.concat([past, pl.DataFrame(new, schema=schema)])
    staged = stage_frame(lake, Costs, frame, pinned({"runs": runs}))
    yield from deliver(
        Costs,
        staged,
        metadata={
            "this month (US dollars)": budget.of_month(frame.lazy(), now),
            "budget (US dollars)": settings.budget_usd,
            "latest": markdown_table(frame.sort("ended_at", descending=True).head(20)),
        },
    )


def _looked_at(lake: Lake) -> datetime:
    """When runs were last looked through, to the second before: most cost nothing and leave no row."""
    if not lake.exists(Costs.table):
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(lake.history(Costs.table)[-1].published_at)


def rows(record: Record, settings: Settings, stored_bytes: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Rows of `ops.costs` of one run.

    Args:
        record: The run.
        settings: Say whether it ran in a task of its own.
        stored_bytes: Of tables on S3; a run of all assets pays for a day of them.
        now: The time, UTC.
    """
    used: dict[str, float] = {}
    for event in record.events:
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            for name, entry in event.materialization.metadata.items():
                if name in METERED and isinstance(entry.value, int | float):
                    used[METERED[name]] = used.get(METERED[name], 0) + entry.value
    seconds = (record.ended_at - record.started_at).total_seconds()
    if settings.host == "task":
        used |= {"task_cpu": seconds * TASK_CPUS, "task_memory": seconds * TASK_GB, "address": seconds}
    if stored_bytes and record.job in WHOLE_JOBS:
        used["s3_storage"] = stored_bytes / DAYS
    known = prices.prices()
    for item, quantity in sorted(used.items()):
        yield {
            "run_id": record.run.run_id,
            "item": item,
            "ended_at": record.ended_at,
            "job": record.job,
            "quantity": float(quantity),
            "unit": known[item].unit,
            "usd": known[item].of(quantity),
            "prices_of": prices.dated(),
            "recorded_at": now,
        }
