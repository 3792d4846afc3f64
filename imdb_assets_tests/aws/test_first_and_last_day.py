"""The first and the last day of a deployment in an account that has had none, command by command.

The test leaves the transcript in a file; docs/aws-evidence.md quotes it, shortened. ministack and moto stand in for
AWS;
both days of one account are in the transcript, so the steps are one test.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imdb_assets.aws.client import client
from imdb_assets.aws.deploy import artifacts, cloudformation, deployment, leftovers
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.deploy.wheels import Wheels
from imdb_assets.cli.app import app
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws import deployed, misbehaving
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.faulty import Fault, faults
from imdb_assets_tests.aws.misbehaving import Aws
from imdb_assets_tests.aws.task import run_task

pytestmark = pytest.mark.slow

TRANSCRIPT = Path(os.environ.get("TRANSCRIPT", os.devnull))
"""Where to leave what was said, for who writes the document again."""
SHOWN, QUOTED = PROJECT_ROOT / "docs" / "aws-evidence.md", "```text\n$ imdb deploy --dry-run\n"
CHOSEN = {"IMDB_HOST": "task", "IMDB_ACCEPT_TERMS": "yes", "IMDB_AWS_ALERT_EMAIL": "you@example.org"}
ENDPOINT, MODEL = "imdb-assets-rating", "imdb-assets-1"
"""As `imdb endpoint up` names them."""


class Walk:
    """Runs commands as a user types them, and writes down what they say."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def imdb(self, *words: str, code: int = 0, **variables: str) -> str:
        """A command; what it says."""
        said = CliRunner().invoke(app, [*words], env={**CHOSEN, "COLUMNS": "120", **variables})
        assert said.exit_code == code, said.output
        set_here = " ".join(f"{name}={value}" for name, value in variables.items())
        self.lines += [f"$ {set_here} imdb {' '.join(words)}".replace("$  ", "$ "), *said.output.splitlines()]
        return said.output

    def note(self, line: str) -> None:
        """What happens between commands."""
        self.lines.append(f"# {line}")

    def alarms(self, aws: Emulator, when: str) -> dict[str, str]:
        """Alarm → its state."""
        found = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="imdb-assets-")["MetricAlarms"]
        states = {one["AlarmName"].removeprefix("imdb-assets-"): one["StateValue"] for one in found}
        self.note(f"alarms {when}: {', '.join(f'{name} {state}' for name, state in sorted(states.items()))}")
        return states


@pytest.fixture(scope="module")
def sagemaker(moto: Emulator) -> Iterator[Aws]:
    """moto, with an endpoint in the state that a test says."""
    moto.reset()
    with misbehaving.serving(moto) as server:
        yield server


@pytest.fixture(scope="module")
def account(ministack: Emulator, sagemaker: Aws) -> Iterator[Emulator]:
    """An empty account."""
    ministack.reset()
    with led_to({**ministack.environment, "AWS_ENDPOINT_URL_SAGEMAKER": sagemaker.url}):
        yield ministack


@pytest.fixture
def walk(account: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """What the emulators lack is left out: the budget, AWS's list of machine images, a registry's wheels."""
    monkeypatch.setattr(deployment, "_latest", lambda _: "ami-0123456789abcdef0")
    monkeypatch.setattr(Wheels, "packed", lambda _: deployed.WHEELS)
    monkeypatch.setattr(cloudformation, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(leftovers, "POLL_SECONDS", 0.05)
    client("sns").meta.events.register("after-call.sns.ListSubscriptionsByTopic", _unconfirmed)
    made = Walk()
    yield made
    TRANSCRIPT.write_text("\n".join(made.lines) + "\n", encoding="utf-8")


def _unconfirmed(parsed: dict[str, Any], **_: Any) -> None:
    """ministack confirms an e-mail address by itself; AWS waits until its link has been opened."""
    for one in parsed["Subscriptions"]:
        one["SubscriptionArn"] = "PendingConfirmation"


def test_the_first_and_the_last_day(
    account: Emulator, sagemaker: Aws, walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = deployment.place_of(Settings())
    said = walk.imdb("deploy", "--dry-run")
    assert "9 of 9 stacks would change; nothing was done." in said
    assert account.client("cloudformation").describe_stacks()["Stacks"] == []
    monkeypatch.setattr(deployment, "stacks", deployed.known)
    _deploy(account, place, walk)
    _first_run(account, place, walk, tmp_path)
    walk.imdb("deploy", "--yes", IMDB_AWS_PREFIX="imdb-two")
    _things_of_others(account, sagemaker, place, walk)
    _destroy(sagemaker, place, walk)
    said = walk.imdb("deploy", "--dry-run", IMDB_AWS_PREFIX="imdb-two")
    assert "0 of 8 stacks would change" in said, "another deployment of the account is whole"
    walk.imdb("destroy", "--yes", IMDB_AWS_PREFIX="imdb-two")
    kept = [one["Name"] for one in account.client("glue").get_databases()["DatabaseList"]]
    assert kept == ["imdb_assets_gold"], "it has somebody's table"
    assert account.client("s3").list_buckets()["Buckets"] == []
    said_in_order = iter([line.rstrip() for line in walk.lines])
    assert [line for line in _quoted() if line not in said_in_order] == []


def _quoted() -> list[str]:
    """The document's lines, without those that leave something out."""
    text = SHOWN.read_text(encoding="utf-8").partition(QUOTED)[2].partition("```")[0]
    return [line for line in text.splitlines() if "…" not in line]


def _deploy(account: Emulator, place: Place, walk: Walk) -> None:
    said = walk.imdb("deploy", "--yes")
    assert "8 of 8 stacks changed." in said
    assert "AWS sends no alerts to you@example.org until the link in AWS's e-mail has been opened." in said, said
    assert f"docker push {deployment.repository(place)}:{artifacts.image_tag()}" in said
    walk.note("the image is pushed")
    manifest = {"repositoryName": place.prefix, "imageManifest": "{}", "imageTag": artifacts.image_tag()}
    account.client("ecr").put_image(**manifest)
    said = walk.imdb("deploy", "--yes")
    assert "update " not in said
    assert "0 of 8 stacks changed." in said
    assert "docker push" not in said
    states = walk.alarms(account, "before the first run is due")
    assert "ALARM" not in states.values()


def _first_run(account: Emulator, place: Place, walk: Walk, folder: Path) -> None:
    """What the rule starts at 02:00, with the deployed settings, on a generated sample and without Glue's job."""
    events = account.client("events")
    rule = events.describe_rule(Name=f"{place.prefix}-daily")
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    task = account.client("ecs").describe_task_definition(taskDefinition=place.prefix)["taskDefinition"]
    (container,) = task["containerDefinitions"]
    assert target["EcsParameters"]["TaskDefinitionArn"].endswith(f":task-definition/{place.prefix}")
    walk.note(f"{rule['ScheduleExpression']}: rule {rule['Name']} starts `{' '.join(container['command'])}` in a task")
    (stack,) = account.client("cloudformation").describe_stacks(StackName=place.stack("host"))["Stacks"]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    file = account.client("s3").get_object(Bucket=place.bucket("artifacts"), Key=given["SettingsKey"])
    variables = dict(line.partition("=")[::2] for line in file["Body"].read().decode().splitlines())
    smaller = {"IMDB_SOURCE": "sample", "IMDB_SAMPLE_TITLES": "20000", "IMDB_ENGINE": "polars"}
    region = {name: value for name, value in account.environment.items() if name != "AWS_DEFAULT_REGION"}
    done = run_task(folder / "home", {**region, **variables, **smaller})
    assert done.returncode == 0, [line for line in done.stderr.splitlines() if "ERROR" in line][-20:]
    databases = [one["Name"] for one in account.client("glue").get_databases()["DatabaseList"]]
    walk.note(f"the task ended with {done.returncode}; Glue databases: {', '.join(sorted(databases))}")
    states = walk.alarms(account, "after the first run")
    assert "ALARM" not in states.values()


def _things_of_others(account: Emulator, sagemaker: Aws, place: Place, walk: Walk) -> None:
    """Somebody's table in our database and file in our bucket; an endpoint of ours that is being created."""
    table = {"Name": "sales", "StorageDescriptor": {"Location": "s3://somebody-elses/sales"}}
    account.client("glue").create_table(DatabaseName="imdb_assets_gold", TableInput=table)
    account.client("s3").put_object(Bucket=place.bucket("results"), Key="somebody-elses.csv", Body=b"1")
    walk.note("somebody adds table sales to database imdb_assets_gold, and a file to the bucket of results")
    moto: Any = sagemaker.sagemaker
    moto.create_model(ModelName=MODEL, ExecutionRoleArn=place.role("endpoint"), Tags=place.tags)
    variant = {"VariantName": "all", "ModelName": MODEL, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    moto.create_endpoint_config(EndpointConfigName=MODEL, ProductionVariants=[variant], Tags=place.tags)
    moto.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=MODEL, Tags=place.tags)
    walk.note(f"`imdb endpoint up` is interrupted: {ENDPOINT} is Creating")
    asked: list[str] = []

    def created_after_a_while(_request: dict[str, Any]) -> None:
        asked.append("")
        if len(asked) == 3:
            sagemaker.states[ENDPOINT] = "InService"

    sagemaker.states[ENDPOINT] = "Creating"
    sagemaker.then["DescribeEndpoint"] = created_after_a_while


def _destroy(sagemaker: Aws, place: Place, walk: Walk) -> None:
    walk.note("policies of the account forbid to remove that file and models")
    user, model = f"arn:aws:iam::{place.account}:user/you", place.arn("sagemaker", "1").replace(":imdb", ":model/imdb")
    action = f"not authorized to perform: sagemaker:DeleteModel on resource: {model}"
    refused = f"User: {user} is {action} with an explicit deny in a service control policy"
    sagemaker.faults = [Fault("sagemaker.DeleteModel", "AccessDeniedException", 400, refused)]
    denied = Fault("s3.DeleteObjects", "AccessDenied", 403, "Access Denied", key=place.bucket("results"))
    with faults(denied):
        said = walk.imdb("destroy", "--yes", code=1)
    assert f"{ENDPOINT} is Creating, and cannot be removed in this state; waiting" in said
    assert sagemaker.endpoints() == {}
    listed = re.split(r"These are left\..*\n", said)[1]
    assert f"Model {MODEL} is not removed: access denied" in listed
    assert f"emptying bucket {place.bucket('results')}: access denied" in listed
    assert "Glue database imdb_assets_gold: kept, because it also has tables of others: sales" in said
    walk.note("the policy is gone")
    sagemaker.faults = []
    walk.imdb("destroy", "--yes")
    said = walk.imdb("destroy", "--yes")
    assert {line.partition(" ")[2] for line in said.splitlines()[1:-1]} <= {
        "was not there",
        "Glue database imdb_assets_gold: kept, because it also has tables of others: sales",
    }
