"""`imdb deploy` and `imdb destroy` on ministack: what is created, that it may be repeated, that nothing stays."""

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.client import aws_errors
from imdb_assets.aws.deploy import artifacts, cloudformation, deployment, stacks
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place, Stack
from imdb_assets.cli.app import app
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.conftest import forget
from imdb_assets_tests.aws.emulators import REGION, Emulator

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
        for name in ("storage", "compute", "serving", "monitoring", "alarms", "images", "host", "trigger")
    ]
    assert "storage: RawBucket (AWS::S3::Bucket): CREATE_COMPLETE" in told
    s3, bucket = aws.client("s3"), f"{NAME}-processed"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Effect"] == "Deny"
    job = aws.client("glue").get_job(JobName="imdb-assets-transform")["Job"]
    assert (job["GlueVersion"], job["WorkerType"], job["MaxRetries"]) == ("5.1", "G.1X", 0)
    code = job["DefaultArguments"]["--extra-py-files"].removeprefix(f"s3://{NAME}-artifacts/")
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


def test_deploying_says_how_to_push_an_image_as_long_as_there_is_none(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(host="task"), place)
    assert deployment.image_missing(place) is True
    login, build, push = artifacts.push_commands(place)
    repository = aws.client("ecr").describe_repositories()["repositories"][0]["repositoryUri"]
    assert repository.partition("/")[2] == "imdb-assets"
    assert push.endswith(".amazonaws.com/imdb-assets:latest")
    assert f"--tag {push.removeprefix('docker push ')} ." in build
    assert "--platform linux/arm64" in build, "the host's and the task's processor"
    assert "aws ecr get-login-password" in login
    manifest = json.dumps({"schemaVersion": 2})
    aws.client("ecr").put_image(repositoryName="imdb-assets", imageManifest=manifest, imageTag="latest")
    assert deployment.image_missing(place) is False


def test_a_stack_that_cannot_be_created_leaves_nothing_and_says_why(aws: Emulator, place: Place) -> None:
    aws.client("s3").create_bucket(Bucket=f"{NAME}-results", CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(DeployError, match=r"imdb-assets-storage could not be created, and nothing of it is left\. Res"):
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
    with pytest.raises(DeployError, match=r"could not be updated and is as it was before\. Taken \(AWS::S3::Bucket\)"):
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
    assert s3.list_buckets()["Buckets"] == []
    kept = sorted(one["Name"] for one in glue.get_databases()["DatabaseList"])
    assert kept == ["imdb_assets_gold", "imdb_assets_ops", "silver"]
    assert [one["Name"] for one in glue.get_tables(DatabaseName="imdb_assets_gold")["TableList"]] == ["somebody-elses"]
    assert "catalog: Glue database imdb_assets_gold: kept, for tables of somebody else's: somebody-elses" in told
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
        "create    imdb-assets-storage (absent)",
        "5 S3::Bucket",
        "EC2::Instance",
        "9 of 9 stacks would change",
    ):
        assert words in shown.output
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("cloudformation").describe_stacks()["Stacks"] == []


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
