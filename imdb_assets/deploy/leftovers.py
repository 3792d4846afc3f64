"""What runs make outside of the stacks, and `imdb destroy` must find: the endpoint and its models, tables in Glue."""

from collections.abc import Callable
from typing import Any

from imdb_assets.deploy.errors import DeployError
from imdb_assets.deploy.stacks import Place
from imdb_assets.lake.aws import aws_errors, client

Progress = Callable[[str], None]


def end_serving(place: Place, progress: Progress) -> None:
    """Removes endpoints first, since they bill, then their configurations, models, packages and schedules."""
    sagemaker, prefix = client("sagemaker"), f"{place.prefix}-"
    kinds = [  # operation that lists, its answer's key, the name's key, operation that removes
        ("list_endpoints", "Endpoints", "EndpointName", "delete_endpoint"),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", "delete_endpoint_config"),
        ("list_models", "Models", "ModelName", "delete_model"),
    ]
    for listing, answer, key, removal in kinds:
        with aws_errors(f"removing SageMaker's {answer}", DeployError):
            for name in _names(sagemaker, listing, answer, key, NameContains=prefix):
                if name.startswith(prefix):
                    getattr(sagemaker, removal)(**{key: name})
                    progress(f"{name}: removed")
    with aws_errors("stopping training jobs", DeployError):
        listed = {"NameContains": prefix, "StatusEquals": "InProgress"}
        for name in _names(sagemaker, "list_training_jobs", "TrainingJobSummaries", "TrainingJobName", **listed):
            if name.startswith(prefix):
                sagemaker.stop_training_job(TrainingJobName=name)
                progress(f"{name}: stopped")
    with aws_errors(f"removing the model registry {place.prefix}", DeployError):
        groups = _names(sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName")
        if place.prefix in groups:
            packages = _names(
                sagemaker,
                "list_model_packages",
                "ModelPackageSummaryList",
                "ModelPackageArn",
                ModelPackageGroupName=place.prefix,
            )
            for arn in packages:
                sagemaker.delete_model_package(ModelPackageName=arn)
            sagemaker.delete_model_package_group(ModelPackageGroupName=place.prefix)
            progress(f"model registry {place.prefix}: removed with {len(packages)} packages")


def drop_databases(place: Place, progress: Progress) -> None:
    """Removes the Glue databases whose tables are in this deployment's buckets."""
    glue, bucket = client("glue"), f"s3://{place.bucket('')}"
    with aws_errors("removing tables from Glue's catalog", DeployError):
        for page in glue.get_paginator("get_databases").paginate():
            for database in page["DatabaseList"]:
                if database.get("LocationUri", "").startswith(bucket) or _tables_are_in(glue, database["Name"], bucket):
                    glue.delete_database(Name=database["Name"])
                    progress(f"Glue database {database['Name']}: removed")


def _tables_are_in(glue: Any, database: str, bucket: str) -> bool:
    """Whether a database has tables, and all are in the deployment's buckets; another's are left alone."""
    locations = [
        table.get("StorageDescriptor", {}).get("Location", "")
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database)
        for table in page["TableList"]
    ]
    return bool(locations) and all(location.startswith(bucket) for location in locations)


def _names(client: Any, listing: str, answer: str, key: str, **request: Any) -> list[str]:
    pages = client.get_paginator(listing).paginate(**request)
    return [one[key] for page in pages for one in page[answer]]
