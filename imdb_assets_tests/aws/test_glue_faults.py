"""What can happen to a Glue job: it fails, hangs, is stopped, is lost sight of; and what is said and done then."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from botocore.exceptions import ConnectionClosedError
from dagster._core.errors import DagsterExecutionInterruptedError

from imdb_assets.aws import client as aws_client
from imdb_assets.aws import glue as module
from imdb_assets.aws.billing import prices
from imdb_assets.aws.glue import ATTEMPT, RUN, TABLE, GlueEngine
from imdb_assets.contracts import silver
from imdb_assets.engines.base import EngineError, Ran
from imdb_assets.lake.table import Table
from imdb_assets.settings import Settings
from imdb_assets.transforms.movies import movies
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.glue_jobs import LocalGlue, make_job

PREFIX = "imdb-jobs"
JOB = f"{PREFIX}-transform"
WELL, FAILING, HANGING = "pass", "raise MemoryError('Container killed by YARN')", "import time; time.sleep(600)"
INPUTS = {"title_basics": Table("bronze.title_basics", 1, ("s3://bucket/file.parquet",), 1, 1)}


@pytest.fixture
def glue(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalGlue]:
    """The job of a deployment; its runs are small programs that say nothing to Dagster."""
    aws.reset()
    make_buckets(aws, PREFIX)
    make_job(aws, PREFIX)
    local = LocalGlue(aws, aws.client("glue"), tmp_path, worker=(sys.executable, "-c", WELL))
    real = aws_client.client
    monkeypatch.setattr(module, "client", lambda service: local if service == "glue" else real(service))
    monkeypatch.setattr(module, "POLL_SECONDS", 0.05)
    monkeypatch.setattr("dagster._core.pipes.utils.WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 0)
    yield local
    for run_id in local.processes:
        local.end(run_id)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _engine(budget_usd: float = 10) -> GlueEngine:
    settings = Settings(lake="s3", engine="glue", aws_prefix=PREFIX, budget_usd=budget_usd)
    return GlueEngine(settings, lake_of(settings))


def run(
    instance: dg.DagsterInstance,
    before: Callable[[str], object] = lambda _run_id: None,
    *,
    budget_usd: float = 10,
    times: int = 1,
) -> Ran:
    """Runs a transform by Glue within a step; `before` is called with the id of the Dagster run."""
    found: list[Ran] = []
    raised: list[EngineError | DagsterExecutionInterruptedError] = []

    @dg.asset
    def probe(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        before(context.run.run_id)
        engine = _engine(budget_usd)
        try:
            found.extend(engine.run(movies, INPUTS, silver.Movies, "s3://bucket/destination") for _ in range(times))
        except (EngineError, DagsterExecutionInterruptedError) as error:
            raised.append(error)
        return dg.MaterializeResult()

    assert dg.materialize([probe], instance=instance).success
    if raised:
        raise raised[0]
    return found[0]


def start(glue: LocalGlue, run_id: str) -> str:
    """A run of the job that hangs, started by some Dagster run."""
    glue.worker = (sys.executable, "-c", HANGING)
    started = glue.start_job_run(JobName=JOB, Arguments={RUN: run_id, TABLE: "gold.movie_features", ATTEMPT: "x"})
    glue.worker = (sys.executable, "-c", WELL)
    return started["JobRunId"]


def test_a_run_whose_messages_are_lost_succeeds(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    ran = run(instance)
    (run_id,) = glue.processes
    assert run_id in str(ran.facts["glue run"].value)
    assert "glue rows" not in ran.facts
    assert ran.audit is None
    given = glue.client.get_job_run(JobName=JOB, RunId=run_id)["JobRun"]["Arguments"]
    assert given[TABLE] == "silver.movies"
    assert given["--enable-auto-scaling"] == "true"
    assert {"--dagster-pipes-context", "--dagster-pipes-messages", RUN, ATTEMPT} <= set(given)


def test_what_the_two_tell_each_other_is_encrypted(
    glue: LocalGlue, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imdb_assets.aws import glue_job

    written: dict[str, str] = {}

    def look(request: Any, **_: Any) -> None:
        written[request.url.partition("/pipes/")[2]] = request.headers.get("x-amz-server-side-encryption", "no")

    events = aws_client.client("s3").meta.events
    events.register("before-send.s3.PutObject", look)
    try:
        run(instance)  # the orchestrator's context
        channel = glue_job._Writer(glue_job.s3(), interval=0.1).make_channel(
            {"bucket": f"{PREFIX}-000000000000-eu-central-1-artifacts", "key_prefix": "pipes/of-the-job"}
        )
        with channel.buffered_upload_loop():
            channel.write_message({"__dagster_pipes_version": "0.1", "method": "log", "params": {}})
    finally:
        events.unregister("before-send.s3.PutObject", look)
    assert {key.rpartition("/")[2] for key in written} == {"context.json", "1.json"}
    assert {value if isinstance(value, str) else value.decode() for value in written.values()} == {"AES256"}


def test_a_run_that_finds_no_spare_capacity_is_repeated_once_as_standard(
    glue: LocalGlue, instance: dg.DagsterInstance
) -> None:
    glue.on_started = lambda _: setattr(glue, "state", "EXPIRED" if len(glue.classes) == 1 else None)
    glue.dpu_seconds = 100.0
    facts = run(instance).facts
    assert list(glue.classes.values()) == ["FLEX", "STANDARD"]
    assert facts["glue standard dpu seconds"] == 100.0, "it costs half as much again"
    glue.on_started, glue.state = (lambda _: None), "EXPIRED"
    with pytest.raises(EngineError, match="was never started, because AWS had no capacity in time"):
        run(instance)
    assert len(glue.classes) == 4


def test_a_job_that_would_pass_the_budget_is_not_started(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    words = r"the Glue job for silver\.movies was not started: it would cost \$0\.01, .* raise IMDB_BUDGET_USD"
    with pytest.raises(EngineError, match=words):
        run(instance, budget_usd=0.001)
    assert glue.processes == {}
    one = prices.prices()["glue_dpu"].of(prices.job("glue")["glue_dpu"])
    with pytest.raises(EngineError, match=words):  # what this run has taken is not in ops.costs before it ends
        run(instance, budget_usd=1.5 * one, times=2)
    assert len(glue.processes) == 1


def test_a_job_that_fails_says_why_and_where_its_log_is(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    glue.worker = (sys.executable, "-c", FAILING)
    with pytest.raises(
        EngineError, match=rf"of {JOB} failed: MemoryError: Container killed by YARN.*/imdb-jobs/glue/error"
    ):
        run(instance)


@pytest.mark.parametrize("told", [None, 3600.0])
def test_a_job_that_failed_has_cost_something(
    glue: LocalGlue, instance: dg.DagsterInstance, told: float | None
) -> None:
    glue.worker = (sys.executable, "-c", FAILING)
    glue.dpu_seconds = told
    expected = prices.job("glue")["glue_dpu"]
    used = prices.prices()["glue_dpu"].of(told or expected)
    with pytest.raises(EngineError, match=r"failed: MemoryError") as failed:
        run(instance)
    assert failed.value.facts.get("glue dpu seconds") == told
    engine = _engine()
    engine._account("run", {"Id": "jr_1", **({"DPUSeconds": told} if told else {})})
    assert engine._used == {"run": pytest.approx(used)}


def test_after_a_job_that_failed_the_next_one_must_still_fit(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    glue.worker = (sys.executable, "-c", FAILING)
    one = prices.prices()["glue_dpu"].of(prices.job("glue")["glue_dpu"])
    engine = _engine(1.5 * one)
    said: list[str] = []

    @dg.asset
    def probe() -> dg.MaterializeResult:
        for _ in range(2):
            try:
                engine.run(movies, INPUTS, silver.Movies, "s3://bucket/destination")
            except EngineError as error:
                said.append(str(error))
        return dg.MaterializeResult()

    assert dg.materialize([probe], instance=instance).success
    assert ["failed: MemoryError" in said[0], "was not started" in said[1]] == [True, True]
    assert len(glue.processes) == 1


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("TIMEOUT", "longer than the 60 minutes.*more workers"),
        ("STOPPED", "was stopped, by a person"),
        ("ERROR", "failed: Glue gives no reason"),
    ],
)
def test_a_job_that_aws_ends_says_what_to_do(
    glue: LocalGlue, instance: dg.DagsterInstance, state: str, words: str
) -> None:
    glue.state = state
    with pytest.raises(EngineError, match=words):
        run(instance)


def test_a_job_that_is_not_deployed_is_named(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    glue.client.delete_job(JobName=JOB)
    with pytest.raises(EngineError, match=f"no Glue job {JOB}. Create the job with `imdb deploy`"):
        run(instance)


def test_a_start_whose_answer_was_lost_is_found_and_not_repeated(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    def lose(_run_id: str) -> None:
        raise ConnectionClosedError(endpoint_url="https://glue")

    glue.on_started = lose
    run(instance)
    assert len(glue.processes) == 1


def test_a_start_that_was_never_heard_fails_with_the_cause(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    def lose(_params: dict[str, Any]) -> None:
        raise ConnectionClosedError(endpoint_url="https://glue")

    glue.on_start = lose
    with pytest.raises(EngineError, match="Check the network"):
        run(instance)
    assert glue.processes == {}


def test_a_busy_job_says_who_has_it(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    other = start(glue, "of-another-instance")

    def refuse(_params: dict[str, Any]) -> None:
        raise glue.exceptions.ConcurrentRunsExceededException(
            {"Error": {"Code": "ConcurrentRunsExceededException", "Message": "1"}}, "StartJobRun"
        )

    glue.on_start = refuse
    with pytest.raises(EngineError, match=f"busy: run {other} makes gold.movie_features for .*of-another-instance"):
        run(instance)
    assert glue.stopped == []


def test_a_run_that_nobody_waits_for_is_stopped_first(glue: LocalGlue, instance: dg.DagsterInstance) -> None:
    @dg.job
    def ended() -> None: ...

    gone = ended.execute_in_process(instance=instance).run_id
    orphan, foreign = start(glue, gone), start(glue, "of-another-instance")
    run(instance)
    assert glue.stopped == [orphan]
    assert glue.processes[foreign].poll() is None


def test_a_run_that_is_cancelled_stops_its_job(
    glue: LocalGlue, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.worker = (sys.executable, "-c", HANGING)
    looked = threading.Event()

    def interrupted(_seconds: float) -> None:
        looked.set()
        raise DagsterExecutionInterruptedError

    monkeypatch.setattr(module, "sleep", interrupted)
    with pytest.raises(DagsterExecutionInterruptedError):
        run(instance)
    assert looked.is_set()
    assert glue.stopped == list(glue.processes)
    (process,) = glue.processes.values()
    assert process.poll() is not None


def test_messages_that_cannot_be_written_do_not_fail_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    from imdb_assets.aws import glue_job

    class Broken:
        def put_object(self, **_: object) -> None:
            raise ConnectionClosedError(endpoint_url="https://s3")

    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    channel = glue_job._Writer(Broken()).make_channel({"bucket": "b", "key_prefix": "p"})
    with channel.buffered_upload_loop():
        channel.write_message({"__dagster_pipes_version": "0.1", "method": "log", "params": {}})
