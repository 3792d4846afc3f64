"""A model version in SageMaker: its files on S3, its entry in the registry, and how an endpoint would run it.

Nothing here bills but the bytes. Endpoints are in `managed`.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imdb_assets.deploy.cloud import client, explained
from imdb_assets.deploy.stacks import Place
from imdb_assets.ml import artifact
from imdb_assets.serving import formats, shipped

XGBOOST = "3.2-0"
"""Of the managed image: the release that trained the model."""
INSTANCE = "ml.m5.large"
"""2 vCPU, 8 GiB: a full catalogue's records are read from the disk, a request takes tens of milliseconds."""
VARIANT = "all"
CAPTURED_PERCENT = 10

Progress = Callable[[str], None]


def register(place: Place, version: Path, record: artifact.ModelRecord, progress: Progress, *, approved: bool) -> None:
    """Uploads the version, registers it, and describes it as a model; what is there is left."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import EndpointConfig, Model, ModelPackageGroup

    bucket, key = place.bucket("features"), f"served/{record.version}"
    model, tags = f"{place.prefix}-{record.version}", tags_of(place)
    if there(Model, model_name=model) and there(EndpointConfig, endpoint_config_name=model):
        return
    with explained(f"uploading model {record.version} to {bucket}"), tempfile.TemporaryDirectory() as folder:
        archive, s3 = Path(folder) / "model.tar.gz", client("s3")
        shipped.pack(version, archive)
        with archive.open("rb") as content:
            s3.put_object(Bucket=bucket, Key=f"{key}/model.tar.gz", Body=content)
        s3.put_object(Bucket=bucket, Key=f"{key}/metrics.json", Body=json.dumps(metrics(record)).encode())
        progress(f"model {record.version} uploaded ({archive.stat().st_size / 1e6:.1f} MB)")
    image, url = image_of(place.region), f"s3://{bucket}/{key}/model.tar.gz"
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    with explained(f"registering model {record.version}"):
        if not there(ModelPackageGroup, model_package_group_name=place.prefix):
            ModelPackageGroup.create(
                model_package_group_name=place.prefix, model_package_group_description="Rating models", tags=tags
            )
        # by boto3: in the SDK's release 3.27 a model card's InferenceSpecification hides the registry's, which has
        # environment and content types
        client("sagemaker").create_model_package(
            ModelPackageGroupName=place.prefix,
            ModelPackageDescription=f"Rating model {record.version}",
            ModelApprovalStatus="Approved" if approved else "PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": image, "ModelDataUrl": url, "Environment": environment}],
                "SupportedContentTypes": list(formats.CONTENT_TYPES),
                "SupportedResponseMIMETypes": list(formats.CONTENT_TYPES),
                "SupportedRealtimeInferenceInstanceTypes": [INSTANCE],
            },
            ModelMetrics={
                "ModelQuality": {
                    "Statistics": {"ContentType": "application/json", "S3Uri": f"s3://{bucket}/{key}/metrics.json"}
                }
            },
            CustomerMetadataProperties={"version": record.version, "code": record.code_version},
        )
    with explained(f"describing model {record.version}"):
        if not there(Model, model_name=model):
            Model.create(
                model_name=model,
                primary_container=shapes.ContainerDefinition(image=image, model_data_url=url, environment=environment),
                execution_role_arn=place.role("endpoint"),
                tags=tags,
            )
        EndpointConfig.create(
            endpoint_config_name=model,
            production_variants=[
                shapes.ProductionVariant(
                    variant_name=VARIANT,
                    model_name=model,
                    initial_instance_count=1,
                    instance_type=INSTANCE,
                    initial_variant_weight=1.0,
                    container_startup_health_check_timeout_in_seconds=600,  # it installs its packages first
                )
            ],
            data_capture_config=shapes.DataCaptureConfig(
                enable_capture=True,
                initial_sampling_percentage=CAPTURED_PERCENT,
                destination_s3_uri=f"s3://{bucket}/capture",
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
    """Address of the managed image in a region."""
    from sagemaker.core import image_uris

    return image_uris.retrieve("xgboost", region=region, version=XGBOOST, instance_type=INSTANCE)


def metrics(record: artifact.ModelRecord) -> dict[str, Any]:
    """A version's scores, as SageMaker's registry shows them: regime, split and population → metric → value."""
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
    """The resource of that name; None if there is none."""
    from botocore.exceptions import ClientError

    try:
        return kind.get(**name)
    except ClientError as error:
        words = str(error).lower()
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound") and (
            "could not find" in words or "does not exist" in words or "not found" in words
        ):
            return None
        raise


def tags_of(place: Place) -> list[Any]:
    """Tags of everything that is made here, as the SDK takes them; as dicts, because it has two classes of the name."""
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in place.tags]
