"""The endpoint on SageMaker: every request fits AWS's own service model; faults are in `test_sagemaker_faults`.

AWS is a double here that keeps endpoints in mind: moto refuses updates and answers every prediction alike. Requests are
checked by botocore against its models, as the real client does before it sends.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.validate import validate_parameters

from imdb_assets.aws.client import client
from imdb_assets.aws.deploy import leftovers, wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import endpoint, inference_script, registry, training_jobs
from imdb_assets.lake.errors import LakeError
from imdb_assets.ml import champions
from imdb_assets.serving import formats
from imdb_assets.serving.errors import EndpointError
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.world import CHAMPIONS, FILMS, movie_features

PLACE = Place("imdb-assets", "123456789012", "eu-central-1")
RATING, CANDIDATE = "imdb-assets-rating", "imdb-assets-candidate"


class Aws:
    """SageMaker, its runtime, S3 and the scheduler, as far as an endpoint needs them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.made: dict[tuple[str, str], dict[str, Any]] = {}
        self.objects: dict[str, bytes] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.schedules: dict[str, dict[str, Any]] = {}
        self.rolls_back = False
        self.says: bytes | None = None

    def named(self, operation: str) -> list[dict[str, Any]]:
        """Requests of an operation, in their order."""
        return [request for name, request in self.calls if name == operation]

    def serving(self) -> dict[str, tuple[str, str]]:
        """Endpoint → configuration and state."""
        return {name: (found["config"], found["status"]) for name, found in self.endpoints.items()}

    def call(self, client: BaseClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        model = client.meta.service_model.operation_model(operation)
        if model.input_shape is not None:
            validate_parameters(request, model.input_shape)
        self.calls.append((operation, request))
        answer = getattr(self, f"on_{xform_name(operation)}", None)
        return answer(request) if answer else self._kept(operation, request)

    def _kept(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        kind = operation.removeprefix("Create").removeprefix("Describe")
        name = str(request.get(f"{kind}Name") or len(self.made))
        if operation.startswith("Create"):
            arn = f"arn:aws:sagemaker:eu-central-1:123456789012:{kind.lower()}/{name}"
            self.made[kind, name] = {**request, f"{kind}Arn": arn, "CreationTime": datetime.now(UTC)}
            return {f"{kind}Arn": arn}
        found = self.made.get((kind, name)) or next(
            (one for (other, _), one in self.made.items() if other == kind and one.get(f"{kind}Arn") == name), None
        )
        if found is None:
            raise _refused(f"Could not find {kind} {name}", operation)
        return found

    def on_describe_model_package(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self._kept("DescribeModelPackage", request)
        return {**found, "ModelPackageName": "1", "ModelPackageStatus": "Completed"}

    def on_create_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        self.endpoints[request["EndpointName"]] = {
            "config": request["EndpointConfigName"],
            "status": "InService",
            "tags": request["Tags"],
        }
        return {"EndpointArn": f"arn:aws:sagemaker:eu-central-1:123456789012:endpoint/{request['EndpointName']}"}

    def on_update_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        if not self.rolls_back:
            self.endpoints[request["EndpointName"]]["config"] = request["EndpointConfigName"]
        return {"EndpointArn": f"arn:aws:sagemaker:eu-central-1:123456789012:endpoint/{request['EndpointName']}"}

    def on_describe_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self.endpoints.get(request["EndpointName"])
        if found is None:
            raise _refused(f'Could not find endpoint "{request["EndpointName"]}".', "DescribeEndpoint")
        now = datetime.now(UTC)
        return {
            "EndpointName": request["EndpointName"],
            "EndpointArn": f"arn:aws:sagemaker:eu-central-1:123456789012:endpoint/{request['EndpointName']}",
            "EndpointConfigName": found["config"],
            "EndpointStatus": found["status"],
            "CreationTime": now,
            "LastModifiedTime": now,
        }

    def on_delete_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.endpoints[request["EndpointName"]]["status"] == "Updating":
            raise _refused("Cannot update in-progress endpoint", "DeleteEndpoint")
        del self.endpoints[request["EndpointName"]]
        return {}

    def on_invoke_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        config = self.endpoints[request["EndpointName"]]["config"]
        [variant] = self.made["EndpointConfig", config]["ProductionVariants"]
        url = self.made["Model", variant["ModelName"]]["PrimaryContainer"]["ModelDataUrl"]
        folder = self._unpacked(url)
        asked = inference_script.input_fn(request["Body"], request["ContentType"])
        answer = self.says or inference_script.predict_fn(asked, inference_script.model_fn(str(folder))).content
        return {"Body": io.BytesIO(answer), "ContentType": request["ContentType"]}

    def _unpacked(self, url: str) -> Path:
        folder = self.folder / url.rpartition("/served/")[2].partition("/")[0]
        if not folder.exists():
            with tarfile.open(fileobj=io.BytesIO(self.objects[url.partition("://")[2].partition("/")[2]])) as archive:
                archive.extractall(folder, filter="data")
        return folder

    folder: Path
    job_ends: str | None = "Completed"

    def on_create_training_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Runs the job at once, from nothing but what it was given."""
        name = request["TrainingJobName"]
        self.made["TrainingJob", name] = request
        given, made = self.folder / "input", self.folder / "output"
        made.mkdir(parents=True)
        [channel] = request["InputDataConfig"]
        prefix = channel["DataSource"]["S3DataSource"]["S3Uri"].partition("-features/")[2]
        given.mkdir()
        for key, content in self.objects.items():
            if key.startswith(prefix):
                (given / key.rpartition("/")[2]).write_bytes(content)
        source = json.loads(request["HyperParameters"]["sagemaker_submit_directory"]).partition("-features/")[2]
        with tarfile.open(fileobj=io.BytesIO(self.objects[source])) as archive:
            archive.extractall(self.folder / "code", filter="data")
        program = self.folder / "code" / json.loads(request["HyperParameters"]["sagemaker_program"])
        run = [sys.executable, str(program), str(given), str(made)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.folder / "code")}
        subprocess.run(run, check=True, env=environment, cwd=self.folder)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.add(made, arcname=".")
        self.objects[f"trained/{name}/output/model.tar.gz"] = packed.getvalue()
        return {"TrainingJobArn": f"arn:aws:sagemaker:eu-central-1:123456789012:training-job/{name}"}

    def on_describe_training_job(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self.made["TrainingJob", request["TrainingJobName"]]
        return {
            **found,
            "TrainingJobArn": f"arn:aws:sagemaker:eu-central-1:123456789012:training-job/{found['TrainingJobName']}",
            "TrainingJobStatus": self.job_ends or "InProgress",
            "SecondaryStatus": self.job_ends or "Training",
            "BillableTimeInSeconds": 90,
            "FailureReason": "AlgorithmError: no films",
            "ModelArtifacts": {"S3ModelArtifacts": "s3://x/y"},
            "CreationTime": datetime.now(UTC),
        }

    def on_stop_training_job(self, request: dict[str, Any]) -> dict[str, Any]:
        self.job_ends = "Stopped"
        return {}

    def on_list_tags(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Tags": self.endpoints[request["ResourceArn"].rpartition("/")[2]]["tags"]}

    def on_head_object(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["Key"] not in self.objects:
            raise _refused("Not Found", "HeadObject", "404")
        return {"ContentLength": len(self.objects[request["Key"]]), "ETag": "x"}

    def on_get_object(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[request["Key"]]), "ETag": "x"}

    def on_put_object(self, request: dict[str, Any]) -> dict[str, Any]:
        body = request["Body"]
        self.objects[request["Key"]] = body if isinstance(body, bytes) else body.read()
        return {"ETag": "x"}

    def on_create_schedule(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["Name"] in self.schedules:
            raise _conflict("Schedule already exists")
        self.schedules[request["Name"]] = request
        return {"ScheduleArn": "arn"}

    def on_update_schedule(self, request: dict[str, Any]) -> dict[str, Any]:
        self.schedules[request["Name"]] = request
        return {"ScheduleArn": "arn"}


def _refused(message: str, operation: str, code: str = "ValidationException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _conflict(message: str) -> ClientError:
    scheduler = client("scheduler")
    return scheduler.exceptions.ConflictException(
        {"Error": {"Code": "ConflictException", "Message": message}}, "CreateSchedule"
    )


@pytest.fixture(scope="module", autouse=True)
def sdk() -> None:
    """SageMaker's SDK; compiling it warns of its docstrings, and takes seconds that only these tests wait for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("sagemaker.core.resources", reason="optional: the packages of requirements/aws.txt")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    double = Aws()
    double.folder = tmp_path

    def call(client: BaseClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return double.call(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(endpoint, "POLL_SECONDS", 0)
    monkeypatch.setattr(endpoint, "CREATE_SECONDS", 0)
    monkeypatch.setattr(training_jobs, "POLL_SECONDS", 0)
    monkeypatch.setattr(wheels, "fetched", lambda *_: {})
    with led_to(emulators.environment("http://127.0.0.1:9")):  # nobody listens there
        yield double


def _quiet(_: str) -> None:
    pass


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
    served = endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
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
    longer = endpoint.up(PLACE, versions[0], hours=5, progress=_quiet)
    assert aws.schedules[f"end-of-{RATING}"]["ScheduleExpression"] == f"at({longer.until:%Y-%m-%dT%H:%M:%S})"
    assert len(aws.named("CreateEndpoint")) == 1


def test_a_new_version_is_tried_before_traffic_and_replaces_the_old_one_blue_green(
    aws: Aws, versions: list[Path]
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    aws.calls.clear()
    endpoint.up(PLACE, versions[1], hours=2, progress=_quiet)
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
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    aws.says = b'{"predictions": [{"predicted": 1.0}]}'
    with pytest.raises(EndpointError, match=rf"{CANDIDATE} predicts 1\.0 where this machine predicts"):
        endpoint.up(PLACE, versions[1], hours=2, progress=_quiet)
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
        endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    assert aws.endpoints == {}


def test_an_answer_that_breaks_off_is_told(aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def read(self) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://runtime.sagemaker")

    monkeypatch.setattr(aws, "on_invoke_endpoint", lambda _request: {"Body": Broken()})  # pyright: ignore[reportUnknownLambdaType]
    with pytest.raises(EndpointError, match=rf"asking {RATING} for a prediction: Read timeout.*Check the network"):
        endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)


def test_an_endpoint_that_was_never_asked_is_not_taken_for_good(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    end = aws.schedules[f"end-of-{RATING}"]
    aws.says = b'{"predictions": [{"predicted": 1.0}]}'  # whoever made it was killed before asking
    with pytest.raises(
        EndpointError,
        match=rf"{RATING} predicts 1\.0 .*If the endpoint stays in this state, end it with `imdb endpoint down`",
    ):
        endpoint.up(PLACE, versions[0], hours=5, progress=_quiet)
    assert aws.schedules[f"end-of-{RATING}"] == end


def test_a_candidate_that_a_kill_has_left_ends_soon_and_is_told(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    endpoint.up(PLACE, versions[1], hours=5, progress=_quiet)
    end = aws.schedules[f"end-of-{CANDIDATE}"]
    until = datetime.strptime(end["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert 0 < (until - datetime.now(UTC)).total_seconds() <= 30 * 60
    aws.endpoints[CANDIDATE] = {"config": "any", "status": "InService", "tags": []}
    with pytest.raises(
        EndpointError,
        match=rf"there is a candidate endpoint {CANDIDATE}: another .* The candidate ends within 30 minutes",
    ):
        endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    assert aws.schedules[f"end-of-{CANDIDATE}"] == end  # else each attempt would lengthen its life
    assert endpoint.up(PLACE, versions[1], hours=2, progress=_quiet).version == versions[1].name
    aws.endpoints[CANDIDATE]["status"] = "Failed"
    assert endpoint.up(PLACE, versions[0], hours=2, progress=_quiet).version == versions[0].name


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("Updating", "wait until that has ended"),
        ("Deleting", "wait until that has ended"),
        ("OutOfService", "end it with `imdb endpoint down`"),
        ("UpdateRollbackFailed", "end it with `imdb endpoint down`"),
    ],
)
def test_an_endpoint_that_is_not_in_service_is_told_with_the_remedy(
    aws: Aws, versions: list[Path], status: str, remedy: str
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    aws.endpoints[RATING]["status"] = status
    with pytest.raises(EndpointError, match=rf"endpoint {RATING} is {status}; {remedy}, then repeat"):
        endpoint.up(PLACE, versions[1], hours=2, progress=_quiet)


def test_an_endpoint_that_failed_is_removed_and_its_end_is_waited_for(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
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
            raise _refused("Cannot create already existing endpoint", "CreateEndpoint")
        return Aws.on_create_endpoint(aws, request)

    monkeypatch.setattr(aws, "on_delete_endpoint", delete)
    monkeypatch.setattr(aws, "on_describe_endpoint", slowly)
    monkeypatch.setattr(aws, "on_create_endpoint", create)
    assert endpoint.up(PLACE, versions[0], hours=2, progress=_quiet).version == versions[0].name
    assert next(looks, None) is None
    assert aws.serving() == {RATING: (f"imdb-assets-{versions[0].name}", "InService")}


def test_an_endpoint_that_ends_before_its_update_is_told(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    monkeypatch.setattr(endpoint, "_drop", lambda *_: aws.endpoints.clear())
    with pytest.raises(EndpointError, match=rf"endpoint {RATING} ended before it could be updated\. no endpoint is up"):
        endpoint.up(PLACE, versions[1], hours=2, progress=_quiet)


@pytest.mark.parametrize("may_delete", [True, False])
def test_an_interrupt_says_what_bills_on(
    aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch, *, may_delete: bool
) -> None:
    def interrupt(_request: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    def denied(_request: dict[str, Any]) -> dict[str, Any]:
        raise _refused("no", "DeleteEndpoint", "AccessDeniedException")

    monkeypatch.setattr(aws, "on_invoke_endpoint", interrupt)
    if not may_delete:
        monkeypatch.setattr(aws, "on_delete_endpoint", denied)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        endpoint.up(PLACE, versions[0], hours=2, progress=told.append)
    if may_delete:
        assert (
            told[-1]
            == "interrupted. no endpoint is up, and nothing is billed. `imdb endpoint down` ends whatever is up"
        )
    else:
        assert f"{RATING} could not be removed: if it was created, it costs money until" in told[-2]
        assert f"{versions[0].name} still serves at {RATING}. `imdb endpoint down` ends" in told[-1]


def test_a_rolled_back_update_is_an_error(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    aws.rolls_back = True
    with pytest.raises(EndpointError, match=rf"rolled {RATING} back.*{versions[0].name} still serves"):
        endpoint.up(PLACE, versions[1], hours=2, progress=_quiet)
    assert aws.endpoints.keys() == {RATING}


def test_down_ends_every_endpoint(aws: Aws, versions: list[Path]) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    assert endpoint.down(PLACE, _quiet) is True
    assert aws.endpoints == {}
    assert endpoint.down(PLACE, _quiet) is False


def test_down_waits_for_an_update(aws: Aws, versions: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.up(PLACE, versions[0], hours=2, progress=_quiet)
    aws.endpoints[RATING]["status"] = "Updating"
    monkeypatch.setattr(leftovers.time, "sleep", lambda _: aws.endpoints[RATING].update(status="InService"))
    told: list[str] = []
    assert endpoint.down(PLACE, told.append) is True
    assert aws.endpoints == {}
    assert told == [f"{RATING} is Updating, and cannot be removed before that ends; waiting", f"{RATING}: ended"]


TREES = {"pre-release": 5, "with votes": 5}


def test_a_training_job_makes_the_trees_that_this_machine_makes(aws: Aws) -> None:
    films = movie_features(FILMS)
    here = champions.fit_champions(films, CHAMPIONS, TREES)  # pyright: ignore[reportArgumentType] - names of regimes
    there, billed = training_jobs.fit_champions(PLACE, films, CHAMPIONS, TREES, _quiet)  # pyright: ignore[reportArgumentType]
    assert there.keys() == here.keys()
    assert billed == 90
    for regime, model in here.items():
        assert there[regime].booster.save_raw("ubj") == model.booster.save_raw("ubj")
        assert (there[regime].features, there[regime].train_rows) == (model.features, model.train_rows)
    [request] = aws.named("CreateTrainingJob")
    assert request["ResourceConfig"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10}
    assert request["AlgorithmSpecification"]["TrainingImage"].endswith("/sagemaker-xgboost:3.2-0")
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}
    assert request["RoleArn"].endswith("role/imdb-assets-training")


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("Failed", "is Failed: AlgorithmError: no films"),
        ("Stopped", "is Stopped"),
        (None, "took longer than 0 minutes"),
    ],
)
def test_a_training_job_that_ends_otherwise_is_told_and_bills_no_more(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, ends: str | None, said: str
) -> None:
    aws.job_ends = ends
    monkeypatch.setattr(training_jobs, "PATIENCE_SECONDS", 0)

    def create(request: dict[str, Any]) -> dict[str, Any]:
        aws.made["TrainingJob", request["TrainingJobName"]] = request
        return {"TrainingJobArn": "arn:aws:sagemaker:eu-central-1:123456789012:training-job/x"}

    monkeypatch.setattr(aws, "on_create_training_job", create, raising=False)
    with pytest.raises(DeployError, match=said):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, _quiet)  # pyright: ignore[reportArgumentType]
    assert (len(aws.named("StopTrainingJob")) == 1) is (ends is None)


def _archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"no archive",
        _archive(fitted=os.urandom(9999))[:5000],
        _archive(other=b""),
        _archive(fitted=b"{"),
        _archive(fitted=b'{"pre-release": {}}'),
    ],
    ids=["empty", "of another kind", "cut off", "without models", "half written", "without trees"],
)
def test_trees_that_cannot_be_read_are_told_with_the_remedy(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    def create(request: dict[str, Any]) -> dict[str, Any]:
        aws.made["TrainingJob", request["TrainingJobName"]] = request
        aws.objects[f"trained/{request['TrainingJobName']}/output/model.tar.gz"] = left
        return {"TrainingJobArn": "arn:aws:sagemaker:eu-central-1:123456789012:training-job/x"}

    monkeypatch.setattr(aws, "on_create_training_job", create)
    with pytest.raises(DeployError, match=r"which cannot be read \(.+\)\..*Materialize models/rating_model again"):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, _quiet)  # pyright: ignore[reportArgumentType]


def test_an_interrupt_says_that_a_job_which_cannot_be_stopped_bills_on(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_request: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    def denied(_request: dict[str, Any]) -> dict[str, Any]:
        raise _refused("no", "StopTrainingJob", "AccessDeniedException")

    monkeypatch.setattr(aws, "on_create_training_job", interrupt)
    monkeypatch.setattr(aws, "on_stop_training_job", denied)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        training_jobs.fit_champions(PLACE, movie_features(FILMS), CHAMPIONS, TREES, told.append)  # pyright: ignore[reportArgumentType]
    [job] = [request["TrainingJobName"] for request in aws.named("StopTrainingJob")]
    assert f"training job {job} still costs money. It could not be stopped, and ends after 30 minutes" in told[-1]
    assert told[-1].endswith(f"aws sagemaker stop-training-job --training-job-name {job}")
