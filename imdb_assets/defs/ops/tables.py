"""Monitoring: runs are recorded (`ops.runs`), measured (`ops.metrics`), judged and reported (`ops.alerts`).

The job `monitoring` (`watch.py`) adds rows to `ops.runs`, `ops.metrics` and `ops.alerts` after every run.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.ops import Alerts, Metrics, Runs
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.ops.run_log import RunLog
from imdb_assets.defs.table_asset import Made, never, table_asset
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.table import Table
from imdb_assets.monitoring import evaluate, measure
from imdb_assets.monitoring.channels import deliver as tell
from imdb_assets.settings import Settings
from imdb_assets.wiring import channels_of

KEEP = timedelta(days=400)
"""Age up to which rows are kept: a year and a month, so that a month can be compared with the same month last year."""
OVERLAP = timedelta(hours=1)
"""Each read of the event log starts this long before the end of the previous read, because a run's record may be
written a moment after the run's end."""
JOB = "monitoring"
"""Name of the job whose own runs are not recorded."""


def past_rows(lake: Lake, contract: type[Contract], moment: str, now: datetime) -> pl.DataFrame:
    """The table's rows that are young enough to keep, with the contract's columns; empty if there is no table yet."""
    schema = polars_schema(contract)
    rows = lake.table(contract.table).scan() if lake.exists(contract.table) else pl.LazyFrame(schema=schema)
    have = rows.collect_schema()
    if moment not in have:  # older code made the table without this column of times, so no row is kept
        return pl.DataFrame(schema=schema)
    columns = [
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()
    ]
    return rows.filter(pl.col(moment) > now - KEEP).select(columns).collect()


@table_asset(Runs, {"dagster"}, after=["serving.live_predictions", "models.live_accuracy"], keeps=never)
def runs(lake: Lake, run_log: RunLog) -> Made:
    now = datetime.now(UTC)
    past = past_rows(lake, Runs, "ended_at", now)
    latest = past["recorded_at"].max()
    since = latest - OVERLAP if isinstance(latest, datetime) else None
    new = [run.row(now) for run in run_log.ended(since, JOB, set(past["run_id"]))]
    frame = pl.concat([past, pl.DataFrame(new, schema=past.schema)])
    shown = frame.sort("ended_at", descending=True).head(20)
    shown = shown.select("ended_at", "job", "started_by", "status", "seconds", "error")
    return Made(frame, metadata={"new runs": len(new), "latest": markdown_table(shown)})


@table_asset(Metrics, {"polars"}, reads=["ops.runs"], keeps=never)
def metrics(
    lake: Lake,
    landing: Landing,
    models: ModelStore,
    settings: Settings,
    run_log: RunLog,
    runs: Table,
) -> Made:
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
    shown = new.filter(pl.col("metric") != "psi").select("metric", "asset", "part", "value", "unit")
    measured = {"measured": new.height, "values": markdown_table(shown.head(100))}
    return Made(pl.concat([past, new]), metadata=measured)


@table_asset(Alerts, {"polars"}, reads=["ops.metrics"], keeps=never)
def alerts(context: dg.AssetExecutionContext, lake: Lake, settings: Settings, metrics: Table) -> Made:
    now = datetime.now(UTC)
    past = past_rows(lake, Alerts, "told_at", now)
    due = evaluate.due(metrics.scan().collect(), past, evaluate.Occasion(now, settings.ui_address))
    told = evaluate.together(due)
    for alert in told:
        (context.log.info if alert.state == "resolved" else context.log.error)("%s", alert.text)
    failures = tell(told, channels_of(settings))
    if failures:  # no alert is recorded as sent, so the next run sends all alerts again
        raise dg.Failure(description="\n".join(failures), allow_retries=False)
    frame = pl.concat([past, evaluate.as_frame(due)])
    firing = evaluate.firing(frame).select("since", "severity", "alarm", "asset", "part", "value", "condition")
    told_of = {"told": len(due), "firing": firing.height, "alarms": markdown_table(firing)}
    return Made(frame, metadata=told_of)
