"""Decides from measurements which alarms fire now, and which of these alarms have not been reported yet.

All functions are pure and take rows of `ops.metrics`, `ops.runs` and `ops.alerts`; `channels.py` sends the alerts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Alerts
from imdb_assets.dashboards.shown import moment
from imdb_assets.monitoring.alarms import ALARMS, Alarm

RECENT = timedelta(days=8)
"""Age above which values are ignored. Every existing asset is measured at least weekly, so a value older than eight
days belongs to an asset that no longer exists."""
REMIND = timedelta(hours=20)
"""Time after which the alert for an alarm that still fires is repeated: less than a day, so that each failure of a
daily run is reported."""

LONGEST_DETAIL = 1_500
"""Largest number of characters of an alert's detail. Mail servers and webhooks may refuse long alerts; the alert's link
to the run leads to the full detail."""

State = Literal["firing", "still firing", "resolved"]
_KEY = ["alarm", "asset", "part"]


@dataclass(frozen=True)
class Alert:
    """A message to people about one alarm of one asset."""

    alarm: Alarm
    at: datetime
    since: datetime
    state: State
    asset: str
    """Asset key; empty if the alert is about the whole deployment."""
    part: str
    value: float
    run_id: str | None
    run_url: str | None
    detail: str | None
    """The run's message about its failure, or the check's message about its finding."""
    also: tuple[str, ...] = ()
    """Further assets for which the same alert is due at the same time."""

    @property
    def subject(self) -> str:
        """The subject, one line."""
        what = " ".join(filter(None, (self.asset, self.part))) or "the deployment"
        more = f" and {len(self.also)} more" if self.also else ""
        return f"[{'resolved' if self.state == 'resolved' else self.alarm.severity}] {self.alarm.name}: {what}{more}"

    @property
    def said(self) -> str | None:
        """The detail, shortened if it is long."""
        if self.detail is None or len(self.detail) <= LONGEST_DETAIL:
            return self.detail
        return f"{self.detail[:LONGEST_DETAIL]}…"

    @property
    def text(self) -> str:
        """The full message, line by line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        alarm = self.alarm
        metric = f"{alarm.metric} is {self.value:,.4g}"
        if self.state == "resolved":
            over = f"{alarm.metric} is no longer measured" if alarm.fires(self.value) else f"{metric} again"
            yield (
                f"{self.subject}. {over}; the alarm, which fires when {alarm.condition}, had been firing since "
                f"{moment(self.since)}."
            )
        else:
            yield f"{self.subject}. {metric}; the alarm fires when {alarm.condition}."
            if self.said:
                yield f"Details: {self.said}"
            if self.also:
                yield f"This alert is also about {', '.join(self.also)}."
            yield f"Cause: {alarm.cause}"
            yield f"Remedy: {alarm.remedy}"
            if self.state == "still firing":
                yield f"Since {moment(self.since)}."
        if self.run_url:
            yield f"Run: {self.run_url}"
        yield f"Runbook: {alarm.runbook}"

    def row(self) -> dict[str, Any]:
        """The alert's row of `ops.alerts`."""
        return {
            "told_at": self.at,
            "alarm": self.alarm.name,
            "asset": self.asset,
            "part": self.part,
            "state": self.state,
            "since": self.since,
            "severity": self.alarm.severity,
            "metric": self.alarm.metric,
            "value": self.value,
            "condition": self.alarm.condition,
            "run_id": self.run_id,
            "message": self.text,
        }


@dataclass(frozen=True)
class Occasion:
    """The time of an evaluation, and the UI's address for links to runs."""

    now: datetime
    ui_url: str
    """Address of Dagster's UI."""

    def alert(self, alarm: Alarm, row: dict[str, Any], before: dict[str, Any] | None, state: State) -> Alert:
        """The alert about an alarm, with the values of `row`."""
        run_id = row["run_id"]
        return Alert(
            alarm=alarm,
            at=self.now,
            since=before["since"] if before and state != "firing" else self.now,
            state=state,
            asset=row["asset"],
            part=row["part"],
            value=row["value"],
            run_id=run_id,
            run_url=f"{self.ui_url}/runs/{run_id}" if run_id else None,
            detail=None if state == "resolved" else row["reason"],
        )


def latest(metrics: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The latest row per metric, asset and `part`, unless the row is older than `RECENT` or its value is null."""
    recent = metrics.filter(pl.col("measured_at") > now - RECENT).sort("measured_at")
    return recent.unique(["metric", "asset", "part"], keep="last", maintain_order=True).drop_nulls("value")


def due(metrics: pl.DataFrame, said: pl.DataFrame, occasion: Occasion) -> list[Alert]:
    """The alerts to send now.

    An alert is due when an alarm begins or stops firing, and again whenever the last alert of a firing alarm is
    `REMIND` old.

    Args:
        metrics: Rows of `ops.metrics`.
        said: Rows of `ops.alerts`.
        occasion: The time of the evaluation, and the UI's address.
    """
    last_said = {tuple(row[name] for name in _KEY): row for row in said.sort("told_at").iter_rows(named=True)}
    alerts: list[Alert] = []
    seen: set[tuple[str, str, str]] = set()
    judged = [
        (alarm, row)
        for row in latest(metrics, occasion.now).iter_rows(named=True)
        for alarm in ALARMS
        if alarm.judges(row["metric"], row["asset"])
    ]
    fires = {(alarm.name, row["asset"]) for alarm, row in judged if alarm.fires(row["value"])}
    for alarm, row in judged:
        key = (alarm.name, row["asset"], row["part"])
        seen.add(key)
        if alarm.covered_by and (alarm.covered_by, row["asset"]) in fires:
            continue
        before = last_said.get(key)
        state = _state(before, fires=alarm.fires(row["value"]), now=occasion.now)
        if state is not None:
            alerts.append(occasion.alert(alarm, row, before, state))
    by_name = {alarm.name: alarm for alarm in ALARMS}
    for key, row in last_said.items():
        # An alarm also ends when its metric is no longer measured.
        if key not in seen and row["state"] != "resolved" and row["alarm"] in by_name:
            alerts.append(occasion.alert(by_name[row["alarm"]], {**row, "run_id": None}, row, "resolved"))
    order = {"critical": 0, "warning": 1, "info": 2}
    return sorted(alerts, key=lambda alert: (alert.state == "resolved", order[alert.alarm.severity]))


def _state(before: dict[str, Any] | None, *, fires: bool, now: datetime) -> State | None:
    """The alarm's state to report; None if there is nothing new to report."""
    firing = before is not None and before["state"] != "resolved"
    if fires and not firing:
        return "firing"
    if fires and before is not None and now - before["told_at"] >= REMIND:
        return "still firing"
    return "resolved" if firing and not fires else None


def firing(said: pl.DataFrame) -> pl.DataFrame:
    """The alarms that fire now: the latest row per alarm, asset and `part`, unless the row's state is `resolved`."""
    last = said.sort("told_at").unique(_KEY, keep="last", maintain_order=True)
    return last.filter(pl.col("state") != "resolved")


def together(alerts: Sequence[Alert]) -> list[Alert]:
    """Merges alerts of the same alarm and state into one alert, because such alerts usually share one cause."""
    groups: dict[tuple[str, State], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.alarm.name, alert.state), []).append(alert)
    return [
        replace(first, also=tuple(" ".join(filter(None, (one.asset, one.part))) for one in others))
        for first, *others in groups.values()
    ]


def as_frame(alerts: Sequence[Alert]) -> pl.DataFrame:
    """The alerts as rows of `ops.alerts`."""
    return pl.DataFrame([alert.row() for alert in alerts], schema=polars_schema(Alerts))
