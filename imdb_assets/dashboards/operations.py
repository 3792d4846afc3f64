"""The dashboard of operations: runs, their durations, published tables, firing alarms.

The monitoring job writes `ops.runs`, `ops.metrics` and `ops.alerts` after each run. If a panel's table in `ops` does
not exist yet, the panel says so. Panels about the history of tables need no table of `ops`.
"""

from imdb_assets.dashboards.base import Bars, Column, Dashboard, Figures, Lines, Metrics, Panel, Rows

_NOT_YET = "Nothing has been recorded yet: the job `monitoring` records each run when the run has ended."

_FIGURES = Panel(
    "figures",
    "The lake now",
    "The figures cover the current snapshots of all tables.",
    """
    select
      count(*) as tables,
      sum(rows_published) as rows_published,
      count(distinct run_id) as runs,
      max(published_at) as latest
    from lake.snapshots
    where is_current
    """,
    {
        "tables": Column("tables", "count"),
        "rows_published": Column("rows", "count"),
        "runs": Column("runs that made the tables", "count"),
        "latest": Column("latest publish", "when"),
    },
    Figures(),
    wide=True,
)

_ALERTS = Panel(
    "alerts",
    "What fires now",
    "Alarms that have begun to fire and are not resolved. The runbook gives the cause and the remedy of each alarm.",
    """
    select alerts.severity, alerts.alarm, alerts.asset, alerts.part, alerts.value, alerts.condition, alerts.since
    from ops.alerts as alerts
    inner join (
      select alarm, asset, part, max(told_at) as latest from ops.alerts group by alarm, asset, part
    ) as newest
      on newest.alarm = alerts.alarm and newest.asset = alerts.asset and newest.part = alerts.part
      and newest.latest = alerts.told_at
    where alerts.state <> 'resolved'
    order by
      case alerts.severity when 'critical' then 0 when 'warning' then 1 else 2 end,
      alerts.alarm,
      alerts.asset,
      alerts.part
    """,
    {
        "severity": Column("severity"),
        "alarm": Column("alarm"),
        "asset": Column("asset"),
        "part": Column("part"),
        "value": Column("value", "number"),
        "condition": Column("fires when"),
        "since": Column("since", "when"),
    },
    Rows(),
    wide=True,
    nothing="Nothing fires.",
)

_RUNS = Panel(
    "runs",
    "Runs",
    "Duration of each successful run, by start time; runs that made only single assets are included. A run that finds "
    "nothing new is short.",
    """
    select started_at, job, seconds
    from ops.runs
    where status = 'success'
    order by job, started_at
    """,
    {
        "started_at": Column("started", "when"),
        "job": Column("job"),
        "seconds": Column("seconds", "seconds"),
    },
    Lines("started_at", "seconds", series="job"),
    metrics=Metrics(("run_seconds",), "Maximum"),
    nothing=_NOT_YET,
)

_STATUS = Panel(
    "outcomes",
    "How runs ended",
    "Number of runs by day and outcome, for the last thirty days that had runs.",
    """
    select cast(cast(started_at as date) as varchar) as day, status, count(*) as runs
    from ops.runs
    where
      cast(started_at as date) in (
        select distinct cast(started_at as date) as day from ops.runs order by day desc limit 30
      )
    group by cast(cast(started_at as date) as varchar), status
    order by day, case status when 'success' then 0 else 1 end, status
    """,
    {"day": Column("day"), "status": Column("status"), "runs": Column("runs", "count")},
    Bars("day", "runs", series="status", stacked=True),
    nothing=_NOT_YET,
)

_STEPS = Panel(
    "steps",
    "Where a run's time goes",
    "Duration of the fifteen longest steps, each in its latest run.",
    """
    select metrics.asset, metrics.value as seconds, metrics.measured_at
    from ops.metrics as metrics
    inner join (
      select asset, max(measured_at) as latest from ops.metrics where metric = 'step_seconds' group by asset
    ) as newest
      on newest.asset = metrics.asset and newest.latest = metrics.measured_at
    where metrics.metric = 'step_seconds'
    order by metrics.value desc, metrics.asset
    limit 15
    """,
    {
        "asset": Column("asset"),
        "seconds": Column("seconds", "seconds"),
        "measured_at": Column("measured", "when"),
    },
    Bars("asset", "seconds", lying=True),
    nothing=_NOT_YET,
)

_ENDPOINT = Panel(
    "endpoint",
    "The endpoint",
    "The time, in milliseconds, within which 95 of 100 requests were answered. Each measurement covers all requests "
    "since the server's start, and is shown only if there were at least 100 requests.",
    """
    select measured_at, value as milliseconds
    from ops.metrics
    where metric = 'endpoint_p95_ms' and value > 0
    order by measured_at
    """,
    {"measured_at": Column("measured", "when"), "milliseconds": Column("milliseconds", "ms")},
    Lines("measured_at", "milliseconds"),
    metrics=Metrics(("endpoint_p95_ms",), "Maximum"),
    nothing="The endpoint has had too few requests so far; the job `monitoring` measures again after each run.",
)

_DRIFT = Panel(
    "drift",
    "Drift",
    "How far features and predictions have moved since the oldest kept snapshot: the fifteen highest population "
    "stability indexes of the latest measurement. An index below 0.1 means stability, above 0.2 a shift.",
    """
    select part, value as psi, asset
    from ops.metrics
    where metric = 'psi' and measured_at = (select max(measured_at) from ops.metrics where metric = 'psi')
    order by value desc, part
    limit 15
    """,
    {"part": Column("feature"), "psi": Column("index", "number"), "asset": Column("table")},
    Bars("part", "psi", lying=True, reference=0.2),
    nothing="No drift has been measured yet, because a measurement compares two snapshots of a table.",
)

_TRAINING = Panel(
    "training",
    "Training time by version",
    "Training time of each version in seconds, summed over the random and the temporal split, at the last scoring.",
    """
    select iteration, sum(seconds) as seconds, max(feature_count) as features
    from models.iterations
    where population = 'all clean films'
    group by iteration
    order by cast(substr(iteration, 2) as integer)
    """,
    {
        "iteration": Column("version"),
        "seconds": Column("seconds", "seconds"),
        "features": Column("features", "count"),
    },
    Bars("iteration", "seconds"),
)

_PUBLISHES = Panel(
    "publishes",
    "What is published",
    "Each table's current snapshot (its rows, its time, the run that published it), and how many snapshots are kept.",
    """
    select
      snapshots.table_name,
      snapshots.rows_published,
      snapshots.published_at,
      snapshots.run_id,
      kept.snapshots as snapshots
    from lake.snapshots as snapshots
    inner join (
      select table_name, count(*) as snapshots from lake.snapshots group by table_name
    ) as kept
      on kept.table_name = snapshots.table_name
    where snapshots.is_current
    order by snapshots.table_name
    """,
    {
        "table_name": Column("table"),
        "rows_published": Column("rows", "count"),
        "published_at": Column("published", "when"),
        "run_id": Column("run", "id"),
        "snapshots": Column("snapshots kept", "count"),
    },
    Rows(),
    wide=True,
)

OPERATIONS = Dashboard(
    "operations",
    "Operations",
    "What ran, how long it took, what is published, and which alarms fire.",
    (_FIGURES, _ALERTS, _RUNS, _STATUS, _STEPS, _DRIFT, _ENDPOINT, _TRAINING, _PUBLISHES),
)
