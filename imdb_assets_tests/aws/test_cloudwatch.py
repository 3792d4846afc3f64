"""What is put into CloudWatch: the deployed alarms' series, and what people look at there."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from imdb_assets.aws import cloudwatch
from imdb_assets.aws.deploy import artifacts, stacks
from imdb_assets.aws.deploy.stacks import Place
from imdb_assets.monitoring.alarms import ALARMS, DEPLOYED, Alarm
from imdb_assets.monitoring.evaluate import latest
from imdb_assets.settings import Settings
from imdb_assets_tests.measured import NOON, example, measured


def _series(metrics: pl.DataFrame) -> dict[tuple[str, ...], float]:
    """Metric and values of dimensions → value."""
    put = cloudwatch.series(latest(metrics, NOON))
    return {(one["MetricName"], *(at["Value"] for at in one["Dimensions"])): one["Value"] for one in put}


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_every_alarm_that_a_person_must_know_of_raises_one_in_cloudwatch(alarm: Alarm) -> None:
    (deployed,) = [one for one in DEPLOYED if alarm in one.of] or [None]
    assert (deployed is None) is (alarm.severity == "info")
    if deployed and not deployed.heartbeat_hours:
        beyond = alarm.threshold + (1 if alarm.beyond == ">" else -1) * max(1, abs(alarm.threshold))
        key = ("alarms_raised", deployed.name)
        assert _series(measured((NOON, alarm.metric, example(alarm), "", beyond)))[key] == 1
        assert _series(measured((NOON, alarm.metric, example(alarm), "", alarm.threshold)))[key] == 0


def test_every_deployed_alarm_judges_a_series_that_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[dict[str, Any]] = []
    double = SimpleNamespace(put_metric_data=lambda **request: put.append(request))
    monkeypatch.setattr(cloudwatch, "client", lambda _: double)
    environment = artifacts.environment(Settings(), Place("imdb-assets", "123456789012", "eu-central-1"))
    heard = measured((NOON, "hours_since_good_run", "", "", 0.2))
    cloudwatch.publish(environment["IMDB_CLOUDWATCH_NAMESPACE"], latest(heard, NOON))
    published = [(one["Namespace"], it["MetricName"], it["Dimensions"]) for one in put for it in one["MetricData"]]
    prefix = {"Ref": "Prefix"}
    for alarm in stacks.parse(stacks.ALARMS.body)["Resources"].values():
        judged = alarm["Properties"]
        namespace = "imdb-assets" if judged["Namespace"] == prefix else judged["Namespace"]
        assert (namespace, judged["MetricName"], judged["Dimensions"]) in published


def test_the_heartbeat_says_how_long_ago_a_run_succeeded_and_nothing_before_the_first() -> None:
    heard = _series(measured((NOON, "hours_since_good_run", "", "", 0.2)))
    assert heard == {
        ("hours_since_good_run", "heartbeat"): 0.2,
        ("alarms_raised", "run-failed"): 0,
        ("alarms_raised", "alarms-raised"): 0,
    }
    assert ("hours_since_good_run", "heartbeat") not in _series(measured((NOON, "disk_free_bytes", "", "", 1e12)))
    assert _series(measured()) == {}


def test_cloudwatch_has_what_people_look_at() -> None:
    """Rows, quarantine, freshness, durations, R², drift, latency and errors of the endpoint."""
    expected = {
        ("rows", "gold/movie_features", ""): ("rows", "gold/movie_features"),
        ("quarantine_share", "bronze/title_akas", ""): ("quarantine_share", "highest"),
        ("dump_age_hours", "landing/title_akas", ""): ("dump_age_hours", "highest"),
        ("run_seconds", "", "daily"): ("run_seconds", "deployment", "daily"),
        ("r2", "models/predictions", "pre-release"): ("r2", "models/predictions", "pre-release"),
        ("psi", "gold/movie_features", "runtime_minutes"): ("psi", "highest"),
        ("endpoint_up", "serving/rating_endpoint", ""): ("endpoint_up", "serving/rating_endpoint"),
        ("endpoint_p95_ms", "serving/rating_endpoint", ""): ("endpoint_p95_ms", "serving/rating_endpoint"),
        ("endpoint_error_share", "serving/rating_endpoint", ""): ("endpoint_error_share", "serving/rating_endpoint"),
    }
    series = _series(measured(*((NOON, *key, float(value)) for value, key in enumerate(expected, start=1))))
    shown = {name: value for name, value in series.items() if name[0] != "alarms_raised"}
    assert shown == {name: float(value) for value, name in enumerate(expected.values(), start=1)}


def test_cloudwatch_has_one_series_of_the_worst_and_none_of_what_was_not_measured_now() -> None:
    hour = timedelta(hours=1)
    series = _series(
        measured(
            (NOON, "quarantine_share", "bronze/title_akas", "", 0.1),
            (NOON, "quarantine_share", "bronze/title_crew", "", 0.3),
            (NOON, "rows", "silver/movies", "", 7),
            (NOON, "rows", "bronze/title_akas", "", 9),
            (NOON - hour, "r2", "models/predictions", "pre-release", 0.4),
        )
    )
    shown = {name: value for name, value in series.items() if name[0] != "alarms_raised"}
    assert shown == {("quarantine_share", "highest"): 0.3, ("rows", "silver/movies"): 7}
