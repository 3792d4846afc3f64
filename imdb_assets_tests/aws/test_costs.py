"""Costs: the arithmetic, the estimates as the documentation has them, the guard of the budget, what a run has used."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import dagster as dg
import polars as pl
import pytest

from imdb_assets.aws.billing import budget, prices
from imdb_assets.aws.billing.bill import Bill, of_endpoint
from imdb_assets.aws.billing.budget import this_month
from imdb_assets.aws.billing.endpoint_hours import Life
from imdb_assets.aws.billing.prices import BudgetError
from imdb_assets.aws.deploy import stacks
from imdb_assets.aws.sagemaker.training_jobs import SageMakerTrainer
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Costs
from imdb_assets.defs.ops.costs import _looked_at, usage
from imdb_assets.defs.ops.run_log import S3_REQUESTS, EndedRun
from imdb_assets.defs.ops.tables import OVERLAP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.rollback import roll_back
from imdb_assets.ml.training import TrainingError
from imdb_assets.monitoring.alarms import DEPLOYED
from imdb_assets.settings import PROJECT_ROOT, HostKind, Settings
from imdb_assets_tests.world import write

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_prices_are_of_a_date_and_a_quantity() -> None:
    assert datetime.fromisoformat(prices.dated()) <= datetime.now()  # noqa: DTZ005 - a date
    known = prices.prices()
    assert known["glue_dpu"].of(3600) == pytest.approx(0.29)
    assert known["athena_scan"].of(10**12 / 2) == pytest.approx(2.5)
    assert known["s3_writes"].of(200) == pytest.approx(0.001)


def test_a_month_is_thirty_runs_with_what_stands_in_between() -> None:
    runs = prices.total(prices.run()) * prices.RUNS
    rest = sum(line.usd for line in prices.month() if not line.because.startswith(f"{prices.RUNS} runs"))
    assert prices.total(prices.month()) == pytest.approx(runs + rest)


def test_the_aims_are_met() -> None:
    assert prices.total(prices.run()) <= 0.10
    assert prices.total(prices.month()) <= 4.00


def test_as_many_tables_are_priced_as_glue_makes_and_as_many_alarms_as_are_deployed() -> None:
    month = {line.price.item: line.quantity for line in prices.month()}
    heavy = Settings().glue_tables.split(",")
    assert month["glue_dpu"] == prices.RUNS * len(heavy) * prices.job("glue")["glue_dpu"]
    endpoints = [one for one in stacks.SERVING.resources({}).values() if one == "AWS::CloudWatch::Alarm"]
    assert month["alarm"] == len(DEPLOYED) + len(endpoints)


def test_the_documentation_shows_the_estimates_as_they_are() -> None:
    assert prices.page() in (PROJECT_ROOT / "docs" / "aws-costs.md").read_text(encoding="utf-8")


def _row(run: str, ended: datetime, usd: float) -> dict[str, object]:
    return {
        "run_id": run,
        "item": "glue_dpu",
        "known": "reported",
        "ended_at": ended,
        "job": "daily",
        "quantity": 1.0,
        "unit": "DPU-seconds",
        "usd": usd,
        "prices_of": "2026-11-24",
        "recorded_at": ended,
    }


def test_only_this_months_rows_count_against_the_budget(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert this_month(lake, NOW) == 0
    before = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    found = [_row("a", before, 5.0), _row("b", NOW, 0.25), _row("c", NOW - timedelta(days=23), 0.5)]
    write(lake, Costs, pl.DataFrame(found, schema=polars_schema(Costs)))
    assert this_month(lake, NOW) == pytest.approx(0.75)


def _spent(usd: float, data: Path) -> tuple[Settings, Lake]:
    """A deployment that has spent so much this month, of $10."""
    lake = Lake(data / "lake")
    write(lake, Costs, pl.DataFrame([_row("a", datetime.now(UTC), usd)], schema=polars_schema(Costs)))
    return Settings(data=data, budget_usd=10), lake


def test_what_would_pass_the_budget_is_not_started(tmp_path: Path) -> None:
    deployment, two_hours = _spent(9.5, tmp_path), {"endpoint": 7200.0}
    fits = budget.require(*deployment, two_hours, "the endpoint")
    assert (fits.usd, fits.spent_usd) == (pytest.approx(0.23), pytest.approx(9.5))
    with pytest.raises(
        BudgetError,
        match=r"the endpoint was not started: it would cost \$0\.23, and \$9\.80 of this month's budget of \$10\.00 "
        r"have been spent\. Wait "
        r"for the next month, request less, or raise IMDB_BUDGET_USD\.",
    ):
        budget.require(*deployment, two_hours, "the endpoint", unrecorded=0.3)


def test_by_default_the_budget_has_room_for_the_host_and_ten_dollars_besides(tmp_path: Path) -> None:
    hosts: list[HostKind] = ["none", "task", "instance"]
    assert [budget.limit(Settings(host=host)) for host in hosts] == [10, 12, 52]
    assert budget.limit(Settings(host="instance", budget_usd=20)) == 20
    _, lake = _spent(9.5, tmp_path)
    settings = Settings(data=tmp_path, host="instance")
    fits = budget.require(settings, lake, {"endpoint": 7200.0}, "the endpoint")
    assert (fits.spent_usd, fits.limit_usd) == (pytest.approx(9.5 + prices.total(prices.host_month("instance"))), 52)
    words = r"\$52\.\d\d of this month's budget of \$52\.00 have been spent\. The amount spent includes \$41\.73 for"
    with pytest.raises(BudgetError, match=words):
        budget.require(settings, lake, {"endpoint": 7200.0}, "the endpoint", unrecorded=1.0)


@pytest.mark.parametrize("name", ["glue", "training"])
def test_a_job_is_expected_to_cost_cents(name: Literal["glue", "training"]) -> None:
    (planned,) = prices.job(name).items()
    assert 0.001 < prices.prices()[planned[0]].of(planned[1]) < 0.1


def test_a_training_job_that_would_pass_the_budget_is_refused_before_aws_is_asked(tmp_path: Path) -> None:
    trainer = SageMakerTrainer(*_spent(9.99, tmp_path))
    with pytest.raises(TrainingError, match=r"the training job was not started: it would cost \$0\.0\d"):
        trainer.fit(pl.DataFrame(), {}, {}, print)


def _record(metadata: dict[str, float | str], tags: dict[str, str] | None = None, *, fails: bool = False) -> EndedRun:
    @dg.asset
    def made() -> dg.MaterializeResult:
        if fails:
            raise dg.Failure("of the test", metadata=metadata)
        return dg.MaterializeResult(metadata=metadata)

    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([made], instance=instance, raise_on_error=False)
        kinds = {"ASSET_MATERIALIZATION", "STEP_FAILURE"}
        events = [event for event in done.all_events if event.event_type_value in kinds]
    run = dg.DagsterRun("daily", run_id=done.run_id, tags=tags or {})
    return EndedRun(run, NOW - timedelta(minutes=10), NOW, events)


def _rows(record: EndedRun, settings: Settings | None = None, stored: int = 0) -> list[dict[str, Any]]:
    return list(Bill(settings or Settings()).of_run(usage(record), stored, NOW))


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_is_charged_what_aws_told_it_and_nothing_else_also_if_it_failed(*, fails: bool) -> None:
    record = _record({"glue dpu seconds": 360.0, "glue run": "x", "rows": 5}, fails=fails)
    found = _rows(record)
    assert [(row["item"], row["known"], row["quantity"], row["unit"]) for row in found] == [
        ("glue_dpu", "reported", 360.0, "DPU-seconds")
    ]
    assert found[0]["usd"] == pytest.approx(0.029)
    assert _rows(_record({"rows": 5})) == []


def test_a_task_pays_for_its_time_and_a_daily_run_for_a_day_of_storage() -> None:
    found = {row["item"]: row["quantity"] for row in _rows(_record({}), Settings(host="task"), 30 * 2**30)}
    assert found == {
        "address": 600,
        "s3_storage": 2**30,
        "task_cpu": 1200,
        "task_memory": 2400,
        "task_disk": 12_000,
    }
    declared = stacks.parse(stacks.HOST.body)
    task = declared["Resources"]["Task"]["Properties"]
    cpu, memory = (int(declared["Parameters"][f"Task{name}"]["Default"]) for name in ("Cpu", "Memory"))
    assert (cpu / 1024 * 600, memory / 1024 * 600) == (found["task_cpu"], found["task_memory"])
    assert (task["EphemeralStorage"]["SizeInGiB"] - 20) * 600 == found["task_disk"], "20 GB are free"


def test_what_is_counted_of_s3_stands_apart_from_what_is_estimated() -> None:
    record = _record({}, {S3_REQUESTS: json.dumps({"writes": 300, "reads": 2000, "estimated_reads": 500})})
    assert {(row["item"], row["known"]): row["quantity"] for row in _rows(record)} == {
        ("s3_writes", "counted"): 300,
        ("s3_reads", "counted"): 2000,
        ("s3_reads", "estimated"): 500,
    }


def test_an_endpoint_is_charged_from_its_beginning_to_its_end_or_until_now() -> None:
    began = NOW - timedelta(hours=2)
    (ended,) = of_endpoint(Life("imdb-rating", began, NOW - timedelta(hours=1)), NOW)
    assert (ended["quantity"], ended["usd"], ended["job"]) == (3600, pytest.approx(0.115), "endpoint")
    assert ended["ended_at"] == NOW - timedelta(hours=1)
    (up,) = of_endpoint(Life("imdb-rating", began, None), NOW)
    assert (up["quantity"], up["ended_at"], up["run_id"]) == (7200, NOW, ended["run_id"])


def test_after_a_rollback_runs_are_looked_through_from_the_snapshot_on_that_is_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert _looked_at(lake) is None
    for run in ("a", "b"):
        write(lake, Costs, pl.DataFrame([_row(run, NOW, 1.0)], schema=polars_schema(Costs)))
        time.sleep(1.1)  # times of snapshots are told to the second
    first, second = (datetime.fromisoformat(one.published_at) for one in lake.history(Costs.table))
    assert _looked_at(lake) == second - OVERLAP
    roll_back(lake, Costs.table, lake.history(Costs.table)[0].snapshot_id, "test")
    assert _looked_at(lake) == first - OVERLAP
