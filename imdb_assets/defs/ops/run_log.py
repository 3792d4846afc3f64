"""The run log: Dagster's event log as rows of `ops.runs` and values of metrics."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from imdb_assets.defs.automation import STARTED_BY
from imdb_assets.defs.checks import NOT_JUDGED
from imdb_assets.defs.policies import PLAIN_ASSETS
from imdb_assets.lake.errors import disk_advice
from imdb_assets.monitoring.measure import Value
from imdb_assets.naming import lake_name

ENDED = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "canceled",
}
WILL_RETRY = "dagster/will_retry"
S3_REQUESTS = "imdb/s3-requests"
"""Run tag with the number of requests of each kind that the run has sent to S3, as JSON."""
_TOLD = {
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.RUN_FAILURE,
}


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended, with its events."""

    run: dg.DagsterRun
    started_at: datetime
    ended_at: datetime
    events: list[dg.DagsterEvent]

    @classmethod
    def of(cls, instance: dg.DagsterInstance, record: dg.RunRecord) -> "EndedRun":
        """Reads the run's events."""
        run = record.dagster_run
        ended = record.end_time or record.update_timestamp.timestamp()
        started = min(record.start_time or record.create_timestamp.timestamp(), ended)
        found = instance.get_records_for_run(run.run_id, of_type=_TOLD).records
        events = [one.event_log_entry.dagster_event for one in found]
        return cls(
            run,
            datetime.fromtimestamp(started, tz=UTC),
            datetime.fromtimestamp(ended, tz=UTC),
            [event for event in events if event is not None],
        )

    @property
    def job(self) -> str:
        """Name of the job."""
        return "assets" if self.run.job_name == PLAIN_ASSETS else self.run.job_name

    def row(self, now: datetime) -> dict[str, Any]:
        """The run's row of `ops.runs`."""
        made = list(self._materialized())
        failed = self._of(dg.DagsterEventType.STEP_FAILURE)
        return {
            "run_id": self.run.run_id,
            "job": self.job,
            "started_by": _starter(self.run.tags),
            "status": ENDED[self.run.status],
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "seconds": (self.ended_at - self.started_at).total_seconds(),
            "steps_succeeded": len(self._of(dg.DagsterEventType.STEP_SUCCESS)),
            "steps_failed": len(failed),
            "assets_materialized": len({key for key, _, _ in made}),
            "assets_unchanged": sum(unchanged for _, unchanged, _ in made),
            "checks_failed": len([check for check in self._checks() if not check.passed]),
            "rows_published": sum(rows for _, unchanged, rows in made if not unchanged),
            "error": self._error(),
            "recorded_at": now,
        }

    def values(self) -> Iterator[Value]:
        """The metrics of the run, its steps and its checks."""
        run_id = self.run.run_id
        failed, error = self._of(dg.DagsterEventType.STEP_FAILURE), self._error()
        yield Value("run_seconds", "", (self.ended_at - self.started_at).total_seconds(), self.job, run_id, error)
        died = not failed and self.run.status != dg.DagsterRunStatus.SUCCESS
        yield Value("died_runs", "", died and self.run.tags.get(WILL_RETRY) != "true", self.job, run_id, error)
        made = {key.to_user_string() for key, _, _ in self._materialized()}
        for event in self._of(dg.DagsterEventType.STEP_SUCCESS):
            asset, seconds = self._asset(event), event.step_success_data.duration_ms / 1000
            yield Value("failed_steps", asset, 0, run_id=run_id)
            if asset in made:  # a step that made no asset is a check
                yield Value("step_seconds", asset, seconds, run_id=run_id)
        for event in failed:
            yield Value("failed_steps", self._asset(event), 1, run_id=run_id, reason=reason(event))
        for check in self._checks():
            asset = check.asset_key.to_user_string()
            if not {asset, f"{asset}_{check.check_name}"} & {self._asset(event) for event in failed}:
                said = None if check.passed else check.description or "failed"
                yield Value("failed_checks", asset, not check.passed, check.check_name, run_id, said)

    def touched(self) -> dict[str, str]:
        """Maps each table that the run has materialized to the run's id."""
        return {lake_name(key.path): self.run.run_id for key, _, _ in self._materialized()}

    def _error(self) -> str | None:
        if self.run.status == dg.DagsterRunStatus.SUCCESS:
            return None
        for event in self._of(dg.DagsterEventType.STEP_FAILURE):
            return f"{self._asset(event)}: {reason(event)}"
        for event in self._of(dg.DagsterEventType.RUN_FAILURE):
            return event.message or "The run failed, and Dagster gives no reason."
        return "The run was canceled." if self.run.status == dg.DagsterRunStatus.CANCELED else "The run failed."

    def _asset(self, event: dg.DagsterEvent) -> str:
        """The asset that a step makes or checks; for jobs without assets, the job's name."""
        step = event.step_key or ""
        return step.replace("__", "/") if "__" in step else self.job

    def _of(self, kind: dg.DagsterEventType) -> list[dg.DagsterEvent]:
        return [event for event in self.events if event.event_type == kind]

    def _checks(self) -> list[dg.AssetCheckEvaluation]:
        evaluated = self._of(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        said = [event.asset_check_evaluation_data for event in evaluated]
        return [check for check in said if NOT_JUDGED not in check.metadata]

    def _materialized(self) -> Iterator[tuple[dg.AssetKey, bool, int]]:
        """For each materialized asset: its key, whether it was kept unchanged, and its number of rows."""
        for event in self._of(dg.DagsterEventType.ASSET_MATERIALIZATION):
            said = {name: entry.value for name, entry in event.materialization.metadata.items()}
            rows = said.get("dagster/row_count")
            yield (
                event.materialization.asset_key,
                said.get("unchanged") is True,
                rows if isinstance(rows, int) else 0,
            )


class RunLog:
    """A cache of Dagster's event log; the cache reads each run's events only once."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        """Stores the Dagster instance, and reads nothing yet."""
        self._instance = instance
        self._read: dict[str, EndedRun] = {}

    def ended(self, since: datetime | None, besides: str, known: Container[str]) -> list[EndedRun]:
        """Runs that have ended, oldest first.

        Args:
            since: A run whose record last changed before this time is left out.
            besides: Name of a job. Two kinds of runs are left out: the job's own runs, and runs in which a person
                materialized the job's assets.
            known: Ids of runs that the caller knows already; these runs are left out of the result.
        """
        wanted = dg.RunsFilter(statuses=list(ENDED), updated_after=since)
        found = [one for one in self._instance.get_run_records(wanted) if not _looks(one.dagster_run, besides)]
        records = [self._record(one) for one in found if one.dagster_run.run_id not in known]
        return sorted(records, key=lambda record: record.ended_at)

    def of(self, run_ids: list[str]) -> list[EndedRun]:
        """The runs in the given order; a run whose history has been deleted meanwhile is skipped."""
        unread = [run_id for run_id in run_ids if run_id not in self._read]
        for one in self._instance.get_run_records(dg.RunsFilter(run_ids=unread)) if unread else []:
            self._record(one)
        return [self._read[run_id] for run_id in run_ids if run_id in self._read]

    def _record(self, found: dg.RunRecord) -> EndedRun:
        run_id = found.dagster_run.run_id
        if run_id not in self._read:
            self._read[run_id] = EndedRun.of(self._instance, found)
        return self._read[run_id]


def _looks(run: dg.DagsterRun, job: str) -> bool:
    """Whether the run belongs to monitoring, which only observes other runs."""
    return run.job_name == job or {key.path[0] for key in run.asset_selection or ()} == {"ops"}


def _starter(tags: Mapping[str, str]) -> str:
    for tag, starter in (
        ("dagster/retry_number", "retry"),
        *STARTED_BY.items(),
        ("dagster/schedule_name", "schedule"),
        ("dagster/sensor_name", "sensor"),
    ):
        if tag in tags:
            return starter
    return "person"


def reason(event: dg.DagsterEvent) -> str:
    """The reason for a step's failure: the message written for people, without the stack trace."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error and error.cause and (error.cls_name or "").startswith("Dagster"):
        error = error.cause
    if error is None:
        return "failed"
    if error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
        return "ended from outside: the run was canceled, or its process was told to stop."
    message = error.message.strip().partition(f"{error.cls_name}: ")[2] or error.message.strip()
    return message + disk_advice(message)
