"""The job `monitoring`, and the sensor that starts it after every run and at least once an hour.

Monitoring is a job of its own, since a run cannot report its own end.
"""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg

from imdb_assets.defs.automation import UNDER_WAY
from imdb_assets.defs.ops.run_log import ENDED
from imdb_assets.defs.ops.tables import JOB
from imdb_assets.settings import load_settings

EVERY = timedelta(hours=1)
"""Longest time between monitoring runs. Even if no other run ends, data can grow old and an endpoint can die."""

monitoring = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.key_prefixes("ops"),
    description="Records the runs that have ended, takes measurements, evaluates the alarms, and sends alerts.",
)


def look_after_runs(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Starts `monitoring` when a run has ended, and at least once an hour, because data grow old while nothing runs."""
    instance, now = context.instance, datetime.now(UTC)
    if instance.get_runs_count(dg.RunsFilter(job_name=JOB, statuses=UNDER_WAY)):
        return dg.SkipReason("A run of monitoring is in progress.")
    last = datetime.fromisoformat(json.loads(context.cursor)["looked_at"]) if context.cursor else None
    finished = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_after=last))
    news = [one for one in finished if one.dagster_run.job_name != JOB]
    if last is not None and not news and now - last < EVERY:
        return dg.SkipReason(f"No run has ended since {last:%H:%M:%S} UTC; the next check is at {last + EVERY:%H:%M}.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(job_name=JOB)], cursor=json.dumps({"looked_at": now.isoformat()})
    )


@dg.definitions
def watching() -> dg.Definitions:
    """The job `monitoring` and its sensor; the setting IMDB_SCHEDULE decides whether the sensor is initially on."""
    running = load_settings().schedule == "running"
    sensor = dg.SensorDefinition(
        name="monitoring_after_runs",
        evaluation_fn=look_after_runs,
        job=monitoring,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description=look_after_runs.__doc__,
    )
    return dg.Definitions(jobs=[monitoring], sensors=[sensor])
