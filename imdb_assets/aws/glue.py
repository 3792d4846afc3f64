"""Runs heavy transforms as a Glue job: starts the job by Dagster Pipes, and stops the job if its Dagster run ends.

`imdb deploy` makes the job with its workers, time limit and role; the job's script is `glue_job.py`. The job stages
files and audits them. If the job's messages are lost, Dagster's process audits the files, so nothing is published
without an audit.
"""

import random
import string
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import dagster as dg
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name
    HTTPClientError,
)
from dagster_aws.pipes import PipesGlueClient, PipesS3ContextInjector, PipesS3MessageReader

from imdb_assets.aws.billing import budget, prices
from imdb_assets.aws.billing.prices import BudgetError
from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.client import aws_errors, client, code_of
from imdb_assets.aws.glue_job import Work
from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.engines.base import EngineError, Facts, Ran, Transform
from imdb_assets.lake.audit import Audit
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table
from imdb_assets.settings import Settings

RUN, ATTEMPT, TABLE = "--imdb-run-id", "--imdb-attempt", "--imdb-table"
"""Arguments by which a Glue run names the Dagster run that started it, because a Glue run cannot have tags."""
MESSAGES = "pipes/"
UNDER_WAY = {"WAITING", "STARTING", "RUNNING", "STOPPING"}
ENDED = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"}
POLL_SECONDS = 5.0
STOP_SECONDS = 300.0
"""Longest wait, in seconds, for the end of a Glue run that was told to stop. Glue ends a run within about a minute."""


_METERS = {"glue_dpu": "glue dpu seconds", "glue_standard_dpu": "glue standard dpu seconds"}
"""Maps an item of the price table to the name of the metadata entry that says how much of the item was used."""


class _ExpiredError(EngineError):
    """Glue found no spare capacity for the run in time; the run has not begun, and costs nothing."""


class GlueEngine:
    """Runs transforms as a Glue job, one at a time."""

    name = "glue"

    def __init__(self, settings: Settings, lake: Lake) -> None:
        """Sends no request before the first run.

        Args:
            settings: Settings of the deployment that the Glue job belongs to.
            lake: The lake; the budget guard reads its table `ops.costs`.
        """
        self._settings = settings
        self._lake = lake
        self._used: dict[str, float] = {}
        self._job = f"{settings.aws_prefix}-transform"
        self._buckets = Buckets(settings.aws_prefix)

    def run(
        self,
        transform: Transform,
        inputs: Mapping[str, Table],
        contract: type[Contract],
        destination: str,
        ids: FieldIds | None = None,
    ) -> Ran:
        """See `Engine.run`. Works only inside an asset's step; the step's log gets the job's messages.

        Raises:
            EngineError: The job failed, was stopped, took too long, could not be started, or would exceed the monthly
                budget.
        """
        files = {name: table.files for name, table in inputs.items()}
        work = Work.of(transform, contract.table, files, destination, ids)
        context = dg.AssetExecutionContext.get()
        try:
            self._jobs.reap(context)
            budget.require(
                self._settings,
                self._lake,
                prices.job("glue"),
                f"the Glue job for {work.table}",
                unrecorded=self._used.get(context.run.run_id, 0.0),
            )
            return self._accounted(context, work)
        except (LakeError, BudgetError) as error:
            raise EngineError(str(error)) from error

    @cached_property
    def _jobs(self) -> "_Jobs":
        return _Jobs(client("glue"), self._job)

    def _accounted(self, context: dg.AssetExecutionContext, work: Work) -> Ran:
        """Runs the job and accounts for the job's usage, even if the job fails."""
        self._jobs.last = {}
        try:
            with aws_errors(f"the Glue job {self._job} cannot be run"):
                told = self._told(context, work)
        except (LakeError, EngineError) as error:
            raise EngineError(str(error), self._facts(self._jobs.last)) from error
        finally:
            self._account(context.run.run_id, self._jobs.last)
        verdict = told.pop("audit", None)
        facts = {f"glue {name}": value for name, value in told.items()}
        return Ran(Audit(**verdict) if verdict else None, {**facts, **self._facts(self._jobs.last)})

    def _told(self, context: dg.AssetExecutionContext, work: Work) -> dict[str, Any]:
        """Runs the job and returns the job's report (`Done`), which is empty if the job's messages were lost."""
        try:
            return self._attempt(context, work)
        except _ExpiredError as error:
            context.log.warning(
                "%s The run is started once more with standard execution, which does not wait for spare capacity.",
                error,
            )
            return self._attempt(context, work, ExecutionClass="STANDARD")

    def _attempt(self, context: dg.AssetExecutionContext, work: Work, **params: str) -> dict[str, Any]:
        bucket = self._buckets.name("artifacts")
        pipes: Any = _Client(  # the types of `_Client` come from optional stubs
            self._jobs,
            context_injector=PipesS3ContextInjector(bucket=bucket, client=client("s3"), key_prefix=MESSAGES),
            message_reader=_Reader(bucket=bucket, client=client("s3"), interval=POLL_SECONDS),
        )
        arguments = {RUN: context.run.run_id, TABLE: work.table, ATTEMPT: uuid4().hex}
        done = pipes.run(
            context=context.op_execution_context,  # given `context` itself, Pipes would read deprecated attributes
            start_job_run_params={"JobName": self._job, "Arguments": arguments, **params},
            extras=work.as_json(),
        )
        return {name: value for message in done.get_custom_messages() for name, value in message.items()}

    def _facts(self, run: Mapping[str, Any]) -> Facts:
        """Glue's report on a succeeded or failed run of the job; empty if no run was started."""
        if not run:
            return {}
        return {
            "glue run": dg.MetadataValue.url(_console(client("glue").meta.region_name, self._job, str(run.get("Id")))),
            "glue billed seconds": int(run.get("ExecutionTime", 0)),
            **({_METERS[_priced_as(run)]: float(run["DPUSeconds"])} if "DPUSeconds" in run else {}),
        }

    def _account(self, dagster_run: str, run: Mapping[str, Any]) -> None:
        """Adds a Glue run's cost to the sum that the next budget check reads; `ops.costs` is written only later.

        If Glue does not report how much a run used, the expected quantity is charged.
        """
        if run:
            used = prices.prices()[_priced_as(run)].of(float(run.get("DPUSeconds", prices.job("glue")["glue_dpu"])))
            self._used = {dagster_run: self._used.get(dagster_run, 0.0) + used}


class _Jobs:
    """The calls of Glue's client that a run of the job needs. If Glue's answer gets lost, the job starts only once."""

    def __init__(self, glue: Any, job: str) -> None:
        self._glue = glue
        self._job = job
        self.meta = glue.meta
        self.last: dict[str, Any] = {}
        """The latest run of the job, as Glue last described it."""

    def start_job_run(self, **params: Any) -> dict[str, Any]:
        """Starts the job once, even if the first answer is lost and the request is repeated.

        Raises:
            EngineError: The job does not exist or is busy with another run.
        """
        started = self._started(params)
        self.last = {"Id": started["JobRunId"]}
        return started

    def _started(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._glue.start_job_run(**params)
        except (ClientError, ConnectionError, HTTPClientError) as error:
            code = code_of(error)
            if code == "EntityNotFoundException":
                raise EngineError(f"there is no Glue job {self._job}. Create the job with `imdb deploy`.") from error
            if isinstance(error, ClientError) and code != "ConcurrentRunsExceededException":
                raise
            attempt = params["Arguments"][ATTEMPT]
            for run in self._runs():
                if run.get("Arguments", {}).get(ATTEMPT) == attempt:
                    return {"JobRunId": run["Id"]}
            if code:
                nobody: dict[str, Any] = {}
                busy = next((run for run in self._runs() if run["JobRunState"] in UNDER_WAY), nobody)
                raise EngineError(
                    f"the Glue job {self._job} is busy: run {busy.get('Id', 'unknown')} makes "
                    f"{busy.get('Arguments', {}).get(TABLE, 'another table')} for Dagster's run "
                    f"{busy.get('Arguments', {}).get(RUN, 'unknown')}, and the job makes one table at a time. Repeat "
                    "this run when the other run has ended, or end the other run: aws glue batch-stop-job-run "
                    f"--job-name {self._job} --job-run-ids {busy.get('Id', '…')}"
                ) from error
            raise

    def get_job_run(self, **params: Any) -> dict[str, Any]:
        """Glue's description of a run of the job."""
        answer: dict[str, Any] = self._glue.get_job_run(**params)
        self.last = answer["JobRun"]
        return answer

    def batch_stop_job_run(self, **params: Any) -> dict[str, Any]:
        """Tells runs of the job to stop."""
        return self._glue.batch_stop_job_run(**params)

    def reap(self, context: dg.AssetExecutionContext) -> None:
        """Stops Glue runs whose Dagster run has ended: nobody waits for their results, so they only cost money.

        Raises:
            LakeError: Glue's runs cannot be listed or stopped.
        """
        with aws_errors(f"runs of the Glue job {self._job} cannot be listed"):
            orphans = [run["Id"] for run in self._runs() if run["JobRunState"] in UNDER_WAY and _orphan(run, context)]
            if not orphans:
                return
            context.log.warning("stopping runs of %s that nobody waits for: %s", self._job, ", ".join(orphans))
            self._glue.batch_stop_job_run(JobName=self._job, JobRunIds=orphans)
            deadline = monotonic() + STOP_SECONDS
            while monotonic() < deadline:
                states = {run["Id"]: run["JobRunState"] for run in self._runs()}
                if not any(states.get(orphan) in UNDER_WAY for orphan in orphans):
                    return
                sleep(POLL_SECONDS)

    def _runs(self) -> list[dict[str, Any]]:
        """The job's latest runs, newest first; at most one run is in progress."""
        try:
            return self._glue.get_job_runs(JobName=self._job, MaxResults=20)["JobRuns"]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return []
            raise


def _orphan(run: dict[str, Any], context: dg.AssetExecutionContext) -> bool:
    """Whether the Dagster run that started this Glue run has ended.

    False if our Dagster instance does not know the Dagster run, because an unknown run belongs to another instance.
    """
    run_id = run.get("Arguments", {}).get(RUN)
    if run_id == context.run.run_id:
        return True  # an earlier attempt of this step started the Glue run; this attempt has not started one yet
    started_by = context.instance.get_run_by_id(run_id) if run_id else None
    return started_by is not None and started_by.is_finished


class _Client(PipesGlueClient):
    """Client of Dagster Pipes that polls Glue at our own interval and raises errors that say what to do."""

    def __init__(self, jobs: _Jobs, **pipes: Any) -> None:
        super().__init__(client=jobs, **pipes)  # pyright: ignore[reportUnknownMemberType] - optional stubs
        self._jobs = jobs

    def _wait_for_job_run_completion(self, job_name: str, run_id: str) -> Any:
        while True:
            answer = self._jobs.get_job_run(JobName=job_name, RunId=run_id)
            run: dict[str, Any] = answer["JobRun"]
            if run["JobRunState"] in ENDED:
                if run["JobRunState"] != "SUCCEEDED":
                    kind = _ExpiredError if run["JobRunState"] == "EXPIRED" else EngineError
                    raise kind(_reason(job_name, run))
                return answer
            sleep(POLL_SECONDS)


class _Reader(PipesS3MessageReader):
    """Reads the job's messages below the S3 prefix that the bucket's lifecycle rules and policies cover."""

    @property
    def expected_writer_count(self) -> int:
        """The same value as in the base class, without the base class's warning about a preview feature."""
        return 1

    @contextmanager
    def get_params(self) -> Generator[dict[str, Any]]:
        with super().get_params() as params:
            name = "".join(random.choices(string.ascii_letters, k=30))
            yield {**params, "key_prefix": f"{MESSAGES}{name}"}


def _reason(job: str, run: dict[str, Any]) -> str:
    """The message about a run that did not succeed."""
    where = f"Glue run {run['Id']} of {job}"
    said = str(run.get("ErrorMessage") or "Glue gives no reason").strip()
    groups = f"/{job.removesuffix('-transform')}/glue"
    logs = f"Its log: CloudWatch, groups {groups}/error and {groups}/output, stream {run['Id']}"
    match run["JobRunState"]:
        case "EXPIRED":
            return f"{where} was never started, because AWS had no capacity in time. Run again later. {logs}."
        case "TIMEOUT":
            return (
                f"{where} took longer than the {run.get('Timeout', '?')} minutes that the job is given, and was ended. "
                f"Run again; to give the job more workers (MaxWorkers) or more time, use `imdb deploy`. {logs}."
            )
        case "STOPPED":
            return f"{where} was stopped, by a person or another run. Run again. {logs}."
        case _:
            return f"{where} failed: {said}. {logs}. Nothing was published."


def _priced_as(run: Mapping[str, Any]) -> str:
    """The item of prices.toml for a run; a run that does not wait for spare capacity costs 1.5 times as much."""
    return "glue_standard_dpu" if run.get("ExecutionClass") == "STANDARD" else "glue_dpu"


def _console(region: str, job: str, run: str) -> str:
    return f"https://{region}.console.aws.amazon.com/gluestudio/home?region={region}#/job/{job}/run/{run}"
