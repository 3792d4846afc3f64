"""Fixtures that several unit tests share."""

from pathlib import Path

import pytest

from imdb_assets.lake.lake import Lake
from imdb_assets_tests.commands import Command


@pytest.fixture
def imdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture
def films(imdb: Command) -> Lake:
    """The command's lake with one table, published twice."""
    from imdb_assets_tests.unit.printed_films import publish_films  # loads Polars: not for xdist's controller

    lake = Lake(imdb.data / "lake")
    for _ in range(2):
        publish_films(lake)
    return lake


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with all that dashboards read, only to be read."""
    from imdb_assets_tests.full_lake import write_full_lake  # loads DuckDB

    lake = Lake(tmp_path_factory.mktemp("full") / "lake")
    write_full_lake(lake)
    return lake
