"""A topic as a channel: its region, and what happens without the SDK."""

import sys
from unittest.mock import Mock

import polars as pl
import pytest

from imdb_assets.aws.sns import Topic
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.ops import Alerts
from imdb_assets.monitoring.channels import Webhook, deliver
from imdb_assets.monitoring.evaluate import Alert, Occasion, due
from imdb_assets_tests.measured import NOON, measured
from imdb_assets_tests.webhooks import web


@pytest.fixture
def alert() -> Alert:
    nothing_said = pl.DataFrame(schema=polars_schema(Alerts))
    occasion = Occasion(NOON, "http://ui")
    (made,) = due(measured((NOON, "failed_steps", "landing/title_akas", "", 1)), nothing_said, occasion)
    return made


def test_a_topic_without_the_sdk_is_a_channel_that_fails(alert: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with web() as server:
        (failure,) = deliver([alert], [Topic("arn:aws:sns:eu-central-1:123456789012:alerts"), Webhook(server.url)])
    assert "IMDB_ALERT_TOPIC" in failure
    assert "make aws" in failure
    assert len(server.got) == 1


def test_a_topic_is_asked_in_its_own_region(alert: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[tuple[str, ...], Mock] = {}
    monkeypatch.setattr("imdb_assets.aws.sns.client", lambda *of: made.setdefault(of, Mock()))
    Topic(arn := "arn:aws:sns:eu-central-1:123456789012:alerts").send(alert)
    ((of, sns),) = made.items()
    assert of == ("sns", "eu-central-1")
    assert sns.publish.call_args.kwargs["TopicArn"] == arn
