"""From a bad run to a message on AWS: metrics in CloudWatch, the alarms that were deployed, the topic, the queue.

ministack judges an alarm by all series of its metric, whatever their dimensions, and by all values of the last minute.
So that an alarm of another series stays OK, and that this one is OK again a minute later, is not shown here.
"""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from imdb_assets.aws.deploy import cloudformation, deployment, stacks
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.defs.ops.cloudwatch import published
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.monitoring.alarms import DEPLOYED
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.faulty import Fault, faults
from imdb_assets_tests.support import folder_settings, look, materialize, tiny_rows, write_dump, write_tiny_dumps

pytestmark = pytest.mark.usefixtures("roomy_disk")

NAMESPACE = "imdb-watched"


@pytest.fixture(scope="module")
def place(aws: Emulator) -> Place:
    """A deployment."""
    settings = Settings(aws_prefix=NAMESPACE)
    made = deployment.place_of(settings)
    deployed.deploy(aws, settings, made)
    return made


@pytest.fixture(scope="module")
def topic(place: Place) -> str:
    return place.topic


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
    assert _state(aws, "run-failed") == "INSUFFICIENT_DATA"
    dumps = write_tiny_dumps(tmp_path / "dumps")
    settings = folder_settings(dumps, tmp_path / "data", alert_topic=topic, cloudwatch_namespace=NAMESPACE)
    ratings = ("landing/title_ratings", "bronze/title_ratings")
    with dg.DagsterInstance.ephemeral() as instance:
        write_dump(dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4)
        bad = materialize(settings, *ratings, instance=instance)
        assert look(settings, instance, published).success
        assert _state(aws, "run-failed") == "ALARM"
        got = _messages(aws, queue)
        (message,) = got  # CloudWatch's alarm has a state, and tells nobody what the platform has told
        assert message["Subject"] == "[warning] dump-unreadable: bronze/title_ratings"
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


def test_who_cannot_tell_people_is_silent_so_that_the_heartbeat_does(aws: Emulator, topic: str, tmp_path: Path) -> None:
    gone = topic.replace("-alerts", "-gone")
    dumps = write_tiny_dumps(tmp_path / "dumps")
    settings = folder_settings(dumps, tmp_path / "data", alert_topic=gone, cloudwatch_namespace=NAMESPACE)
    write_dump(dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4)
    with dg.DagsterInstance.ephemeral() as instance:
        assert materialize(settings, "landing/title_ratings", "bronze/title_ratings", instance=instance).failures
        looked = look(settings, instance, published)
    assert [event.step_key for event in looked.get_step_failure_events()] == ["ops__alerts"]
    made = {event.asset_key for event in looked.get_asset_materialization_events()}
    assert made == {dg.AssetKey(["ops", "runs"]), dg.AssetKey(["ops", "metrics"])}
    (alarm,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAMESPACE}-heartbeat"])["MetricAlarms"]
    assert (alarm["TreatMissingData"], alarm["AlarmActions"]) == ("breaching", [topic])


def test_metrics_are_in_cloudwatch_by_asset(aws: Emulator) -> None:
    listed = aws.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]
    found = {
        (metric["MetricName"], *sorted((one["Name"], one["Value"]) for one in metric["Dimensions"]))
        for metric in listed
    }
    assert {
        ("alarms_raised", ("Alarm", "run-failed")),
        ("alarms_raised", ("Alarm", "alarms-raised")),
        ("quarantine_share", ("Asset", "highest")),
        ("run_seconds", ("Asset", "deployment"), ("Part", "assets")),
    } <= found
    assert not [name for name, *_ in found if name in ("step_seconds", "bytes")], "series bill by the hour"


def test_what_cannot_be_published_is_said_and_alerts_are_sent_all_the_same(aws: Emulator, tmp_path: Path) -> None:
    settings = folder_settings(write_tiny_dumps(tmp_path / "dumps"), tmp_path / "data", cloudwatch_namespace=NAMESPACE)
    denied = Fault(
        "cloudwatch.PutMetricData", "AccessDenied", 403, "is not authorized to perform: cloudwatch:PutMetricData"
    )
    with dg.DagsterInstance.ephemeral() as instance, faults(denied):
        result = look(settings, instance, published)
    (failure,) = result.get_step_failure_events()
    assert failure.step_key == "ops__cloudwatch"
    said = reason(failure)
    assert said.startswith(f"metrics did not reach CloudWatch ({NAMESPACE}); the next run of monitoring publishes them")
    assert "needs the permission cloudwatch:PutMetricData" in said
    assert {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()} == {  # pyright: ignore[reportOptionalMemberAccess]
        "ops/runs",
        "ops/metrics",
        "ops/alerts",
    }


def test_the_alarms_are_what_cloudwatch_takes(aws: Emulator, place: Place) -> None:
    shape: Any = get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape
    found = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAMESPACE}-")["MetricAlarms"]
    by_name = {one["AlarmName"].removeprefix(f"{NAMESPACE}-"): one for one in found}
    assert {alarm.name for alarm in DEPLOYED} <= by_name.keys()
    assert len(by_name) <= len(DEPLOYED) + 3, "each bills by the month; three are of the endpoint"
    for alarm in DEPLOYED:
        one = by_name[alarm.name]
        taken = {name: value for name, value in one.items() if name in shape.members}
        validate_parameters(taken, shape)
        assert len(one["AlarmDescription"]) <= 1024
        told = [place.topic] if alarm.heartbeat_hours else []
        assert one.get("AlarmActions", []) == one.get("OKActions", []) == told
        assert one["Namespace"] == NAMESPACE
        assert one["Period"] * one["EvaluationPeriods"] <= 7 * 86_400
        assert (one["TreatMissingData"] == "breaching") is bool(alarm.heartbeat_hours)


def test_destroy_removes_the_alarms(aws: Emulator, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudformation, "POLL_SECONDS", 0.05)
    assert cloudformation.delete(aws.client("cloudformation"), place, stacks.ALARMS, lambda _: None)
    names = [f"{NAMESPACE}-{alarm.name}" for alarm in DEPLOYED]
    assert aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"] == []
    assert stacks.ALARMS in stacks.ALL
