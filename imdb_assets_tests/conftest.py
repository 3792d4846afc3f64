"""Fixtures that all tests share."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings

if TYPE_CHECKING:
    from imdb_assets.lake.landing import Landing
    from imdb_assets_tests.world import World

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests stay until the end: searching them for garbage is a fifth of what collecting them costs."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def clean_environment() -> Iterator[None]:
    """No setting of the person who runs the tests reaches them: neither a variable nor the project's `.env`."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in list(os.environ):
            if name.startswith(("IMDB_", "DAGSTER_")):
                monkeypatch.delenv(name)
        monkeypatch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_java() -> Iterator[None]:
    """Spark's Java uses its first compiler only: on tables of a few rows, the second costs more than it gains."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1")
        yield


@pytest.fixture
def roomy_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms of this machine's disk do not mix with those that a test looks for."""
    usage = shutil.disk_usage("/")._replace(free=10**12)
    monkeypatch.setattr("imdb_assets.monitoring.measure.shutil.disk_usage", lambda _: usage)


@pytest.fixture
def tiny_dumps(tmp_path: Path) -> Path:
    """A folder with seven small valid dumps."""
    from imdb_assets_tests.support import write_tiny_dumps  # loads Dagster, which xdist's controller does not need

    return write_tiny_dumps(tmp_path / "dumps")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> "World":
    """A world only to be read."""
    from imdb_assets_tests.world import World

    return World.build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def built_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a world that tests change, and a copy to restore it from; ten commits take most of a second."""
    from imdb_assets_tests.world import World

    folder = tmp_path_factory.mktemp("own world")
    World.build(folder)
    return folder, shutil.copytree(folder, folder.with_name("whole world"))


@pytest.fixture
def own_world(built_world: tuple[Path, Path]) -> "World":
    """A world to be changed. It is always in the same folder, because Iceberg's metadata names files absolutely."""
    from imdb_assets_tests.world import World

    folder, whole = built_world
    shutil.rmtree(folder)
    shutil.copytree(whole, folder)
    return World.open(folder)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake")


@pytest.fixture
def landing(tmp_path: Path) -> "Landing":
    """An empty landing zone."""
    from imdb_assets.lake.landing import Landing

    return Landing(tmp_path / "landing")
