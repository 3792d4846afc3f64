"""What runs make outside of the stacks, and `imdb destroy` must find: the endpoint and its models, tables in Glue."""

from collections.abc import Callable, Iterator
from typing import Any

from imdb_assets.aws.client import aws_errors, client, database_name
from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.warehouse.views import SCHEMAS

Progress = Callable[[str], None]


def end_serving(place: Place, progress: Progress) -> None:
    """Removes endpoints first, since they bill, then their configurations, models, training jobs and packages.

    What is looked at has the deployment's prefix, what is removed its tag: `imdb` begins the names of `imdb-two`, too.
    """
    sagemaker, wanted = client("sagemaker"), {"NameContains": f"{place.prefix}-"}
    kinds = [  # operation that lists, its answer's key, how the thing is called, operation that removes
        ("list_endpoints", "Endpoints", "Endpoint", "delete_endpoint"),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfig", "delete_endpoint_config"),
        ("list_models", "Models", "Model", "delete_model"),
    ]
    for listing, answer, kind, removal in kinds:
        with aws_errors(f"removing SageMaker's {answer}", DeployError):
            for name in _own(sagemaker, place, kind, _listed(sagemaker, listing, answer, **wanted)):
                getattr(sagemaker, removal)(**{f"{kind}Name": name})
                progress(f"{name}: removed")
    with aws_errors("stopping training jobs", DeployError):
        jobs = _listed(sagemaker, "list_training_jobs", "TrainingJobSummaries", **wanted, StatusEquals="InProgress")
        for name in _own(sagemaker, place, "TrainingJob", jobs):
            sagemaker.stop_training_job(TrainingJobName=name)
            progress(f"{name}: stopped")
    with aws_errors(f"removing the model registry {place.prefix}", DeployError):
        groups = _listed(sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList")
        if place.prefix in [group["ModelPackageGroupName"] for group in groups]:
            packages = _listed(
                sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=place.prefix
            )
            for package in packages:
                sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
            sagemaker.delete_model_package_group(ModelPackageGroupName=place.prefix)
            progress(f"model registry {place.prefix}: removed with {len(packages)} packages")


def drop_databases(place: Place, progress: Progress) -> None:
    """Removes this deployment's Glue databases; one that has somebody else's tables, too, keeps those."""
    glue, bucket = client("glue"), f"s3://{place.bucket('')}"
    with aws_errors("removing tables from Glue's catalog", DeployError):
        for name in [database_name(place.prefix, schema) for schema in sorted(SCHEMAS)]:
            try:
                found = glue.get_database(Name=name)["Database"]
            except glue.exceptions.EntityNotFoundException:
                continue
            if not found.get("LocationUri", "").startswith(bucket):
                progress(f"Glue database {name}: kept, it is not of this deployment")
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
            progress(f"Glue database {name}: kept, for tables of somebody else's: {', '.join(sorted(others))}")


def _location(table: dict[str, Any], ours: str) -> str:
    """Where a table's files are; views have none, and in our databases are ours."""
    return ours if table.get("TableType") == "VIRTUAL_VIEW" else table.get("StorageDescriptor", {}).get("Location", "")


def _own(sagemaker: Any, place: Place, kind: str, listed: list[dict[str, Any]]) -> Iterator[str]:
    """Names of those that have the deployment's tag."""
    for one in listed:
        tags = sagemaker.list_tags(ResourceArn=one[f"{kind}Arn"])["Tags"]
        if all(tag in tags for tag in place.tags):
            yield one[f"{kind}Name"]


def _listed(client: Any, listing: str, answer: str, **request: Any) -> list[dict[str, Any]]:
    return [one for page in client.get_paginator(listing).paginate(**request) for one in page[answer]]
