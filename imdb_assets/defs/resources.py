"""Dagster resources: the settings, and what is made from the settings (lake, engines, source, stores).

Only the resource `settings` has configuration. The UI shows the values of `settings`, and values given in the launchpad
apply to all resources of the launched run.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import dagster as dg
from pydantic import SecretStr

from imdb_assets.defs.ops.run_log import S3_REQUESTS, RunLog
from imdb_assets.lake.handles import Handles
from imdb_assets.settings import Settings, load_settings
from imdb_assets.sources.progress import no_watch
from imdb_assets.wiring import engines_of, lake_of, landing_of, models_of, requests_of, source_of

_ASK_S3 = ("settings", "lake", "landing", "models", "handles")


def resources_of(settings: Settings) -> dict[str, Any]:
    """Every resource by its key."""
    made = {
        "settings": _configurable(settings),
        "lake": _made(lake_of),
        "landing": _made(landing_of),
        "models": _made(models_of),
        "source": _made(source_of),
        "engines": _made(engines_of),
        "watch_downloads": no_watch,
        "run_log": dg.ResourceDefinition(_run_log),
        "handles": dg.ResourceDefinition(  # made once per run
            lambda context: Handles(context.resources.lake),
            required_resource_keys={"lake"},
            description="The lake as this run sees it: every table at one snapshot.",
        ),
    }
    requests = requests_of(settings)
    return made if requests is None else {**made, **_counted({name: made[name] for name in _ASK_S3}, requests)}


def _configurable(settings: Settings) -> dg.ResourceDefinition:
    """The settings as configuration, without secrets."""
    fields = Settings.model_fields
    secret = {name for name, field in fields.items() if not field.repr or SecretStr in get_args(field.annotation)}
    shown = settings.model_dump(mode="json", exclude=secret)
    schema = {
        name: dg.Field(
            dg.Noneable(str) if value is None else type(value),
            default_value=value,
            description=fields[name].description,
        )
        for name, value in shown.items()
    }

    def configured(context: dg.InitResourceContext) -> Settings:
        given = {name: value for name, value in context.resource_config.items() if value != shown[name]}
        return Settings(**{**settings.model_dump(), **given}) if given else settings

    return dg.ResourceDefinition(configured, schema, "The deployment, as IMDB_* variables and .env describe it.")


def _made(make: Callable[[Settings], object]) -> dg.ResourceDefinition:
    return dg.ResourceDefinition(
        lambda context: make(context.resources.settings),
        required_resource_keys={"settings"},
        description=make.__doc__,
    )


def _counted(made: Mapping[str, dg.ResourceDefinition], requests: Callable[[], Counter[str]]) -> dict[str, object]:
    """Wraps resources so that each run, even a failed one, gets a tag with the number of its S3 requests."""

    def count(context: dg.InitResourceContext) -> Iterator[None]:
        before = requests()
        try:
            yield
        finally:
            if context.run and context.instance:  # if there is no run, a schedule or a sensor uses the resource
                sent = json.dumps(requests() - before)
                context.instance.add_run_tags(context.run.run_id, {S3_REQUESTS: sent})

    wrapped = {
        name: dg.ResourceDefinition(
            one.resource_fn,
            one.config_schema,
            one.description,
            required_resource_keys={"s3_requests", *one.required_resource_keys},
        )
        for name, one in made.items()
    }
    return {"s3_requests": dg.ResourceDefinition(count), **wrapped}


def _run_log(context: dg.InitResourceContext) -> RunLog:
    """A cache of the event log, made once per run."""
    assert context.instance is not None  # a run always has an instance
    return RunLog(context.instance)


@dg.definitions
def resources() -> dg.Definitions:
    """Dagster's resources, and an executor that runs all steps of a run in this process.

    A step already uses several cores, so a process for each step would gain nothing and take seconds to start.
    """
    return dg.Definitions(resources=resources_of(load_settings()), executor=dg.in_process_executor)
