"""Fixtures that several unit tests share."""

from pathlib import Path

import pytest

from imdb_assets_tests.commands import Command


@pytest.fixture
def imdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "data", monkeypatch, capsys)
