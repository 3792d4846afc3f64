"""Whatever is damaged in the data folder: no command ends in a traceback or in silence, and each names what to run.

Silence is output that differs from that of the whole folder while no word is said and the exit code is 0.
"""

import os
import random
import re
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imdb_assets.cli import app
from imdb_assets.cli.output import console
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import local, title_index
from imdb_assets.settings import Settings
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests import titles
from imdb_assets_tests.support import free_port, write_tiny_dumps
from imdb_assets_tests.world import SEEN, World

SEED, SAMPLED = 7, 8

READING: list[tuple[str, ...]] = [
    ("tables",),
    ("sql", "select 1"),
    ("sql", "select count(*), sum(start_year) from silver.movies"),
    ("history", "silver.movies", "--format", "json"),
    ("views",),
    ("predict", SEEN),
    ("models", "list"),
    ("lineage", SEEN),
    ("maintain", "--dry-run"),
    ("verify",),
    ("export", "{out}", "silver.movies", "--replace"),
    ("doctor",),
]
CHANGING: list[tuple[str, ...]] = [
    ("maintain",),
    ("models", "rollback"),
    ("rollback", "silver.movies", "--to", "1"),
    ("recover", "--force"),
    ("stop",),
]
"""Each of them meets the damaged folder as it was."""
COMMANDS = READING + CHANGING


def _change_one_byte(path: Path) -> None:
    """One in the middle; of Parquet one of the footer, since only hashes of whole files show those of its pages."""
    content = bytearray(path.read_bytes())
    place = len(content) - 6 if path.suffix == ".parquet" else len(content) // 2
    content[place] ^= 1
    path.write_bytes(content)


WAYS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, path.stat().st_size * 2 // 3),
    "one byte changed": _change_one_byte,
    "gone": Path.unlink,
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe\xfa" * 9),
}

NOTES = "the notes of what was hashed", "the notes of what was read"
"""They save hashing and reading again, and nothing else."""
KINDS = {
    "a catalog": "lake/catalog.db",
    "metadata": "lake/silver/movies/metadata/*.metadata.json",
    "a manifest list": "lake/silver/movies/metadata/snap-*.avro",
    "a manifest": "lake/silver/movies/metadata/*-m0.avro",
    "a data file": "lake/silver/movies/data/*/*/*.parquet",
    "predictions": "lake/models/predictions/data/*/*.parquet",
    "the pointer to the model": "models/current.json",
    "a model's record": "models/*/model.json",
    "trees": "models/*/*.ubj",
    "a model's card": "models/*/card.md",
    "a model's records": "models/*/*_reputation.parquet",
    "a model's names": "models/*/search.sqlite",
    "a pointer to a dump": "landing/title.basics/current.json",
    "a dump's manifest": "landing/title.basics/*/manifest.json",
    "a dump": "landing/title.basics/*/title.basics.tsv.gz",
    "the endpoint's record": "endpoint.json",
    NOTES[0]: "lake/checked/silver.movies.json",
    NOTES[1]: "lake/known/silver.movies.json",
    "the pointer to the index of titles": "titles/current.json",
    "the index of titles": "titles/*.sqlite",
}
"""Kind of file → where one is."""
TELLING = {("lineage", "the pointer to the model"), ("recover", "a catalog"), ("recover", "metadata")}
"""What says in its usual output that something is lost: a version's status, or the metadata that a table came from."""
NOISE = re.compile(r"(ok|problem) +(Memory|Disk|Left over):|To list the tables: imdb tables\.")
"""Lines that are not about damage, one of which names commands."""
REMEDY = re.compile(r"imdb [a-z]+|make [a-z]+|materialize|[Dd]elete")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    text: str
    trace: str


class Folder:
    """A data folder that can be made whole again."""

    def __init__(self, whole: Path, place: Path) -> None:
        self.whole, self.place, self.out = whole, place, whole.with_name("exported")
        shutil.copytree(place, whole, copy_function=os.link)

    def mend(self) -> None:
        shutil.rmtree(self.place)
        shutil.copytree(self.whole, self.place)


def _run(command: tuple[str, ...], out: Path) -> Ended:
    """In this process, by the entry point, so that `main`'s own words count; without what changes between two looks."""
    runner = CliRunner()
    with pytest.MonkeyPatch.context() as patch, runner.isolation() as (printed, err, *_):
        patch.setattr("sys.argv", ["imdb", *(word.format(out=out) for word in command)])
        code, trace = 0, ""
        try:
            app.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:  # noqa: BLE001 - it is what is looked for
            trace = traceback.format_exc()
        sys.stdout.flush()  # rows in JSON are written there as text
        lines = (printed.getvalue().decode() + err.getvalue().decode()).splitlines()
    said = [re.sub(r"[0-9.]+ s$", "", line) for line in lines if not NOISE.match(line)]
    return Ended(code, "\n".join(said), trace)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    root = tmp_path_factory.mktemp("damage")
    data = root / "data"
    World.build(data)
    landing = Landing(data / "landing")
    dumps = write_tiny_dumps(root / "dumps")
    landing.publish(landing.fetch("title.basics", FolderSource(dumps)))
    local.record(Settings(data=data))
    Lake(data / "lake").tables()  # which leaves notes
    title_index.publish(Settings(data=data).titles_folder, titles.tables(), Provenance())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMDB_DATA", str(data))
        patch.setenv("IMDB_SERVING_PORT", str(free_port()))
        patch.setenv("IMDB_UI_PORT", str(free_port()))
        patch.setattr(console, "_width", 2000)  # `width` would stay fixed afterwards
        yield Folder(root / "whole", data)


@pytest.fixture(scope="module")
def healthy(folder: Folder) -> dict[tuple[str, ...], Ended]:
    found: dict[tuple[str, ...], Ended] = {}
    for command in COMMANDS:
        found[command] = _run(command, folder.out)
        if command in CHANGING:
            folder.mend()
    return found


def _faults(kind: str, way: str, folder: Folder, healthy: dict[tuple[str, ...], Ended]) -> list[str]:
    """What is wrong with how the commands take one damage."""
    all_ended: dict[tuple[str, ...], Ended] = {}
    for command in COMMANDS:
        if command in CHANGING or not all_ended:
            folder.mend()
            WAYS[way](max(folder.place.glob(KINDS[kind])))
        all_ended[command] = _run(command, folder.out)
    found: list[str] = []
    for command, ended in all_ended.items():
        words = " ".join(command)
        if ended.trace:
            found.append(f"{words}: {ended.trace[-600:]}")
        elif ended.code == 0 and ended.text != healthy[command].text and (command[0], kind) not in TELLING:
            found.append(f"{words}: silence: {ended.text[:300]}")
        elif ended.code and not REMEDY.search(ended.text) and ended != healthy[command]:
            found.append(f"{words}: no remedy: {ended.text[:300]}")
    if all_ended["sql", "select 1"].code and kind != "a catalog":
        found.append("no other table can be asked")
    if all_ended["doctor",].text.count("\n") < healthy["doctor",].text.count("\n"):
        found.append("the doctor stops in the middle")
    harmless = all(ended == healthy[command] for command, ended in all_ended.items())
    if all_ended["doctor",].code == 0 and not ((way in {"one byte changed", "gone"} or kind in NOTES) and harmless):
        found.append("the doctor sees nothing")
    return found


ALL = [(kind, way) for kind in KINDS for way in WAYS]
FAST = set(random.Random(SEED).sample(ALL, SAMPLED))


@pytest.mark.parametrize(
    ("kind", "way"), [pytest.param(*one, marks=() if one in FAST else pytest.mark.slow) for one in ALL]
)
def test_every_command_says_what_is_damaged(
    kind: str, way: str, folder: Folder, healthy: dict[tuple[str, ...], Ended]
) -> None:
    assert _faults(kind, way, folder, healthy) == []
