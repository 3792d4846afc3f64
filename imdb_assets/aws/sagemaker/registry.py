"""A model version in SageMaker: its files on S3, its entry in the registry, and its endpoint configuration.

Only the files on S3 cost money; the registry and configurations are free. Endpoints are in `endpoint.py`.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imdb_assets.aws import s3
from imdb_assets.aws.client import aws_errors, client, code_of
from imdb_assets.aws.deploy import wheels
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.aws.sagemaker import model_archive
from imdb_assets.lake.errors import LakeError
from imdb_assets.ml import artifact
from imdb_assets.serving import formats
from imdb_assets.serving.errors import EndpointError

XGBOOST = "3.2-0"
"""Release of SageMaker's managed XGBoost image; training jobs and endpoints use the same release."""
INSTANCE = "ml.m5.large"
"""Instances of this type have 8 GiB, and 2 vCPUs with one worker per vCPU. A request takes tens of milliseconds,
although the workers read people's records from disk."""
VARIANT = "all"
CAPTURED_PERCENT = 10

Progress = Callable[[str], None]


def register(place: Place, version: Path, record: artifact.ModelRecord, progress: Progress) -> None:
    """Uploads and registers a version; does nothing if its model and its endpoint configuration exist already."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import EndpointConfig, Model, ModelPackageGroup

    kept = f"s3://{place.bucket('features')}/served/{record.version}"
    model, tags = f"{place.prefix}-{record.version}", tags_of(place)
    with aws_errors(f"looking for model {record.version}", EndpointError):
        if there(Model, model_name=model) and there(EndpointConfig, endpoint_config_name=model):
            return
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "model.tar.gz"
        model_archive.pack(version, archive, wheels.fetched(place, wheels.SAGEMAKER))
        s3.upload(archive, f"{kept}/model.tar.gz")
        s3.write_json(f"{kept}/metrics.json", metrics(record))
        progress(f"model {record.version} uploaded ({archive.stat().st_size / 1e6:.1f} MB)")
    image, url = image_of(place.region), f"{kept}/model.tar.gz"
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    with aws_errors(f"registering model {record.version}", EndpointError):
        if not there(ModelPackageGroup, model_package_group_name=place.prefix):
            make(
                ModelPackageGroup,
                model_package_group_name=place.prefix,
                model_package_group_description="Rating models",
                tags=tags,
            )
        # We use boto3 instead of SageMaker's SDK 3.27: the class InferenceSpecification that the SDK exports is meant
        # for model cards, and lacks environment and content types.
        client("sagemaker").create_model_package(
            ModelPackageGroupName=place.prefix,
            ModelPackageDescription=f"Rating model {record.version}",
            ModelApprovalStatus="Approved",
            InferenceSpecification={
                "Containers": [{"Image": image, "ModelDataUrl": url, "Environment": environment}],
                "SupportedContentTypes": list(formats.CONTENT_TYPES),
                "SupportedResponseMIMETypes": list(formats.CONTENT_TYPES),
                "SupportedRealtimeInferenceInstanceTypes": [INSTANCE],
            },
            ModelMetrics={
                "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": f"{kept}/metrics.json"}}
            },
            CustomerMetadataProperties={"version": record.version, "code": record.code_version},
        )
    with aws_errors(f"describing model {record.version}", EndpointError):
        if not there(Model, model_name=model):
            make(
                Model,
                model_name=model,
                primary_container=shapes.ContainerDefinition(image=image, model_data_url=url, environment=environment),
                execution_role_arn=place.role("endpoint"),
                tags=tags,
            )
        make(
            EndpointConfig,
            endpoint_config_name=model,
            production_variants=[
                shapes.ProductionVariant(
                    variant_name=VARIANT,
                    model_name=model,
                    initial_instance_count=1,
                    instance_type=INSTANCE,
                    initial_variant_weight=1.0,
                    container_startup_health_check_timeout_in_seconds=600,  # the container installs its packages first
                )
            ],
            data_capture_config=shapes.DataCaptureConfig(
                enable_capture=True,
                initial_sampling_percentage=CAPTURED_PERCENT,
                destination_s3_uri=f"s3://{place.bucket('features')}/capture",
                capture_options=[
                    shapes.CaptureOption(capture_mode="Input"),
                    shapes.CaptureOption(capture_mode="Output"),
                ],
                capture_content_type_header=shapes.CaptureContentTypeHeader(
                    csv_content_types=[formats.CSV], json_content_types=[formats.JSON, formats.JSON_LINES]
                ),
            ),
            tags=tags,
        )
        progress(f"model {record.version} registered in {place.prefix}")


def image_of(region: str) -> str:
    """Address of the managed image in a region.

    Raises:
        LakeError: SageMaker's SDK knows no image for that region.
    """
    from sagemaker.core import image_uris

    try:
        return image_uris.retrieve("xgboost", region=region, version=XGBOOST, instance_type=INSTANCE)
    except ValueError as error:  # raised for anything that the SDK cannot find
        raise LakeError(
            f"SageMaker's SDK knows no image of XGBoost {XGBOOST} in {region} ({str(error).partition('. ')[0]}). "
            "Set AWS_REGION to a region that has SageMaker, such as eu-central-1, and deploy there; or train and serve "
            "on this machine (IMDB_TRAINING=here, `imdb serve`)."
        ) from error


def metrics(record: artifact.ModelRecord) -> dict[str, Any]:
    """A version's scores for SageMaker's registry; the name of a score gives regime, split, population and metric."""
    return {
        "regression_metrics": {
            f"{regime}, {row['split']}, {row['population']}: {name}": {"value": value}
            for regime, part in record.regimes.items()
            for row in part.metrics
            for name, value in row.items()
            if isinstance(value, float)
        }
    }


def there(kind: Any, **name: str) -> Any:
    """The resource with that name; None if there is no such resource."""
    from botocore.exceptions import ClientError

    try:
        return kind.get(**name)
    except ClientError as error:
        if is_absent(error):
            return None
        raise


def make(kind: Any, **request: Any) -> None:
    """Creates a resource unless a resource with the same name exists; equal names mean equal content.

    The SDK repeats a request whose answer is lost; AWS's refusal of the repeated request is no error.
    """
    from botocore.exceptions import ClientError

    try:
        kind.create(**request)
    except ClientError as error:
        if not _says(error, "already exist"):
            raise


def is_absent(error: Exception) -> bool:
    """Whether SageMaker's message says that a resource is missing; SageMaker has no error code for this case."""
    return _says(error, "could not find", "does not exist", "not found")


def _says(error: Exception, *words: str) -> bool:
    refused = code_of(error) in ("ValidationException", "ResourceNotFound", "ResourceInUse", "ConflictException")
    return refused and any(word in str(error).lower() for word in words)


def tags_of(place: Place) -> list[Any]:
    """Tags of all resources that this package makes, as dicts, because the SDK has two classes called Tag."""
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in place.tags]
