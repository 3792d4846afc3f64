"""Dagster resources, made from the settings: the lake, the engine, the source, the stores."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from imdb_assets.defs.ops.records import S3_REQUESTS, RunLog
from imdb_assets.lake.handles import Handles
from imdb_assets.settings import Settings, load_settings
from imdb_assets.sources.progress import no_watch
from imdb_assets.wiring import engines_of, lake_of, landing_of, models_of, requests_of, source_of

_ASK_S3 = ("settings", "lake", "landing", "models", "handles")


def resources_of(settings: Settings) -> dict[str, object]:
    """Every resource by its key."""
    made = _made(settings)
    requests = requests_of(settings)
    return made if requests is None else {**made, **_counted({name: made[name] for name in _ASK_S3}, requests)}


def _counted(made: Mapping[str, object], requests: Callable[[], Counter[str]]) -> dict[str, object]:
    """The same resources; a run that uses one of them is tagged with its requests to S3, however it ends."""

    def count(context: dg.InitResourceContext) -> Iterator[None]:
        before = requests()
        try:
            yield
        finally:
            if context.run and context.instance:  # otherwise a schedule or a sensor uses the resource
                sent = json.dumps(requests() - before)
                context.instance.add_run_tags(context.run.run_id, {S3_REQUESTS: sent})

    def given(value: object) -> dg.ResourceDefinition:
        made = value.resource_fn if isinstance(value, dg.ResourceDefinition) else lambda _: value
        return dg.ResourceDefinition(made, required_resource_keys={"s3_requests"})

    wrapped: dict[str, Any] = {name: given(value) for name, value in made.items()}
    return {"s3_requests": dg.ResourceDefinition(count), **wrapped}


def _run_log(context: dg.InitResourceContext) -> RunLog:
    """The event log's cache, one per run."""
    assert context.instance is not None  # of a run
    return RunLog(context.instance)


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
        "watch_downloads": no_watch,
        "run_log": dg.ResourceDefinition(_run_log),
        "engines": engines_of(settings),
        "handles": dg.ResourceDefinition(lambda _: Handles(lake)),  # one per run
    }


@dg.definitions
def resources() -> dg.Definitions:
    """Resources and the executor: steps run in this process.

    Each step is parallel in itself, and a process per step would cost seconds of start-up.
    """
    return dg.Definitions(resources=resources_of(load_settings()), executor=dg.in_process_executor)
