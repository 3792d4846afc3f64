"""When things run: the jobs and their schedules."""

from typing import Any

import dagster as dg

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs.policies import asset_key
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.io_managers import table_name
from imdb_assets.settings import load_settings

_GRAPH = dg.AssetSelection.all() - dg.AssetSelection.key_prefixes("ops")
"""What is made from the dumps; what is recorded of its runs is made after them, by `ops/watch.py`."""

_ITERATIONS = dg.AssetSelection.assets(
    *(asset_key(table) for table in ("models.iterations", "models.audit", "models.champion_scores"))
)

everything = dg.define_asset_job(
    "everything",
    selection=_GRAPH,
    description="Everything, from the dumps to the endpoint's predictions, the score of every iteration included.",
)

daily = dg.define_asset_job(
    "daily",
    selection=_GRAPH - _ITERATIONS,
    description=(
        "What changes from day to day: dumps, tables, champions, predictions, endpoint; the leak check where the code "
        "of the features is new. Which iterations are champions is read off the latest scores."
    ),
)

iterations = dg.define_asset_job(
    "iterations",
    selection=_ITERATIONS | dg.AssetSelection.assets(asset_key("models.leak_check")),
    description=(
        "Checks all features for leaks, trains and scores every iteration, audits the champions-to-be and scores them "
        "by the whole protocol: the longest steps, and what they find does not change from day to day."
    ),
)


def schedules(*, running: bool) -> list[dg.ScheduleDefinition]:
    """The daily job at 02:00 UTC, when IMDb has replaced all dumps of the day before; the iterations on Sundays.

    Both keep what has not changed.
    """
    common: dict[str, Any] = {"execution_timezone": "UTC", "default_status": initially(running=running)}
    return [
        dg.ScheduleDefinition(
            name="daily_at_02_utc",
            job=everything,
            cron_schedule="0 2 * * *",
            execution_fn=daily_or_first,
            required_resource_keys={"lake"},
            description="What the job `daily` runs; everything, as long as a table that it only reads does not exist.",
            **common,
        ),
        dg.ScheduleDefinition(
            name="iterations_on_sundays_at_04_utc", job=iterations, cron_schedule="0 4 * * 0", tags=MAY_KEEP, **common
        ),
    ]


def daily_or_first(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The assets of the daily job, and on a lake that lacks a table of the weekly one, all: daily ones read it."""
    repository, lake = context.repository_def, context.resources.lake
    assert repository is not None  # a schedule is one of a repository's
    keys = {
        job.name: set(repository.get_job(job.name).asset_layer.executable_asset_keys)  # with assets resolved
        for job in (everything, daily)
    }
    read_only = {table_name(key) for key in keys[everything.name] - keys[daily.name]} & CONTRACTS.keys()
    first = not all(lake.exists(table) for table in read_only)
    return dg.RunRequest(asset_selection=sorted(keys[everything.name if first else daily.name]), tags=MAY_KEEP)


def initially(*, running: bool) -> dg.DefaultScheduleStatus:
    """The state of a schedule until a person changes it in the UI."""
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


@dg.definitions
def automation() -> dg.Definitions:
    """IMDB_SCHEDULE decides whether the schedules start out running."""
    running = load_settings().schedule == "running"
    return dg.Definitions(jobs=[everything, daily, iterations], schedules=schedules(running=running))
