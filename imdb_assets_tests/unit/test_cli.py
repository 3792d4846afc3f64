"""The `imdb` command as a whole: help, imports, settings, exit codes; and commands that need no table."""

import errno
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from imdb_assets.lake.lake import Lake
from imdb_assets.settings import PROJECT_ROOT, Settings, variables
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests.commands import Command, cells
from imdb_assets_tests.support import free_port

COMMANDS = [
    *("demo", "ui", "sample", "predict", "sql", "tables", "stop", "doctor"),
    *("history", "rollback", "maintain", "recover", "verify", "export"),
    "views",
]


def test_help_lists_every_command_with_a_line_on_it(imdb: Command) -> None:
    ended = imdb("--help")
    assert ended.code == 0
    listed = re.findall(r"^\W*([a-z]+) {2,}(\S.*\S)\W*$", ended.out, re.MULTILINE)
    assert set(COMMANDS) <= {name for name, _ in listed}


def test_help_groups_commands_by_what_people_do(imdb: Command) -> None:
    panels = re.findall(r"─ ([A-Z][^─]+) ─", imdb("--help").out)
    assert panels == ["Options", "Start and stop", "Ask", "Materialize, roll back, clean up", "On AWS"]


HEAVY = {
    *("boto3", "dagster", "dataframely", "duckdb", "fastapi", "narwhals", "numba", "numpy", "pandas", "polars"),
    *("pyarrow", "pydantic", "pyiceberg", "sqlalchemy", "sqlglot", "xgboost"),
}
IMPORTED = """
import sys
if "--help" not in sys.argv:  # reads no settings
    from imdb_assets.settings import Settings
    Settings.model_config["env_file"] = None
from imdb_assets.cli.app import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--help"], set[str]()),
        (["tables"], {"pydantic"}),  # for the settings
        (["sql", "select count(*) from silver.films"], {"pydantic", "duckdb"}),
    ],
)
def test_a_command_imports_no_heavy_package_that_it_does_not_need(
    films: Lake, arguments: list[str], needed: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        cwd=PROJECT_ROOT,
        env={"IMDB_DATA": str(films.root.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, HEAVY & set(done.stderr.split())) == (0, needed)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(imdb: Command, command: str) -> None:
    ended = imdb(command, "--help")
    assert ended.code == 0
    assert f"imdb {command}" in ended.out


def test_an_unknown_command_is_refused(imdb: Command) -> None:
    ended = imdb("fly")
    assert ended.code == 2
    assert "No such command 'fly'" in ended.err


def test_costs_are_tables(imdb: Command) -> None:
    ended = imdb("costs")
    assert ended.code == 0
    assert "A month without a host: $" in ended.out
    header, *lines = cells(ended.out)
    assert header == ["what", "how much", "price", "$", "because"]
    assert {len(line) for line in lines} == {5}


def test_predict_before_there_is_a_model_fails_with_the_remedy(imdb: Command) -> None:
    ended = imdb("predict", "tt0108052")
    assert (ended.code, ended.out) == (1, "")
    assert "make demo" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["tables", "doctor", "stop", "ui", "demo"])
def test_wrong_settings_are_one_line_each(imdb: Command, command: str) -> None:
    imdb.set("IMDB_ENGINE", "ray")
    imdb.set("IMDB_UI_PORT", "web")
    imdb.set("IMDB_TYPO", "1")
    ended = imdb(command)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        "The settings are wrong:",
        f"IMDB_TYPO: unknown setting; known: {', '.join(variables())}",
        "IMDB_ENGINE: got 'ray', allowed: one of polars, spark, glue",
        "IMDB_UI_PORT: got 'web', allowed: a valid integer, unable to parse string as an integer",
        f"See {PROJECT_ROOT / '.env.example'}",
    ]


def test_the_installed_command_ends_with_the_same_code(tmp_path: Path) -> None:
    code = (
        "from imdb_assets.settings import Settings; Settings.model_config['env_file'] = None; "
        "from imdb_assets.cli.app import main; main()"
    )
    environment = {"PATH": "", "IMDB_DATA": str(tmp_path), "IMDB_ENGINE": "ray"}
    done = subprocess.run(
        [sys.executable, "-c", code, "tables"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1] == "IMDB_ENGINE: got 'ray', allowed: one of polars, spark, glue"


def test_sample_writes_the_seven_dumps(imdb: Command, tmp_path: Path) -> None:
    ended = imdb("sample", "--out", str(tmp_path / "sample"), "--titles", "2000")
    assert ended.code == 0
    written = sorted((tmp_path / "sample").glob("*.gz"))
    assert len(written) == 7
    settings = Settings(data=tmp_path / "data")
    assert settings.is_sample(FolderSource(tmp_path / "sample").place)
    (tmp_path / "sample" / "GENERATED.txt").unlink()
    assert not settings.is_sample(FolderSource(tmp_path / "sample").place)
    assert [line.split()[-1] for line in ended.out.splitlines()] == [str(path) for path in written]


def test_sample_replaces_no_dumps_but_its_own(imdb: Command, tmp_path: Path) -> None:
    (dump := tmp_path / "title.ratings.tsv.gz").write_bytes(b"IMDb's")
    said = f"{tmp_path}: has dumps that `imdb sample` did not make (title.ratings.tsv.gz). Name another folder.\n"
    assert imdb("sample", "--out", str(tmp_path), "--titles", "2000") == (1, "", said)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [dump]
    assert dump.read_bytes() == b"IMDb's"


def test_two_samples_are_not_written_into_one_folder(imdb: Command, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"):
        ended = imdb("sample", "--out", str(tmp_path), "--titles", "2000")
    said = f"{tmp_path}: another `imdb sample` writes here. Try later, or name another folder.\n"
    assert ended == (1, "", said)
    assert imdb("sample", "--out", str(tmp_path), "--titles", "2000").code == 0
    assert imdb("sample", "--out", str(tmp_path), "--titles", "2000").code == 0


def test_sample_at_a_fraction_of_imdbs_size(imdb: Command, tmp_path: Path) -> None:
    assert imdb("sample", "--out", str(tmp_path / "sample"), "--scale", "0.001").code == 0
    with gzip.open(tmp_path / "sample" / "title.basics.tsv.gz") as file:
        assert sum(1 for _ in file) == 12_700 + 5 + 1  # malformed lines, header


def test_sample_takes_a_number_of_titles_or_a_scale(imdb: Command, tmp_path: Path) -> None:
    ended = imdb("sample", "--out", str(tmp_path / "sample"), "--titles", "2000", "--scale", "0.001")
    assert ended.code == 2
    assert "give --titles or --scale, not both." in ended.err
    assert not (tmp_path / "sample").exists()


def test_sample_into_a_folder_that_cannot_be_is_an_error(imdb: Command, tmp_path: Path) -> None:
    (out := tmp_path / "sample").touch()
    ended = imdb("sample", "--out", str(out), "--titles", "2000")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"{out}: cannot be written: ")
    assert ended.err.endswith(". Make room, or name another folder (--out).\n")


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_one_message(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def stop(_: object) -> bool:
        raise OSError(number, os.strerror(number), "endpoint.json")

    monkeypatch.setattr("imdb_assets.serving.local.stop", stop)
    why = f"[Errno {number}] {os.strerror(number)}: 'endpoint.json'"
    assert imdb("stop") == (1, "", f"{why}. Check permissions, disk space and IMDB_DATA.\n")


def test_stop_without_a_server_says_so(imdb: Command) -> None:
    imdb.set("IMDB_SERVING_PORT", str(free_port()))
    assert imdb("stop") == (0, "no model server was running\n", "")
