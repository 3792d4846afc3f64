"""When things run: the jobs, their schedules, and the sensor that can take the daily schedule's place.

`IMDB_TRIGGER` says which one starter of the daily run there is; an external one asks the sensor `daily_when_asked` over
GraphQL what to launch. What the daily run makes, and whether it may start, is decided here for all of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs.new_dumps import Seen, decide
from imdb_assets.defs.policies import WEEKLY, asset_key
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.naming import file_name, lake_name
from imdb_assets.settings import Trigger, load_settings

_GRAPH = dg.AssetSelection.all() - dg.AssetSelection.key_prefixes("ops")
"""What is made from the dumps; what is recorded of its runs is made after them, by `ops/watch.py`."""

_ITERATIONS = dg.AssetSelection.assets(*(asset_key(table) for table in WEEKLY))

LOOK_EVERY = 15 * 60
"""Seconds between the sensor's looks at the source: seven HEAD requests."""

STARTED_BY = {"imdb/started-by": "external"}
"""Run tag of starters outside Dagster."""
EVENT = "imdb/event"
"""Run tag with the id of the event that an external starter acts on: one event starts one run."""

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


def schedules(*, running: bool, trigger: Trigger = "schedule") -> list[dg.ScheduleDefinition]:
    """The daily job at 02:00 UTC, when IMDb has replaced all dumps of the day before; the iterations on Sundays.

    Both keep what has not changed. The first exists only if no other starter does.
    """
    common: dict[str, Any] = {"execution_timezone": "UTC", "default_status": initially(running=running)}
    daily_at_02_utc = dg.ScheduleDefinition(
        name="daily_at_02_utc",
        job=everything,
        cron_schedule="0 2 * * *",
        execution_fn=daily_or_first,
        required_resource_keys={"lake"},
        description="What the job `daily` runs; everything, as long as a table that it only reads does not exist.",
        **common,
    )
    weekly = dg.ScheduleDefinition(
        name="iterations_on_sundays_at_04_utc", job=iterations, cron_schedule="0 4 * * 0", tags=MAY_KEEP, **common
    )
    return [daily_at_02_utc, weekly] if trigger == "schedule" else [weekly]


def sensors(*, running: bool, trigger: Trigger) -> list[dg.SensorDefinition]:
    """The sensor that starts the daily run when all dumps are new, or the one that answers who asks for one, if any."""
    watches = dg.SensorDefinition(
        name="daily_when_dumps_are_new",
        job=everything,
        evaluation_fn=when_dumps_are_new,
        minimum_interval_seconds=LOOK_EVERY,
        required_resource_keys={"lake", "source"},
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Asks the source for the versions of the seven dumps, and starts a run as soon as all are new.",
    )
    answers = dg.SensorDefinition(
        name="daily_when_asked",
        job=everything,
        evaluation_fn=when_asked,
        minimum_interval_seconds=LOOK_EVERY,
        required_resource_keys={"lake"},
        default_status=dg.DefaultSensorStatus.STOPPED,  # it is asked, and has nothing to do by itself
        description=(
            "Answers the program that starts the daily run what to launch, or why not (aws/deploy/trigger.py, by "
            "GraphQL's sensorDryRun with the event as cursor). Turned on, it starts nothing by itself."
        ),
    )
    chosen: dict[Trigger, list[dg.SensorDefinition]] = {"sensor": [watches], "external": [answers], "schedule": []}
    return chosen[trigger]


def daily_or_first(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """The daily run, unless one is under way."""
    if waiting := _under_way(context.instance):
        return dg.SkipReason(waiting)
    return dg.RunRequest(asset_selection=_wanted(context), tags=MAY_KEEP)


def when_dumps_are_new(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """A run when all dumps are new, at the latest some hours after the first is, and one a day in any case."""
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
    """The run that an external starter is to launch for an event, whose id it gives as cursor."""
    event = context.cursor
    if not event:
        return dg.SkipReason(
            "Nobody has asked: a program outside Dagster starts the daily run (IMDB_TRIGGER=external)."
        )
    if waiting := _under_way(context.instance):
        return dg.SkipReason(waiting)
    for run in context.instance.get_runs(dg.RunsFilter(tags={EVENT: event}), limit=1):
        return dg.SkipReason(f"Run {run.run_id[:8]} was started for this event.")
    return dg.RunRequest(
        job_name=everything.name, asset_selection=_wanted(context), tags={**MAY_KEEP, **STARTED_BY, EVENT: event}
    )


def _under_way(instance: dg.DagsterInstance) -> str | None:
    """Which run a further one would overlap with; None if none would."""
    for job in (everything.name, daily.name):
        for run in instance.get_runs(dg.RunsFilter(job_name=job, statuses=UNDER_WAY), limit=1):
            return f"Run {run.run_id[:8]} of the job {job} is under way or waits in the queue."
    return None


def _wanted(context: dg.ScheduleEvaluationContext | dg.SensorEvaluationContext) -> Sequence[dg.AssetKey]:
    assert context.repository_def is not None  # a starter is one of a repository's
    return wanted(context.repository_def, context.resources.lake)


def wanted(repository: dg.RepositoryDefinition, lake: Lake) -> Sequence[dg.AssetKey]:
    """The assets of the daily job, and on a lake that lacks a table of the weekly one, all: daily ones read it."""
    keys = {
        job.name: set(repository.get_job(job.name).asset_layer.executable_asset_keys)  # with assets resolved
        for job in (everything, daily)
    }
    read_only = {lake_name(key.path) for key in keys[everything.name] - keys[daily.name]} & CONTRACTS.keys()
    first = not all(lake.exists(table) for table in read_only)
    return sorted(keys[everything.name if first else daily.name])


def initially(*, running: bool) -> dg.DefaultScheduleStatus:
    """The state of a schedule until a person changes it in the UI."""
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


@dg.definitions
def automation() -> dg.Definitions:
    """IMDB_TRIGGER decides what starts the daily run, IMDB_SCHEDULE whether the starters start out running."""
    settings = load_settings()
    running = settings.schedule == "running"
    return dg.Definitions(
        jobs=[everything, daily, iterations],
        schedules=schedules(running=running, trigger=settings.trigger),
        sensors=sensors(running=running, trigger=settings.trigger),
    )
