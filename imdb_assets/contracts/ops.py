"""Ops: how runs went, what was measured after each run, and which alerts followed.

Times are UTC. `METRICS` lists every metric once: tables, alarms, dashboards and CloudWatch take name, unit and meaning
from there. `monitoring/alarms.py` declares which values are alarming.
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
    """Meaning of the column `part`: a regime, a feature, a check; empty if the metric is about the whole asset."""


METRICS: dict[str, Metric] = {
    "rows": Metric("count", "Rows of the table."),
    "bytes": Metric("bytes", "Size of the table's Parquet files, or of the dump as served."),
    "rows_change": Metric("share", "Rows now, divided by the median of the last seven measurements, minus 1."),
    "quarantine_share": Metric("share", "Share of the dump's lines that could not be read."),
    "dump_age_hours": Metric(
        "hours", "Time since the dump last changed at its source; measured for downloaded dumps only."
    ),
    "step_seconds": Metric("seconds", "Duration of the asset's step in its latest run."),
    "failed_steps": Metric("count", "1 if the asset's step failed in the latest run that reached it, else 0."),
    "failed_checks": Metric("count", "1 if the check failed when it was last evaluated, else 0.", "check"),
    "run_seconds": Metric("seconds", "Duration of the latest run.", "job"),
    "died_runs": Metric("count", "1 if the latest run ended without success although no step failed, else 0.", "job"),
    "hours_since_good_run": Metric("hours", "Time since a run that begins with the dumps last succeeded."),
    "r2": Metric("score", "R² on the temporal test, by the stored predictions of the model in service.", "regime"),
    "r2_change": Metric("score", "R² minus the median of the last seven measurements.", "regime"),
    "rmse": Metric("rating points", "Root mean squared error on the same films.", "regime"),
    "coverage": Metric("share", "Share of the same films whose rating lies within the 90 % interval.", "regime"),
    "live_ratings": Metric("count", "Films that were predicted while unrated and have since got their first rating."),
    "live_error": Metric("rating points", "Mean absolute error of the predictions for those films."),
    "challengers": Metric("count", "1 if the latest model version was not put in service, else 0."),
    "psi": Metric(
        "score",
        "Population stability index of the current values, compared with the oldest snapshot that is kept.",
        "feature, or regime of predictions",
    ),
    "endpoint_up": Metric("count", "1 if the deployed endpoint answers with the model in service, else 0."),
    "endpoint_requests": Metric("count", "Predictions that the endpoint was asked for since it started."),
    "endpoint_p95_ms": Metric(
        "milliseconds", "Time within which 95 % of them were answered; null until there have been 100."
    ),
    "endpoint_error_share": Metric("share", "Share of them that were answered with a status of 500 or above."),
    "disk_free_bytes": Metric("bytes", "Free on the disk of the data folder."),
}

SEVERITIES = ("critical", "warning", "info")
"""critical: readers get wrong answers or none, or soon will; warning: look at it today; info: good to know."""


def _moment(words: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Datetime:
    return dy.Datetime(
        time_unit="us", time_zone="UTC", nullable=nullable, primary_key=primary_key, description=f"{words}, UTC."
    )


class Runs(Contract):
    """Every run of the asset graph that has ended: one row per run, for the last 400 days.

    The job `monitoring` writes it after each run; its own runs are left out.
    """

    table = "ops.runs"
    rules: ClassVar = {"ends_after_it_starts": nw.col("started_at") <= nw.col("ended_at")}

    run_id = dy.String(primary_key=True, description="Dagster's id of the run; its page is `/runs/<run_id>`.")
    job = dy.String(description="The job; `assets` if single assets were materialized by hand.")
    started_by = dy.String(
        regex=one_of("schedule", "sensor", "external", "retry", "person"),
        description="What started the run; external means another program, over GraphQL.",
    )
    status = dy.String(regex=one_of("success", "failure", "canceled"), description="How it ended.")
    started_at = _moment("When the run started or, if it never did, when it was requested")
    ended_at = _moment("End")
    seconds = dy.Float64(min=0, description="Seconds from start to end.")
    steps_succeeded = dy.Int32(min=0, description="Steps that succeeded.")
    steps_failed = dy.Int32(
        min=0, description="Steps that failed. If the status is failure and this is 0, the run's process died."
    )
    assets_materialized = dy.Int32(min=0, description="Assets materialized, including those kept unchanged.")
    assets_unchanged = dy.Int32(
        min=0, description="How many of them were kept because nothing they are made from had changed."
    )
    checks_failed = dy.Int32(min=0, description="Asset checks that failed, including contracts.")
    rows_published = dy.Int64(min=0, description="Rows of all tables that the run published.")
    error = dy.String(
        nullable=True, description="The first failure, as people are told about it; null if there was none."
    )
    recorded_at = _moment("When the row was written (the next measurement copies its values to `ops.metrics`)")


class Metrics(Contract):
    """What was measured after each run, and once an hour: one row per time, metric, asset and part, for 400 days.

    `contracts/ops.py` lists the metrics and their units. Example: the metric `r2` of the asset `models/predictions` has
    the regime `pre-release` as its part. A metric that describes the whole deployment has an empty asset.
    """

    table = "ops.metrics"

    measured_at = _moment(
        "When it was measured (one time for all metrics that were measured together)", primary_key=True
    )
    metric = dy.String(primary_key=True, regex=one_of(*METRICS), description="Name of the metric.")
    asset = dy.String(
        primary_key=True,
        description="The asset, such as `silver/movies`; empty if the metric describes the whole deployment.",
    )
    part = dy.String(
        primary_key=True,
        description="Part of the asset: a regime, a feature, a check; empty if the metric describes the whole asset.",
    )
    value = dy.Float64(
        nullable=True,
        description="The value, in the metric's unit; null if there was too little to measure it on.",
        allow_inf=False,
        allow_nan=False,
    )
    unit = dy.String(regex=one_of(*sorted({metric.unit for metric in METRICS.values()})), description="Unit.")
    run_id = dy.String(
        nullable=True,
        description="Latest run that the value describes; null if it describes no run.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    reason = dy.String(
        nullable=True,
        description="Why the run failed, or what the check found; null if nothing failed.",
    )


class Alerts(Contract):
    """What people were told: one row when an alarm begins to fire, one a day while it fires, and one when it ends.

    Alarms are declared in `monitoring/alarms.py`. An alarm is firing now if its latest row here is not `resolved`.
    """

    table = "ops.alerts"

    told_at = _moment("When the alarms were evaluated", primary_key=True)
    alarm = dy.String(primary_key=True, description="Name of the alarm, also its heading in docs/runbook.md.")
    asset = dy.String(primary_key=True, description="The asset; empty if the alarm is about the whole deployment.")
    part = dy.String(primary_key=True, description="Part of the asset, as in ops.metrics.")
    state = dy.String(
        regex=one_of("firing", "still firing", "resolved"), description="Whether the alarm begins, goes on, or ends."
    )
    since = _moment("When the alarm began to fire")
    severity = dy.String(regex=one_of(*SEVERITIES), description="How serious it is: info, warning or critical.")
    metric = dy.String(
        regex=one_of(*METRICS),
        description="The metric that the alarm judges.",
        metadata={"source": ["ops.metrics.metric"]},
    )
    value = dy.Float64(description="The value judged.", metadata={"source": ["ops.metrics.value"]})
    condition = dy.String(description="When it fires, in words.")
    run_id = dy.String(
        nullable=True, description="The run that the value is about.", metadata={"source": ["ops.metrics.run_id"]}
    )
    message = dy.String(description="The message: asset, value, cause, remedy.")


class Costs(Contract):
    """What runs and endpoints have cost on AWS, for 400 days.

    One row per run or endpoint and item. If parts of an item's quantity are known in different ways (see `known`), each
    part has a row.

    A run that used nothing on AWS has no row. Requests to S3 by this platform's own process are counted or estimated;
    requests that Glue's workers, Athena and SageMaker make by themselves are left out.
    """

    table = "ops.costs"

    run_id = dy.String(
        primary_key=True,
        description="Id of a run, including runs of the job `monitoring`; for an endpoint, its name and start.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    item = dy.String(primary_key=True, description="What is paid for, as in `aws/billing/prices.toml`.")
    known = dy.String(
        primary_key=True,
        regex=one_of("reported", "counted", "estimated"),
        description="How the quantity is known: reported by AWS, counted here, or estimated.",
    )
    ended_at = _moment("End of the run or the endpoint; for an endpoint that is still up, the time of this record")
    job = dy.String(description="The job of the run, or `endpoint`.", metadata={"source": ["ops.runs.job"]})
    quantity = dy.Float64(min=0, description="Quantity used.", allow_inf=False, allow_nan=False)
    unit = dy.String(description="Unit of the quantity.")
    usd = dy.Float64(min=0, description="US dollars: quantity times price.", allow_inf=False, allow_nan=False)
    prices_of = dy.String(regex=r"\d{4}-\d{2}-\d{2}", description="Date of the price table.")
    recorded_at = _moment("When the row was written")
