"""The `imdb` command in this process, with a data folder of its own."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from imdb_assets.cli import app, output


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Command:
    """The `imdb` command with a data folder of its own."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self._monkeypatch, self._capsys = data, monkeypatch, capsys
        self.set("IMDB_DATA", str(data))
        monkeypatch.setattr(output.console, "_width", 2000)  # no folder is wrapped; `width` would stay fixed afterwards

    def set(self, name: str, value: str) -> None:
        self._monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["imdb", *arguments])
        with pytest.raises(SystemExit) as ended:
            app.main()
        captured = self._capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)


def cells(text: str) -> list[list[str]]:
    """The cells of a printed table, the header first."""
    lines = [line for line in text.splitlines() if line.startswith(("│", "┃"))]
    return [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in lines]
