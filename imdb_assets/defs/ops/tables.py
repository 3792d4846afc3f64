"""Monitoring: what happened is recorded (`ops.runs`), measured (`ops.metrics`), judged and told (`ops.alerts`).

The job `monitoring` (`watch.py`) makes all three after every run; each adds rows to those that it has.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.ops import Alerts, Metrics, Runs
from imdb_assets.defs.ops.records import RunLog
from imdb_assets.defs.policies import asset_key, code_version, table_arguments
from imdb_assets.defs.table_asset import Delivery, deliver, markdown_table, stage_frame
from imdb_assets.defs.unchanged import pinned
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.table import Table
from imdb_assets.monitoring import evaluate, measure
from imdb_assets.monitoring.channels import deliver as tell
from imdb_assets.settings import Settings
from imdb_assets.wiring import channels_of

KEEP = timedelta(days=400)
"""A year and a month: a season can be compared with the one before."""
OVERLAP = timedelta(hours=1)
"""Of two looks at the event log: a run's row may be written a moment after its end."""
JOB = "monitoring"
"""Name of the job whose own runs are not recorded."""


def past_rows(lake: Lake, contract: type[Contract], moment: str, now: datetime) -> pl.DataFrame:
    """The table's rows that are kept, by today's columns; none before the first."""
    schema = polars_schema(contract)
    rows = lake.table(contract.table).scan() if lake.exists(contract.table) else pl.LazyFrame(schema=schema)
    have = rows.collect_schema()
    if moment not in have:  # a contract of before, without the column that the rows are kept by
        return pl.DataFrame(schema=schema)
    columns = [
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()
    ]
    return rows.filter(pl.col(moment) > now - KEEP).select(columns).collect()


@dg.asset(
    **table_arguments(Runs, {"dagster"}),
    deps=[asset_key("serving.live_predictions"), asset_key("models.live_accuracy")],
    code_version=code_version(RunLog, Runs),
)
def runs(lake: dg.ResourceParam[Lake], run_log: dg.ResourceParam[RunLog]) -> Delivery:
    now = datetime.now(UTC)
    past = past_rows(lake, Runs, "ended_at", now)
    latest = past["recorded_at"].max()
    since = latest - OVERLAP if isinstance(latest, datetime) else None
    new = [run.row(now) for run in run_log.ended(since, JOB, set(past["run_id"]))]
    frame = pl.concat([past, pl.DataFrame(new, schema=past.schema)])
    shown = frame.sort("ended_at", descending=True).head(20)
    shown = shown.select("ended_at", "job", "started_by", "status", "seconds", "error")
    staged = stage_frame(lake, Runs, frame, {})
    yield from deliver(Runs, staged, metadata={"new runs": len(new), "latest": markdown_table(shown)})


@dg.asset(
    **table_arguments(Metrics, {"polars"}),
    ins={"runs": dg.AssetIn(asset_key("ops.runs"))},
    code_version=code_version(measure.of_tables, RunLog, Metrics),
)
def metrics(
    lake: dg.ResourceParam[Lake],
    landing: dg.ResourceParam[Landing],
    models: dg.ResourceParam[ModelStore],
    settings: dg.ResourceParam[Settings],
    run_log: dg.ResourceParam[RunLog],
    runs: Table,
) -> Delivery:
    now = datetime.now(UTC)
    past, recorded = past_rows(lake, Metrics, "measured_at", now), runs.scan().collect()
    last = past["measured_at"].max()
    unmeasured = recorded.filter(pl.col("recorded_at") > last) if isinstance(last, datetime) else recorded
    records = run_log.of(unmeasured.sort("ended_at")["run_id"].to_list())
    values = [
        *measure.of_deployment(settings, landing, recorded, now),
        *measure.of_endpoint(settings, lake, models),
    ]
    if records:
        touched = {table: by for record in records for table, by in record.touched().items()}
        values += [value for record in records for value in record.values()]
        values += [
            *measure.of_tables(lake, touched, past),
            *measure.of_models(lake, models, past),
            *measure.of_drift(lake),
        ]
    new = measure.as_frame(values, now)
    staged = stage_frame(lake, Metrics, pl.concat([past, new]), pinned({"runs": runs}))
    shown = new.filter(pl.col("metric") != "psi").select("metric", "asset", "part", "value", "unit")
    yield from deliver(Metrics, staged, metadata={"measured": new.height, "values": markdown_table(shown.head(100))})


@dg.asset(
    **table_arguments(Alerts, {"polars"}),
    ins={"metrics": dg.AssetIn(asset_key("ops.metrics"))},
    code_version=code_version(evaluate.due, tell, Alerts),
)
def alerts(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    settings: dg.ResourceParam[Settings],
    metrics: Table,
) -> Delivery:
    now = datetime.now(UTC)
    past = past_rows(lake, Alerts, "told_at", now)
    due = evaluate.due(metrics.scan().collect(), past, evaluate.Occasion(now, settings.ui_address))
    told = evaluate.together(due)
    for alert in told:
        (context.log.info if alert.state == "resolved" else context.log.error)("%s", alert.text)
    failures = tell(told, channels_of(settings))
    if failures:  # not recorded as said, so the next look sends them again
        raise dg.Failure(description="\n".join(failures), allow_retries=False)
    frame = pl.concat([past, evaluate.as_frame(due)])
    staged = stage_frame(lake, Alerts, frame, pinned({"metrics": metrics}))
    firing = evaluate.firing(frame).select("since", "severity", "alarm", "asset", "part", "value", "condition")
    yield from deliver(
        Alerts, staged, metadata={"told": len(due), "firing": firing.height, "alarms": markdown_table(firing)}
    )
