"""Makes what the settings choose: the source, the engines, the lake and other stores, alert channels and the bill.

Except for the CLI, all code uses the AWS package `imdb_assets/aws/` only through this module. `aws/` is imported
only if the settings choose something on AWS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imdb_assets.lake.lake import Lake

if TYPE_CHECKING:  # each function imports only what it needs, so that a command that only lists tables starts quickly
    from collections import Counter
    from collections.abc import Callable

    import polars as pl

    from imdb_assets.aws.athena import Athena
    from imdb_assets.aws.billing.bill import Bill
    from imdb_assets.aws.buckets import Buckets
    from imdb_assets.aws.sagemaker.training_jobs import SageMakerTrainer
    from imdb_assets.engines.base import Engines
    from imdb_assets.lake.landing import Landing
    from imdb_assets.lake.maintenance import Stores
    from imdb_assets.lake.models import ModelStore
    from imdb_assets.monitoring.channels import Channel
    from imdb_assets.settings import Settings
    from imdb_assets.sources.base import Source


def source_of(settings: Settings) -> Source:
    """The source of dumps that the settings choose."""
    match settings.source:
        case "sample":
            from imdb_assets.sources.cached_sample import SampleSource

            return SampleSource(settings.samples_folder, settings.sample_titles, settings.sample_seed)
        case "folder":
            from imdb_assets.sources.folder import FolderSource

            assert settings.source_folder is not None  # the class Settings checks this
            return FolderSource(settings.source_folder)
        case "imdb":
            from imdb_assets.sources.imdb import ImdbSource

            return ImdbSource(settings.dumps_url)


def engines_of(settings: Settings) -> Engines:
    """The engines that the settings choose."""
    from imdb_assets.engines.base import Engines
    from imdb_assets.engines.polars import PolarsEngine

    match settings.engine:
        case "polars":
            return Engines(PolarsEngine())
        case "spark":
            from imdb_assets.engines.spark import SparkEngine

            return Engines(SparkEngine(settings.spark))
        case "glue":
            from imdb_assets.aws.glue import GlueEngine

            glue = GlueEngine(settings, lake_of(settings))
            return Engines(PolarsEngine(), dict.fromkeys(settings.glue_tables.split(","), glue))


def lake_of(settings: Settings) -> Lake:
    """The lake that the settings choose."""
    if settings.lake == "folder":
        return Lake(settings.lake_folder)
    from imdb_assets.aws.buckets import BucketHome

    return Lake(BucketHome(_buckets(settings)))


def landing_of(settings: Settings) -> Landing:
    """The landing zone that the settings choose."""
    from imdb_assets.lake.landing import Landing

    if settings.lake == "folder":
        return Landing(settings.landing_folder)
    from imdb_assets.aws.s3_landing import S3Landing

    return S3Landing(settings.landing_folder, _buckets(settings))


def models_of(settings: Settings) -> ModelStore:
    """The model store that the settings choose."""
    from imdb_assets.lake.models import ModelStore

    if settings.lake == "folder":
        return ModelStore(settings.models_folder)
    from imdb_assets.aws.s3_models import S3ModelStore

    return S3ModelStore(settings.models_folder, _buckets(settings))


def stores_of(settings: Settings) -> Stores:
    """All stores that grow with every run."""
    from imdb_assets.lake.maintenance import Stores

    return Stores(lake_of(settings), landing_of(settings), models_of(settings), settings.samples_folder)


def _buckets(settings: Settings) -> Buckets:
    """Returns the deployment's buckets, and lets this process read and write S3 addresses."""
    from imdb_assets.aws import s3
    from imdb_assets.aws.buckets import Buckets
    from imdb_assets.lake.remote import register

    buckets = Buckets(settings.aws_prefix)
    register(s3.REMOTE, s3)
    return buckets


def requests_of(settings: Settings) -> Callable[[], Counter[str]] | None:
    """Returns a function that counts this process's requests to S3 by kind; None for a lake in a folder."""
    if settings.lake == "folder":
        return None
    from imdb_assets.aws import s3_requests

    return s3_requests.sent


def athena_of(settings: Settings) -> Athena | None:
    """The connection to Athena, which also gets the analytical views; None for a lake in a folder."""
    if settings.lake == "folder":
        return None
    from imdb_assets.aws.athena import Athena

    return Athena(settings)


def trainer_of(settings: Settings) -> SageMakerTrainer | None:
    """The remote trainer of the champions; None if the run's own process trains them."""
    if settings.training == "here":
        return None
    from imdb_assets.aws.sagemaker.training_jobs import SageMakerTrainer

    return SageMakerTrainer(settings, lake_of(settings))


def channels_of(settings: Settings) -> list[Channel]:
    """The alert channels that the settings choose. The list may be empty: every alert is logged in any case."""
    from imdb_assets.monitoring.channels import Email, Webhook

    channels: list[Channel] = []
    if settings.alert_webhook:
        channels.append(Webhook(settings.alert_webhook.get_secret_value()))
    if settings.alert_email and settings.smtp_url:
        recipients = [part.strip() for part in settings.alert_email.split(",")]
        channels.append(Email(settings.smtp_url.get_secret_value(), settings.alert_email_from, recipients))
    if settings.alert_topic:
        from imdb_assets.aws.sns import Topic

        channels.append(Topic(settings.alert_topic))
    return channels


def publisher_of(settings: Settings) -> Callable[[pl.DataFrame], int] | None:
    """Returns a function that publishes the latest metrics and returns their number; None if publishing is off."""
    if settings.cloudwatch_namespace is None:
        return None
    from imdb_assets.aws.cloudwatch import publish

    return partial(publish, settings.cloudwatch_namespace)


def bill_of(settings: Settings) -> Bill | None:
    """The bill, which computes what runs cost on AWS; None if the settings choose nothing on AWS."""
    if not settings.on_aws:
        return None
    from imdb_assets.aws.billing.bill import Bill

    return Bill(settings)
