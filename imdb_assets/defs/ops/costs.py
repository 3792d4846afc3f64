"""Computes the cost of each run and of each endpoint: the quantities used, multiplied by AWS's prices."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Costs
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.ops.run_log import ENDED, S3_REQUESTS, EndedRun, RunLog
from imdb_assets.defs.ops.tables import JOB, OVERLAP, past_rows
from imdb_assets.defs.table_asset import Made, never, table_asset
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.remote import remote_of
from imdb_assets.lake.table import Table
from imdb_assets.monitoring.costs import Usage, of_month
from imdb_assets.monitoring.measure import WHOLE_JOBS
from imdb_assets.settings import Settings
from imdb_assets.wiring import bill_of


@table_asset(Costs, {"aws"}, reads=["ops.runs"], keeps=never)
def costs(context: dg.AssetExecutionContext, lake: Lake, settings: Settings, run_log: RunLog, runs: Table) -> Made:
    now, since = datetime.now(UTC), _looked_at(lake)
    past = past_rows(lake, Costs, "ended_at", now)
    recorded = runs.scan().select("run_id", "recorded_at").collect()
    ended = (
        recorded.filter(pl.col("recorded_at") > since)["run_id"].to_list() if since else recorded["run_id"].to_list()
    )
    known = set(past["run_id"])
    records = run_log.of([run for run in [*ended, *_looks(context.instance, since)] if run not in known])
    new: list[dict[str, Any]] = []
    if bill := bill_of(settings):
        stored = sum(table.bytes for table in lake.tables() if table.files and remote_of(table.files[0]))
        new = [row for record in records for row in bill.of_run(usage(record), stored, now)]
        new += bill.beside_runs(now)
    latest = pl.DataFrame(new, schema=polars_schema(Costs))
    # A new row replaces the old row with the same key, because the costs of a running endpoint grow.
    frame = pl.concat([latest, past]).unique(Costs.primary_key(), keep="first", maintain_order=True)
    return Made(
        frame,
        metadata={
            "this month (US dollars)": of_month(frame.lazy(), now),
            **({"budget (US dollars)": bill.limit_usd} if bill else {}),
            "latest": markdown_table(frame.sort("ended_at", descending=True).head(20)),
        },
    )


def _looked_at(lake: Lake) -> datetime | None:
    """Runs that ended before the returned time need not be examined again; None if all runs must be examined."""
    history = lake.history(Costs.table) if lake.exists(Costs.table) else []
    published = [datetime.fromisoformat(one.published_at) for one in history if one.current]
    return published[0] - OVERLAP if published else None


def _looks(instance: dg.DagsterInstance, since: datetime | None) -> list[str]:
    """Ids of `monitoring`'s own runs, which are not in `ops.runs` but send requests to S3 like all other runs."""
    ended = instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=list(ENDED), updated_after=since))
    return [run.run_id for run in ended if S3_REQUESTS in run.tags]


def usage(record: EndedRun) -> Usage:
    """The usage of a run, from its events and tags."""
    return Usage(
        run_id=record.run.run_id,
        job=record.job,
        ended_at=record.ended_at,
        seconds=(record.ended_at - record.started_at).total_seconds(),
        reported=list(_reported(record)),
        requests=json.loads(record.run.tags.get(S3_REQUESTS, "{}")),
        is_whole=record.job in WHOLE_JOBS,
    )


def _reported(record: EndedRun) -> Iterator[tuple[str, float]]:
    """Names and values of the numbers that steps, including failed steps, have reported as metadata."""
    for event in record.events:
        said: Mapping[str, Any] = {}
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            said = event.materialization.metadata
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE and event.step_failure_data.user_failure_data:
            said = event.step_failure_data.user_failure_data.metadata
        yield from ((name, entry.value) for name, entry in said.items() if isinstance(entry.value, int | float))
