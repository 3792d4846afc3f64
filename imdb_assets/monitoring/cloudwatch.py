"""The same metrics in CloudWatch, for a deployment on AWS, and the alarms as it takes them.

Nothing creates the alarms there yet: each bills by the month, and `ops.alerts` tells the topic already.

A series costs only for the hours in which something is published to it. So every alarm has one series, its worst value
over all assets, by the dimension `Alarm`; and what dashboards show has one for each asset and part. The indices of
single features stay in `ops.metrics`.
"""

from typing import Any

import polars as pl

from imdb_assets.contracts.ops import METRICS, Unit
from imdb_assets.monitoring.alarms import ALARMS, Alarm

SHOWN = (
    "rows",
    "quarantine_share",
    "dump_age_hours",
    "run_seconds",
    "hours_since_good_run",
    "r2",
    "rmse",
    "coverage",
    "live_ratings",
    "live_error",
    "endpoint_up",
    "endpoint_requests",
    "endpoint_p95_ms",
    "endpoint_error_share",
)
"""Metrics with a series for each asset and part."""

UNITS: dict[Unit, str] = {"count": "Count", "bytes": "Bytes", "seconds": "Seconds", "milliseconds": "Milliseconds"}
"""CloudWatch knows these; the others it calls None."""

BATCH = 1_000
"""Values in a request, by its API."""

HEARTBEAT = "no-good-run"
"""The alarm that also fires when nothing is heard for a day and a half: who runs no more cannot say so."""

MINUTE, HOUR = 60, 3600


def series(latest: pl.DataFrame) -> list[dict[str, Any]]:
    """What is put into CloudWatch.

    Args:
        latest: Rows of `ops.metrics`: of each metric, asset and part the latest, by `evaluate.latest`.

    Returns:
        Entries of `MetricData`: of all alarms that have something to judge, and of what was measured last.
    """
    rows = latest.to_dicts()
    last = max((row["measured_at"] for row in rows), default=None)
    data: list[dict[str, Any]] = []
    for alarm in ALARMS:
        judged = [row["value"] for row in rows if alarm.judges(row["metric"], row["asset"])]
        if judged:
            worst = max(judged) if alarm.beyond == ">" else min(judged)
            data.append(_datum(alarm.metric, {"Alarm": alarm.name}, worst, last))
    for row in rows:
        if row["metric"] in SHOWN and row["measured_at"] == last:
            named = {"Asset": row["asset"] or "deployment", "Part": row["part"]}
            dimensions = {name: value for name, value in named.items() if value}
            data.append(_datum(row["metric"], dimensions, row["value"], row["measured_at"]))
    return data


def publish(namespace: str, data: list[dict[str, Any]]) -> None:
    """Puts values into CloudWatch; boto3 retries what can pass.

    Raises:
        botocore.exceptions.ClientError: Such as access denied; the message names the action.
    """
    import boto3

    client = boto3.client("cloudwatch")
    for start in range(0, len(data), BATCH):
        client.put_metric_data(Namespace=namespace, MetricData=data[start : start + BATCH])


def alarm_parameters(namespace: str, topic: str | None) -> list[dict[str, Any]]:
    """All alarms as arguments of `PutMetricAlarm`, which are also the properties of `AWS::CloudWatch::Alarm`.

    An alarm stays as it is until something new is published, since series are written after runs; the minute is short
    so that a repair is not judged together with the failure before it.

    Args:
        namespace: Of the metrics.
        topic: ARN of the SNS topic that is told of changes; None tells nobody.
    """
    actions = {"AlarmActions": [topic], "OKActions": [topic]} if topic else {}
    return [_parameters(alarm, namespace) | actions for alarm in ALARMS]


def _parameters(alarm: Alarm, namespace: str) -> dict[str, Any]:
    heartbeat = alarm.name == HEARTBEAT
    return {
        "AlarmName": f"{namespace}-{alarm.name}",
        "AlarmDescription": (
            f"{alarm.severity}: {alarm.condition}. {alarm.cause} Remedy: {alarm.remedy} Runbook: {alarm.runbook}"
        ),
        "Namespace": namespace,
        "MetricName": alarm.metric,
        "Dimensions": [{"Name": "Alarm", "Value": alarm.name}],
        "Statistic": "Maximum" if alarm.beyond == ">" else "Minimum",
        "ComparisonOperator": "GreaterThanThreshold" if alarm.beyond == ">" else "LessThanThreshold",
        "Threshold": float(alarm.threshold),
        "Period": 6 * HOUR if heartbeat else MINUTE,
        "EvaluationPeriods": 6 if heartbeat else 1,
        "TreatMissingData": "breaching" if heartbeat else "ignore",
    }


def _datum(metric: str, dimensions: dict[str, str], value: float, at: Any) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Timestamp": at,
        "Value": value,
        "Unit": UNITS.get(METRICS[metric].unit, "None"),
    }
