"""`imdb destroy` on ministack and moto removes all that is ours and nothing else, and names what it leaves."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.deploy import deployment, leftovers
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.cli.app import app
from imdb_assets.settings import Settings
from imdb_assets_tests.aws import deployed
from imdb_assets_tests.aws.deployed import NAME, quiet
from imdb_assets_tests.aws.emulators import Emulator


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
    assert "catalog: Glue database imdb_assets_gold: kept, because it also has tables of others: somebody-elses" in told
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
    words = "Nothing with prefix imdb-assets was found in eu-central-1. A deployment elsewhere may still cost money"
    assert words in " ".join(said.output.split())


def test_destroy_can_keep_the_data(aws: Emulator, place: Place) -> None:
    deployed.deploy(aws, Settings(), place)
    aws.client("s3").put_object(Bucket=f"{NAME}-raw", Key="landing/a", Body=b"dump")
    deployment.destroy(place, quiet, keep_data=True)
    assert aws.client("s3").get_object(Bucket=f"{NAME}-raw", Key="landing/a")["Body"].read() == b"dump"
    assert aws.client("glue").get_jobs()["Jobs"] == []
