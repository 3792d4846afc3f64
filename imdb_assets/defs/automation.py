"""The jobs, their schedules, and the sensor that can replace the daily schedule.

`IMDB_TRIGGER` selects what starts the daily run: a schedule, a sensor or an external program. An external program asks
the sensor `daily_when_asked`, over GraphQL, which run to launch. Whatever starts the daily run, this module decides
what the run makes and whether the run may start.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs.new_dumps import Seen, decide
from imdb_assets.defs.policies import WEEKLY, asset_key
from imdb_assets.defs.silver.rating_history import day_of_bronze
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.naming import file_name, lake_name
from imdb_assets.settings import Trigger, load_settings

_HISTORY = dg.AssetSelection.assets(asset_key(RatingHistory.table)).downstream() & dg.AssetSelection.key_prefixes(
    "silver", "warehouse"
)
"""The history of ratings (a table with one partition per day), and the views that read this history.

The asset `models/live_accuracy` also reads the history, but is not in this selection, because the daily job makes
this asset.
"""

_GRAPH = dg.AssetSelection.all() - dg.AssetSelection.key_prefixes("ops") - _HISTORY
"""Everything that is made from today's dumps. Tables about the runs are made after each run (`ops/watch.py`)."""

_ITERATIONS = dg.AssetSelection.assets(*(asset_key(table) for table in WEEKLY))

LOOK_EVERY = 15 * 60
"""Seconds between the sensor's polls of the source; a poll sends seven HEAD requests."""

STARTED_BY = {"imdb/started-by": "external"}
"""Tag that programs outside Dagster give to the runs that they start."""
EVENT = "imdb/event"
"""Tag with the id of the event that made an external program start the run; an event starts only one run."""

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

everything = dg.define_asset_job(
    "everything",
    selection=_GRAPH,
    description="Everything from the dumps to the endpoint's predictions, including the score of every iteration.",
)

daily = dg.define_asset_job(
    "daily",
    selection=_GRAPH - _ITERATIONS,
    description=(
        "Everything that changes from day to day: dumps, tables, champions, predictions, endpoint, and the leak check "
        "if the features' code has changed. The latest audit decides whether the champions may serve."
    ),
)

iterations = dg.define_asset_job(
    "iterations",
    selection=_ITERATIONS | dg.AssetSelection.assets(asset_key("models.leak_check")),
    description=(
        "Checks all features for leaks, trains and scores every iteration, audits the champions and scores them by the "
        "full test protocol. The job's steps take longest, and their results hardly change from day to day."
    ),
)

rating_history = dg.define_asset_job(
    "rating_history",
    selection=_HISTORY,
    description=(
        "Adds the ratings of one or more days to silver/rating_history, and checks the views over that table. Each "
        "partition is the day of one dump of ratings."
    ),
)


def schedules(*, running: bool, trigger: Trigger = "schedule") -> list[dg.ScheduleDefinition]:
    """Schedules the daily job at 02:00 UTC, when IMDb has replaced all dumps, and the job `iterations` on Sundays.

    Scheduled runs do not make unchanged results again. The daily schedule exists only if `trigger` selects it.
    """
    common: dict[str, Any] = {"execution_timezone": "UTC", "default_status": initially(running=running)}
    daily_at_02_utc = dg.ScheduleDefinition(
        name="daily_at_02_utc",
        job=everything,
        cron_schedule="0 2 * * *",
        execution_fn=daily_or_first,
        required_resource_keys={"lake"},
        description="Makes what the job `daily` makes, or all assets if a table is missing that `daily` only reads.",
        **common,
    )
    weekly = dg.ScheduleDefinition(
        name="iterations_on_sundays_at_04_utc", job=iterations, cron_schedule="0 4 * * 0", tags=MAY_KEEP, **common
    )
    return [daily_at_02_utc, weekly] if trigger == "schedule" else [weekly]


def sensors(*, running: bool, trigger: Trigger) -> list[dg.SensorDefinition]:
    """The sensor for the history of ratings and, unless `trigger` is `schedule`, a sensor for the daily run.

    A sensor for the daily run either starts the run when all dumps are new, or tells an external program what to
    launch.
    """
    watches = dg.SensorDefinition(
        name="daily_when_dumps_are_new",
        job=everything,
        evaluation_fn=when_dumps_are_new,
        minimum_interval_seconds=LOOK_EVERY,
        required_resource_keys={"lake", "source"},
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Asks the source for the versions of its dumps; starts a run as soon as all dumps are new.",
    )
    answers = dg.SensorDefinition(
        name="daily_when_asked",
        job=everything,
        evaluation_fn=when_asked,
        minimum_interval_seconds=LOOK_EVERY,
        required_resource_keys={"lake"},
        default_status=dg.DefaultSensorStatus.STOPPED,  # the external program can evaluate a stopped sensor, too
        description=(
            "A program outside Dagster starts the daily run; this sensor tells the program what to launch, or why to "
            "launch nothing. The program, aws/deploy/trigger.py, evaluates this sensor through GraphQL (sensorDryRun), "
            "with the event as cursor. This sensor starts no run by itself, even if it is turned on."
        ),
    )
    remembers = dg.SensorDefinition(
        name="rating_history_after_bronze",
        job=rating_history,
        evaluation_fn=when_ratings_are_new,
        minimum_interval_seconds=LOOK_EVERY,
        required_resource_keys={"lake", "landing", "settings"},
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Starts the job `rating_history` for the day of the dump that bronze/title_ratings was made from.",
    )
    chosen: dict[Trigger, list[dg.SensorDefinition]] = {"sensor": [watches], "external": [answers], "schedule": []}
    return [*chosen[trigger], remembers]


def daily_or_first(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A request for the daily run or, if a run is in progress, the reason to skip the daily run."""
    if waiting := _under_way(context.instance):
        return dg.SkipReason(waiting)
    return dg.RunRequest(asset_selection=_wanted(context), tags=MAY_KEEP)


def when_dumps_are_new(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Starts a run if all dumps are new, if some have been new for hours, or if no run was requested for a day."""
    if waiting := _under_way(context.instance):
        return dg.SensorResult(skip_reason=waiting, cursor=context.cursor)
    versions = context.resources.source.versions([file_name(dump) for dump in DUMP_CONTRACTS])
    decision = decide(versions, Seen.of(context.cursor), datetime.now(UTC))
    if not decision.start:
        return dg.SensorResult(skip_reason=decision.why, cursor=decision.seen.cursor)
    context.log.info(decision.why)
    request = dg.RunRequest(asset_selection=_wanted(context), tags={**MAY_KEEP, "imdb/why": decision.why})
    return dg.SensorResult(run_requests=[request], cursor=decision.seen.cursor)


def when_asked(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """The run that an external program should launch for an event; the program passes the event's id as the cursor."""
    event = context.cursor
    if not event:
        return dg.SkipReason(
            "No event was given, so there is nothing to answer. Only the program outside Dagster that starts the daily "
            "run (IMDB_TRIGGER=external) gives this sensor an event."
        )
    if waiting := _under_way(context.instance):
        return dg.SkipReason(waiting)
    for run in context.instance.get_runs(dg.RunsFilter(tags={EVENT: event}), limit=1):
        return dg.SkipReason(f"Run {run.run_id[:8]} was started for the event {event}.")
    return dg.RunRequest(
        job_name=everything.name, asset_selection=_wanted(context), tags={**MAY_KEEP, **STARTED_BY, EVENT: event}
    )


def when_ratings_are_new(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Requests one run for each dump of ratings that has reached bronze, but not while a daily run is in progress."""
    if waiting := _under_way(context.instance):
        return dg.SkipReason(waiting)
    found = day_of_bronze(context.resources.lake, context.resources.landing, context.resources.settings)
    if found is None:
        return dg.SkipReason(
            "The ratings have no usable date: bronze/title_ratings has not been made yet, its dump has been removed, "
            "or the dump's date is before 2018 or in the future. If the date is wrong, correct it with IMDB_DUMP_DATE."
        )
    day, dump = found
    return dg.RunRequest(run_key=dump.sha256, partition_key=day.isoformat(), tags=MAY_KEEP)


def _under_way(instance: dg.DagsterInstance) -> str | None:
    """A message that names the daily run in progress or in the queue; None if there is no such run."""
    for job in (everything.name, daily.name):
        for run in instance.get_runs(dg.RunsFilter(job_name=job, statuses=UNDER_WAY), limit=1):
            return f"Run {run.run_id[:8]} of the job {job} is under way or waits in the queue."
    return None


def _wanted(context: dg.ScheduleEvaluationContext | dg.SensorEvaluationContext) -> Sequence[dg.AssetKey]:
    assert context.repository_def is not None  # schedules and sensors belong to a repository
    return wanted(context.repository_def, context.resources.lake)


def wanted(repository: dg.RepositoryDefinition, lake: Lake) -> Sequence[dg.AssetKey]:
    """The assets of the daily job; all assets if the lake lacks a weekly table that daily assets read."""
    keys = {
        # `get_job` returns the job as the repository knows it: with the keys of the selected assets.
        job.name: set(repository.get_job(job.name).asset_layer.executable_asset_keys)
        for job in (everything, daily)
    }
    read_only = {lake_name(key.path) for key in keys[everything.name] - keys[daily.name]} & CONTRACTS.keys()
    first = not all(lake.exists(table) for table in read_only)
    return sorted(keys[everything.name if first else daily.name])


def initially(*, running: bool) -> dg.DefaultScheduleStatus:
    """The initial status of a schedule; a person can change the status in the UI."""
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


@dg.definitions
def automation() -> dg.Definitions:
    """Jobs, schedules and sensors.

    IMDB_TRIGGER selects what starts the daily run; IMDB_SCHEDULE decides if schedules and sensors are initially on.
    """
    settings = load_settings()
    running = settings.schedule == "running"
    return dg.Definitions(
        jobs=[everything, daily, iterations, rating_history],
        schedules=schedules(running=running, trigger=settings.trigger),
        sensors=sensors(running=running, trigger=settings.trigger),
    )
