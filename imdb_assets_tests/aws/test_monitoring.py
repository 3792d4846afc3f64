"""From a bad run to a message on AWS: metrics in CloudWatch, the alarm that was declared, the topic, the queue.

ministack judges an alarm by all series of its metric, whatever their dimensions, and by all values of the last minute.
So that an alarm of another layer stays OK, and that this one is OK again a minute later, is not shown here.
"""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from imdb_assets.defs.ops.cloudwatch import published
from imdb_assets.monitoring import cloudwatch
from imdb_assets.monitoring.alarms import ALARMS
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.support import folder_settings, look, materialize, tiny_rows, write_dump, write_tiny_dumps

NAMESPACE = "imdb-assets-test"


@pytest.fixture(scope="module")
def topic(aws: Emulator) -> str:
    return aws.client("sns").create_topic(Name="alerts")["TopicArn"]


@pytest.fixture(scope="module")
def queue(aws: Emulator, topic: str) -> str:
    """Gets what the topic gets."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="people")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def _messages(aws: Emulator, queue: str) -> list[dict[str, Any]]:
    sqs, found = aws.client("sqs"), []
    while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def _state(aws: Emulator, alarm: str) -> str:
    (found,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAMESPACE}-{alarm}"])["MetricAlarms"]
    return found["StateValue"]


def test_a_bad_run_makes_the_alarm_fire_and_the_message_arrive(
    aws: Emulator, topic: str, queue: str, tmp_path: Path
) -> None:
    for parameters in cloudwatch.alarm_parameters(NAMESPACE, topic):
        aws.client("cloudwatch").put_metric_alarm(**parameters)
    dumps = write_tiny_dumps(tmp_path / "dumps")
    settings = folder_settings(dumps, tmp_path / "data", alert_topic=topic, cloudwatch_namespace=NAMESPACE)
    ratings = ("landing/title_ratings", "bronze/title_ratings")
    with dg.DagsterInstance.ephemeral() as instance:
        write_dump(dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4)
        bad = materialize(settings, *ratings, instance=instance)
        assert look(settings, instance, published).success
        assert _state(aws, "dump-unreadable") == "ALARM"
        got = _messages(aws, queue)
        of_cloudwatch = [json.loads(one["Message"]) for one in got if "AlarmName" in one["Message"]]
        assert f"{NAMESPACE}-dump-unreadable" in {one["AlarmName"] for one in of_cloudwatch}
        (message,) = [one for one in got if one["Subject"] == "[warning] dump-unreadable: bronze/title_ratings"]
        text = message["Message"]
        assert bad.failure in text
        assert f"/runs/{bad.result.run_id}" in text
        assert all(words in text for words in ("Cause: ", "Remedy: ", "Runbook: docs/runbook.md#dump-unreadable"))
        assert message["MessageAttributes"]["severity"]["Value"] == "warning"

        write_dump(dumps, "title.ratings", tiny_rows()["title.ratings"])
        assert materialize(settings, *ratings, instance=instance).failures == {}
        assert look(settings, instance, published).success
        subjects = [message["Subject"] for message in _messages(aws, queue)]
        assert "[resolved] dump-unreadable: bronze/title_ratings" in subjects


def test_metrics_are_in_cloudwatch_by_asset(aws: Emulator) -> None:
    listed = aws.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]
    found = {
        (metric["MetricName"], *sorted((one["Name"], one["Value"]) for one in metric["Dimensions"]))
        for metric in listed
    }
    assert ("rows", ("Asset", "bronze/title_ratings")) in found
    assert ("quarantine_share", ("Alarm", "quarantine-share")) in found
    assert ("run_seconds", ("Asset", "deployment"), ("Part", "assets")) in found


def test_what_cannot_be_published_is_said_and_alerts_are_sent_all_the_same(
    aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = folder_settings(write_tiny_dumps(tmp_path / "dumps"), tmp_path / "data", cloudwatch_namespace=NAMESPACE)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with dg.DagsterInstance.ephemeral() as instance:
        result = look(settings, instance, published)
    (failure,) = result.get_step_failure_events()
    assert failure.step_key == "ops__cloudwatch"
    assert {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()} == {  # pyright: ignore[reportOptionalMemberAccess]
        "ops/runs",
        "ops/metrics",
        "ops/alerts",
    }


@pytest.mark.parametrize("topic", [None, "arn:aws:sns:eu-central-1:1:x"])
def test_alarms_are_what_cloudwatch_takes(topic: str | None) -> None:
    shape = get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape
    declared = cloudwatch.alarm_parameters(NAMESPACE, topic)
    assert len(declared) == len(ALARMS)
    for parameters in declared:
        validate_parameters(parameters, shape)
        assert len(parameters["AlarmDescription"]) <= 1024
        assert parameters["Period"] * parameters["EvaluationPeriods"] <= 7 * 86_400
        assert ("AlarmActions" in parameters) == (topic is not None)
