"""Finds and removes the resources that runs create outside the stacks: endpoints, models, tables, task definitions."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from imdb_assets.aws.client import aws_errors, client, database_name
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.contracts.registry import SCHEMAS
from imdb_assets.lake.errors import LakeError

Progress = Callable[[str], None]
CHANGING = ("Creating", "Updating", "RollingBack", "SystemUpdating")
"""States in which SageMaker refuses to remove an endpoint."""
POLL_SECONDS = 10.0
CHANGE_SECONDS = 3600
"""Longest wait for an endpoint that is being changed; an update may take 40 minutes."""
BATCH = 10
"""Largest number of task definitions in one request."""


@contextmanager
def noting(what: str, left: list[str]) -> Iterator[None]:
    """Notes AWS's error instead of raising it, so that everything else is still removed.

    Args:
        what: Name of the thing that is being removed.
        left: List to which the error is added.
    """
    try:
        with aws_errors(what, DeployError):
            yield
    except (DeployError, LakeError) as error:
        left.append(str(error))


def end_serving(place: Place, progress: Progress, left: list[str]) -> None:
    """Removes endpoints (first, because they cost money), configurations, models, training jobs and model packages.

    A resource is removed only if it has the deployment's tag. The name alone proves nothing: a resource whose name
    begins with `imdb-` may belong to a deployment called `imdb-two`.

    Args:
        place: Prefix, account and region of the deployment.
        progress: Callback that gets a message about each thing that is removed.
        left: List that gets an error for each thing that cannot be removed.
    """
    sagemaker, wanted = client("sagemaker"), {"NameContains": f"{place.prefix}-"}
    kinds = [  # each row: operation that lists, key of the list in its answer, kind of resource, operation that removes
        ("list_endpoints", "Endpoints", "Endpoint", "delete_endpoint"),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfig", "delete_endpoint_config"),
        ("list_models", "Models", "Model", "delete_model"),
    ]
    for listing, answer, kind, removal in kinds:
        with noting(f"listing SageMaker's {answer}", left):
            for name in list(_own(sagemaker, place, kind, _listed(sagemaker, listing, answer, **wanted))):
                with noting(f"{kind} {name} is not removed", left):
                    if kind == "Endpoint":
                        settle(sagemaker, name, progress)
                    getattr(sagemaker, removal)(**{f"{kind}Name": name})
                    progress(f"{name}: removed")
    with noting("stopping training jobs", left):
        jobs = _listed(sagemaker, "list_training_jobs", "TrainingJobSummaries", **wanted, StatusEquals="InProgress")
        for name in _own(sagemaker, place, "TrainingJob", jobs):
            sagemaker.stop_training_job(TrainingJobName=name)
            progress(f"{name}: stopped")
    with noting(f"removing the model registry {place.prefix}", left):
        groups = _listed(sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList")
        if place.prefix in [group["ModelPackageGroupName"] for group in groups]:
            packages = _listed(
                sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=place.prefix
            )
            for package in packages:
                sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
            sagemaker.delete_model_package_group(ModelPackageGroupName=place.prefix)
            progress(f"model registry {place.prefix}: removed with {len(packages)} packages")


def settle(sagemaker: Any, name: str, progress: Progress) -> None:
    """Waits until an endpoint can be removed.

    Raises:
        DeployError: The endpoint is still changing after an hour.
    """
    deadline, told = time.monotonic() + CHANGE_SECONDS, False
    while (status := sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]) in CHANGING:
        if time.monotonic() > deadline:
            raise DeployError(
                f"endpoint {name} has been {status} for an hour, and is billed. Remove the endpoint in SageMaker's "
                "console."
            )
        if not told:
            progress(f"{name} is {status}, and cannot be removed in this state; waiting")
            told = True
        time.sleep(POLL_SECONDS)


def drop_task_definitions(place: Place, progress: Progress) -> None:
    """Removes the definitions of the ephemeral task, because CloudFormation only makes them inactive."""
    ecs = client("ecs")
    pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix=place.prefix, status="INACTIVE")
    found = [arn for page in pages for arn in page["taskDefinitionArns"]]
    for start in range(0, len(found), BATCH):
        ecs.delete_task_definitions(taskDefinitions=found[start : start + BATCH])
    if found:
        progress(f"{len(found)} task definitions removed")


def databases(place: Place) -> dict[str, bool]:
    """Maps each existing Glue database with one of our names to whether its files are in this deployment's buckets."""
    glue, found = client("glue"), dict[str, bool]()
    for name in [database_name(place.prefix, schema) for schema in sorted(SCHEMAS)]:
        try:
            location = glue.get_database(Name=name)["Database"].get("LocationUri", "")
        except glue.exceptions.EntityNotFoundException:
            continue
        found[name] = location.startswith(_ours(place))
    return found


def drop_databases(place: Place, progress: Progress) -> None:
    """Removes this deployment's Glue databases; if others also have tables in a database, removes only our tables."""
    glue, bucket = client("glue"), _ours(place)
    for name, ours in databases(place).items():
        if not ours:
            progress(f"Glue database {name}: kept, because it is not this deployment's")
            continue
        tables = _listed(glue, "get_tables", "TableList", DatabaseName=name)
        others = [table["Name"] for table in tables if not _location(table, bucket).startswith(bucket)]
        if not others:
            glue.delete_database(Name=name)
            progress(f"Glue database {name}: removed")
            continue
        for table in tables:
            if table["Name"] not in others:
                glue.delete_table(DatabaseName=name, Name=table["Name"])
        progress(f"Glue database {name}: kept, because it also has tables of others: {', '.join(sorted(others))}")


def _ours(place: Place) -> str:
    """The addresses of all files of this deployment begin with this text."""
    return f"s3://{place.bucket('')}"


def _location(table: dict[str, Any], ours: str) -> str:
    """Address of a table's files. A view counts as this deployment's, because we made every view in our databases."""
    return ours if table.get("TableType") == "VIRTUAL_VIEW" else table.get("StorageDescriptor", {}).get("Location", "")


def _own(sagemaker: Any, place: Place, kind: str, listed: list[dict[str, Any]]) -> Iterator[str]:
    """Names of the listed resources that have the deployment's tag."""
    for one in listed:
        tags = sagemaker.list_tags(ResourceArn=one[f"{kind}Arn"])["Tags"]
        if all(tag in tags for tag in place.tags):
            yield one[f"{kind}Name"]


def _listed(client: Any, listing: str, answer: str, **request: Any) -> list[dict[str, Any]]:
    return [one for page in client.get_paginator(listing).paginate(**request) for one in page[answer]]
