"""Each role can do its job and not the others': by ministack's evaluator, and by calls with IAM enforced."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from imdb_assets.aws.deploy import deployment
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import deployed, emulators, policies
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import REGION, Emulator
from imdb_assets_tests.aws.policies import Request

ACCOUNT = "000000000000"
BUCKETS = f"arn:aws:s3:::imdb-assets-{ACCOUNT}-{REGION}"
RAW, PROCESSED, FEATURES, RESULTS, ARTIFACTS = (
    f"{BUCKETS}-{use}" for use in ("raw", "processed", "features", "results", "artifacts")
)
FILE = f"{PROCESSED}/tables/silver/movies/data/1a2b/decade=1990/part-0.parquet"
METADATA = f"{PROCESSED}/tables/silver/movies/metadata/v3.json"
SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
PASS = "iam:PassedToService"
JOB, HOST, TRAIN, SERVE, REAPER = "glue-job", "orchestrator", "training", "endpoint", "endpoint-reaper"
START, STARTER, TRIGGER = "task-start", "task-starter", "trigger"
INSTANCE = "instance"
"""What the orchestrator's role has besides on a running host."""
ALL = {JOB, HOST, TRAIN, SERVE, REAPER, START, STARTER, TRIGGER}


def _role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/imdb-assets-{name}"


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


MAY: list[tuple[Request, set[str]]] = [
    # dumps
    (Request("s3:PutObject", f"{RAW}/landing/title.ratings/a.tsv.gz"), {HOST}),
    (Request("s3:GetObject", f"{RAW}/landing/title.ratings/a.tsv.gz"), {HOST}),
    # tables: the job stages files, the orchestrator commits
    (Request("s3:GetObject", FILE), {JOB, HOST}),
    (Request("s3:PutObject", FILE), {JOB, HOST}),
    (Request("s3:DeleteObject", FILE), {JOB, HOST}),
    (Request("s3:PutObject", METADATA), {HOST}),
    (Request("s3:DeleteObject", METADATA), {HOST}),
    (Request("s3:ListBucket", PROCESSED), {JOB, HOST}),
    (Request("s3:ListBucketMultipartUploads", PROCESSED), {JOB, HOST}),
    (Request("s3:ListMultipartUploadParts", FILE), {JOB, HOST}),
    (Request("s3:ListMultipartUploadParts", METADATA), {HOST}),
    (Request("glue:UpdateTable", _arn("glue", "table/imdb_assets_silver/movies")), {HOST}),
    (Request("glue:UpdateTable", _arn("glue", "table/silver/movies")), set()),
    (Request("glue:DeleteDatabase", _arn("glue", "database/imdb_assets_silver")), set()),
    # jobs, queries
    (Request("glue:StartJobRun", _arn("glue", "job/imdb-assets-transform")), {HOST}),
    (Request("glue:StartJobRun", _arn("glue", "job/another")), set()),
    (Request("glue:UpdateJob", _arn("glue", "job/imdb-assets-transform")), set()),
    (Request("athena:StartQueryExecution", _arn("athena", "workgroup/imdb-assets")), {HOST}),
    (Request("athena:StartQueryExecution", _arn("athena", "workgroup/primary")), set()),
    (Request("glue:GetDatabase", _arn("glue", "database/default")), {HOST}),
    (Request("glue:CreateTable", _arn("glue", "table/imdb_assets_warehouse/decade_summary")), {HOST}),
    (Request("s3:PutObject", f"{RESULTS}/athena/a.csv"), {HOST}),
    # code: runs cannot change what the next run executes
    (Request("s3:GetObject", f"{ARTIFACTS}/code/1a2b/job.py"), {JOB, HOST, TRAIN}),
    (Request("s3:PutObject", f"{ARTIFACTS}/code/1a2b/job.py"), set()),
    (Request("s3:PutObject", f"{ARTIFACTS}/pipes/1"), {JOB, HOST}),
    # models
    (Request("sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/imdb-assets-1a2b"), {HOST}),
    (Request("sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/another"), set()),
    (Request("s3:GetObject", f"{FEATURES}/training/1a2b/films.parquet"), {HOST, TRAIN}),
    (Request("s3:PutObject", f"{FEATURES}/trained/1a2b/model.tar.gz"), {HOST, TRAIN}),
    (Request("s3:PutObject", f"{FEATURES}/served/1a2b/model.tar.gz"), {HOST}),
    (Request("s3:GetObject", f"{FEATURES}/served/1a2b/model.tar.gz"), {HOST, SERVE}),
    (Request("s3:PutObject", f"{FEATURES}/capture/a.jsonl"), {HOST, SERVE}),
    (Request("sagemaker:ListTags", f"{SAGEMAKER}:endpoint/imdb-assets-candidate"), {HOST}),
    (Request("sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/imdb-assets-rating"), {HOST}),
    (Request("sagemaker:DeleteEndpoint", f"{SAGEMAKER}:endpoint/imdb-assets-rating"), {HOST, REAPER}),
    (Request("sagemaker:DeleteEndpoint", f"{SAGEMAKER}:endpoint/another"), set()),
    (Request("scheduler:CreateSchedule", _arn("scheduler", "schedule/imdb-assets/end-of-imdb-assets-rating")), {HOST}),
    (Request("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:492215442770:repository/sagemaker-xgboost"), {TRAIN, SERVE}),
    (Request("ecr:BatchGetImage", _arn("ecr", "repository/imdb-assets")), {START}),
    # what may be handed on, and to whom
    (Request("iam:PassRole", _role(TRAIN), {PASS: "sagemaker.amazonaws.com"}), {HOST}),
    (Request("iam:PassRole", _role(SERVE), {PASS: "sagemaker.amazonaws.com"}), {HOST}),
    (Request("iam:PassRole", _role(SERVE), {PASS: "ec2.amazonaws.com"}), set()),
    (Request("iam:PassRole", _role(HOST), {PASS: "sagemaker.amazonaws.com"}), set()),
    (Request("iam:PassRole", _role(REAPER), {PASS: "scheduler.amazonaws.com"}), {HOST}),
    (Request("iam:PassRole", _role(HOST), {PASS: "ecs-tasks.amazonaws.com"}), {STARTER}),
    (Request("iam:PassRole", _role(HOST), {PASS: "lambda.amazonaws.com"}), set()),
    # metrics, alerts, logs
    (Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "imdb-assets"}), {HOST}),
    (Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/EC2"}), set()),
    (Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}), {SERVE}),
    (Request("cloudwatch:DescribeAlarms", _arn("cloudwatch", "alarm:imdb-assets-endpoint-errors")), {HOST}),
    (Request("cloudwatch:DeleteAlarms", _arn("cloudwatch", "alarm:imdb-assets-heartbeat")), set()),
    (Request("cloudwatch:PutMetricAlarm", _arn("cloudwatch", "alarm:imdb-assets-heartbeat")), set()),
    (Request("cloudtrail:LookupEvents", "*"), {HOST}),
    (Request("sns:Publish", _arn("sns", "imdb-assets-alerts")), {HOST}),
    (Request("sns:Publish", _arn("sns", "another")), set()),
    (Request("logs:PutLogEvents", _arn("logs", "log-group:/imdb-assets/glue/output:log-stream:1")), {JOB}),
    (Request("logs:PutLogEvents", _arn("logs", "log-group:/imdb-assets/host:log-stream:run/run/1")), {HOST, START}),
    # the daily run
    *(
        (Request("ecs:RunTask", _arn("ecs", task), {"ecs:cluster": _arn("ecs", "cluster/imdb-assets")}), {STARTER})
        for task in ("task-definition/imdb-assets", "task-definition/imdb-assets:3")  # the rule names no revision
    ),
    (
        Request("ecs:RunTask", _arn("ecs", "task-definition/imdb-assets:3"), {"ecs:cluster": _arn("ecs", "cluster/b")}),
        set(),
    ),
    (Request("secretsmanager:GetSecretValue", _arn("secretsmanager", "secret:imdb-assets-token-a1B2c3")), {TRIGGER}),
    (Request("sqs:SendMessage", _arn("sqs", "imdb-assets-undelivered")), {TRIGGER}),
    (Request("sqs:SendMessage", _arn("sqs", "imdb-assets-endpoint-not-ended")), {REAPER}),
    # what nobody may
    *(
        (Request(action, "*"), set[str]())
        for action in (
            "iam:CreateRole",
            "iam:PutRolePolicy",
            "s3:DeleteBucket",
            "s3:PutBucketPolicy",
            "s3:DeleteObjectVersion",
            "cloudformation:DeleteStack",
            "sts:AssumeRole",
            "kms:Decrypt",
        )
    ),
]


@pytest.fixture(scope="module")
def granted(aws: Emulator) -> dict[str, list[Any]]:
    """Role → policies, as CloudFormation made them for both kinds of host."""
    found: dict[str, list[Any]] = {}
    for host in ("task", "instance"):
        settings = Settings(host=host)
        place = deployment.place_of(settings)
        deployed.deploy(aws, settings, place)
        found |= policies.of_roles(aws, place.prefix)
    # the orchestrator's own policies apart from what an instance needs besides
    besides = [one for one in found[HOST] if "SessionManager" in json.dumps(one)]
    found[HOST] = [one for one in found[HOST] if one not in besides]
    return {**found, INSTANCE: besides}


def test_a_role_may_do_its_job_and_not_the_others(granted: dict[str, list[Any]]) -> None:
    assert granted.keys() == ALL | {INSTANCE}
    requests = [request for request, _ in MAY]
    found = policies.allowed({role: granted[role] for role in ALL}, requests)
    wrong = [
        f"{request.action} on {request.resource} {request.context or ''}: {sorted(roles)} may, not {sorted(wanted)}"
        for (request, wanted), roles in zip(MAY, found, strict=True)
        if roles != wanted
    ]
    assert wrong == []


def test_an_instance_may_attach_volumes_of_its_deployment_and_pull_its_image_besides(
    granted: dict[str, list[Any]],
) -> None:
    tag = "aws:ResourceTag/imdb-assets:deployment"
    asked = [
        (Request("ec2:AttachVolume", _arn("ec2", "volume/vol-1"), {tag: "imdb-assets"}), True),
        (Request("ec2:AttachVolume", _arn("ec2", "instance/i-1"), {tag: "imdb-assets"}), True),
        (Request("ec2:AttachVolume", _arn("ec2", "volume/vol-2"), {tag: "another"}), False),
        (Request("ec2:AttachVolume", _arn("ec2", "volume/vol-2")), False),
        (Request("ec2:DetachVolume", _arn("ec2", "volume/vol-1"), {tag: "imdb-assets"}), False),
        (Request("ecr:BatchGetImage", _arn("ecr", "repository/imdb-assets")), True),
        (Request("ecr:BatchGetImage", _arn("ecr", "repository/another")), False),
        (Request("ecr:PutImage", _arn("ecr", "repository/imdb-assets")), False),
    ]
    found = policies.allowed({INSTANCE: granted[INSTANCE]}, [request for request, _ in asked])
    assert [roles == {INSTANCE} for roles in found] == [may for _, may in asked]


def test_the_orchestrator_may_use_every_database_of_the_contracts(granted: dict[str, list[Any]]) -> None:
    schemas = sorted({name.partition(".")[0] for name in CONTRACTS})
    asked = [
        Request(action, _arn("glue", resource))
        for schema in schemas
        for action, resource in (
            ("glue:CreateDatabase", f"database/imdb_assets_{schema}"),
            ("glue:UpdateTable", f"table/imdb_assets_{schema}/anything"),
        )
    ]
    assert policies.allowed({role: granted[role] for role in ALL}, asked) == [{HOST}] * len(asked)


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A deployment in a ministack that enforces IAM and the buckets' own policies."""
    if reason := emulators.missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("enforced")
    with (
        emulators.ministack(folder, AUTH="true") as emulator,
        led_to(emulator.environment),
        pytest.MonkeyPatch.context() as patch,
    ):
        # TLS ends before the emulator, as behind a proxy: bucket policies ask for it
        patch.setattr(boto3.Session, "client", _over_tls(boto3.Session.client))
        settings = Settings(host="task")
        deployed.deploy(emulator, settings, deployment.place_of(settings))
        yield emulator


def _over_tls(make: Any) -> Any:
    def client(*args: Any, **arguments: Any) -> Any:
        made = make(*args, **arguments)
        made.meta.events.register("before-send.*.*", _say_https)
        return made

    return client


def _say_https(request: Any, **_: Any) -> None:
    request.headers["X-Forwarded-Proto"] = "https"


def _as(role: str, service: str, emulator: Emulator) -> Any:
    """A client with the role's credentials; the test takes the service's place in its trust policy."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    name = f"imdb-assets-{role}"
    emulator.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    given = emulator.client("sts").assume_role(RoleArn=_role(role), RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def _code(call: Any, **request: Any) -> str:
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"


def test_calls_with_iam_enforced(enforced: Emulator) -> None:
    name = f"imdb-assets-{ACCOUNT}-{REGION}"
    job, host, train = (_as(role, "s3", enforced) for role in (JOB, HOST, TRAIN))
    staged = {"Bucket": f"{name}-processed", "Key": "tables/silver/movies/data/1/part-0.parquet", "Body": b"rows"}
    committed = {**staged, "Key": "tables/silver/movies/metadata/v1.json"}
    films = {**staged, "Bucket": f"{name}-features", "Key": "training/1/films.parquet"}
    found = {
        "job stages": _code(job.put_object, **staged),
        "job commits": _code(job.put_object, **committed),
        "job reads dumps": _code(job.get_object, Bucket=f"{name}-raw", Key="landing/a"),
        "host commits": _code(host.put_object, **committed),
        "host gives films": _code(host.put_object, **films),
        "training reads films": _code(train.get_object, Bucket=films["Bucket"], Key=films["Key"]),
        "training reads tables": _code(train.get_object, Bucket=staged["Bucket"], Key=staged["Key"]),
        "host starts the job": _code(_as(HOST, "glue", enforced).start_job_run, JobName="imdb-assets-transform"),
        "job starts itself": _code(_as(JOB, "glue", enforced).start_job_run, JobName="imdb-assets-transform"),
        "host makes a role": _code(_as(HOST, "iam", enforced).create_role, RoleName="x", AssumeRolePolicyDocument="{}"),
    }
    assert found == {
        "job stages": "allowed",
        "job commits": "AccessDenied",
        "job reads dumps": "AccessDenied",
        "host commits": "allowed",
        "host gives films": "allowed",
        "training reads films": "allowed",
        "training reads tables": "AccessDenied",
        "host starts the job": "allowed",
        "job starts itself": "AccessDeniedException",
        "host makes a role": "AccessDenied",
    }


def test_the_task_that_the_rule_names_can_be_started(enforced: Emulator) -> None:
    """The emulator's rules start no tasks, and it knows no `ecs:cluster`: what the rule would ask for is asked here."""
    (target,) = enforced.client("events").list_targets_by_rule(Rule="imdb-assets-daily")["Targets"]
    (host,) = enforced.client("cloudformation").describe_stacks(StackName="imdb-assets-host")["Stacks"]
    made = {one["OutputKey"]: one["OutputValue"] for one in host["Outputs"]}
    network = {"subnets": [made["Subnet"]], "securityGroups": [made["HostAccess"]], "assignPublicIp": "ENABLED"}
    started = enforced.client("ecs").run_task(
        cluster=target["Arn"],
        taskDefinition=target["EcsParameters"]["TaskDefinitionArn"],
        launchType=target["EcsParameters"]["LaunchType"],
        networkConfiguration={"awsvpcConfiguration": network},
    )
    (task,) = started["tasks"]
    assert task["taskDefinitionArn"].rpartition("/")[2] == "imdb-assets:1"
    assert [one["name"] for one in task["containers"]] == ["run"]
    assert target["RoleArn"] == _role(STARTER), "who may ask, is above"


def test_nothing_is_read_without_tls(enforced: Emulator) -> None:
    role = _as(HOST, "s3", enforced)
    key = {"Bucket": f"imdb-assets-{ACCOUNT}-{REGION}-processed", "Key": "tables/silver/movies/metadata/v2.json"}
    assert _code(role.put_object, **key, Body=b"{}") == "allowed"
    role.meta.events.unregister("before-send.*.*", _say_https)
    assert _code(role.get_object, **key) == "AccessDenied"
