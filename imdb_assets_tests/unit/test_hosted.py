"""The environment of a host: `imdb deploy` writes it, and the platform there must be able to read it."""

import pytest

from imdb_assets.deploy import artifacts
from imdb_assets.deploy.stacks import Place
from imdb_assets.settings import Settings, load_settings

PLACE = Place("imdb-assets", "123456789012", "eu-central-1")


def test_a_host_can_read_the_settings_that_were_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:alerts"
    settings = Settings(host="task", accept_terms="yes", training="sagemaker", alert_topic=topic)
    for name, value in artifacts.environment(settings, PLACE).items():
        monkeypatch.setenv(name, value)
    there = load_settings()
    assert (there.source, there.lake, there.engine) == ("imdb", "s3", "glue")
    assert (there.host, there.trigger, there.training) == ("task", "external", "sagemaker")
    assert (there.alert_topic, there.budget_usd) == (topic, settings.budget_usd)
