"""When things run: the jobs and their schedules."""

import dagster as dg

from imdb_assets.defs.policies import asset_key
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.settings import load_settings

_ITERATIONS = dg.AssetSelection.assets(
    *(asset_key(table) for table in ("models.iterations", "models.audit", "models.champion_scores"))
)

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="Everything, from the dumps to the endpoint's predictions, the score of every iteration included.",
)

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all() - _ITERATIONS,
    description=(
        "What changes from day to day: dumps, tables, champions, predictions, endpoint. Which iterations are champions "
        "is read off the latest scores."
    ),
)

iterations = dg.define_asset_job(
    "iterations",
    selection=_ITERATIONS,
    description=(
        "Trains and scores every iteration, audits the champions-to-be and scores them by the whole protocol: the "
        "longest steps, and what they find does not change from day to day."
    ),
)


def schedules(*, running: bool) -> list[dg.ScheduleDefinition]:
    """The daily job at 02:00 UTC, when IMDb has replaced all dumps of the day before; the iterations on Sundays.

    Both keep what has not changed.
    """
    starts = {"daily_at_02_utc": (daily, "0 2 * * *"), "iterations_on_sundays_at_04_utc": (iterations, "0 4 * * 0")}
    return [
        dg.ScheduleDefinition(
            name=name,
            job=job,
            cron_schedule=cron,
            execution_timezone="UTC",
            default_status=initially(running=running),
            tags=MAY_KEEP,
        )
        for name, (job, cron) in starts.items()
    ]


def initially(*, running: bool) -> dg.DefaultScheduleStatus:
    """The state of a schedule until a person changes it in the UI."""
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


@dg.definitions
def automation() -> dg.Definitions:
    """IMDB_SCHEDULE decides whether the schedules start out running."""
    running = load_settings().schedule == "running"
    return dg.Definitions(jobs=[everything, daily, iterations], schedules=schedules(running=running))
