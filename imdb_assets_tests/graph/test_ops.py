"""The maintenance job: what it removes, says, and when it runs."""

from datetime import timedelta
from pathlib import Path
from typing import cast

import dagster as dg
import pytest
from pydantic import ValidationError

from imdb_assets.defs.ops.maintenance import Retention, maintenance
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.resources import resources_of
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets_tests.lakes import Films, People, age, films, people, put, stage
from imdb_assets_tests.support import QUIET, definitions


def _run(settings: Settings, **config: object) -> dict[str, object]:
    """Metadata of the step."""
    job = dg.Definitions(jobs=[maintenance], resources=resources_of(settings)).resolve_job_def("maintenance")
    result = job.execute_in_process(run_config={**QUIET, "ops": {"maintain": {"config": config}}})
    (event,) = [event for event in result.all_events if event.is_successful_output]
    return {name: entry.value for name, entry in event.step_output_data.metadata.items()}


def test_the_job_removes_what_the_policy_does_not_keep_and_says_what(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    lake = Lake(settings.lake_folder)
    old, new = put(lake, Films, films(1)), put(lake, Films, films(2))
    stage(lake, People, people(1))
    age(lake.root, timedelta(hours=25))
    would = _run(settings, snapshots=1, snapshot_days=0, dry_run=True)
    assert len(lake.history("silver.films")) == 2
    did = _run(settings, snapshots=1, snapshot_days=0)
    assert [snapshot.snapshot_id for snapshot in lake.history("silver.films")] == [new.snapshot_id]
    assert did == would
    removed = did["removed"]
    assert isinstance(removed, dg.TableMetadataValue)
    assert [(record.data["kind"], record.data["name"]) for record in removed.records] == [
        ("unreferenced", "gold.people"),
        ("snapshot", f"silver.films {old.snapshot_id}"),
        ("unreferenced", "silver.films"),
    ]
    assert did["bytes"] == sum(cast("int", record.data["bytes"]) for record in removed.records)


def test_by_default_it_keeps_a_week(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    put(Lake(settings.lake_folder), Films, films(1))
    assert _run(settings)["bytes"] == 0


@pytest.mark.parametrize("config", [{"snapshots": 0}, {"snapshots": -1}, {"snapshot_days": -1}, {"snapshot_days": 1e9}])
def test_a_policy_that_is_none_is_refused_before_anything_is_removed(config: dict[str, float]) -> None:
    (name,) = config
    with pytest.raises(ValidationError, match=f"\n{name}\n"):
        Retention(**config)  # pyright: ignore[reportArgumentType]


def test_a_run_that_is_told_to_stop_says_so() -> None:
    @dg.op
    def told_to_stop() -> None:
        raise dg.DagsterExecutionInterruptedError

    @dg.job
    def stopped() -> None:
        told_to_stop()

    (failed,) = stopped.execute_in_process(run_config=QUIET, raise_on_error=False).get_step_failure_events()
    assert reason(failed) == "ended from outside: the run was canceled, or its process was told to stop."


def test_it_is_daily_and_stopped_until_someone_turns_it_on() -> None:
    found = definitions().resolve_schedule_def("maintenance_at_06_utc")
    assert (found.cron_schedule, found.execution_timezone, found.job_name) == ("0 6 * * *", "UTC", "maintenance")
    assert found.default_status == dg.DefaultScheduleStatus.STOPPED
