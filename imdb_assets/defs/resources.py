"""What assets are given to work with, made from the settings: the lake, the engine, the source, the stores."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg

from imdb_assets.aws import s3_requests
from imdb_assets.engines.base import Engines
from imdb_assets.lake.handles import Handles
from imdb_assets.settings import Settings, load_settings
from imdb_assets.sources.base import Source
from imdb_assets.wiring import lake_of, landing_of, models_of


def source_of(settings: Settings) -> Source:
    """The source of dumps that the settings name."""
    match settings.source:
        case "sample":
            from imdb_assets.sources.cached_sample import SampleSource

            return SampleSource(settings.samples_folder, settings.sample_titles, settings.sample_seed)
        case "folder":
            from imdb_assets.sources.folder import FolderSource

            assert settings.source_folder is not None  # the settings' own check
            return FolderSource(settings.source_folder)
        case "imdb":
            from imdb_assets.sources.imdb import ImdbSource

            return ImdbSource(settings.dumps_url)


def engines_of(settings: Settings) -> Engines:
    """The engines that the settings name."""
    from imdb_assets.engines.polars import PolarsEngine

    match settings.engine:
        case "polars":
            return Engines(PolarsEngine())
        case "spark":
            from imdb_assets.engines.spark import SparkEngine

            return Engines(SparkEngine())
        case "glue":
            from imdb_assets.aws.glue import GlueEngine

            return Engines(PolarsEngine(), dict.fromkeys(settings.glue_tables.split(","), GlueEngine(settings)))


S3_REQUESTS = "imdb/s3-requests"
"""Run tag: how many requests to S3 the run's process has made for it, an `s3_requests.Sent` as JSON."""
_ASK_S3 = ("settings", "lake", "landing", "models", "handles")


def resources_of(settings: Settings) -> dict[str, object]:
    """Every resource by the name assets ask for."""
    made = _made(settings)
    return made if settings.lake == "folder" else {**made, **_counted({name: made[name] for name in _ASK_S3})}


def _counted(made: Mapping[str, object]) -> dict[str, object]:
    """The same resources; a run that uses one of them is tagged with what it has asked of S3, however it ends."""

    def count(context: dg.InitResourceContext) -> Iterator[None]:
        before = s3_requests.sent()
        try:
            yield
        finally:
            if context.run and context.instance:  # else a schedule or a sensor asks
                sent = json.dumps(asdict(s3_requests.sent() - before))
                context.instance.add_run_tags(context.run.run_id, {S3_REQUESTS: sent})

    def given(value: object) -> dg.ResourceDefinition:
        made = value.resource_fn if isinstance(value, dg.ResourceDefinition) else lambda _: value
        return dg.ResourceDefinition(made, required_resource_keys={"s3_requests"})

    wrapped: dict[str, Any] = {name: given(value) for name, value in made.items()}
    return {"s3_requests": dg.ResourceDefinition(count), **wrapped}


def _made(settings: Settings) -> dict[str, object]:
    lake = lake_of(settings)
    landing = landing_of(settings)
    models = models_of(settings)
    return {
        "settings": settings,
        "lake": lake,
        "landing": landing,
        "models": models,
        "source": source_of(settings),
        "engines": engines_of(settings),
        "handles": dg.ResourceDefinition(lambda _: Handles(lake)),  # a run's own
    }


@dg.definitions
def resources() -> dg.Definitions:
    """Steps run in this process: each is parallel inside, and a process per step would cost seconds of start-up."""
    return dg.Definitions(resources=resources_of(load_settings()), executor=dg.in_process_executor)
