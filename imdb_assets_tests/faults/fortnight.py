"""Fourteen nights without anyone: which dumps there are, or are not, and what goes wrong.

`python -m imdb_assets_tests.faults.fortnight` lives them and writes the log into `docs/fortnight.md`.
"""

import gzip
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from imdb_assets.settings import PROJECT_ROOT, Settings
from imdb_assets_tests.faults.unattended import RATINGS, WHOLE, Happening, Night, Unattended, lines_changed, unattended
from imdb_assets_tests.integration.download.dump_server import status

PAGE = PROJECT_ROOT / "docs" / "fortnight.md"
AKAS, CREW = "title.akas", "title.crew"


class Event(NamedTuple):
    """What a night brings."""

    what: str
    before: Happening
    """Before the run."""
    later: Happening | None = None
    """In the afternoon."""


def _nothing(_: Unattended) -> None:
    """The dumps stay as they are."""


def _cut_off(it: Unattended) -> None:
    it.replace()
    whole = gzip.compress(os.urandom(100_000))
    it.put(RATINGS, whole[:-1_000])


def _outage(it: Unattended) -> None:
    it.replace()
    it.server.scripts = {f"{name}.tsv.gz": [status(503)] * 100 for name in it.originals}


def _crash(it: Unattended) -> None:
    it.replace()
    it.crash = True


def _no_makers(it: Unattended) -> None:
    it.replace()
    it.serve(CREW, lines_changed(it.originals[CREW], lambda values: [[values[0], rb"\N", rb"\N"]]))


def _new_schema(it: Unattended) -> None:
    it.replace()
    it.serve(AKAS, it.originals[AKAS].replace(b"\tisOriginalTitle\n", b"\tisOriginal\n", 1))


def _jump(it: Unattended) -> None:
    it.replace()
    it.serve(AKAS, lines_changed(it.originals[AKAS], lambda values: [values, values]))


GOOD = Unattended.replace

NIGHTS = (
    Event("all dumps are there for the first time", GOOD),
    Event(f"{AKAS} is late, the others are new", partial(Unattended.replace, besides=(AKAS,))),
    Event(f"{AKAS} comes, the others are newer", GOOD),
    Event("unchanged", _nothing),
    Event("unchanged; in the afternoon the model server is killed", _nothing, Unattended.kill_the_model_server),
    Event("all are new", GOOD),
    Event(f"{RATINGS} is cut off", _cut_off),
    Event("all are new", GOOD),
    Event("the host answers 503", _outage),
    Event(f"{CREW} names neither directors nor writers, the others are new", _no_makers),
    Event("all are new; the run's process is killed", _crash),
    Event(f"a column of {AKAS} has another name", _new_schema),
    Event(f"{AKAS} has every row twice, its columns are as before", _jump),
    Event("all are new", GOOD),
)


def log(nights: Iterable[Night]) -> Iterator[str]:
    """The log as Markdown."""
    yield "| night | dumps | run | tables published | model | dashboards drawn | messages |"
    yield "|---|---|---|---|---|---|---|"
    for night in nights:
        said, runs = "<br>".join(night.said) or "none", ", ".join(night.runs)
        cells = (night.day, night.what, runs, night.published, night.model, len(night.drawn), said)
        yield f"| {' | '.join(map(str, cells))} |"


def logged() -> list[str]:
    """The log in the page."""
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]


def main() -> None:
    """Lives the nights, prints each, and writes the log into the page."""
    Settings.model_config["env_file"] = None
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, unattended(Path(folder), WHOLE) as it:
        for line in log(it.night(day, *event) for day, event in enumerate(NIGHTS, start=1)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            lines.append(line)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(text.replace("\n".join(logged()), "\n".join(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
