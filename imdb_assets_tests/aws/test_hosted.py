"""The environment of a host: `imdb deploy` writes it, and the platform there must be able to read it."""

import subprocess
import sys

import dagster as dg
import pytest

from imdb_assets.aws.billing import budget
from imdb_assets.aws.deploy import artifacts, run_history
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.cli import host
from imdb_assets.defs import automation
from imdb_assets.defs.ops import maintenance, watch
from imdb_assets.settings import Settings, load_settings

PLACE = Place("imdb-assets", "123456789012", "eu-central-1")


def test_a_host_can_read_the_settings_that_were_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(host="task", accept_terms="yes", training="sagemaker")
    for name, value in artifacts.host_environment(settings, PLACE).items():
        monkeypatch.setenv(name, value)
    there = load_settings()
    assert (there.source, there.lake, there.engine) == ("imdb", "s3", "glue")
    assert (there.host, there.trigger, there.training) == ("task", "external", "sagemaker")
    assert there.budget_usd == budget.limit(settings)


def test_on_a_host_that_keeps_running_all_starts_but_the_daily_run_which_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in artifacts.host_environment(Settings(host="instance", accept_terms="yes"), PLACE).items():
        monkeypatch.setenv(name, value)
    assert _starters() == {
        "iterations_on_sundays_at_04_utc": "RUNNING",
        "maintenance_at_06_utc": "RUNNING",
        "monitoring_after_runs": "RUNNING",
        "rating_history_after_bronze": "RUNNING",
        "daily_when_asked": "STOPPED",
    }


def test_beside_a_host_nothing_starts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in artifacts.environment(Settings(host="instance", accept_terms="yes"), PLACE).items():
        monkeypatch.setenv(name, value)
    assert set(_starters().values()) == {"STOPPED"}, "`imdb ui` has a daemon, and would do the host's work again"


def _starters() -> dict[str, str]:
    """Schedule or sensor → its initial status, by the settings in the environment."""
    parts = [module() for module in (automation.automation, maintenance.upkeep, watch.watching)]
    return {
        starter.name: starter.default_status.value
        for part in parts
        for starter in (*(part.schedules or ()), *(part.sensors or ()))
        if isinstance(starter, dg.ScheduleDefinition | dg.SensorDefinition)
    }


def test_a_host_publishes_and_tells_where_its_role_may_and_the_alarms_look() -> None:
    told = artifacts.environment(Settings(aws_prefix="imdb-two"), Place("imdb-two", "123456789012", "eu-central-1"))
    assert told["IMDB_CLOUDWATCH_NAMESPACE"] == "imdb-two"
    assert told["IMDB_ALERT_TOPIC"] == "arn:aws:sns:eu-central-1:123456789012:imdb-two-alerts"


def test_a_task_that_hangs_is_ended_while_its_lock_is_its_own() -> None:
    assert run_history.STALE.total_seconds() > host.TASK_SECONDS
    hangs = (
        "import sys, time; from imdb_assets.cli import host; host.TASK_SECONDS = 0.2; "
        "host.run = lambda settings: time.sleep(60); sys.argv = ['host', 'run']; host.main()"
    )
    ended = subprocess.run([sys.executable, "-c", hangs], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "cli/host.py" in ended.stderr  # where it hung
