"""Which readings of a download become lines of the log, and that the lines can be read back."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress

from imdb_assets.cli.run import _past_the_capture, _tell
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.sources.progress import Meter, Reading


@given(
    dump=st.sampled_from(list(DUMP_CONTRACTS)),
    tenths=st.integers(0, 10**8),
    total=st.none() | st.integers(1, 10**8),
)
def test_a_line_can_be_read_back(dump: str, tenths: int, total: int | None) -> None:
    reading = Reading(dump, tenths / 10, None if total is None else total / 10)
    assert Reading.of(reading.line()) == reading


@pytest.mark.parametrize("line", ["", "splitting 3 films", "title.basics: 3 rows", "title.basics: 3 of MB downloaded"])
def test_other_lines_are_no_readings(line: str) -> None:
    assert Reading.of(line) is None


def test_a_download_gives_a_line_for_every_twentieth_and_its_end() -> None:
    meter = Meter("title.akas")
    lines = [meter.read(received, 500_000_000) for received in range(0, 500_000_001, 1_000_000)]
    said = [line for line in lines if line]
    assert len(said) == 20
    assert said[0] == "title.akas: 25.0 of 500.0 MB downloaded"
    assert said[-1] == "title.akas: 500.0 of 500.0 MB downloaded"
    assert meter.read(500_000_000, 500_000_000) is None


def test_a_download_that_begins_anew_is_told_anew() -> None:
    meter = Meter("title.akas")
    assert meter.read(90_000_000, 100_000_000) is not None
    assert meter.read(10_000_000, 100_000_000) == "title.akas: 10.0 of 100.0 MB downloaded"


def test_without_a_size_a_line_comes_every_fifty_megabytes() -> None:
    meter = Meter("title.akas")
    said = [line for received in range(0, 120_000_000, 1_000_000) if (line := meter.read(received, None))]
    assert said == ["title.akas: 50.0 MB downloaded", "title.akas: 100.0 MB downloaded"]


def test_a_download_has_a_bar_until_it_is_complete() -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    steps = progress.add_task("steps", total=40)
    bars: dict[str, int] = {}
    for line in ("title.akas: 25.0 of 500.0 MB downloaded", "title.crew: 8.0 of 8.0 MB downloaded", "something else"):
        _tell(progress, steps, bars, line)  # pyright: ignore[reportArgumentType]
    shown = {task.description: (task.completed, task.total) for task in progress.tasks if task.visible}
    assert shown == {"something else": (0, 40), "title.akas (MB)": (25.0, 500.0)}
    _tell(progress, steps, bars, "title.akas: 500.0 of 500.0 MB downloaded")  # pyright: ignore[reportArgumentType]
    assert [task.description for task in progress.tasks if task.visible] == ["something else"]


def test_the_bars_reach_the_terminal_while_dagster_captures_what_is_printed() -> None:
    reading, writing = os.openpty()
    with os.fdopen(writing, "w") as file, open(os.devnull, "w") as log:  # noqa: PTH123 - a handle
        console = Console(file=file)
        with _past_the_capture(console) as terminal:
            os.dup2(log.fileno(), file.fileno())  # as Dagster does for the time of a run
            assert (console.is_terminal, terminal.is_terminal) == (False, True)
            terminal.print("downloading")
    assert b"downloading" in os.read(reading, 1000)
    os.close(reading)


def test_what_is_no_terminal_is_left_alone() -> None:
    console = Console(file=io.StringIO())
    with _past_the_capture(console) as same:
        assert same is console
