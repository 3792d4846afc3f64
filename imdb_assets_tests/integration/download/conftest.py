"""The server and the landing zone of a download's test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets_tests.integration.download.dump_server import DumpServer, serving
from imdb_assets_tests.integration.download.fetching import BODY


@pytest.fixture
def server() -> Iterator[DumpServer]:
    with serving(body=BODY) as state:
        yield state


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")
