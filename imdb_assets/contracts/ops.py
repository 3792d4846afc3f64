"""Ops: how runs ended, what was measured after each run, and which alerts were sent.

Times are UTC. `METRICS` lists every metric once: tables, alarms, dashboards and CloudWatch take a metric's name, unit
and meaning from this list. `monitoring/alarms.py` declares which values fire an alarm.
"""

from typing import ClassVar, Literal, NamedTuple

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import Contract, one_of

Unit = Literal["count", "bytes", "share", "seconds", "milliseconds", "hours", "score", "rating points"]


class Metric(NamedTuple):
    """A measured quantity."""

    unit: Unit
    description: str
    part: str = ""
    """What the column `part` names, such as a regime, a feature or a check; empty if the metric describes the whole
    asset."""


METRICS: dict[str, Metric] = {
    "rows": Metric("count", "Number of rows of the table."),
    "bytes": Metric("bytes", "Size of the table's Parquet files, or of the dump as its source delivered it."),
    "rows_change": Metric("share", "Relative change of the row count from the median of the last seven measurements."),
    "quarantine_share": Metric("share", "Share of the dump's lines that could not be read."),
    "dump_age_hours": Metric(
        "hours", "Time since the dump last changed at its source; measured only for dumps that are downloaded."
    ),
    "step_seconds": Metric("seconds", "Duration of the latest run of the step that makes the asset."),
    "failed_steps": Metric("count", "1 if the asset's step failed in the latest run that reached the step, else 0."),
    "failed_checks": Metric("count", "1 if the check failed when it was last evaluated, else 0.", "check"),
    "run_seconds": Metric("seconds", "Duration of the latest run.", "job"),
    "died_runs": Metric("count", "1 if the latest run ended without success although no step failed, else 0.", "job"),
    "hours_since_good_run": Metric("hours", "Time since the last successful run that began with the dumps."),
    "r2": Metric("score", "R² of the stored predictions of the model in service, on the temporal test.", "regime"),
    "r2_change": Metric("score", "Change of R² from the median of the last seven measurements of R².", "regime"),
    "rmse": Metric(
        "rating points", "Root mean squared error of the stored predictions, on the temporal test.", "regime"
    ),
    "coverage": Metric("share", "Share of the temporal test's films with a rating within the 90 % interval.", "regime"),
    "live_ratings": Metric(
        "count", "Number of films that were predicted while unrated and have got their first rating since."
    ),
    "live_error": Metric(
        "rating points",
        "Mean absolute error of predictions for films that were unrated when they were predicted and have got their "
        "first rating since.",
    ),
    "challengers": Metric("count", "1 if the latest model version was not put into service, else 0."),
    "psi": Metric(
        "score",
        "Population stability index: how far the distribution of values has moved since the oldest snapshot that "
        "is kept.",
        "feature or, for predictions, regime",
    ),
    "endpoint_up": Metric("count", "1 if the deployed endpoint answers with the model in service, else 0."),
    "endpoint_requests": Metric("count", "Number of requests for predictions since the endpoint started."),
    "endpoint_p95_ms": Metric(
        "milliseconds", "Time within which 95 % of the requests were answered; null until there have been 100 requests."
    ),
    "endpoint_error_share": Metric("share", "Share of the requests that were answered with a status of 500 or above."),
    "disk_free_bytes": Metric("bytes", "Free space on the disk that holds the data folder."),
}

SEVERITIES = ("critical", "warning", "info")
"""An alarm is critical if readers get wrong answers or none, or soon will. An alarm is a warning if somebody should
look at the problem today. An alarm is an info if it reports something that is only good to know."""


def _moment(words: str, *, primary_key: bool = False) -> dy.Datetime:
    return dy.Datetime(time_unit="us", time_zone="UTC", primary_key=primary_key, description=f"{words}, UTC.")


class Runs(Contract):
    """Every run of the asset graph that has ended: one row per run, for the last 400 days.

    The job `monitoring` updates this table after each run; runs of `monitoring` itself are left out.
    """

    table = "ops.runs"
    rules: ClassVar = {"ends_after_it_starts": nw.col("started_at") <= nw.col("ended_at")}

    run_id = dy.String(primary_key=True, description="Dagster's id of the run; its page is `/runs/<run_id>`.")
    job = dy.String(description="The run's job; `assets` if single assets were materialized by hand.")
    started_by = dy.String(
        regex=one_of("schedule", "sensor", "external", "retry", "person"),
        description="What started the run; `external` means another program, over GraphQL.",
    )
    status = dy.String(regex=one_of("success", "failure", "canceled"), description="How the run ended.")
    started_at = _moment("When the run started or, if the run never started, when it was requested")
    ended_at = _moment("When the run ended")
    seconds = dy.Float64(min=0, description="Seconds from start to end.")
    steps_succeeded = dy.Int32(min=0, description="Steps that succeeded.")
    steps_failed = dy.Int32(
        min=0, description="Steps that failed. If the status is failure and no step failed, the run's process died."
    )
    assets_materialized = dy.Int32(
        min=0, description="Number of assets materialized, including assets that were kept because nothing had changed."
    )
    assets_unchanged = dy.Int32(
        min=0,
        description="Number of assets counted in `assets_materialized` that were kept, because nothing that they are "
        "made from had changed.",
    )
    checks_failed = dy.Int32(min=0, description="Number of asset checks that failed, including checks of contracts.")
    rows_published = dy.Int64(min=0, description="Total number of rows in the tables that the run published.")
    error = dy.String(
        nullable=True,
        description="Error message of the first failure, as alerts quote it; null if nothing failed.",
    )
    recorded_at = _moment("When the row was written")


class Metrics(Contract):
    """Measurements, made after each run and once an hour: one row per time, metric, asset and part.

    Rows are kept for 400 days. `contracts/ops.py` lists the metrics and their units. Example: in rows of the metric
    `r2`, `asset` is `models/predictions`, and `part` is the regime (`pre-release` or `with votes`) that was measured.
    For a metric that describes the whole deployment, `asset` is empty.
    """

    table = "ops.metrics"

    measured_at = _moment(
        "When the value was measured (the same time for all metrics that were measured together)", primary_key=True
    )
    metric = dy.String(primary_key=True, regex=one_of(*METRICS), description="Name of the metric.")
    asset = dy.String(
        primary_key=True,
        description="The asset, such as `silver/movies`; empty if the metric describes the whole deployment.",
    )
    part = dy.String(
        primary_key=True,
        description="Part of the asset, such as a regime, a feature or a check; empty if the metric describes "
        "the whole asset.",
    )
    value = dy.Float64(
        nullable=True,
        description="The value, in the metric's unit; null if there were too little data for a measurement.",
        allow_inf=False,
        allow_nan=False,
    )
    unit = dy.String(regex=one_of(*sorted({metric.unit for metric in METRICS.values()})), description="Unit.")
    run_id = dy.String(
        nullable=True,
        description="The latest run that the value describes; null if the value does not describe a run.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    reason = dy.String(
        nullable=True,
        description="The reason why the run failed, or the finding of the check; null if nothing failed.",
    )


class Alerts(Contract):
    """Alerts that were sent: one row when an alarm begins to fire, reminders while it fires, one row when it stops.

    Reminders are at least 20 hours apart. Alarms are declared in `monitoring/alarms.py`. An alarm is firing now if the
    alarm's latest row in this table is not `resolved`.
    """

    table = "ops.alerts"

    told_at = _moment("When the alarms were evaluated", primary_key=True)
    alarm = dy.String(
        primary_key=True, description="Name of the alarm, which is also the heading of its section in docs/runbook.md."
    )
    asset = dy.String(primary_key=True, description="The asset; empty if the alarm concerns the whole deployment.")
    part = dy.String(primary_key=True, description="Part of the asset, as in ops.metrics.")
    state = dy.String(
        regex=one_of("firing", "still firing", "resolved"),
        description="Whether the alarm has begun to fire, is still firing, or has stopped.",
    )
    since = _moment("When the alarm began to fire")
    severity = dy.String(regex=one_of(*SEVERITIES), description="How serious the alarm is: info, warning or critical.")
    metric = dy.String(
        regex=one_of(*METRICS),
        description="The metric that the alarm watches.",
        metadata={"source": ["ops.metrics.metric"]},
    )
    value = dy.Float64(
        description="The value that the alarm was evaluated on.", metadata={"source": ["ops.metrics.value"]}
    )
    condition = dy.String(description="The condition under which the alarm fires, in words.")
    run_id = dy.String(
        nullable=True, description="The run that the value describes.", metadata={"source": ["ops.metrics.run_id"]}
    )
    message = dy.String(description="The message that was sent, with the asset, the value, the cause and the remedy.")


class Costs(Contract):
    """What runs and endpoints have cost on AWS.

    Rows are kept for 400 days. One row per cost item of each run or endpoint. If AWS reported one part of an item's
    quantity, and another part was counted or estimated (see `known`), each part has its own row.

    A run that used nothing on AWS has no row. Requests to S3 by this platform's own process are counted or estimated;
    requests that Glue's workers, Athena and SageMaker make by themselves are left out.
    """

    table = "ops.costs"

    run_id = dy.String(
        primary_key=True,
        description="Id of the run, which may be a run of the job `monitoring`; for an endpoint, the endpoint's name "
        "and start time.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    item = dy.String(primary_key=True, description="The item that is paid for, named as in `aws/billing/prices.toml`.")
    known = dy.String(
        primary_key=True,
        regex=one_of("reported", "counted", "estimated"),
        description="How the quantity is known: reported by AWS, counted by this platform, or estimated.",
    )
    ended_at = _moment("When the run or the endpoint ended; for an endpoint that is still up, when the row was written")
    job = dy.String(description="The job of the run, or `endpoint`.", metadata={"source": ["ops.runs.job"]})
    quantity = dy.Float64(min=0, description="Quantity used.", allow_inf=False, allow_nan=False)
    unit = dy.String(description="Unit of the quantity.")
    usd = dy.Float64(min=0, description="US dollars: quantity times price.", allow_inf=False, allow_nan=False)
    prices_of = dy.String(regex=r"\d{4}-\d{2}-\d{2}", description="Date of the price table that the price is from.")
    recorded_at = _moment("When the row was written")
