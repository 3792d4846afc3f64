"""Progress bars: one per file on a terminal, nothing in a pipe."""

import io

from rich.console import Console

from imdb_assets.cli.progress import show_shares


def _shown(*, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    with show_shares(console) as report:
        report("title.crew.tsv.gz", 0.0)
        report("title.crew.tsv.gz", 0.4)
        report("title.akas.tsv.gz", 1.0)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_each_file_has_a_bar_with_its_share() -> None:
    shown = _shown(terminal=True)
    assert "title.crew.tsv.gz" in shown
    assert " 40%" in shown
    assert "100%" in shown


def test_a_pipe_gets_no_bars() -> None:
    assert _shown(terminal=False) == ""
