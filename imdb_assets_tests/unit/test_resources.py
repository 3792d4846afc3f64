"""Dagster's resources: the settings as configuration, and what is made from them."""

from pathlib import Path

import dagster as dg
import pytest
from pydantic import ValidationError

from imdb_assets.contracts.silver import Movies
from imdb_assets.defs.resources import resources_of
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.engines.spark import SparkEngine
from imdb_assets.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, ui_token="a-token", grafana_url="http://grafana", grafana_token="another")  # pyright: ignore[reportArgumentType]


def test_the_ui_shows_every_setting_but_secrets(settings: Settings) -> None:
    shown = resources_of(settings)["settings"].config_schema.config_type.fields
    secret = {"ui_token", "grafana_token", "alert_webhook", "smtp_url", "spark"}
    assert set(shown) == set(Settings.model_fields) - secret
    assert shown["data"].default_value == str(settings.data)
    assert shown["alert_topic"].default_value is None
    assert shown["engine"].description == Settings.model_fields["engine"].description


def test_without_configuration_the_deployments_settings_hold(settings: Settings) -> None:
    with dg.build_resources(resources_of(settings), dg.DagsterInstance.ephemeral()) as made:
        assert made.settings == settings
        assert made.lake.folder == settings.lake_folder
        assert isinstance(made.engines.of(Movies), PolarsEngine)


def test_what_the_launchpad_says_holds_for_all_resources(settings: Settings, tmp_path: Path) -> None:
    said = {"settings": {"config": {"engine": "spark", "data": str(tmp_path / "elsewhere")}}}
    with dg.build_resources(resources_of(settings), dg.DagsterInstance.ephemeral(), said) as made:
        assert made.settings == settings.model_copy(update={"engine": "spark", "data": tmp_path / "elsewhere"})
        assert made.handles is not None
        assert (made.lake.folder, made.landing.root) == (made.settings.lake_folder, made.settings.landing_folder)
        assert isinstance(made.engines.of(Movies), SparkEngine)


def test_a_setting_that_fits_no_other_is_refused(settings: Settings) -> None:
    said = {"settings": {"config": {"engine": "glue"}}}
    with (
        pytest.raises(dg.DagsterResourceFunctionError) as refused,
        dg.build_resources(resources_of(settings), dg.DagsterInstance.ephemeral(), said),
    ):
        pass
    assert isinstance(refused.value.__cause__, ValidationError)
    assert "IMDB_ENGINE: glue" in str(refused.value.__cause__)
