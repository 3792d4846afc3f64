"""Runs assets in this process, prints a line per finished asset, and reports how the run ended."""

import logging
import os
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import dagster as dg
import psutil
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from imdb_assets.cli.output import fail
from imdb_assets.cli.private_dagster import origin_of, place
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.serving.endpoint import ANSWERS, URL
from imdb_assets.defs.silver.rating_history import day_of_bronze
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT, Settings, dagster_home, load_settings
from imdb_assets.sources.progress import MEGA, Reading, Watch
from imdb_assets.wiring import lake_of, landing_of

POLL_SECONDS = 0.3
PROCESS_TAG = "imdb/process"
"""Run tag with the id of the process that executes the run."""
REPOSITORY_TAG = ".dagster/repository"
"""Dagster's run tag by which the UI finds the runs of a job."""


@dataclass
class Report:
    """The outcome of a run, collected from its events."""

    run_id: str
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Maps each asset or check to the duration of its step."""
    wall_seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict[str, int])
    """Maps each asset to the number of rows of the table that the asset published."""
    failures: list[str] = field(default_factory=list[str])
    failed_checks: list[str] = field(default_factory=list[str])
    succeeded: bool = False


def use_project_instance() -> None:
    """Points Dagster at `dagster.yaml` in the project root; the paths in that file are relative to the root."""
    os.environ["DAGSTER_HOME"] = str(PROJECT_ROOT)
    os.chdir(PROJECT_ROOT)


def tell_dagster(lake: Lake) -> None:
    """Reports to Dagster each current snapshot that Dagster does not know, so that the UI shows which assets are stale.

    Dagster does not know the snapshots that this command has made current. Nor does Dagster know the snapshots that an
    earlier command made current before it was killed. If Dagster has no history, nothing is reported.
    """
    from imdb_assets.defs.told import report_moved

    if not dagster_home():
        if not (PROJECT_ROOT / ".data" / "dagster").is_dir():
            return
        use_project_instance()
    with dg.DagsterInstance.get() as instance:
        report_moved(instance, lake.survey()[0])


def run_everything(console: Console) -> Report:
    """Runs everything from the dumps to the live predictions; `imdb ui` shows the run like any other run."""
    from imdb_assets.definitions import defs

    use_project_instance()
    definitions = defs()
    with _running(console, definitions, definitions.resolve_job_def("everything")) as (instance, report):
        history = _remember(definitions, instance)
        # A daemon's sensor starts the job `monitoring` after each run; without a daemon, this command runs the job.
        looked = _execute(definitions, instance, definitions.resolve_job_def("monitoring"))
        if history:
            report.succeeded &= history.success
            report.failures += [f"rating_history: {reason(event)}" for event in history.get_step_failure_events()]
        report.failed_checks += [f"monitoring: {reason(event)}" for event in looked.get_step_failure_events()]
    return report


def run_assets(
    console: Console, definitions: dg.Definitions, keys: Collection[dg.AssetKey], tags: Mapping[str, str]
) -> Report:
    """Materializes the given assets in a run with the given tags; `imdb ui` shows the run like any other run."""
    use_project_instance()
    job = definitions.resolve_implicit_global_asset_job_def()
    with _running(console, definitions, job, keys, tags) as (_, report):
        return report


def require_success(settings: Settings, report: Report) -> None:
    """Ends the command if the run failed: prints what failed, what was published, and where to see more."""
    if not report.succeeded:
        published = ", ".join(report.rows) or "nothing"
        details = f"Details: make ui, then http://127.0.0.1:{settings.ui_port}/runs/{report.run_id}"
        fail("The run failed.", *report.failures, f"Published before that: {published}.", details)


@contextmanager
def _running(
    console: Console,
    definitions: dg.Definitions,
    job: dg.JobDefinition,
    keys: Collection[dg.AssetKey] = (),
    tags: Mapping[str, str] | None = None,
) -> Iterator[tuple[dg.DagsterInstance, Report]]:
    """Runs a job and shows its progress.

    Args:
        console: Console that shows the progress.
        definitions: The project's definitions.
        job: The job.
        keys: The job's assets to make; all by default.
        tags: Further tags of the run.

    Yields:
        Dagster's instance and the report. The report's duration includes the time spent in the caller's `with` block.
    """
    report = Report(run_id=str(uuid4()))
    started = time.monotonic()
    steps = len((job.get_subset(asset_selection=set(keys)) if keys else job).nodes)
    with dg.DagsterInstance.get() as instance, _progress(console, instance, report, steps) as watch:
        _end_dead_runs(instance)
        report.succeeded = _execute(
            definitions,
            instance,
            job,
            tags,
            run_id=report.run_id,
            asset_selection=list(keys) or None,
            resources={} if keys else {"watch_downloads": watch},  # Dagster accepts no resources if assets are selected
        ).success
        yield instance, report
    report.wall_seconds = time.monotonic() - started


def _execute(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: dg.JobDefinition,
    tags: Mapping[str, str] | None = None,
    **how: Any,
) -> dg.ExecuteInProcessResult:
    """Runs a job in this process, as a run of the code location that the UI loads."""
    origin = origin_of(definitions)
    result = job.execute_in_process(
        instance=instance,
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},  # progress bars replace the log
        tags={
            **(tags or {}),
            PROCESS_TAG: str(os.getpid()),
            REPOSITORY_TAG: origin.get_label(),
            "dagster/max_retries": "0",  # without this tag, a daemon would repeat a run that a person ended with Ctrl-C
        },
        **how,
    )
    place(instance, result.run_id, origin)
    return result


def _remember(definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult | None:
    """Runs the job `rating_history` in place of its sensor, which needs a daemon; None if the dump's day is unknown."""
    settings = load_settings()
    found = day_of_bronze(lake_of(settings), landing_of(settings), settings)
    if found is None:
        return None
    return _execute(
        definitions, instance, definitions.resolve_job_def("rating_history"), partition_key=found[0].isoformat()
    )


def _end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Marks earlier runs of this command as failed if their process has ended, because dead runs block the queue."""
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        if PROCESS_TAG in run.tags and not psutil.pid_exists(int(run.tags[PROCESS_TAG])):
            instance.report_run_failed(run, "The run's process died before the run was done; a new run has started.")


@contextmanager
def _progress(console: Console, instance: dg.DagsterInstance, report: Report, steps: int) -> Iterator[Watch]:
    """Shows the run's progress from its events.

    Yields:
        A function that gets a download's progress, and draws a bar until the download is complete.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    done = threading.Event()
    with _past_the_capture(console) as terminal, Progress(*columns, console=terminal, transient=True) as progress:
        task = progress.add_task("starting", total=steps)

        def follow() -> None:
            cursor: str | None = None
            finished = False
            while not finished:
                finished = done.wait(POLL_SECONDS)
                connection = instance.get_records_for_run(report.run_id, cursor=cursor)
                cursor = connection.cursor
                for record in connection.records:
                    entry = record.event_log_entry
                    if entry.dagster_event is not None:
                        _show(progress, task, report, entry.dagster_event)
                    elif entry.user_message and int(entry.level) >= logging.INFO:
                        progress.update(task, description=escape(entry.user_message))

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield partial(_draw, progress, {})
        finally:
            done.set()
            follower.join()


@contextmanager
def _past_the_capture(console: Console) -> Iterator[Console]:
    """A console with its own handle on the terminal, because Dagster redirects the standard streams during a run."""
    if not console.is_terminal:
        yield console
        return
    with os.fdopen(os.dup(console.file.fileno()), "w", encoding="utf-8") as terminal:
        yield Console(file=terminal)


def _draw(progress: Progress, bars: dict[str, TaskID], reading: Reading) -> None:
    """Draws the progress of a download."""
    if reading.dump not in bars:
        bars[reading.dump] = progress.add_task(f"{reading.dump} (MB)", total=None)
    received, total = (None if count is None else count / MEGA for count in (reading.received, reading.total))
    progress.update(bars[reading.dump], completed=received, total=total, visible=received != total)


def _show(progress: Progress, task: Any, report: Report, event: dg.DagsterEvent) -> None:
    step = (event.step_key or "").replace("__", "/")
    match event.event_type:
        case dg.DagsterEventType.STEP_START:
            progress.update(task, description=step)
        case dg.DagsterEventType.ASSET_MATERIALIZATION:
            rows = event.materialization.metadata.get("dagster/row_count")
            if isinstance(rows, dg.IntMetadataValue) and event.asset_key is not None:
                report.rows[event.asset_key.to_user_string()] = rows.value or 0
            url, answers = (event.materialization.metadata.get(name) for name in (URL, ANSWERS))
            if url and answers:
                progress.console.print(f"[bold]{url.value}[/] [dim]{answers.value}[/]", soft_wrap=True)
        case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed:
                report.failed_checks.append(
                    f"{check.asset_key.to_user_string()}: {check.check_name}: {check.description or 'failed'}"
                )
        case dg.DagsterEventType.STEP_SUCCESS:
            seconds = event.step_success_data.duration_ms / 1000
            report.seconds[step] = seconds
            progress.console.print(
                f"[green]✓[/] {step:<42} {_made(report, step):>22} [dim]{seconds:6.1f} s[/]", soft_wrap=True
            )
            progress.advance(task)
        case dg.DagsterEventType.STEP_FAILURE:
            why = reason(event)
            report.failures.append(f"{step}: {why}")
            progress.console.print(f"[red]✗[/] {step}: {escape(why)}", soft_wrap=True)
        case dg.DagsterEventType.RUN_FAILURE if not report.failures:  # the run failed before its first step
            report.failures.append(event.message or "Dagster gave no reason.")
        case _:
            pass


def _made(report: Report, step: str) -> str:
    rows = f"{report.rows[step]:,} rows" if step in report.rows else ""
    quarantined = report.rows.get(step.replace("bronze/", "quarantine/"), 0) if step.startswith("bronze/") else 0
    return f"{rows}, {quarantined} bad" if quarantined else rows
