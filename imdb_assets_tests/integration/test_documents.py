"""Every command that a document shows works: run on a small deployment, or, where that cannot be, parsed and looked up.

A new document is found by itself. A command of ours that is new there has to be listed in `IMDB`, another program's in
`OTHERS`, a new placeholder in `Deployment.stands_for`.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from imdb_assets.cli.app import app
from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.dashboards.pages import Pages
from imdb_assets.lake import catalog
from imdb_assets.lake.lake import Lake
from imdb_assets.serving.app import create_app
from imdb_assets.settings import PROJECT_ROOT, variables
from imdb_assets_tests.browser.conftest import served
from imdb_assets_tests.commands import Command
from imdb_assets_tests.documents import Shown, anchors, commands, documents, links
from imdb_assets_tests.films import movie_features
from imdb_assets_tests.lakes import put
from imdb_assets_tests.support import definitions, folder_settings, free_port, materialize, write_tiny_dumps
from imdb_assets_tests.world import FILMS, SEEN, World

RUN = ""
IMDB: dict[str, str] = {
    **dict.fromkeys(["sql", "export", "tables", "views", "history", "rollback", "maintain", "recover", "verify"], RUN),
    **dict.fromkeys(["models list", "models promote", "models rollback", "lineage", "predict", "doctor", "stop"], RUN),
    "demo": "minutes; integration/test_daily.py runs the same assets",
    "materialize": "starts Dagster; test_make_materialize_makes_one_asset does so",
    "ui": "does not return; browser/test_dagster.py starts the same",
    "sample": "writes gigabytes; unit/test_sample.py writes small ones",
    "costs": RUN,
    "models compare": "needs more films than there are here; unit/test_cli_models.py runs it",
    "deploy": "needs an account of AWS; aws/ runs it on emulators",
    "destroy": "needs an account of AWS; aws/ runs it on emulators",
    **dict.fromkeys(["endpoint up", "endpoint down", "sql --athena"], "needs an account of AWS, and bills"),
}
"""Subcommand, or subcommand and option → why it is only parsed, or `RUN`."""

OTHERS: dict[str, str] = {
    "pre-commit install": "changes the repository's hooks",
    "apt install": "needs root",
    "aws": "needs an account of AWS",
    **dict.fromkeys(["docker login", "docker build", "docker push"], "needs Docker and an account of AWS"),
    "dg launch": "starts Dagster; `imdb materialize` makes the same assets",
    "pytest": "would run the tests within the tests",
}
"""What else is shown and not run → why."""

MAY_FAIL = {"doctor"}
"""Judges this machine: exit code 1 says that something is wrong with it, and is an answer."""

SHOWN = {str(shown): shown for document in documents() for shown in commands(document)}


def _of(program: str) -> list[object]:
    return [
        pytest.param(shown, id=f"{shown.place} {name[:60]}")
        for name, shown in SHOWN.items()
        if name.startswith(f"{program} ")
    ]


@dataclass(frozen=True)
class Deployment:
    """A small one with every table, two snapshots of the films and two model versions."""

    data: Path
    world: World
    versions: tuple[str, str]

    @classmethod
    def build(cls, data: Path) -> "Deployment":
        world = World.build(data)
        first, second = world.store.current().version, world.publish_model(6).version
        world.publish_films(movie_features(FILMS))
        for name, contract in CONTRACTS.items():
            if not world.lake.exists(name):
                put(world.lake, contract, pl.DataFrame(schema=polars_schema(contract)))
        return cls(data, world, (first, second))

    def stands_for(self, word: str) -> str:
        """The word with what a reader would put for its placeholder; ids of films become one that is there."""
        films = Lake(self.world.lake.root).history("silver.movies")  # `recover` replaces the open one
        known = {
            "TABLE": "silver.movies",
            "NAME": next(iter(VIEWS)),
            "VERSION": self.versions[1],
            "FOLDER": str(self.data),
            "<folder>": str(self.world.lake.root / "silver" / "movies"),
            **dict.fromkeys(["SNAPSHOT", "<snapshot>"], next(str(one.snapshot_id) for one in films if not one.current)),
        }
        for placeholder in re.findall(r"<[\w ]+>|^[A-Z]{3,}$", word):
            assert placeholder in known, f"{placeholder} in {word!r}: say in Deployment.stands_for what stands for it"
            word = word.replace(placeholder, known[placeholder])
        return re.sub(r"^tt\d{7,8}$", SEEN, word)

    def before(self, subcommand: str) -> None:
        """What must have happened for the command to make sense."""
        if subcommand == "models rollback":
            self._serve(self.versions[0])
            self._serve(self.versions[1])
        elif subcommand == "models promote":
            self._serve(self.versions[0])
        elif subcommand == "recover":
            (self.world.lake.root / catalog.FILE).unlink()

    def _serve(self, version: str) -> None:
        if self.world.store.current().version != version:
            self.world.store.promote(version, "test")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return Deployment.build(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def imdb(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    monkeypatch.chdir(tmp_path)  # commands that write a file write it here
    monkeypatch.setattr(sys, "stdin", io.StringIO("select 1"))
    command = Command(deployment.data, monkeypatch, capsys)
    for name in ("IMDB_SERVING_PORT", "IMDB_UI_PORT"):
        command.set(name, str(free_port()))
    return command


def test_documents_show_commands() -> None:
    assert len(_of("imdb")) > 15
    assert len(_of("make")) > 10
    programs = {name.partition(" ")[0] for name in SHOWN}
    assert programs - {"imdb", "make", "python", "curl"} == {name.partition(" ")[0] for name in OTHERS} & programs


@pytest.mark.parametrize("shown", _of("imdb"))
def test_the_imdb_command(shown: Shown, deployment: Deployment, imdb: Command) -> None:
    words = [deployment.stands_for(word) for word in shown.words[1:]]
    subcommand, complete = _parsed(words, whole=shown.whole)
    key = next((f"{subcommand} {word}" for word in words if f"{subcommand} {word}" in IMDB), subcommand)
    assert key in IMDB, f"imdb {key}: say in IMDB whether it can be run here, or why not"
    if IMDB[key] == RUN and complete:
        deployment.before(subcommand)
        ended = imdb(*words)
        assert ended.code in ({0, 1} if subcommand in MAY_FAIL else {0}), ended.err
        assert ended.out.strip()


@pytest.mark.parametrize("shown", _of("make"))
def test_a_make_target(shown: Shown, deployment: Deployment) -> None:
    """`make -n` expands the target's recipe without running it; a selection of assets is resolved."""
    words = [deployment.stands_for(word) for word in shown.words[1:]]
    assignments = dict(word.split("=", 1) for word in words if "=" in word)
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    for name in assignments:
        assert re.search(rf"^{name} \?=", makefile, re.MULTILINE), f"the Makefile knows no {name}"
    ended = _make("-n", *words)
    assert ended.returncode == 0, ended.stderr
    if "ASSETS" in assignments:
        selection = dg.AssetSelection.from_string(assignments["ASSETS"])
        graph = definitions().resolve_asset_graph()
        selected = selection.resolve(graph)
        assert selected
        assert selected <= graph.executable_asset_keys  # Dagster refuses a run with any other, as of quarantine


def test_make_help_lists_the_targets() -> None:
    assert "make demo" in _make("help").stdout


def test_make_stop_ends_nothing_where_nothing_runs(tmp_path: Path) -> None:
    assert _make("stop", IMDB_DATA=str(tmp_path)).stdout == "no model server was running\n"


def test_make_materialize_makes_one_asset(tmp_path: Path) -> None:
    settings = folder_settings(write_tiny_dumps(tmp_path / "dumps"), tmp_path / "data")
    assert materialize(settings, "landing", "bronze").failures == {}
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    ended = _make(
        "materialize",
        "ASSETS=silver/movies",
        f"DAGSTER_HOME={tmp_path}",
        IMDB_DATA=str(settings.data),
        IMDB_SOURCE="folder",
        IMDB_SOURCE_FOLDER=str(settings.source_folder),
    )
    assert ended.returncode == 0, ended.stderr
    assert pl.read_parquet(settings.lake_folder / "silver" / "movies" / "**" / "*.parquet").height == 30


@pytest.mark.parametrize("shown", _of("python"))
def test_a_python_command(shown: Shown, deployment: Deployment) -> None:
    option, what, *_ = shown.words[1:]
    if option == "-m":
        found = find_spec(f"{what}.__main__" if _is_package(what) else what)
        assert found is not None
        assert found.origin is not None
        assert "__main__" in Path(found.origin).read_text(encoding="utf-8") or _is_package(what)
        return
    assert option == "-c"
    ended = subprocess.run(
        [sys.executable, "-c", deployment.stands_for(what)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize("shown", _of("curl"))
def test_a_request_to_the_endpoint(shown: Shown, deployment: Deployment) -> None:
    assert any(word.startswith("http://127.0.0.1:8017/") for word in shown.words), "only our endpoint is asked here"
    pages = Pages(deployment.world.lake, deployment.data / "pages")
    with served(create_app(deployment.world.predictor(), pages)) as address:
        words = [word.replace("http://127.0.0.1:8017/", address) for word in shown.words]
        ended = subprocess.run([*words, "--fail-with-body"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    answer = json.loads(ended.stdout)
    if isinstance(answer, list):
        assert answer  # rows of a dashboard
    else:
        assert 1 <= answer["predicted"] <= 10


@pytest.mark.parametrize("shown", SHOWN.values(), ids=str)
def test_variables_set_before_a_command_are_settings(shown: Shown) -> None:
    assert [name for name in shown.variables if name.startswith("IMDB_") and name not in variables()] == []


@pytest.mark.parametrize(
    "document", [*documents(), *(PROJECT_ROOT / "docs" / "adr").glob("*.md")], ids=lambda path: path.name
)
def test_links_lead_somewhere(document: Path) -> None:
    for target in links(document):
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{document.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{document.name}: {target}"


@pytest.mark.parametrize("folder", ["docs", "docs/adr"])
def test_every_document_is_in_the_list_of_its_folder(folder: str) -> None:
    readme = PROJECT_ROOT / folder / "README.md"
    assert {path.name for path in readme.parent.glob("*.md")} - {readme.name} <= set(links(readme))


def _parsed(words: list[str], *, whole: bool) -> tuple[str, bool]:
    """The subcommand as the command line knows it, and whether all that it needs is given; wrong options raise."""
    command: Any = typer.main.get_command(app)
    path: list[str] = []
    while isinstance(command, TyperGroup):
        assert words, f"imdb {' '.join(path)}: no subcommand"
        name, words = words[0], words[1:]
        assert name in command.commands, f"imdb {' '.join([*path, name])}: no such command"
        command, path = command.commands[name], [*path, name]
    try:
        command.make_context(path[-1], list(words))
    except TyperException as error:
        if whole or type(error).__name__ not in {"MissingParameter", "BadOptionUsage"}:
            raise
        return " ".join(path), False
    return " ".join(path), True


def _make(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Make, as if the packages were installed: a test must not install any."""
    up_to_date = [part for target in _INSTALLED for part in ("-o", target)]
    return subprocess.run(
        ["make", "--no-print-directory", *up_to_date, *words],
        cwd=PROJECT_ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


_INSTALLED = (".venv/bin/.uv", ".venv/bin/.runtime", ".venv/bin/.dev", ".venv-aws/.ready")


@cache
def _is_package(module: str) -> bool:
    found = find_spec(module)
    return found is not None and found.submodule_search_locations is not None
