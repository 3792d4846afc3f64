"""What a deployment keeps, and where: the only place that knows whether it is a folder or S3."""

from collections.abc import Generator
from contextlib import contextmanager

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.settings import Settings


def lake_of(settings: Settings) -> Lake:
    """The lake that the settings name."""
    if settings.lake == "folder":
        return Lake(settings.lake_folder)
    with _installed():
        from imdb_assets.lake.buckets import BucketHome, Buckets
    return Lake(BucketHome(Buckets(settings.aws_prefix)))


def landing_of(settings: Settings) -> Landing:
    """The landing zone that the settings name."""
    if settings.lake == "folder":
        return Landing(settings.landing_folder)
    with _installed():
        from imdb_assets.lake.buckets import Buckets
        from imdb_assets.lake.s3_landing import S3Landing
    return S3Landing(settings.landing_folder, Buckets(settings.aws_prefix))


def models_of(settings: Settings) -> ModelStore:
    """The model store that the settings name."""
    if settings.lake == "folder":
        return ModelStore(settings.models_folder)
    with _installed():
        from imdb_assets.lake.buckets import Buckets
        from imdb_assets.lake.s3_models import S3ModelStore
    return S3ModelStore(settings.models_folder, Buckets(settings.aws_prefix))


@contextmanager
def _installed() -> Generator[None]:
    """Says how to get the optional packages."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise LakeError(
            f"IMDB_LAKE=s3, and {error.name} is not installed: make aws, or keep everything in a folder "
            "(IMDB_LAKE=folder)."
        ) from error
