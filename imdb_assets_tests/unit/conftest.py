"""Fixtures that several unit tests share; what they build with is imported when a test asks for it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imdb_assets.lake.lake import Lake
from imdb_assets_tests.commands import Command

if TYPE_CHECKING:
    from fastapi import FastAPI

    from imdb_assets_tests.world import World


@pytest.fixture
def imdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture
def films(imdb: Command) -> Lake:
    """The command's lake with one table, published twice."""
    from imdb_assets_tests.unit.printed_films import publish_films

    lake = Lake(imdb.data / "lake")
    for _ in range(2):
        publish_films(lake)
    return lake


@pytest.fixture(scope="module")
def app(world: "World") -> "FastAPI":
    """The endpoint of a world only to be read."""
    from imdb_assets.serving.app import create_app

    return create_app(world.predictor())


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with all that dashboards read, only to be read."""
    from imdb_assets_tests.full_lake import write_full_lake

    lake = Lake(tmp_path_factory.mktemp("full") / "lake")
    write_full_lake(lake)
    return lake
