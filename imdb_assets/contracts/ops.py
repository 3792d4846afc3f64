"""Ops: how runs went, what was measured after each of them, and which alerts that raised.

Times are UTC. Every metric that there is stands in `METRICS`, once: tables, alarms, dashboards and CloudWatch take
name, unit and meaning from there. What is alarming is in `monitoring/alarms.py`.
"""

from typing import Literal, NamedTuple

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, one_of

Unit = Literal["count", "bytes", "share", "seconds", "milliseconds", "hours", "score", "rating points"]


class Metric(NamedTuple):
    """A quantity that is measured."""

    unit: Unit
    description: str
    part: str = ""
    """What `part` says of it: which regime, feature, check; empty where it is measured of an asset as a whole."""


METRICS: dict[str, Metric] = {
    "rows": Metric("count", "Rows of the table."),
    "bytes": Metric("bytes", "Size of the table's Parquet files, or of the dump as served."),
    "rows_change": Metric("share", "Rows now / median of the last seven measured before - 1."),
    "quarantine_share": Metric("share", "Lines of the dump that could not be read, of all its lines."),
    "dump_age_hours": Metric("hours", "Time since the dump last changed at its source; of downloaded dumps only."),
    "step_seconds": Metric("seconds", "Duration of the asset's step in its latest run."),
    "failed_steps": Metric("count", "1 if the asset's step failed in the latest run that came to it, else 0."),
    "failed_checks": Metric("count", "1 if the check failed when it was last evaluated, else 0.", "check"),
    "run_seconds": Metric("seconds", "Duration of the latest run.", "job"),
    "died_runs": Metric("count", "1 if the latest run ended without success and without a failed step, else 0.", "job"),
    "hours_since_good_run": Metric("hours", "Time since a run from the dumps on last succeeded."),
    "r2": Metric("score", "R² on the temporal test by the predictions stored with the model in service.", "regime"),
    "r2_change": Metric("score", "R² - median of the last seven measured before.", "regime"),
    "rmse": Metric("rating points", "Root mean squared error on the same films.", "regime"),
    "coverage": Metric("share", "Ratings of the same films that lie within their 90 % interval.", "regime"),
    "live_ratings": Metric("count", "First ratings that have arrived for films predicted while unrated."),
    "live_error": Metric("rating points", "Mean absolute error of the predictions of those films."),
    "challengers": Metric("count", "1 if the latest model version was not put in service, else 0."),
    "psi": Metric(
        "score",
        "Population stability index of the values now against those of the oldest kept snapshot.",
        "feature, or regime of predictions",
    ),
    "endpoint_up": Metric("count", "1 if the endpoint that was deployed answers with the model in service, else 0."),
    "endpoint_requests": Metric("count", "Predictions asked of the endpoint since it started."),
    "endpoint_p95_ms": Metric("milliseconds", "Within this time 95 % of these were answered; 0 until there are 100."),
    "endpoint_error_share": Metric("share", "Of these, answered with a status of 500 or above."),
    "disk_free_bytes": Metric("bytes", "Free on the disk of the data folder."),
}

SEVERITIES = ("critical", "warning", "info")
"""critical: readers get wrong or no answers, or soon will; warning: look at it today; info: good to know."""


def _moment(words: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Datetime:
    return dy.Datetime(
        time_unit="us", time_zone="UTC", nullable=nullable, primary_key=primary_key, description=f"{words}, UTC."
    )


class Runs(Contract):
    """Every run of the asset graph that has ended: one row per run, the newest 400 days of them.

    Written after each run by the job `monitoring`, whose own runs are not in it.
    """

    table = "ops.runs"

    run_id = dy.String(primary_key=True, description="Dagster's id of the run; its page is `/runs/<run_id>`.")
    job = dy.String(description="The job; `assets` where single assets were materialized by hand.")
    started_by = dy.String(
        regex=one_of("schedule", "sensor", "external", "retry", "person"),
        description="What started it; external: another program, over GraphQL.",
    )
    status = dy.String(regex=one_of("success", "failure", "canceled"), description="How it ended.")
    started_at = _moment("Start; of a run that never started, when it was asked for")
    ended_at = _moment("End")
    seconds = dy.Float64(min=0, description="From start to end.")
    steps_succeeded = dy.Int32(min=0, description="Steps that succeeded.")
    steps_failed = dy.Int32(min=0, description="Steps that failed; with status failure and 0 here, its process died.")
    assets_materialized = dy.Int32(min=0, description="Assets materialized, those kept unchanged included.")
    assets_unchanged = dy.Int32(min=0, description="Of these, kept because nothing they are made from had changed.")
    checks_failed = dy.Int32(min=0, description="Asset checks that failed, contracts included.")
    rows_published = dy.Int64(min=0, description="Rows of all tables published anew.")
    error = dy.String(nullable=True, description="What a person is told of the first failure; null if there was none.")
    recorded_at = _moment("When the row was written; `ops.metrics` tells of it from the next measurement on")

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        """A run ends after it starts."""
        return pl.col("started_at") <= pl.col("ended_at")


class Metrics(Contract):
    """What was measured after each run, and once an hour: one row per time, metric, asset and part, of 400 days.

    Metrics and their units are listed in `contracts/ops.py`. `r2` of `models/predictions` in the regime `pre-release`
    has that asset and part; what concerns the whole deployment has an empty asset.
    """

    table = "ops.metrics"

    measured_at = _moment("When it was measured; the same for all metrics of one look", primary_key=True)
    metric = dy.String(primary_key=True, regex=one_of(*METRICS), description="Name of the metric.")
    asset = dy.String(primary_key=True, description="The asset, such as `silver/movies`; empty: the deployment.")
    part = dy.String(primary_key=True, description="What of the asset: a regime, a feature, a check; empty: all of it.")
    value = dy.Float64(description="The value, in the unit.", allow_inf=False, allow_nan=False)
    unit = dy.String(regex=one_of(*sorted({metric.unit for metric in METRICS.values()})), description="Unit.")
    run_id = dy.String(
        nullable=True,
        description="Latest run that the value tells of; null if it tells of no run.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    reason = dy.String(
        nullable=True,
        description="What the run said of its failure, or the check of its finding; null if nothing failed.",
    )


class Alerts(Contract):
    """What was said to people: one row per alert, when an alarm begins to fire, once a day while it does, when it ends.

    An alarm is declared in `monitoring/alarms.py`. It fires now if its latest row here is not `resolved`.
    """

    table = "ops.alerts"

    told_at = _moment("When the alarms were evaluated", primary_key=True)
    alarm = dy.String(primary_key=True, description="Name of the alarm, also its heading in docs/runbook.md.")
    asset = dy.String(primary_key=True, description="The asset; empty: the deployment.")
    part = dy.String(primary_key=True, description="What of the asset, as in ops.metrics.")
    state = dy.String(
        regex=one_of("firing", "still firing", "resolved"), description="Whether it began, went on, or ended."
    )
    since = _moment("Since when it has been firing, or had been")
    severity = dy.String(regex=one_of(*SEVERITIES), description="How bad it is.")
    metric = dy.String(
        regex=one_of(*METRICS), description="What it judges.", metadata={"source": ["ops.metrics.metric"]}
    )
    value = dy.Float64(description="The value judged.", metadata={"source": ["ops.metrics.value"]})
    condition = dy.String(description="When it fires, in words.")
    run_id = dy.String(
        nullable=True, description="The run that the value tells of.", metadata={"source": ["ops.metrics.run_id"]}
    )
    message = dy.String(description="What was said: asset, value, cause, remedy.")


class Costs(Contract):
    """What runs and endpoints have cost on AWS: a row for each, thing paid for and way of knowing it, of 400 days.

    None of a run that used nothing there. Of requests to S3 those of this platform's own process are counted or
    estimated; not what Glue's workers, Athena and SageMaker ask by themselves.
    """

    table = "ops.costs"

    run_id = dy.String(
        primary_key=True,
        description="The run, of `ops.runs` or of the job `monitoring`; of an endpoint its name and start.",
        metadata={"source": ["ops.runs.run_id"]},
    )
    item = dy.String(primary_key=True, description="What is paid for, as in `aws/billing/prices.toml`.")
    known = dy.String(
        primary_key=True,
        regex=one_of("reported", "counted", "estimated"),
        description="How the quantity is known: AWS has reported it, it was counted here, or it is an estimate.",
    )
    ended_at = _moment("End of the run, or of the endpoint; of one that is up, when it was looked at")
    job = dy.String(description="The job of the run, or `endpoint`.", metadata={"source": ["ops.runs.job"]})
    quantity = dy.Float64(min=0, description="How much of it.", allow_inf=False, allow_nan=False)
    unit = dy.String(description="Of the quantity.")
    usd = dy.Float64(min=0, description="US dollars: quantity times price.", allow_inf=False, allow_nan=False)
    prices_of = dy.String(regex=r"\d{4}-\d{2}-\d{2}", description="Date of the price table.")
    recorded_at = _moment("When the row was written")
