"""`imdb deploy` on ministack: what is created, that it may be repeated, and what a failure leaves."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from imdb_assets.aws import cloudwatch
from imdb_assets.aws.deploy import artifacts, cloudformation, deployment, stacks, wheels
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place, Stack
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.deployed import NAME, quiet
from imdb_assets_tests.aws.emulators import REGION, Emulator


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
        cloudformation.apply(cloud, place, broken, {"Prefix": "imdb-assets", "AlertEmail": ""}, quiet)
    assert [one["TopicArn"].rpartition(":")[2] for one in aws.client("sns").list_topics()["Topics"]] == [
        "imdb-assets-alerts"
    ]


def test_a_database_of_somebody_else_is_refused_before_anything_is_made(aws: Emulator, place: Place) -> None:
    aws.client("glue").create_database(DatabaseInput={"Name": "imdb_assets_gold", "LocationUri": "s3://sales/tables"})
    with pytest.raises(
        DeployError, match=r"^Glue already has imdb_assets_gold, .*; nothing was changed.*another IMDB_"
    ):
        deployed.deploy(aws, Settings(), place)
    assert aws.client("cloudformation").describe_stacks()["Stacks"] == []
    aws.client("glue").delete_database(Name="imdb_assets_gold")


def _with_body(stack: Stack, body: str) -> Stack:
    return replace(deployed.Fixed(stack.name, stack.purpose, stack.bills, stack.parameters), text=body)
