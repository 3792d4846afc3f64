"""Exports: the same values in every format, with types, keys, indexes and descriptions, whole or not at all."""

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import NameBasics, TitleEpisode
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.lake.lake import Lake
from imdb_assets.warehouse import sqlite
from imdb_assets.warehouse.relations import Relation
from imdb_assets_tests.commands import Command
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.lakes import put
from imdb_assets_tests.tables import credit, film, table

FILMS = table(
    Movies,
    [
        film("tt0000001", 1994, 7.5, 120, genres=["Drama", 'A "quoted", one']),
        film("tt0000002", 1999, primary_title="", original_title=None),
    ],
)
CREDITS = table(Credits, [credit("tt0000001", "nm0000001"), credit("tt0000001", "nm0000002", "cast", 1)])


@pytest.fixture
def lake(imdb: Command) -> Lake:
    """The command's lake, with films and credits."""
    lake = Lake(imdb.data / "lake")
    put(lake, Movies, FILMS)
    put(lake, Credits, CREDITS)
    return lake


def rows(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchall()


def test_sqlite_has_values_keys_indexes_and_descriptions(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "imdb.sqlite"
    ended = imdb("export", str(file))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{file}: 2 tables, 0.0 MB, ")
    assert rows(file, "select * from silver_movies order by tconst") == [
        ("tt0000001", "A Film", "A Film", 1994, 1990, 100, '["Drama","A \\"quoted\\", one"]', 7.5, 120),
        ("tt0000002", "", None, 1999, 1990, 100, '["Drama"]', None, None),
    ]
    assert rows(file, "select json_extract(genres, '$[1]') from silver_movies") == [('A "quoted", one',), (None,)]
    facts = rows(file, "select name, type, \"notnull\", pk from pragma_table_info('silver_credits')")
    assert facts == [
        ("tconst", "TEXT", 1, 1),
        ("nconst", "TEXT", 1, 2),
        ("role", "TEXT", 1, 3),
        ("billing_order", "INTEGER", 0, 0),
    ]
    indexes = rows(file, "select name from sqlite_schema where type = 'index' and sql is not null order by name")
    assert [name for (name,) in indexes] == [
        "ix_silver_credits_nconst",
        "ix_silver_movies_original_title",
        "ix_silver_movies_primary_title",
    ]
    ((text,),) = rows(file, "select sql from sqlite_schema where name = 'silver_credits'")
    assert '"nconst" TEXT not null, -- Person id; some of these ids have no row in bronze.name_basics.' in text
    assert f"-- Snapshot {lake.table(Credits.table).snapshot_id} of silver.credits." in text


def test_duckdb_has_types_keys_descriptions_and_views(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "imdb.duckdb"
    assert imdb("export", str(file)).code == 0
    with closing(duckdb.connect(file, read_only=True)) as database:
        assert database.sql("from silver.movies order by tconst").pl().equals(FILMS)
        keys = (
            "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        )
        assert sorted(database.sql(keys).fetchall()) == [
            ("credits", ["tconst", "nconst", "role"]),
            ("movies", ["tconst"]),
        ]
        columns = database.sql(
            "from duckdb_columns() select column_name, is_nullable, comment where table_name = 'movies'"
        )
        assert ("runtime_minutes", False, "Runtime in minutes.") in columns.fetchall()
        assert database.sql("select films from warehouse.decade_summary").fetchall() == [(2,)]
        views = database.sql("select comment from duckdb_views() where view_name = 'decade_summary'").fetchall()
        assert views[0][0].startswith("Films by decade")
        assert "regions" not in str(database.sql("show all tables"))  # it needs silver.releases


def test_a_folder_of_parquet_says_what_is_in_it(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    assert imdb("export", str(folder)).code == 0
    assert pl.read_parquet(folder / "silver.movies.parquet").sort("tconst").equals(FILMS)
    assert pl.read_parquet(folder / "silver.credits.parquet").schema == polars_schema(Credits)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    movies = package["resources"][1]
    assert (movies["name"], movies["path"]) == ("silver.movies", "silver.movies.parquet")
    assert movies["schema"]["primaryKey"] == ["tconst"]
    assert movies["schema"]["fields"][6] == {
        "name": "genres",
        "type": "array",
        "description": "One to three genres.",
        "constraints": {"required": True},
    }


def test_csv_keeps_null_from_empty_and_lists_as_json(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    assert imdb("export", str(folder), "silver.movies", "warehouse.decade_summary", "--format", "csv").code == 0
    assert imdb("export", str(tmp_path / "x.duckdb"), "--format", "csv").code == 2
    assert sorted(path.name for path in folder.iterdir()) == [
        "datapackage.json",
        "silver.movies.csv",
        "warehouse.decade_summary.csv",
    ]
    assert sorted((folder / "silver.movies.csv").read_text(encoding="utf-8").splitlines()[1:]) == [
        'tt0000001,A Film,A Film,1994,1990,100,"[""Drama"",""A \\""quoted\\"", one""]",7.5,120',
        'tt0000002,"",,1999,1990,100,"[""Drama""]",,',
    ]


def test_the_six_tables_of_imdb_sqlite(imdb: Command, tmp_path: Path) -> None:
    lake = Lake(imdb.data / "lake")
    for name, frame in ((name, frame) for name, frame in awkward_bronze().items() if name != "title_episode"):
        put(lake, CONTRACTS[f"bronze.{name}"], frame)
    put(lake, NameBasics, table(NameBasics, [{"nconst": f"nm000000{n}", "primaryName": f"P {n}"} for n in (1, 2, 1)]))
    refused = imdb("export", str(tmp_path / "x.sqlite"), "--names", "imdb-sqlite")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("bronze.title_episode: no such table or view")
    episodes = [{"tconst": "tt0000001", "parentTconst": "tt0000002", "seasonNumber": 1, "episodeNumber": 2}]
    put(lake, TitleEpisode, table(TitleEpisode, episodes))
    assert imdb("export", str(tmp_path / "x.duckdb"), "--names", "imdb-sqlite").code == 2
    assert imdb("export", str(tmp_path / "x.sqlite"), "bronze", "--names", "imdb-sqlite").code == 2
    file = tmp_path / "imdb.sqlite"
    assert imdb("export", str(file), "--names", "imdb-sqlite").code == 0
    assert rows(file, "select person_id, name, born from people") == [
        ("nm0000001", "P 1", None),
        ("nm0000002", "P 2", None),
    ]
    assert rows(file, "select * from episodes") == [("tt0000001", "tt0000002", 1, 2)]
    expected = awkward_bronze()["title_akas"]
    assert rows(file, "select title_id, title, types from akas") == [
        (row["titleId"], row["title"], None if row["types"] is None else "\x02".join(row["types"]))
        for row in expected.to_dicts()
    ]
    assert rows(file, "select count(*) from titles") == [(awkward_bronze()["title_basics"]["tconst"].n_unique(),)]
    names = rows(file, "select name from sqlite_schema where name like 'ix_crew%' order by 1")
    assert names == [("ix_crew_category",), ("ix_crew_person_id",), ("ix_crew_title_id",)]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_what_fails_leaves_the_earlier_export_and_nothing_else(
    imdb: Command, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    file = tmp_path / "out" / "imdb.sqlite"
    assert imdb("export", str(file), "silver.credits").code == 0
    before = file.read_bytes()
    assert imdb("export", str(file)).err == f"{file} exists; choose another path, or use --replace.\n"

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(sqlite, "_index", fail)
    ended = imdb("export", str(file), "--replace")
    assert ended.code == (1 if isinstance(error, OSError) else 130)
    assert [path.name for path in file.parent.iterdir()] == ["imdb.sqlite"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_export_that_is_ended_leaves_nothing(
    imdb: Command, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # what started the tests may ignore it, as nohup does
    monkeypatch.setattr(sqlite, "_index", lambda *_: os.kill(os.getpid(), number))
    try:
        assert imdb("export", str(tmp_path / "out" / "imdb.sqlite")).code == 130
        assert [*(tmp_path / "out").iterdir()] == []
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_an_error_of_a_library_that_ctrl_c_ended_is_no_error(
    imdb: Command, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def query(*_: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    monkeypatch.setattr(sqlite, "_index", query)
    try:
        assert imdb("export", str(tmp_path / "imdb.sqlite")) == (130, "", "")
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_rows_are_inserted_ends_the_export(tmp_path: Path) -> None:
    def stop(_name: str, share: float) -> None:
        if share and not any(shares):
            os.kill(os.getpid(), signal.SIGINT)
        shares.append(share)

    shares: list[float] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    relations = [Relation("films", "select range as x from range(30_000_000)", "", {})]
    try:
        with closing(duckdb.connect()) as connection, pytest.raises(KeyboardInterrupt):
            sqlite.write(connection, relations, tmp_path / "x.sqlite", stop)
    finally:
        signal.signal(signal.SIGINT, before)
    assert 0 < max(shares) < 1


def test_a_folder_is_replaced_only_if_an_export_made_it(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    assert imdb("export", str(folder), "silver").code == 0
    assert imdb("export", str(folder), "silver.credits", "--replace").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["datapackage.json", "silver.credits.parquet"]
    (folder / "notes.txt").touch()
    refused = imdb("export", str(folder), "--replace").err
    assert refused == (
        f"{folder} has something that `imdb export` did not write (notes.txt); move it away, or choose another path.\n"
    )
    not_made = f"{folder} is a folder that `imdb export` did not make"
    for text in ("{}", "[", '{"resources": 1}'):
        (folder / "datapackage.json").write_text(text, encoding="utf-8")
        refused = imdb("export", str(folder), "--replace").err
        why = "another program wrote its datapackage.json, or the file is damaged"
        assert refused == f"{not_made} ({why}); choose another path.\n"
    (folder / "datapackage.json").unlink()
    refused = imdb("export", str(folder), "--replace").err
    assert refused == f"{not_made} (it has no datapackage.json); choose another path.\n"
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "silver.credits.parquet"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_past_snapshot_is_exported(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    before = lake.table(Credits.table).snapshot_id
    put(lake, Credits, CREDITS.head(1))
    for name, at, count in (("then", str(before), 2), ("now", "2100-01-01", 1)):
        file = tmp_path / f"{name}.sqlite"
        assert imdb("export", str(file), "--at", at).code == 0
        assert rows(file, "select count(*) from silver_credits") == [(count,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x.parquet",), "x.parquet: expected .duckdb, .sqlite, .sqlite3, .db, or a folder without a suffix"),
        (("x.sqlite", "silver.movie"), "silver.movie: no such table or view; did you mean silver.movies or"),
        (("x.sqlite", "--at", ""), "'': not a point in time; expected a date such as 2026-01-31"),
        (("x.sqlite", "--at", "yesterday"), "yesterday: not a point in time; expected a date such as 2026-01-31"),
        (("x.sqlite", "--at", "2001-02-03"), "silver.credits: no snapshot of 2001-02-04 00:00 UTC; the table has"),
    ],
)
def test_what_cannot_be_exported_is_named(imdb: Command, lake: Lake, arguments: tuple[str, ...], message: str) -> None:
    ended = imdb("export", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(message)


def test_a_damaged_table_ends_an_export_of_all(imdb: Command, lake: Lake, tmp_path: Path) -> None:
    Path(lake.table(Credits.table).files[0]).unlink()
    ended = imdb("export", str(tmp_path / "x.duckdb"))
    assert ended.code == 1
    assert "silver.credits" in ended.err
    assert ended.err.endswith("Nothing was exported; to export the readable tables, name them.\n")
    assert imdb("export", str(tmp_path / "x.duckdb"), "silver.movies").code == 0


def test_an_empty_lake_has_nothing_to_export(imdb: Command, tmp_path: Path) -> None:
    assert imdb("export", str(tmp_path / "x.duckdb")).err == "The lake has no tables yet. Run `make demo` first.\n"
