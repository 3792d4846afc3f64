"""What `imdb deploy` says before it changes anything: dry runs, quotas, credentials; and what AWS's errors mean."""

import os
import re
import subprocess
import sys
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from imdb_assets.aws.client import aws_errors
from imdb_assets.aws.deploy import deployment, quotas
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import registry, training_jobs
from imdb_assets.cli.app import app
from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.aws.conftest import forget
from imdb_assets_tests.aws.emulators import Emulator

TOLD_OF_A_HOST = (
    "Glue databases, which the first run makes: imdb_assets_bronze, imdb_assets_gold",
    "Cost per month: $44.98, of which $41.73 is for the host",
    "in us-east-1)",  # the list prices' region
    "Budget: $52 a month (IMDB_BUDGET_USD)",
    "The budget does not stop the host",
    "Quota L-1216C47A, Running On-Demand Standard instances, vCPUs: 4 for the host",
    "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-614B09FD",
)


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
