"""A double of SageMaker, its runtime, S3 and the scheduler, within this process.

It keeps endpoints in mind: moto refuses updates and answers every prediction alike. Requests are
checked by botocore against its models, as the real client does before it sends.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from imdb_assets.aws.client import client
from imdb_assets.aws.deploy import wheels
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import endpoint, inference_script, training_jobs
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.conftest import led_to

PLACE = Place("imdb-assets", "123456789012", "eu-central-1")


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
            raise refused(f"Could not find {kind} {name}", operation)
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
            raise refused(f'Could not find endpoint "{request["EndpointName"]}".', "DescribeEndpoint")
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
            raise refused("Cannot update in-progress endpoint", "DeleteEndpoint")
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
            raise refused("Not Found", "HeadObject", "404")
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


def refused(message: str, operation: str, code: str = "ValidationException") -> ClientError:
    """What botocore raises when an operation is refused."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _conflict(message: str) -> ClientError:
    scheduler = client("scheduler")
    return scheduler.exceptions.ConflictException(
        {"Error": {"Code": "ConflictException", "Message": message}}, "CreateSchedule"
    )


@contextmanager
def instead_of_aws(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Aws]:
    """This process's SDKs talk to a new double, which works in the folder; nothing waits."""
    double = Aws()
    double.folder = folder

    def call(client: BaseClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return double.call(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(endpoint, "POLL_SECONDS", 0)
    monkeypatch.setattr(endpoint, "CREATE_SECONDS", 0)
    monkeypatch.setattr(training_jobs, "POLL_SECONDS", 0)
    monkeypatch.setattr(wheels, "fetched", lambda *_: {})
    with led_to(emulators.environment("http://127.0.0.1:9")):  # nobody listens there
        yield double
