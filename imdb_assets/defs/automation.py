"""When things run: the daily job and its schedule."""

import dagster as dg

from imdb_assets.settings import load_settings

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="Everything, from the dumps to the endpoint's predictions.",
)


def schedule(*, running: bool) -> dg.ScheduleDefinition:
    """The daily job at 02:00 UTC: by then IMDb has replaced all seven dumps of the day before."""
    return dg.ScheduleDefinition(
        name="daily_at_02_utc",
        job=daily,
        cron_schedule="0 2 * * *",
        execution_timezone="UTC",
        default_status=initially(running=running),
    )


def initially(*, running: bool) -> dg.DefaultScheduleStatus:
    """The state of a schedule until a person changes it in the UI."""
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


@dg.definitions
def automation() -> dg.Definitions:
    """IMDB_SCHEDULE decides whether the schedule starts out running."""
    return dg.Definitions(jobs=[daily], schedules=[schedule(running=load_settings().schedule == "running")])
