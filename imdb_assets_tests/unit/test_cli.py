"""What the `imdb` command prints, where, and with which exit code."""

import getpass
import gzip
import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import dataframely as dy
import polars as pl
import pytest
from filelock import FileLock
from rich.console import Console

from imdb_assets.cli import private_dagster, run, summary
from imdb_assets.cli.demo import expectations
from imdb_assets.cli.run import Report
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.defs import told
from imdb_assets.defs.policies import asset_key
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.table import Staged, Table
from imdb_assets.settings import PROJECT_ROOT, Settings, variables
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests.commands import Command, cells
from imdb_assets_tests.support import definitions, free_port


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


def test_sql_as_a_table(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select tconst, title, rating from silver.films order by tconst")
    assert cells(ended.out) == [["tconst", "title", "rating"], ["tt1", 'A "film", quoted', "7.5"], ["tt2", "", ""]]
    assert (ended.code, ended.err) == (0, "")


def test_sql_as_csv(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select tconst, title, rating from silver.films order by tconst", "--format", "csv")
    assert ended == (0, 'tconst,title,rating\ntt1,"A ""film"", quoted",7.5\ntt2,,\n', "")


def test_sql_as_json(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "from silver.films order by tconst", "--format", "json")
    assert json.loads(ended.out) == FILMS.to_dicts()
    assert (ended.code, ended.err) == (0, "")


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
        "what it says": "Films by decade: how many there are, how many are rated, how well they are rated, and how "
        "long they run.",
        "columns": 9,
        "missing": "silver.movies",
    }


def test_the_sql_of_a_view_for_each_engine(imdb: Command) -> None:
    assert imdb("views", "warehouse.genre_trends").out.startswith("-- Genres by decade")
    assert (
        "CROSS JOIN UNNEST(films.genres) AS g(genre)"
        in imdb("views", "warehouse.genre_trends", "--dialect", "trino").out
    )
    assert imdb("views", "hidden_gems").out == imdb("views", "warehouse.hidden_gems").out != ""
    refused = imdb("views", "hidden_gens")
    assert (refused.code, refused.err) == (1, "hidden_gens: no such view; did you mean warehouse.hidden_gems?\n")
    refused = imdb("views", "x")
    assert (refused.code, refused.err) == (1, f"x: no such view; there are: {', '.join(VIEWS)}\n")


def test_costs_are_tables(imdb: Command) -> None:
    ended = imdb("costs")
    assert ended.code == 0
    assert "A month without a host: $" in ended.out
    header, *lines = cells(ended.out)
    assert header == ["what", "how much", "price", "$", "because"]
    assert {len(line) for line in lines} == {5}


@pytest.mark.parametrize("query", ["select * from silver.nothing", "selekt 1", "copy (select 1) to 'x.csv'", ""])
def test_sql_that_cannot_run_is_an_error(imdb: Command, films: Lake, query: str) -> None:
    ended = imdb("sql", query)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("SQL: ")
    assert ended.err.endswith("\nTables: imdb tables. Views over them: imdb views\n")


def test_an_unknown_format_is_refused(imdb: Command, films: Lake) -> None:
    ended = imdb("sql", "select 1", "--format", "xml")
    assert ended.code == 2
    assert "'xml' is not one of 'table', 'csv', 'json', 'jsonl'" in re.sub(r"[\s│]+", " ", ended.err)


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
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lake").touch()
    ended = imdb("tables")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"the lake's folder {tmp_path / 'data' / 'lake'} cannot be made: ")
    assert ended.err.endswith("Free disk space, or set IMDB_DATA to another folder.\n")
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
    assert "did you mean silver.movies" in imdb("history", "silver.movis").err
    assert "make materialize ASSETS=silver/movies" in imdb("history", "silver.movies").err


def test_materialize_refuses_what_no_asset_is_called_before_dagster_starts(imdb: Command) -> None:
    ended = imdb("materialize", "silver/movis+")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("silver/movis: no such asset; did you mean silver/movies")


@pytest.mark.parametrize(
    ("arguments", "chosen", "days"),
    [
        (["bronze/title_ratings+"], {"warehouse/hidden_gems": True, "warehouse/rating_movers": False}, []),
        (["silver/movies,warehouse/rating_movers"], {"silver/movies": True, "warehouse/rating_movers": True}, []),
        (["+models/live_accuracy"], {"models/live_accuracy": True}, []),
        (["silver/*"], {"silver/movies": True, "gold/movie_features": False}, []),
        (
            ["silver/rating_history", "--days", "2026-01-31"],
            {"warehouse/rating_movers": False},
            ["2026-01-31", "2026-01-31"],
        ),
        (
            ["silver/rating_history+", "--days", "2026-01-01...2026-01-31"],
            {"warehouse/rating_movers": True, "silver/movies": False},
            ["2026-01-01", "2026-01-31"],
        ),
    ],
)
def test_materialize_makes_the_history_of_ratings_only_for_days(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chosen: dict[str, bool], days: list[str]
) -> None:
    made: list[tuple[set[str], list[str]]] = []

    def run_assets(_: Any, __: Any, keys: set[dg.AssetKey], tags: dict[str, str]) -> Report:
        made.append(({key.to_user_string() for key in keys}, list(tags.values())))
        return Report(run_id="", succeeded=True)

    monkeypatch.setattr("imdb_assets.definitions.defs", definitions)
    monkeypatch.setattr("imdb_assets.cli.run.run_assets", run_assets)
    assert imdb("materialize", *arguments) == (0, "Done in 0 s.\n", "")
    ((keys, given),) = made
    expected = {**chosen, "silver/rating_history": bool(days)}
    assert {name: name in keys for name in expected} == expected
    assert given == days


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["movies"], "movies: not a selection of assets, such as silver/movies, silver/movies+ or silver/*."),
        (["nope/*"], "nope/*: a run can make none of these; `make ui` shows all assets."),
        (
            ["silver/movies", "--days", "2026-01-31"],
            "silver/movies: --days is for silver/rating_history alone; leave it out.",
        ),
        (
            ["silver/rating_history", "--days", "31.1.2026"],
            "--days 31.1.2026: '31.1.2026' is not a day from 2018-01-01 to today, such as 2026-01-31.",
        ),
        (
            ["silver/rating_history", "--days", "2026-01-31...2026-01-01"],
            "--days 2026-01-31...2026-01-01: the first day is after the last.",
        ),
        (
            ["silver/rating_history", "--days", "2026-01-31..."],
            "--days 2026-01-31...: '' is not a day from 2018-01-01 to today, such as 2026-01-31.",
        ),
    ],
)
def test_materialize_refuses_what_no_run_can_make(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setattr("imdb_assets.definitions.defs", definitions)
    assert imdb("materialize", *arguments) == (1, "", f"{said}\n")


def test_materialize_says_what_failed_and_where_to_see_more(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    imdb.set("DAGSTER_HOME", str(tmp_path))
    imdb.set("IMDB_UI_PORT", "3999")
    monkeypatch.setattr("imdb_assets.cli.run.use_project_instance", lambda: None)
    ended = imdb("materialize", "silver/movies")
    with dg.DagsterInstance.get() as instance:
        (made,) = instance.get_runs()
    why = (
        f"silver/movies: bronze.title_basics: not in the lake at {imdb.data / 'lake'} yet. Materialize the asset "
        "bronze/title_basics first (`make demo`, or `make materialize ASSETS=bronze/title_basics`)."
    )
    assert ended.code == 1
    assert ended.out.split("\n") == [f"✗ {why}", "", ""]
    assert ended.err.splitlines() == [
        "The run failed.",
        why,
        "Published before that: nothing.",
        f"Details: make ui, then http://127.0.0.1:3999/runs/{made.run_id}",
    ]
    assert made.status == dg.DagsterRunStatus.FAILURE
    assert made.asset_selection == {asset_key("silver.movies")}
    assert made.tags["dagster/max_retries"] == "0"
    assert made.remote_job_origin is not None, "the UI's first page shows the run"


def test_materialize_asks_for_the_days_of_the_history_of_ratings(imdb: Command) -> None:
    ended = imdb("materialize", "silver/rating_history+")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("silver/rating_history: is made day by day; add --days 2026-01-31")


def test_rollback_makes_a_past_snapshot_current_and_is_on_record(imdb: Command, films: Lake) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    ended = imdb("rollback", "silver.films", "--to", str(first))
    assert ended == (0, f"silver.films: snapshot {first} is current again, 2 rows\n", "")
    assert films.table("silver.films").snapshot_id == first
    row = json.loads(imdb("history", "silver.films", "--format", "json").out)[0]
    (record,) = row["rolled_back_to"]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT[\d:]{{8}}\+00:00 by {getpass.getuser()}, replacing {second}", record)


def _known() -> str | None:
    """The snapshot of silver.films that Dagster knows."""
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["silver", "films"]))
    assert event is not None
    assert event.asset_materialization is not None
    return (event.asset_materialization.tags or {})["dagster/data_version"]


def test_rollback_and_recover_tell_dagster_which_snapshot_readers_get(
    imdb: Command, films: Lake, tmp_path: Path
) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    home = tmp_path / "home"
    home.mkdir()
    imdb.set("DAGSTER_HOME", str(home))

    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(told.event(films.table("silver.films"), {}))
    assert _known() == str(second)
    assert imdb("rollback", "silver.films", "--to", str(first)).code == 0
    assert _known() == str(first)
    roll_back(films, "silver.films", second, by="someone who told nobody")
    assert imdb("recover", "--force").code == 0
    assert _known() == str(second)


@pytest.mark.parametrize("repeated", ["rollback", "ui"])
def test_a_rollback_that_was_killed_before_its_report_is_reported_later(
    imdb: Command, films: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repeated: str
) -> None:
    first, second = (snapshot.snapshot_id for snapshot in films.history("silver.films"))
    home = tmp_path / "home"
    home.mkdir()
    imdb.set("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(told.event(films.table("silver.films"), {}))
    roll_back(films, "silver.films", first, by="a process that is killed here")
    assert _known() == str(second)
    monkeypatch.setattr("imdb_assets.cli.webserver.serve_locally", lambda *_: None)
    monkeypatch.setattr("imdb_assets.cli.run.use_project_instance", lambda: None)
    ended = imdb(repeated, *(("silver.films", "--to", str(first)) if repeated == "rollback" else ()))
    refusal = f"silver.films: snapshot {first} is the current one already; nothing was changed.\n"
    assert (ended.code, ended.err) == ((1, refusal) if repeated == "rollback" else (0, ""))
    assert _known() == str(first)


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
        "gold.derived was made from another snapshot of this table: roll gold.derived back too, or materialize it again"
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


@pytest.mark.parametrize("options", [("--days", "inf"), ("--days", "nan"), ("--hours", "1e9"), ("--snapshots", "0")])
def test_maintain_refuses_what_is_no_length_of_time(imdb: Command, films: Lake, options: tuple[str, str]) -> None:
    assert imdb("maintain", *options).code == 2
    assert len(films.history("silver.films")) == 2


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


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        (
            {"sample_titles": 20_000},
            ("a sample of 20,000 titles, which is generated first; nothing is downloaded.", "two to five minutes"),
        ),
        (
            {"source": "folder", "source_folder": Path("/dumps")},
            ("the dumps in /dumps; nothing is downloaded.", "a quarter of an hour or more, and 10 GB of disk"),
        ),
        (
            {"source": "imdb", "accept_terms": "yes"},
            ("IMDb's dumps; up to 1.9 GB are downloaded.", "a quarter of an hour or more, and 10 GB of disk"),
        ),
    ],
)
def test_the_demo_says_at_once_how_long_it_takes(settings: dict[str, Any], lines: tuple[str, str]) -> None:
    first, second = expectations(Settings(**settings))
    assert first == f"Running everything once on {lines[0]}"
    assert lines[1] in second


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
    said = f"{tmp_path}: another `imdb sample` writes here. Wait for it, or name another folder.\n"
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


def test_stop_without_a_server_says_so(imdb: Command) -> None:
    imdb.set("IMDB_SERVING_PORT", str(free_port()))
    assert imdb("stop") == (0, "no model server was running\n", "")


def test_a_run_made_in_process_is_one_of_the_code_location(tmp_path: Path) -> None:
    @dg.job
    def nothing() -> None:
        pass

    origin = private_dagster.origin_of(dg.Definitions(jobs=[nothing]))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        done = nothing.execute_in_process(instance=instance, tags={run.REPOSITORY_TAG: origin.get_label()})
        private_dagster.place(instance, done.run_id, origin)
        (found,) = instance.get_runs(dg.RunsFilter(tags={".dagster/repository": "__repository__@imdb_assets"}))
        assert (found.run_id, found.status) == (done.run_id, dg.DagsterRunStatus.SUCCESS)
        assert found.remote_job_origin is not None
        assert found.remote_job_origin.job_name == "nothing"
        assert found.remote_job_origin.repository_origin == origin
