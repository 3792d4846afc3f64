"""Publishes the metrics of a deployment on AWS to CloudWatch, and makes the template of the alarms.

CloudWatch bills a series of values for every hour in which a value is published to the series, and bills an alarm by
the month. To save money, each deployed alarm watches only one series, identified by the dimension `Alarm`. `SHOWN`
lists the metrics that people look at. Some metrics in `SHOWN` have a series for each asset and part; a part is, for
example, a regime. The other metrics in `SHOWN` have a single series with the highest value of all assets and parts.
Metrics that are not in `SHOWN` are only in `ops.metrics`.
"""

import sys
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl
import yaml

from imdb_assets.aws.client import aws_errors, client
from imdb_assets.contracts.ops import METRICS, Unit
from imdb_assets.monitoring.alarms import DEPLOYED, Deployed

RAISED = "alarms_raised"
"""A metric that exists only in CloudWatch. Each deployed alarm represents a group of alarms, and the metric says
how many alarms of the group are firing."""
HEARD = "hours_since_good_run"
FRESH_HOURS = 2
"""Hours for which a run's success counts as recent. Monitoring runs every hour and thus misses no recent success."""

SHOWN: dict[str, Literal["each", "highest"]] = {
    "rows": "each",
    "quarantine_share": "highest",
    "dump_age_hours": "highest",
    "run_seconds": "each",
    "r2": "each",
    "psi": "highest",
    "endpoint_up": "each",
    "endpoint_p95_ms": "each",
    "endpoint_error_share": "each",
}
"""Maps a metric to `each` (a series for each asset and part) or `highest` (one series with the highest value)."""
ROWS_OF = ("silver", "gold")
"""Layers whose row counts CloudWatch gets, as one series per table. Other row counts are only in `ops.metrics`."""

UNITS: dict[Unit, str] = {"count": "Count", "bytes": "Bytes", "seconds": "Seconds", "milliseconds": "Milliseconds"}
"""Maps our units to CloudWatch's names; any other unit is published as CloudWatch's unit `None`."""

BATCH = 1_000
"""Largest number of values in one request; CloudWatch's API sets this limit."""

MINUTE, HOUR = 60, 3600


def series(latest: pl.DataFrame) -> list[dict[str, Any]]:
    """The values to put into CloudWatch.

    Args:
        latest: Rows of `ops.metrics` from `evaluate.latest`: the latest row of each metric, asset and part.

    Returns:
        Entries of `MetricData`: the values of the deployed alarms' series, and the latest measurements.
    """
    rows = latest.to_dicts()
    last = max((row["measured_at"] for row in rows), default=None)
    data: list[dict[str, Any]] = []
    for deployed in DEPLOYED:
        value = _value(deployed, rows)
        if value is not None:
            unit = METRICS[HEARD].unit if deployed.heartbeat_hours else "count"
            data.append(_datum(_metric(deployed), unit, {"Alarm": deployed.name}, value, last))
    for metric, which in SHOWN.items():
        measured = [row for row in rows if row["metric"] == metric and row["measured_at"] == last]
        if metric == "rows":
            measured = [row for row in measured if row["asset"].startswith(ROWS_OF)]
        if which == "highest" and measured:
            measured = [{**max(measured, key=lambda row: row["value"]), "asset": "highest", "part": ""}]
        for row in measured:
            named = {"Asset": row["asset"] or "deployment", "Part": row["part"]}
            dimensions = {name: value for name, value in named.items() if value}
            data.append(_datum(metric, METRICS[metric].unit, dimensions, row["value"], last))
    return data


def publish(namespace: str, latest: pl.DataFrame) -> int:
    """Puts the values of `series` into CloudWatch; the client retries transient failures.

    Returns:
        The number of values that were put into CloudWatch.

    Raises:
        LakeError: AWS refused the request or could not be reached.
    """
    data = series(latest)
    said = f"metrics did not reach CloudWatch ({namespace}); the next run of monitoring publishes them from ops.metrics"
    with aws_errors(said):
        for start in range(0, len(data), BATCH):
            client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data[start : start + BATCH])
    return len(data)


def begin(namespace: str) -> None:
    """Publishes a first value of the heartbeat metric, so that its alarm does not fire before the first run is due.

    Raises:
        LakeError: AWS refused the request or could not be reached.
    """
    first = [
        _datum(HEARD, METRICS[HEARD].unit, {"Alarm": deployed.name}, 0.0, datetime.now(UTC))
        for deployed in DEPLOYED
        if deployed.heartbeat_hours
    ]
    with aws_errors(f"the heartbeat's first value did not reach CloudWatch ({namespace})"):
        client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=first)


def template() -> str:
    """The CloudFormation template of the alarms; `make docs` writes the template to deploy/templates/alarms.yaml."""
    prefix = {
        "Type": "String",
        "AllowedPattern": "[a-z][a-z0-9-]{1,17}",
        "Description": "Prefix of the names of everything that is created, and the namespace of the metrics.",
    }
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": (
            "imdb-assets alarms: CloudWatch's own alarms on the metrics that the platform publishes. Only the alarm on "
            "the heartbeat sends a message to the SNS topic for alerts."
        ),
        "Parameters": {"Prefix": prefix},
        "Resources": {
            deployed.name.title().replace("-", ""): {"Type": "AWS::CloudWatch::Alarm", "Properties": _alarm(deployed)}
            for deployed in DEPLOYED
        },
    }
    return "# Written by `make docs` from imdb_assets/monitoring/alarms.py (DEPLOYED). Do not edit.\n" + yaml.safe_dump(
        document, sort_keys=False, width=120
    )


def _alarm(deployed: Deployed) -> dict[str, Any]:
    """Properties of `AWS::CloudWatch::Alarm`.

    CloudWatch notifies the SNS topic only of the heartbeat's alarm. The job `monitoring` sends the alerts of all other
    alarms; these alerts name the asset, the cause and the run. All alarms except the heartbeat's keep their state until
    a run publishes a new value. All alarms except the heartbeat's have a period of only a minute, so that a failure and
    its repair do not fall into the same period.
    """
    heartbeat = bool(deployed.heartbeat_hours)
    topic = {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Prefix}-alerts"}
    return {
        "AlarmName": {"Fn::Sub": f"${{Prefix}}-{deployed.name}"},
        "AlarmDescription": f"{deployed.cause} Remedy: {deployed.remedy} Runbook: {deployed.runbook}",
        "Namespace": {"Ref": "Prefix"},
        "MetricName": _metric(deployed),
        "Dimensions": [{"Name": "Alarm", "Value": deployed.name}],
        "Statistic": "Minimum" if heartbeat else "Maximum",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": FRESH_HOURS if heartbeat else 0,
        "Period": HOUR if heartbeat else MINUTE,
        "EvaluationPeriods": deployed.heartbeat_hours or 1,
        "TreatMissingData": "breaching" if heartbeat else "ignore",
        # two lists: if both keys shared a list, YAML would write an alias, and CloudFormation refuses aliases
        **({"AlarmActions": [topic], "OKActions": [topic.copy()]} if heartbeat else {}),
    }


def _metric(deployed: Deployed) -> str:
    return HEARD if deployed.heartbeat_hours else RAISED


def _value(deployed: Deployed, rows: list[dict[str, Any]]) -> float | None:
    """The current value of the alarm's series; None for a heartbeat if no run has succeeded recently."""
    if deployed.heartbeat_hours:
        return next((row["value"] for row in rows if row["metric"] == HEARD), None)
    if not rows:
        return None
    judged = ((alarm, row) for alarm in deployed.of for row in rows if alarm.judges(row["metric"], row["asset"]))
    return float(len({alarm.name for alarm, row in judged if alarm.fires(row["value"])}))


def _datum(metric: str, unit: Unit, dimensions: dict[str, str], value: float, at: Any) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Timestamp": at,
        "Value": value,
        "Unit": UNITS.get(unit, "None"),
    }


if __name__ == "__main__":
    sys.stdout.write(template())
