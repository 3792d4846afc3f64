"""What a deployment keeps, and where: the only place that knows whether it is a folder or S3."""

from imdb_assets.aws.buckets import BucketHome, Buckets
from imdb_assets.aws.s3_landing import S3Landing
from imdb_assets.aws.s3_models import S3ModelStore
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.settings import Settings


def lake_of(settings: Settings) -> Lake:
    """The lake that the settings name."""
    return Lake(settings.lake_folder if settings.lake == "folder" else BucketHome(Buckets(settings.aws_prefix)))


def landing_of(settings: Settings) -> Landing:
    """The landing zone that the settings name."""
    if settings.lake == "folder":
        return Landing(settings.landing_folder)
    return S3Landing(settings.landing_folder, Buckets(settings.aws_prefix))


def models_of(settings: Settings) -> ModelStore:
    """The model store that the settings name."""
    if settings.lake == "folder":
        return ModelStore(settings.models_folder)
    return S3ModelStore(settings.models_folder, Buckets(settings.aws_prefix))
