"""The endpoint on SageMaker: every request fits AWS's own service model; faults are in `test_sagemaker_faults`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from imdb_assets.aws.deploy import leftovers
from imdb_assets.aws.sagemaker import endpoint, registry
from imdb_assets.lake.errors import LakeError
from imdb_assets.serving import formats
from imdb_assets.serving.errors import EndpointError
from imdb_assets_tests.aws.deployed import quiet
from imdb_assets_tests.aws.sagemaker_double import PLACE, Aws, instead_of_aws, refused

pytestmark = pytest.mark.usefixtures("sdk")
RATING, CANDIDATE = "imdb-assets-rating", "imdb-assets-candidate"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    with instead_of_aws(monkeypatch, tmp_path) as double:
        yield double


def test_a_first_version_is_put_in_service_for_some_hours(aws: Aws, versions: list[Path]) -> None:
    told: list[str] = []
    served = endpoint.up(PLACE, versions[0], hours=2, progress=told.append)
    assert (served.name, served.version) == (RATING, versions[0].name)
    assert aws.serving() == {RATING: (f"imdb-assets-{versions[0].name}", "InService")}
    [package] = aws.named("CreateModelPackage")
    assert package["ModelApprovalStatus"] == "Approved"
    [container] = package["InferenceSpecification"]["Containers"]
    assert container["Image"] == "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    assert package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"].endswith(
        f"-features/served/{versions[0].name}/metrics.json"
    )
    [config] = aws.named("CreateEndpointConfig")
    assert config["DataCaptureConfig"]["EnableCapture"] is True
    assert (
        config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://imdb-assets-123456789012-eu-central-1-features/capture"
    )
    captured = config["DataCaptureConfig"]["CaptureContentTypeHeader"]
    kinds = captured["CsvContentTypes"] + captured["JsonContentTypes"]
    assert sorted(kinds) == sorted(formats.CONTENT_TYPES), "any other is captured as Base64"
    [variant] = config["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 1)
    [model] = aws.named("CreateModel")
    assert model["ExecutionRoleArn"] == "arn:aws:iam::123456789012:role/imdb-assets-endpoint"
    for request in (model, config, *aws.named("CreateEndpoint"), *aws.named("CreateModelPackageGroup")):
        assert request["Tags"][0] == {"Key": "imdb-assets:deployment", "Value": "imdb-assets"}


def test_a_region_without_sagemakers_image_is_named_with_what_to_do() -> None:
    with pytest.raises(LakeError, match=r"no image of XGBoost 3\.2-0 in eu-nowhere-1 .*Set AWS_REGION to a region"):
        registry.image_of("eu-nowhere-1")


def test_an_endpoint_has_an_end_before_it_has_a_beginning(aws: Aws, versions: list[Path]) -> None:
    before = datetime.now(UTC)
    served = endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    order = [name for name, _ in aws.calls if name in ("CreateSchedule", "CreateEndpoint")]
    assert order == ["CreateSchedule", "CreateEndpoint"]
    schedule = aws.schedules[f"end-of-{RATING}"]
    assert schedule["ScheduleExpression"] == f"at({served.until:%Y-%m-%dT%H:%M:%S})"
    assert 7195 <= (served.until - before).total_seconds() <= 7260
    assert json.loads(schedule["Target"]["Input"]) == {"EndpointName": RATING}
    assert schedule["Target"]["RoleArn"].endswith("role/imdb-assets-endpoint-reaper")
    queue = "arn:aws:sqs:eu-central-1:123456789012:imdb-assets-endpoint-not-ended"
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": queue}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 24 * 3600}
    longer = endpoint.up(PLACE, versions[0], hours=5, progress=quiet)
    assert aws.schedules[f"end-of-{RATING}"]["ScheduleExpression"] == f"at({longer.until:%Y-%m-%dT%H:%M:%S})"
    assert len(aws.named("CreateEndpoint")) == 1


def test_a_new_version_is_tried_before_traffic_and_replaces_the_old_one_blue_green(
    aws: Aws, versions: list[Path]
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.calls.clear()
    endpoint.up(PLACE, versions[1], hours=2, progress=quiet)
    order = [
        (name, request["EndpointName"])
        for name, request in aws.calls
        if name in ("CreateEndpoint", "InvokeEndpoint", "UpdateEndpoint", "DeleteEndpoint")
    ]
    assert list(dict.fromkeys(order)) == [
        ("CreateEndpoint", CANDIDATE),
        ("InvokeEndpoint", CANDIDATE),
        ("DeleteEndpoint", CANDIDATE),
        ("UpdateEndpoint", RATING),
    ]
    [update] = aws.named("UpdateEndpoint")
    assert update["EndpointConfigName"] == f"imdb-assets-{versions[1].name}"
    assert update["DeploymentConfig"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300},
            "TerminationWaitInSeconds": 60,
            "MaximumExecutionTimeoutInSeconds": 2400,
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": "imdb-assets-endpoint-errors"}, {"AlarmName": "imdb-assets-endpoint-slow"}]
        },
    }
    assert aws.serving() == {RATING: (f"imdb-assets-{versions[1].name}", "InService")}


def test_a_version_that_answers_otherwise_than_here_gets_no_traffic(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.says = b'{"predictions": [{"predicted": 1.0}]}'
    with pytest.raises(EndpointError, match=rf"{CANDIDATE} predicts 1\.0 where this machine predicts"):
        endpoint.up(PLACE, versions[1], hours=2, progress=quiet)
    assert aws.named("UpdateEndpoint") == []
    assert aws.endpoints.keys() == {RATING}


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"predictions": [{}]}', b'{"predictions": ["x"]}', b'{"predictions": [NaN]}']
)
def test_what_is_no_prediction_is_no_answer(aws: Aws, versions: list[Path], said: bytes) -> None:
    class Said(bytes):
        def __bool__(self) -> bool:
            return True

    aws.says = Said(said)
    with pytest.raises(EndpointError, match=rf"{RATING} predicts (None|nan) where this machine predicts"):
        endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    assert aws.endpoints == {}


def test_an_answer_that_breaks_off_is_told(aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def read(self) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://runtime.sagemaker")

    monkeypatch.setattr(aws, "on_invoke_endpoint", lambda _request: {"Body": Broken()})  # pyright: ignore[reportUnknownLambdaType]
    with pytest.raises(EndpointError, match=rf"asking {RATING} for a prediction: Read timeout.*Check the network"):
        endpoint.up(PLACE, versions[0], hours=2, progress=quiet)


def test_an_endpoint_that_was_never_asked_is_not_taken_for_good(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    end = aws.schedules[f"end-of-{RATING}"]
    aws.says = b'{"predictions": [{"predicted": 1.0}]}'  # whoever made it was killed before asking
    with pytest.raises(
        EndpointError,
        match=rf"{RATING} predicts 1\.0 .*If the command fails again, end the endpoint with `imdb endpoint down`",
    ):
        endpoint.up(PLACE, versions[0], hours=5, progress=quiet)
    assert aws.schedules[f"end-of-{RATING}"] == end


def test_a_candidate_that_a_kill_has_left_ends_soon_and_is_told(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    endpoint.up(PLACE, versions[1], hours=5, progress=quiet)
    end = aws.schedules[f"end-of-{CANDIDATE}"]
    until = datetime.strptime(end["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert 0 < (until - datetime.now(UTC)).total_seconds() <= 30 * 60
    aws.endpoints[CANDIDATE] = {"config": "any", "status": "InService", "tags": []}
    with pytest.raises(
        EndpointError,
        match=rf"there is a candidate endpoint {CANDIDATE}: another .* The candidate ends within 30 minutes",
    ):
        endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    assert aws.schedules[f"end-of-{CANDIDATE}"] == end  # else each attempt would lengthen its life
    assert endpoint.up(PLACE, versions[1], hours=2, progress=quiet).version == versions[1].name
    aws.endpoints[CANDIDATE]["status"] = "Failed"
    assert endpoint.up(PLACE, versions[0], hours=2, progress=quiet).version == versions[0].name


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("Updating", "wait until the endpoint's change has ended"),
        ("Deleting", "wait until the endpoint's change has ended"),
        ("OutOfService", "end it with `imdb endpoint down`"),
        ("UpdateRollbackFailed", "end it with `imdb endpoint down`"),
    ],
)
def test_an_endpoint_that_is_not_in_service_is_told_with_the_remedy(
    aws: Aws, versions: list[Path], status: str, remedy: str
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.endpoints[RATING]["status"] = status
    with pytest.raises(EndpointError, match=rf"endpoint {RATING} is {status}; {remedy}, then repeat"):
        endpoint.up(PLACE, versions[1], hours=2, progress=quiet)


def test_an_endpoint_that_failed_is_removed_and_its_end_is_waited_for(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.endpoints[RATING]["status"] = "Failed"
    describe, looks = aws.on_describe_endpoint, iter(range(3))

    def delete(request: dict[str, Any]) -> dict[str, Any]:
        aws.endpoints[request["EndpointName"]]["status"] = "Deleting"
        return {}

    def slowly(request: dict[str, Any]) -> dict[str, Any]:
        found = aws.endpoints.get(RATING)
        if found and found["status"] == "Deleting" and next(looks, None) is None:
            del aws.endpoints[RATING]
        return describe(request)

    def create(request: dict[str, Any]) -> dict[str, Any]:
        if request["EndpointName"] in aws.endpoints:
            raise refused("Cannot create already existing endpoint", "CreateEndpoint")
        return Aws.on_create_endpoint(aws, request)

    monkeypatch.setattr(aws, "on_delete_endpoint", delete)
    monkeypatch.setattr(aws, "on_describe_endpoint", slowly)
    monkeypatch.setattr(aws, "on_create_endpoint", create)
    assert endpoint.up(PLACE, versions[0], hours=2, progress=quiet).version == versions[0].name
    assert next(looks, None) is None
    assert aws.serving() == {RATING: (f"imdb-assets-{versions[0].name}", "InService")}


def test_an_endpoint_that_ends_before_its_update_is_told(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    monkeypatch.setattr(endpoint, "_drop", lambda *_: aws.endpoints.clear())
    with pytest.raises(EndpointError, match=rf"endpoint {RATING} ended before it could be updated\. no endpoint is up"):
        endpoint.up(PLACE, versions[1], hours=2, progress=quiet)


@pytest.mark.parametrize("may_delete", [True, False])
def test_an_interrupt_says_what_bills_on(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch, *, may_delete: bool
) -> None:
    def interrupt(_request: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    def denied(_request: dict[str, Any]) -> dict[str, Any]:
        raise refused("no", "DeleteEndpoint", "AccessDeniedException")

    monkeypatch.setattr(aws, "on_invoke_endpoint", interrupt)
    if not may_delete:
        monkeypatch.setattr(aws, "on_delete_endpoint", denied)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        endpoint.up(PLACE, versions[0], hours=2, progress=told.append)
    if may_delete:
        assert (
            told[-1]
            == "interrupted. no endpoint is up, and nothing is billed. `imdb endpoint down` ends every endpoint"
        )
    else:
        assert f"{RATING} could not be removed: if the endpoint exists, it costs money until" in told[-2]
        assert f"{versions[0].name} still serves at {RATING}. `imdb endpoint down` ends" in told[-1]


def test_a_rolled_back_update_is_an_error(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.rolls_back = True
    with pytest.raises(EndpointError, match=rf"rolled {RATING} back.*{versions[0].name} still serves"):
        endpoint.up(PLACE, versions[1], hours=2, progress=quiet)
    assert aws.endpoints.keys() == {RATING}


def test_down_ends_every_endpoint(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    assert endpoint.down(PLACE, quiet) is True
    assert aws.endpoints == {}
    assert endpoint.down(PLACE, quiet) is False


def test_down_waits_for_an_update(aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=quiet)
    aws.endpoints[RATING]["status"] = "Updating"
    monkeypatch.setattr(leftovers.time, "sleep", lambda _: aws.endpoints[RATING].update(status="InService"))
    told: list[str] = []
    assert endpoint.down(PLACE, told.append) is True
    assert aws.endpoints == {}
    assert told == [f"{RATING} is Updating, and cannot be removed in this state; waiting", f"{RATING}: ended"]
