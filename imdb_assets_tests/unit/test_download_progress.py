"""Which readings of a download are told, what a log says of them, and how they are drawn."""

import io
import os

from rich.console import Console
from rich.progress import Progress, TaskID

from imdb_assets.cli.run import _draw, _past_the_capture
from imdb_assets.sources.progress import MEGA, Meter, Reading


def test_a_download_gives_a_line_for_every_twentieth_and_its_end() -> None:
    meter = Meter("title.akas")
    readings = [meter.read(received, 500_000_000) for received in range(0, 500_000_001, 1_000_000)]
    told = [reading for reading in readings if reading]
    assert told == [("title.akas", number * 25_000_000, 500_000_000) for number in range(1, 21)]
    assert str(told[0]) == "title.akas: 25.0 of 500.0 MB downloaded"
    assert meter.read(500_000_000, 500_000_000) is None


def test_a_download_that_begins_anew_is_told_anew() -> None:
    meter = Meter("title.akas")
    assert meter.read(90_000_000, 100_000_000) is not None
    assert meter.read(10_000_000, 100_000_000) == ("title.akas", 10_000_000, 100_000_000)


def test_without_a_size_a_line_comes_every_fifty_megabytes() -> None:
    meter = Meter("title.akas")
    told = [reading for received in range(0, 120_000_000, 1_000_000) if (reading := meter.read(received, None))]
    assert [str(reading) for reading in told] == ["title.akas: 50.0 MB downloaded", "title.akas: 100.0 MB downloaded"]


def test_a_download_has_a_bar_until_it_is_complete() -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    bars: dict[str, TaskID] = {}
    for reading in (
        ("title.akas", 25 * MEGA, 500 * MEGA),
        ("title.crew", 8 * MEGA, 8 * MEGA),
        ("name.basics", 9, None),
    ):
        _draw(progress, bars, Reading(*reading))
    shown = {task.description: (task.completed, task.total) for task in progress.tasks if task.visible}
    assert shown == {"title.akas (MB)": (25.0, 500.0), "name.basics (MB)": (9 / MEGA, None)}
    _draw(progress, bars, Reading("title.akas", 500 * MEGA, 500 * MEGA))
    assert [task.description for task in progress.tasks if task.visible] == ["name.basics (MB)"]


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
