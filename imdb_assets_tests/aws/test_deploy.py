"""`imdb deploy` and `imdb destroy` on ministack: what is created, that it may be repeated, that nothing stays."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from imdb_assets.aws import cloudwatch
from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.client import aws_errors
from imdb_assets.aws.deploy import artifacts, cloudformation, deployment, leftovers, quotas, stacks, wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place, Stack
from imdb_assets.aws.sagemaker import registry, training_jobs
from imdb_assets.cli.app import app
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.conftest import forget
from imdb_assets_tests.aws.emulators import REGION, Emulator

TOLD_OF_A_HOST = (
    "Glue databases, made by the first run: imdb_assets_bronze, imdb_assets_gold",
    "Cost per month: $44.98, of which $41.73 is for the host",
    "in us-east-1)",  # the list prices' region
    "Budget: $52 a month (IMDB_BUDGET_USD)",
    "The budget does not stop the host",
    "Quota L-1216C47A, Running On-Demand Standard instances, vCPUs: 4 for the host",
    "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-614B09FD",
)
NAME = f"imdb-assets-000000000000-{REGION}"


@pytest.fixture
def place(aws: Emulator, moto: Emulator, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty account; SageMaker, which ministack lacks, is moto's."""
    aws.reset()
    moto.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", moto.url)
    forget()
    monkeypatch.setattr(cloudformation, "POLL_SECONDS", 0.05)
    return deployment.place_of(Settings())


def _quiet(*_: str) -> None:
    pass


def test_what_is_deployed_is_as_the_templates_say(aws: Emulator, place: Place) -> None:
    told: list[str] = []
    done = deployed.deploy(aws, Settings(host="instance"), place, told)
    assert list(done.items()) == [
        (name, "create")
        for name in ("storage", "compute", "monitoring", "serving", "alarms", "images", "host", "trigger")
    ]
    assert "storage: RawBucket (AWS::S3::Bucket): CREATE_COMPLETE" in told
    s3, bucket = aws.client("s3"), f"{NAME}-processed"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Effect"] == "Deny"
    job = aws.client("glue").get_job(JobName="imdb-assets-transform")["Job"]
    assert (job["GlueVersion"], job["WorkerType"], job["MaxRetries"]) == ("5.1", "G.1X", 0)
    code = job["DefaultArguments"]["--extra-py-files"].removeprefix(f"s3://{NAME}-artifacts/")
    arguments = job["DefaultArguments"]
    modules = arguments["--additional-python-modules"]
    assert modules == f"s3://{NAME}-artifacts/{wheels.GLUE.key}"
    assert arguments["--python-modules-installer-option"] == "--no-index"
    for needed in (wheels.GLUE, wheels.SAGEMAKER):
        assert s3.get_object(Bucket=f"{NAME}-artifacts", Key=needed.key)["Body"].read() == deployed.WHEELS
    package = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=f"{NAME}-artifacts", Key=code)["Body"].read()))
    assert "imdb_assets/transforms/movies.py" in package.namelist()
    group = aws.client("athena").get_work_group(WorkGroup="imdb-assets")["WorkGroup"]["Configuration"]
    assert (int(group["BytesScannedCutoffPerQuery"]), group["EnforceWorkGroupConfiguration"]) == (10 * 2**30, True)
    rule = aws.client("events").describe_rule(Name="imdb-assets-daily")
    assert (rule["ScheduleExpression"], rule["State"]) == ("cron(0 2 * * ? *)", "ENABLED")
    function = aws.client("lambda").get_function_configuration(FunctionName="imdb-assets-trigger")
    settings = {"DAGSTER_URL": deployed.URL, "DAGSTER_TOKEN_SECRET": "imdb-assets-token"}
    assert function["Environment"]["Variables"] == settings, "whoever may look at the function sees no token"


def test_repeating_it_changes_nothing_and_a_changed_setting_changes_its_stack(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(), place)
    assert set(deployed.deploy(aws, Settings(), place).values()) == {"unchanged"}
    done = deployed.deploy(aws, Settings(aws_alert_email="somebody@example.org"), place)
    assert {name for name, change in done.items() if change == "update"} == {"monitoring"}
    topic = aws.client("sns").list_subscriptions()["Subscriptions"][0]
    assert (topic["Protocol"], topic["Endpoint"]) == ("email", "somebody@example.org")


def test_the_hosts_machine_stays_the_same_until_a_new_one_is_asked_for(aws: Emulator, place: Place) -> None:
    def machine() -> str:
        found = aws.client("cloudformation").describe_stacks(StackName="imdb-assets-host")["Stacks"][0]["Parameters"]
        return next(one["ParameterValue"] for one in found if one["ParameterKey"] == "Machine")

    first, later = "ami-0000000000000000a", "ami-0000000000000000b"
    settings = Settings(host="instance")
    deployed.deploy(aws, settings, place, machine=first)
    assert set(deployed.deploy(aws, settings, place, machine=later).values()) == {"unchanged"}
    assert machine() == first
    done = deployed.deploy(aws, settings, place, machine=later, renew=True)
    assert {name for name, change in done.items() if change == "update"} == {"host"}
    assert machine() == later


def test_an_image_is_named_by_its_code_and_the_host_keeps_its_own_until_the_next_is_pushed(
    aws: Emulator, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(tag: str) -> None:
        manifest = json.dumps({"schemaVersion": 2, "of": tag})
        aws.client("ecr").put_image(repositoryName="imdb-assets", imageManifest=manifest, imageTag=tag)

    def image() -> str:
        task = aws.client("ecs").describe_task_definition(taskDefinition="imdb-assets")["taskDefinition"]
        return task["containerDefinitions"][0]["image"].rpartition(":")[2]

    settings, first = Settings(host="task"), artifacts.image_tag()
    deployed.deploy(aws, settings, place)
    assert deployment.image_missing(place.prefix, first) is True
    assert image() == first
    [repository] = aws.client("ecr").describe_repositories()["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    login, build, pushed = artifacts.push_commands(place.region, deployment.repository(place))
    assert pushed == f"docker push {repository['repositoryUri']}:{first}"
    assert f"--tag {pushed.removeprefix('docker push ')} ." in build
    assert "--platform linux/arm64" in build, "the host's and the task's processor"
    assert login.endswith(f"--password-stdin {repository['repositoryUri'].partition('/')[0]}")
    push(first)
    assert deployment.image_missing(place.prefix, first) is False
    monkeypatch.setattr(artifacts, "image_tag", lambda: "later")
    deployed.deploy(aws, settings, place)
    assert image() == first, "there is no image of the later code yet"
    push("later")
    deployed.deploy(aws, settings, place)
    assert image() == "later"


def test_the_tag_of_an_image_changes_with_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "imdb_assets"
    package.mkdir()
    monkeypatch.setattr(artifacts, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(artifacts, "PACKAGE", package)
    for name in (*artifacts.IMAGE_FILES, "imdb_assets/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a", encoding="utf-8")
    tags = [artifacts.image_tag()]
    for name in ("requirements/image.txt", "imdb_assets/a.py", "imdb_assets/b.sql"):
        (tmp_path / name).write_text("b", encoding="utf-8")
        tags.append(artifacts.image_tag())
    assert len(set(tags)) == 4
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_text("c", encoding="utf-8")
    assert artifacts.image_tag() == tags[-1]


def test_the_heartbeat_counts_from_the_deployment_on(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(), place)
    watch = aws.client("cloudwatch")
    [alarm] = watch.describe_alarms(AlarmNames=["imdb-assets-heartbeat"])["MetricAlarms"]
    now = datetime.now(UTC)
    found = watch.get_metric_statistics(
        **{name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions", "Period")},
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Statistics=["Minimum"],
    )
    assert [one["Minimum"] for one in found["Datapoints"]] == [0], "no run has been due"
    assert alarm["EvaluationPeriods"] * alarm["Period"] > 26 * 3600, "until one was, tomorrow at 02:00, and has ended"
    with patch.object(cloudwatch, "begin", side_effect=AssertionError):
        deployed.deploy(aws, Settings(aws_alert_email="a@example.org"), place)


def test_who_has_not_confirmed_yet_is_named() -> None:
    place = Place("imdb-assets", "123456789012", REGION)
    waiting = {"SubscriptionArn": "PendingConfirmation", "Endpoint": "a@example.org"}
    pages = [{"Subscriptions": [waiting, {"SubscriptionArn": "arn:1", "Endpoint": "b@example.org"}]}]
    with patch.object(deployment, "client") as made:
        made.return_value.get_paginator.return_value.paginate.return_value = pages
        assert deployment.unconfirmed(place) == ["a@example.org"]


def test_a_stack_that_cannot_be_created_leaves_nothing_and_says_why(aws: Emulator, place: Place) -> None:
    aws.client("s3").create_bucket(Bucket=f"{NAME}-results", CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(
        DeployError, match=r"imdb-assets-storage could not be created, and all its resources were removed again\. Res"
    ):
        deployed.deploy(aws, Settings(), place)
    left = aws.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack for stack in left if stack["StackStatus"] != "DELETE_COMPLETE"] == []
    assert [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]] == [f"{NAME}-results"]


def test_an_update_that_fails_leaves_the_stack_as_it_was(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(), place)
    taken = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{NAME}-raw"}}
    template = stacks.parse(stacks.MONITORING.body)
    template["Resources"] |= {"Taken": taken, "Alerts": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "b"}}}
    broken = _with_body(stacks.MONITORING, json.dumps(template))
    cloud = aws.client("cloudformation")
    with pytest.raises(
        DeployError, match=r"could not be updated, and stays in its previous state\. Taken \(AWS::S3::Bucket\)"
    ):
        cloudformation.apply(cloud, place, broken, {"Prefix": "imdb-assets", "AlertEmail": ""}, _quiet)
    assert [one["TopicArn"].rpartition(":")[2] for one in aws.client("sns").list_topics()["Topics"]] == [
        "imdb-assets-alerts"
    ]


def test_destroy_leaves_nothing(aws: Emulator, moto: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(host="task"), place)
    s3, glue, sagemaker = aws.client("s3"), aws.client("glue"), moto.client("sagemaker")
    for body in (b"one", b"two"):
        s3.put_object(Bucket=f"{NAME}-processed", Key="tables/a", Body=body)
    s3.delete_object(Bucket=f"{NAME}-processed", Key="tables/a")
    s3.create_multipart_upload(Bucket=f"{NAME}-raw", Key="landing/b")
    glue.create_database(DatabaseInput={"Name": "silver"})
    glue.create_database(DatabaseInput={"Name": "imdb_assets_ops", "LocationUri": "s3://somebody-elses"})
    for schema in ("silver", "gold", "warehouse"):
        Buckets("imdb-assets").make_database(schema)
    for database, bucket in (
        ("silver", f"{NAME}-processed"),  # ours by its files, but not by its database
        ("imdb_assets_silver", f"{NAME}-processed"),
        ("imdb_assets_gold", f"{NAME}-processed"),
        ("imdb_assets_gold", "somebody-elses"),
    ):
        table = {"Name": bucket, "StorageDescriptor": {"Location": f"s3://{bucket}/t"}}
        glue.create_table(DatabaseName=database, TableInput=table)
    view = {"Name": "funnel", "TableType": "VIRTUAL_VIEW"}
    glue.create_table(DatabaseName="imdb_assets_warehouse", TableInput=view)
    for prefix in ("imdb-assets", "imdb-assets-two", "another"):
        tags = replace(place, prefix=prefix).tags
        sagemaker.create_model(ModelName=f"{prefix}-1", ExecutionRoleArn=place.role("endpoint"), Tags=tags)
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{prefix}-1",
            ProductionVariants=[
                {
                    "VariantName": "all",
                    "ModelName": f"{prefix}-1",
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.t2.medium",
                }
            ],
            Tags=tags,
        )
        sagemaker.create_endpoint(EndpointName=f"{prefix}-rating", EndpointConfigName=f"{prefix}-1", Tags=tags)
    told: list[str] = []
    assert deployment.destroy(place, lambda stack, text: told.append(f"{stack}: {text}")) == []
    assert told[0] == "serving: imdb-assets-rating: removed", "what bills by the hour goes first"
    family = {"familyPrefix": "imdb-assets"}
    assert aws.client("ecs").list_task_definitions(**family, status="INACTIVE")["taskDefinitionArns"] == []
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert s3.list_buckets()["Buckets"] == []
    kept = sorted(one["Name"] for one in glue.get_databases()["DatabaseList"])
    assert kept == ["imdb_assets_gold", "imdb_assets_ops", "silver"]
    assert [one["Name"] for one in glue.get_tables(DatabaseName="imdb_assets_gold")["TableList"]] == ["somebody-elses"]
    assert "catalog: Glue database imdb_assets_gold: kept, because others have tables in it: somebody-elses" in told
    for database in kept:
        glue.delete_database(Name=database)
    others = {"another", "imdb-assets-two"}
    assert {one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]} == {f"{it}-rating" for it in others}
    assert {one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]} == {
        f"{it}-1" for it in others
    }
    assert {one["ModelName"] for one in sagemaker.list_models()["Models"]} == {f"{it}-1" for it in others}
    assert aws.client("iam").list_roles()["Roles"] == []
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert [one for one in aws.client("events").list_rules()["Rules"] if "imdb" in one["Name"]] == []
    again: list[str] = []
    assert deployment.destroy(place, lambda stack, text: again.append(text)) == []
    assert set(again) == {"was not there"}


class Changing:
    """SageMaker with an endpoint that is being created, and two models of which one stays."""

    def __init__(self, tags: list[dict[str, str]]) -> None:
        self._tags = tags
        self._states = iter(["Creating", "Creating", "InService"])
        self.removed: list[str] = []

    def get_paginator(self, listing: str) -> Any:
        """Pages of a listing."""
        names = {"list_endpoints": ["imdb-assets-rating"], "list_models": ["imdb-assets-1", "imdb-assets-2"]}
        kind = listing.removeprefix("list_").removesuffix("s").title()
        found = [{f"{kind}Name": name, f"{kind}Arn": name} for name in names.get(listing, [])]
        pages: Any = MagicMock()
        pages.paginate.return_value = [defaultdict(list, {f"{kind}s": found})]
        return pages

    def list_tags(self, **_: str) -> Any:
        """Ours."""
        return {"Tags": self._tags}

    def describe_endpoint(self, **_: str) -> Any:
        """Its next state."""
        return {"EndpointStatus": next(self._states)}

    def delete_endpoint(self, **_: str) -> None:
        """Refused while it is being created."""
        assert next(self._states, None) is None
        self.removed.append("endpoint")

    def delete_model(self, **named: str) -> None:
        """Refused for one."""
        if named["ModelName"] == "imdb-assets-1":
            raise ClientError({"Error": {"Code": "Odd", "Message": "no"}}, "DeleteModel")
        self.removed.append(named["ModelName"])


def test_destroy_waits_for_an_endpoint_that_changes_and_goes_on_after_what_it_cannot_remove(
    aws: Emulator, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.deploy(aws, Settings(), place)
    sagemaker, real = Changing(place.tags), leftovers.client
    monkeypatch.setattr(leftovers, "client", lambda name: sagemaker if name == "sagemaker" else real(name))
    monkeypatch.setattr(leftovers, "POLL_SECONDS", 0)
    monkeypatch.setattr(deployment, "empty", _refused_for("raw", deployment.empty))
    told: list[str] = []
    left = deployment.destroy(place, lambda stack, text: told.append(f"{stack}: {text}"))
    assert sagemaker.removed == ["endpoint", "imdb-assets-2"]
    assert told[0].startswith("serving: imdb-assets-rating is Creating, and cannot be removed in this state")
    assert left[0] == "Model imdb-assets-1 is not removed: DeleteModel failed (Odd: no)."
    assert left[1].startswith(f"emptying bucket {NAME}-raw: access denied (AccessDenied: no)")
    assert {"compute: removed", "storage: removed"} <= set(told)
    assert aws.client("s3").list_buckets()["Buckets"] == []


def _refused_for(use: str, empty: Callable[[str], int]) -> Callable[[str], int]:
    def emptied(bucket: str) -> int:
        if bucket.endswith(f"-{use}"):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectVersions")
        return empty(bucket)

    return emptied


def test_destroy_that_finds_nothing_says_that_it_may_be_elsewhere(aws: Emulator, place: Place) -> None:
    said = CliRunner().invoke(app, ["destroy", "--yes"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    words = "Nothing with prefix imdb-assets was found in eu-central-1. If a deployment exists elsewhere"
    assert words in " ".join(said.output.split())


def test_a_database_of_somebody_else_is_refused_before_anything_is_made(aws: Emulator, place: Place) -> None:
    aws.client("glue").create_database(DatabaseInput={"Name": "imdb_assets_gold", "LocationUri": "s3://sales/tables"})
    with pytest.raises(
        DeployError, match=r"^Glue already has imdb_assets_gold, .*; nothing was changed.*another IMDB_"
    ):
        deployed.deploy(aws, Settings(), place)
    assert aws.client("cloudformation").describe_stacks()["Stacks"] == []
    aws.client("glue").delete_database(Name="imdb_assets_gold")


def test_destroy_can_keep_the_data(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(), place)
    aws.client("s3").put_object(Bucket=f"{NAME}-raw", Key="landing/a", Body=b"dump")
    deployment.destroy(place, _quiet, keep_data=True)
    assert aws.client("s3").get_object(Bucket=f"{NAME}-raw", Key="landing/a")["Body"].read() == b"dump"
    assert aws.client("glue").get_jobs()["Jobs"] == []


def test_a_dry_run_shows_everything_and_does_nothing(
    aws: Emulator, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "_latest", lambda _: "ami-0123456789abcdef0")  # AWS's own parameter
    shown = CliRunner().invoke(app, ["deploy", "--dry-run"], env={"IMDB_HOST": "instance", "COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for words in (
        "create imdb-assets-storage (absent)",
        "5 S3::Bucket",
        "EC2::Instance",
        "9 of 9 stacks would change",
        *TOLD_OF_A_HOST,
    ):
        assert words in " ".join(shown.output.split())
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("cloudformation").describe_stacks()["Stacks"] == []


@pytest.mark.parametrize(
    ("region", "partition", "number", "without_budget"),
    [("cn-north-1", "aws-cn", 6, False), ("us-gov-west-1", "aws-us-gov", 5, True)],
)
def test_other_partitions_have_arns_of_their_own_and_the_governments_no_budget(
    aws: Emulator, monkeypatch: pytest.MonkeyPatch, *, region: str, partition: str, number: int, without_budget: bool
) -> None:
    aws.reset()
    monkeypatch.setenv("AWS_REGION", region)
    forget()
    place = deployment.place_of(Settings())
    assert place.role("endpoint") == f"arn:{partition}:iam::000000000000:role/imdb-assets-endpoint"
    shown = CliRunner().invoke(app, ["deploy", "--dry-run"], env={"COLUMNS": "200"}).output
    assert f"{number} of {number} stacks would change" in shown
    assert (f"{region} has no AWS::Budgets::Budget" in shown) is without_budget
    assert ("imdb-assets-budget" not in shown) is without_budget
    forget()


def test_a_dry_run_needs_neither_sdk_nor_credentials() -> None:
    without = "import sys; sys.modules.update(boto3=None, botocore=None); from imdb_assets.cli.app import main; main()"
    shown = subprocess.run(
        [sys.executable, "-c", without, "deploy", "--dry-run"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT), "IMDB_HOST": "instance", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    for words in (
        "No request was sent to AWS",
        "is not installed. Install AWS's SDK (make aws)",
        "create    imdb-assets-storage (not looked up)",
        "EC2::Instance",
        *TOLD_OF_A_HOST,
    ):
        assert words in shown.stdout


@pytest.mark.parametrize(("applied", "default", "granted"), [(4.0, 0.0, 4.0), (None, 0.0, 0.0), (None, None, None)])
def test_a_quota_is_what_was_granted_or_the_default_or_unknown(
    applied: float | None, default: float | None, granted: float | None
) -> None:
    def answer(value: float | None) -> dict[str, Any]:
        if value is None:
            raise ClientError({"Error": {"Code": "NoSuchResourceException"}}, "GetServiceQuota")
        return {"Quota": {"Value": value}}

    with patch.object(quotas, "client") as made:
        made.return_value.get_service_quota.side_effect = lambda **_: answer(applied)
        made.return_value.get_aws_default_service_quota.side_effect = lambda **_: answer(default)
        assert quotas.granted(quotas.ENDPOINT) == granted


def test_the_quotas_are_of_what_is_started() -> None:
    assert quotas.ENDPOINT.name == f"{registry.INSTANCE} for endpoint usage"
    assert quotas.TRAINING.name == f"{training_jobs.INSTANCE} for training job usage"
    assert quotas.needed(Settings()) == [quotas.ENDPOINT]
    told = quotas.needed(Settings(host="task", training="sagemaker"))
    assert [one.code for one in told] == ["L-3032A538", "L-CCE2AFA6", "L-614B09FD"]
    assert told[2].request.endswith("--service-code sagemaker --quota-code L-614B09FD --desired-value 2")


def test_nobody_is_asked_nothing_is_changed(aws: Emulator, place: Place) -> None:
    assert CliRunner().invoke(app, ["deploy"], input="n\n").exit_code == 1
    assert CliRunner().invoke(app, ["destroy"], input="n\n").exit_code == 1
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_missing_credentials_are_told_with_the_remedy(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    forget()
    with pytest.raises(LakeError, match=r"Unable to locate credentials\. Log in .* or set AWS_PROFILE"):
        deployment.place_of(Settings())
    forget()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            {
                "Code": "AccessDenied",
                "Message": "User: arn:aws:iam::1:user/a is not authorized to perform: iam:CreateRole on resource: "
                "arn:aws:iam::1:role/b because no identity-based policy allows it",
            },
            "needs the permission iam:CreateRole on arn:aws:iam::1:role/b.",
        ),
        ({"Code": "ExpiredToken", "Message": "The token has expired"}, "expired or wrong (ExpiredToken: The token has"),
        (
            {"Code": "Throttling", "Message": "Rate exceeded"},
            "too busy, or had a fault, 1 times in a row (Throttling: ",
        ),
        ({"Code": "ResourceLimitExceeded", "Message": "0 instances"}, "a quota of the account is used up"),
        ({"Code": "Odd", "Message": "Something"}, "Operation failed (Odd: Something)."),
    ],
)
def test_an_error_of_aws_says_what_to_do(error: dict[str, str], said: str) -> None:
    with (
        pytest.raises(DeployError, match=rf"doing a thing: .*{re.escape(said)}"),
        aws_errors("doing a thing", DeployError),
    ):
        raise ClientError({"Error": error}, "Operation")


def _with_body(stack: Stack, body: str) -> Stack:
    return replace(deployed.Fixed(stack.name, stack.purpose, stack.bills, stack.parameters), text=body)
