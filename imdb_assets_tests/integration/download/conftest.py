"""The server of a download's test."""

from collections.abc import Iterator

import pytest

from imdb_assets_tests.integration.download.dump_server import DumpServer, serving
from imdb_assets_tests.integration.download.fetching import BODY


@pytest.fixture
def server() -> Iterator[DumpServer]:
    with serving(body=BODY) as state:
        yield state
