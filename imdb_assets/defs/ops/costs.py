"""What each run and endpoint has cost on AWS: quantities from events and AWS, prices from `aws/billing/prices.toml`."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import dagster as dg
import polars as pl

from imdb_assets.aws.billing import budget, endpoint_hours, prices
from imdb_assets.aws.billing.endpoint_hours import Life
from imdb_assets.aws.s3_requests import Sent
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Costs
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.ops.records import ENDED, Record
from imdb_assets.defs.ops.tables import JOB, OVERLAP, past_rows, records_of
from imdb_assets.defs.resources import S3_REQUESTS
from imdb_assets.defs.table_asset import Made, never, table_asset
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
"""Metadata of a materialization, or of a step that failed → item of the price table."""
TASK_CPUS, TASK_GB, TASK_DISK_GB = 2, 8, 40 - 20
"""Of the ephemeral task, as aws/deploy/templates/host.yaml has them; 20 GB of its disk are free."""
DAYS = 30
"""A month of storage is paid for day by day."""
ENDPOINT = "endpoint"
"""In the place of a job's name."""

Known = Literal["reported", "counted", "estimated"]
Used = dict[tuple[str, Known], float]
"""Item of the price table, and how it is known → quantity."""


@table_asset(Costs, {"aws"}, reads=["ops.runs"], keeps=never)
def costs(context: dg.AssetExecutionContext, lake: Lake, settings: Settings, runs: Table) -> Made:
    now, since = datetime.now(UTC), _looked_at(lake)
    past = past_rows(lake, Costs, "ended_at", now)
    recorded = runs.scan().select("run_id", "recorded_at").collect()
    ended = (
        recorded.filter(pl.col("recorded_at") > since)["run_id"].to_list() if since else recorded["run_id"].to_list()
    )
    known = set(past["run_id"])
    records = records_of(
        context.instance, [run for run in [*ended, *_looks(context.instance, since)] if run not in known]
    )
    stored = sum(table.bytes for table in lake.tables() if table.files and table.files[0].startswith(REMOTE))
    new = [row for record in records for row in rows(record, settings, stored, now)]
    if settings.lake == "s3":
        new += [row for life in endpoint_hours.lives(settings.aws_prefix, now) for row in rows_of_endpoint(life, now)]
    latest = pl.DataFrame(new, schema=polars_schema(Costs))
    frame = pl.concat([latest, past]).unique(Costs.primary_key(), keep="first", maintain_order=True)  # what grows
    return Made(
        frame,
        metadata={
            "this month (US dollars)": budget.of_month(frame.lazy(), now),
            "budget (US dollars)": settings.budget_usd,
            "latest": markdown_table(frame.sort("ended_at", descending=True).head(20)),
        },
    )


def _looked_at(lake: Lake) -> datetime | None:
    """From when on runs are looked through: most of those before cost nothing and left no row. None: all of them."""
    history = lake.history(Costs.table) if lake.exists(Costs.table) else []
    published = [datetime.fromisoformat(one.published_at) for one in history if one.current]
    return published[0] - OVERLAP if published else None


def _looks(instance: dg.DagsterInstance, since: datetime | None) -> list[str]:
    """Runs of `monitoring`, which are not in `ops.runs`, and ask S3 as others do."""
    ended = instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=list(ENDED), updated_after=since))
    return [run.run_id for run in ended if S3_REQUESTS in run.tags]


def rows(record: Record, settings: Settings, stored_bytes: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Rows of `ops.costs` of one run.

    Args:
        record: The run.
        settings: Say whether it ran in a task of its own.
        stored_bytes: Of tables on S3; a run of all assets pays for a day of them.
        now: The time, UTC.
    """
    used: Used = {}
    for name, value in _said(record):
        used[METERED[name], "reported"] = used.get((METERED[name], "reported"), 0) + value
    sent = Sent(**json.loads(record.run.tags.get(S3_REQUESTS, "{}")))
    used |= {
        ("s3_writes", "counted"): sent.writes,
        ("s3_reads", "counted"): sent.reads,
        ("s3_writes", "estimated"): sent.estimated_writes,
        ("s3_reads", "estimated"): sent.estimated_reads,
    }
    seconds = (record.ended_at - record.started_at).total_seconds()
    if settings.host == "task":
        used |= {
            ("task_cpu", "counted"): seconds * TASK_CPUS,
            ("task_memory", "counted"): seconds * TASK_GB,
            ("task_disk", "counted"): seconds * TASK_DISK_GB,
            ("address", "counted"): seconds,
        }
    if record.job in WHOLE_JOBS:
        used["s3_storage", "estimated"] = stored_bytes / DAYS
    yield from _priced(used, record.run.run_id, record.job, record.ended_at, now)


def rows_of_endpoint(life: Life, now: datetime) -> Iterator[dict[str, Any]]:
    """The row of `ops.costs` of one endpoint; of one that is up, as far as it has come.

    Args:
        life: The endpoint.
        now: The time, UTC.
    """
    ended = life.ended or now
    used: Used = {("endpoint", "reported"): (ended - life.began).total_seconds()}
    yield from _priced(used, f"{life.name} {life.began.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", ENDPOINT, ended, now)


def _said(record: Record) -> Iterator[tuple[str, float]]:
    """What steps have said of what they used, those that failed as well."""
    for event in record.events:
        said: Mapping[str, Any] = {}
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            said = event.materialization.metadata
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE and event.step_failure_data.user_failure_data:
            said = event.step_failure_data.user_failure_data.metadata
        for name, entry in said.items():
            if name in METERED and isinstance(entry.value, int | float):
                yield name, entry.value


def _priced(used: Used, run_id: str, job: str, ended: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    table = prices.prices()
    for (item, known), quantity in sorted(used.items()):
        if quantity:
            yield {
                "run_id": run_id,
                "item": item,
                "known": known,
                "ended_at": ended,
                "job": job,
                "quantity": float(quantity),
                "unit": table[item].unit,
                "usd": table[item].of(quantity),
                "prices_of": prices.dated(),
                "recorded_at": now,
            }
