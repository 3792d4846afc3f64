"""The real imdb-sqlite in an environment of its own: its file and ours hold the same rows and answer alike."""

from pathlib import Path

import pytest

from benchmarks import export
from imdb_assets.sources.sample.generator import write_sample
from imdb_assets.sources.sample.proportions import IMDB
from imdb_assets_tests.integration.environments import HOME

pytestmark = pytest.mark.slow


def test_queries_for_imdb_sqlite_answer_alike_on_an_export(tmp_path: Path) -> None:
    made, home = tmp_path / "sample", tmp_path / "home"
    write_sample(made, titles=20_000, seed=7, proportions=IMDB)
    lake = export.make_lake(made, home)
    program = export.peer_environment(HOME / "imdb-sqlite-2.1.0")
    peer, ours = tmp_path / "peer.sqlite", tmp_path / "ours.sqlite"
    export.run_peer(program, export.readable_dumps(made, lake, tmp_path / "readable"), peer)
    export.run_export(home, ours)
    assert export.differences(peer, ours) == []
