"""What a deployment keeps, and where: the only place that knows whether it is a folder or S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imdb_assets.lake.lake import Lake

if TYPE_CHECKING:  # imports are where they are needed: a command that only lists tables need not wait for the rest
    from imdb_assets.lake.landing import Landing
    from imdb_assets.lake.models import ModelStore
    from imdb_assets.settings import Settings


def lake_of(settings: Settings) -> Lake:
    """The lake that the settings name."""
    if settings.lake == "folder":
        return Lake(settings.lake_folder)
    from imdb_assets.aws.buckets import BucketHome, Buckets

    return Lake(BucketHome(Buckets(settings.aws_prefix)))


def landing_of(settings: Settings) -> Landing:
    """The landing zone that the settings name."""
    from imdb_assets.lake.landing import Landing

    if settings.lake == "folder":
        return Landing(settings.landing_folder)
    from imdb_assets.aws.buckets import Buckets
    from imdb_assets.aws.s3_landing import S3Landing

    return S3Landing(settings.landing_folder, Buckets(settings.aws_prefix))


def models_of(settings: Settings) -> ModelStore:
    """The model store that the settings name."""
    from imdb_assets.lake.models import ModelStore

    if settings.lake == "folder":
        return ModelStore(settings.models_folder)
    from imdb_assets.aws.buckets import Buckets
    from imdb_assets.aws.s3_models import S3ModelStore

    return S3ModelStore(settings.models_folder, Buckets(settings.aws_prefix))
