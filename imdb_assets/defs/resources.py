"""What assets are given to work with, made from the settings: the lake, the engine, the source, the stores."""

import dagster as dg

from imdb_assets.engines.base import Engines
from imdb_assets.lake.io_managers import DumpIOManager, ModelIOManager, TableIOManager
from imdb_assets.lake.stores import lake_of, landing_of, models_of
from imdb_assets.settings import Settings, load_settings
from imdb_assets.sources.base import Source


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
            from imdb_assets.engines.glue import GlueEngine

            return Engines(PolarsEngine(), dict.fromkeys(settings.glue_tables.split(","), GlueEngine(settings)))


def resources_of(settings: Settings) -> dict[str, object]:
    """Every resource and IO manager by the name assets ask for."""
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
        "tables": TableIOManager(lake),
        "dumps": DumpIOManager(landing),
        "model_versions": ModelIOManager(models),
    }


@dg.definitions
def resources() -> dg.Definitions:
    """Steps run in this process: each is parallel inside, and a process per step would cost seconds of start-up."""
    return dg.Definitions(resources=resources_of(load_settings()), executor=dg.in_process_executor)
