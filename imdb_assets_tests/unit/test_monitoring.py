"""Drift, which alarms are due, and how they reach a real web server and a real mail server."""

import email
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import METRICS, Alerts, Metrics
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.monitoring import channels, drift, measure
from imdb_assets.monitoring.alarms import ALARMS, Alarm
from imdb_assets.monitoring.channels import ChannelError, Email, Webhook, deliver
from imdb_assets.monitoring.evaluate import Alert, Occasion, as_frame, due, firing, together
from imdb_assets.serving import client, local
from imdb_assets.settings import Settings
from imdb_assets.wiring import channels_of
from imdb_assets_tests.measured import NOON, RUN
from imdb_assets_tests.measured import example as _example
from imdb_assets_tests.measured import measured as _measured
from imdb_assets_tests.support import free_port
from imdb_assets_tests.webhooks import web

BY_NAME = {alarm.name: alarm for alarm in ALARMS}


def _frame(values: Sequence[float | None]) -> pl.LazyFrame:
    return pl.LazyFrame({"x": values}, schema={"x": pl.Float64})


def test_psi_by_hand() -> None:
    before = _frame([0.0] * 500 + [1.0] * 500)
    now = _frame([0.0] * 900 + [1.0] * 100)
    (index,) = drift.psi(now, before, ["x"]).values()
    assert index == pytest.approx((0.9 - 0.5) * np.log(0.9 / 0.5) + (0.1 - 0.5) * np.log(0.1 / 0.5))


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_psi_of_the_same_values_is_zero_and_of_any_others_finite(values: list[float | None]) -> None:
    before = values * drift.MIN_ROWS
    assert drift.psi(_frame(before), _frame(before[::-1]), ["x"])["x"] == pytest.approx(0, abs=1e-12)
    assert 0 < drift.psi(_frame([*before, *[7e6] * len(before)]), _frame(before), ["x"])["x"] < 10


def test_values_that_became_null_are_drift() -> None:
    numbers = [float(number) for number in range(2_000)]
    half = [None if number % 2 else number for number in numbers]
    assert drift.psi(_frame(half), _frame(numbers), ["x"])["x"] > 1


def test_chance_alone_is_not_drift_and_few_rows_say_nothing() -> None:
    random = np.random.default_rng(3)
    one, other = (_frame(list(random.normal(size=drift.MIN_ROWS))) for _ in range(2))
    assert drift.psi(one, other, ["x"])["x"] < 0.05
    assert drift.psi(one.head(drift.MIN_ROWS - 1), other, ["x"]) == {}


def test_alarms_are_declared_whole() -> None:
    assert len(BY_NAME) == len(ALARMS)
    for alarm in ALARMS:
        assert alarm.metric in METRICS, alarm.name
        assert alarm.cause.endswith("."), alarm.name
        assert alarm.remedy.endswith("."), alarm.name
        assert alarm.covered_by is None or alarm.covered_by in BY_NAME


NOTHING_SAID = pl.DataFrame(schema=polars_schema(Alerts))


def _due(metrics: pl.DataFrame, said: pl.DataFrame = NOTHING_SAID, now: datetime = NOON) -> list[Alert]:
    return due(metrics, said, Occasion(now, "http://ui"))


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_an_alarm_fires_beyond_its_threshold_and_not_at_it(alarm: Alarm) -> None:
    beyond = alarm.threshold + (1e-6 if alarm.beyond == ">" else -1e-6) * max(1, abs(alarm.threshold))
    fired = _due(_measured((NOON, alarm.metric, _example(alarm), "p", beyond)))
    assert [(alert.alarm, alert.state, alert.asset, alert.part) for alert in fired] == [
        (alarm, "firing", _example(alarm), "p")
    ]
    assert not _due(_measured((NOON, alarm.metric, _example(alarm), "p", alarm.threshold)))


def test_an_alert_says_what_where_why_and_what_to_do() -> None:
    (alert,) = _due(_measured((NOON, "failed_checks", "bronze/title_akas", "ids_are_known", 1)))
    assert alert.subject == "[warning] check-failed: bronze/title_akas ids_are_known"
    assert alert.text.splitlines() == [
        (
            "[warning] check-failed: bronze/title_akas ids_are_known. failed_checks is 1; the alarm fires when "
            "failed_checks > 0."
        ),
        f"Details: {RUN} bronze/title_akas ids_are_known",
        f"Cause: {BY_NAME['check-failed'].cause}",
        f"Remedy: {BY_NAME['check-failed'].remedy}",
        f"Run: http://ui/runs/{RUN}",
        "Runbook: docs/runbook.md#check-failed",
    ]
    Alerts.validate(as_frame([alert]))


def test_the_latest_value_counts_and_one_that_is_too_old_does_not() -> None:
    key = ("failed_steps", "gold/movie_features", "")
    hour = timedelta(hours=1)
    assert not _due(_measured((NOON - hour, *key, 1), (NOON, *key, 0)))
    assert _due(_measured((NOON - hour, *key, 0), (NOON, *key, 1)))
    assert not _due(_measured((NOON - timedelta(days=9), *key, 1)))


def test_an_alarm_is_told_when_it_begins_once_a_day_and_when_it_ends() -> None:
    key, said, told = ("failed_steps", "landing/title_akas", ""), NOTHING_SAID, []
    for hour in range(60):
        now = NOON + timedelta(hours=hour)
        alerts = _due(_measured((now, *key, hour < 50)), said, now)
        said = pl.concat([said, as_frame(alerts)])
        told += [(hour, alert.state, alert.since) for alert in alerts]
        assert firing(said).height == (hour < 50)
    assert told == [
        (0, "firing", NOON),
        (20, "still firing", NOON),
        (40, "still firing", NOON),
        (50, "resolved", NOON),
    ]


def test_an_alarm_of_what_is_measured_no_more_ends() -> None:
    said = as_frame(_due(_measured((NOON, "failed_steps", "gold/old", "", 1))))
    (alert,) = _due(_measured(), said, NOON + timedelta(days=9))
    assert (alert.state, alert.asset) == ("resolved", "gold/old")
    assert (
        "failed_steps is no longer measured; the alarm, which fires when failed_steps > 0, had been firing since"
        in alert.text
    )


def test_an_alarm_ends_when_there_is_too_little_to_measure() -> None:
    key, hour = ("endpoint_p95_ms", "serving/rating_endpoint", ""), timedelta(hours=1)
    slow = (NOON, *key, 300.0)
    said = as_frame(_due(_measured(slow)))
    (alert,) = _due(_measured(slow, (NOON + hour, *key, None)), said, NOON + hour)
    assert (alert.alarm.name, alert.state) == ("endpoint-slow", "resolved")
    assert "endpoint_p95_ms is no longer measured" in alert.text


@pytest.mark.parametrize(("requests", "p95"), [(99, None), (100, 300.0)])
def test_few_requests_have_no_95th_percentile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, requests: int, p95: float | None
) -> None:
    monkeypatch.setattr(local, "is_wanted", lambda _: True)
    monkeypatch.setattr(local, "status", lambda *_: local.Endpoint("http://127.0.0.1:1", 1, "first"))
    monkeypatch.setattr(client, "counts", lambda _: client.Counts(requests, 0, 300.0))
    values = measure.of_endpoint(Settings(data=tmp_path), Lake(tmp_path / "lake"), ModelStore(tmp_path / "models"))
    table = Metrics.validate(measure.as_frame(values, NOON))
    assert table.filter(metric="endpoint_p95_ms")["value"].to_list() == [p95]


def test_one_problem_is_told_once() -> None:
    both = [
        (NOON, "failed_steps", "bronze/title_akas", "", 1.0),
        (NOON, "quarantine_share", "bronze/title_akas", "", 0.5),
        (NOON, "quarantine_share", "bronze/title_crew", "", 0.5),
    ]
    assert [(alert.alarm.name, alert.asset) for alert in _due(_measured(*both))] == [
        ("dump-unreadable", "bronze/title_akas"),
        ("quarantine-share", "bronze/title_crew"),
    ]


def test_what_concerns_several_assets_is_one_message() -> None:
    down = _measured(*((NOON, "failed_steps", f"landing/{name}", "", 1.0) for name in ("a", "b", "c")))
    alerts = _due(down)
    (message,) = together(alerts)
    assert len(alerts) == 3
    assert message.subject == "[warning] dump-not-landed: landing/a and 2 more"
    assert "This alert is also about landing/b, landing/c." in message.text.splitlines()


def test_the_worst_comes_first() -> None:
    metrics = _measured(
        (NOON, "challengers", "models/rating_model", "", 1), (NOON, "endpoint_up", "serving/rating_endpoint", "", 0)
    )
    assert [alert.alarm.severity for alert in _due(metrics)] == ["critical", "info"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "SECONDS", 2.0)


@pytest.fixture
def alert() -> Alert:
    (made,) = _due(_measured((NOON, "failed_steps", "landing/title_akas", "", 1)))
    return made


def test_a_webhook_gets_the_text_and_every_field(alert: Alert) -> None:
    with web() as server:
        Webhook(server.url).send(alert)
    (body,) = server.got
    assert body == {
        "text": alert.text,
        "subject": "[warning] dump-not-landed: landing/title_akas",
        "alarm": "dump-not-landed",
        "state": "firing",
        "severity": "warning",
        "asset": "landing/title_akas",
        "part": "",
        "metric": "failed_steps",
        "value": 1.0,
        "condition": "failed_steps > 0",
        "cause": alert.alarm.cause,
        "remedy": alert.alarm.remedy,
        "detail": f"{RUN} landing/title_akas ",
        "run": f"http://ui/runs/{RUN}",
        "runbook": "docs/runbook.md#dump-not-landed",
        "at": NOON.isoformat(),
        "since": NOON.isoformat(),
    }


@pytest.mark.parametrize("first", [503, 429])
def test_a_webhook_that_is_busy_is_asked_again(alert: Alert, first: int) -> None:
    with web() as server:
        server.answers = [first]
        Webhook(server.url).send(alert)
    assert len(server.got) == 2


def test_a_webhook_that_refuses_is_not_asked_again_and_its_secret_stays_one(alert: Alert) -> None:
    with web() as server:
        server.answers = [404]
        with pytest.raises(ChannelError) as caught:
            Webhook(server.url).send(alert)
    assert str(caught.value) == (
        "alerts did not reach the webhook at 127.0.0.1: it answered 404. Check IMDB_ALERT_WEBHOOK; "
        "the alerts will be sent again."
    )
    assert len(server.got) == 1


def test_a_webhook_that_nobody_serves(alert: Alert) -> None:
    with pytest.raises(ChannelError, match="Connection refused, 3 times"):
        Webhook("http://127.0.0.1:9/hook").send(alert)


class Mailbox:
    """What a mail server accepts."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str, str]] = []
        self.refuse = False
        self.unknown: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        if address in self.unknown:
            return "550 nobody here of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return "550 not here"
        letter = email.message_from_bytes(envelope.content, policy=default)
        body = letter.get_body()
        assert body is not None
        self.letters.append((envelope.rcpt_tos, letter["Subject"], body.get_content().replace("\r\n", "\n")))
        return "250 taken"


@contextmanager
def _mail(box: Mailbox, **options: Any) -> Iterator[str]:
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


def test_an_email_has_the_subject_and_the_text(alert: Alert) -> None:
    box = Mailbox()
    with _mail(box) as host:
        Email(f"smtp://{host}", "imdb@example.org", ["a@example.org", "b@example.org"]).send(alert)
    assert box.letters == [(["a@example.org", "b@example.org"], alert.subject, f"{alert.text}\n")]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is all on loopback
def test_an_email_with_user_and_password(alert: Alert) -> None:
    box, tried = Mailbox(), []

    def authenticate(*arguments: Any) -> AuthResult:
        login = arguments[-1]
        tried.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=tried[-1] == ("me", "p@ss"), handled=False)

    with _mail(box, authenticator=authenticate, auth_required=True, auth_require_tls=False) as host:
        Email(f"smtp://me:p%40ss@{host}", "imdb@example.org", ["a@example.org"]).send(alert)
        with pytest.raises(ChannelError, match="IMDB_SMTP_URL and IMDB_ALERT_EMAIL"):
            Email(f"smtp://me:wrong@{host}", "imdb@example.org", ["a@example.org"]).send(alert)
    assert len(box.letters) == 1
    assert ("me", "p@ss") in tried


def test_an_email_that_the_server_refuses(alert: Alert) -> None:
    box = Mailbox()
    box.refuse = True
    with _mail(box) as host, pytest.raises(ChannelError, match=r"mail server 127\.0\.0\.1: .*not here"):
        Email(f"smtp://{host}", "imdb@example.org", ["a@example.org"]).send(alert)


def test_a_recipient_that_the_server_refuses_is_named_and_the_others_have_it(alert: Alert) -> None:
    box = Mailbox()
    box.unknown = {"b@example.org"}
    with _mail(box) as host, pytest.raises(ChannelError, match=r"it refused b@example\.org\. Check IMDB_ALERT_EMAIL"):
        Email(f"smtp://{host}", "imdb@example.org", ["a@example.org", "b@example.org"]).send(alert)
    assert [recipients for recipients, _, _ in box.letters] == [["a@example.org"]]


def test_an_email_that_was_taken_is_not_sent_again_because_the_server_hangs_up(
    alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up(_: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", hang_up)
    box = Mailbox()
    with _mail(box) as host:
        Email(f"smtp://{host}", "imdb@example.org", ["a@example.org"]).send(alert)
    assert len(box.letters) == 1


def test_channels_are_what_the_settings_name(alert: Alert) -> None:
    assert channels_of(Settings()) == []
    box = Mailbox()
    with web() as server, _mail(box) as host:
        settings = Settings(
            alert_webhook=SecretStr(server.url),
            alert_email="a@example.org, b@example.org",
            smtp_url=SecretStr(f"smtp://{host}"),
        )
        assert deliver([alert, alert], channels_of(settings)) == []
    assert len(server.got) == 2
    assert [recipients for recipients, _, _ in box.letters] == [["a@example.org", "b@example.org"]] * 2


def test_a_channel_that_fails_does_not_keep_others_from_theirs(alert: Alert) -> None:
    with web() as server:
        failures = deliver([alert, alert], [Webhook("http://127.0.0.1:9/"), Webhook(server.url)])
    assert len(server.got) == 2
    assert len(failures) == 1


def test_an_alert_that_a_receiver_refuses_does_not_keep_the_next_from_it(alert: Alert) -> None:
    with web() as server:
        server.answers = [413]
        (failure,) = deliver([alert, alert], [Webhook(server.url)])
    assert "it answered 413" in failure
    assert len(server.got) == 2


def test_what_was_said_is_cut_where_it_is_long(alert: Alert) -> None:
    long = replace(alert, detail="x" * 10_000)
    assert len(long.text) < 3_000
    assert "x…" in long.text
