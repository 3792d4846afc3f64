"""SQL over the lake: right answers, and nothing beyond the lake within reach."""

import os
from collections.abc import Callable
from pathlib import Path

import dataframely as dy
import duckdb
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.lake.lake import Lake
from imdb_assets.warehouse.duckdb import connect
from imdb_assets_tests.lakes import put


class Films(Contract):
    """Films of a test."""

    table = "silver.films"
    partition_by = "decade"

    tconst = dy.String(primary_key=True, description="Title id.")
    decade = dy.Int32(description="Decade.")
    genres = dy.List(dy.String(), description="Genres.")


FILMS = pl.DataFrame(
    {"tconst": ["tt1", "tt2", "tt3"], "decade": [1990, 1990, 2000], "genres": [["Drama"], ["War", "Drama"], ["War"]]},
    schema=polars_schema(Films),
)


def _ask(lake: Lake, query: str) -> list[tuple[object, ...]]:
    return connect(lake).sql(query).fetchall()


def test_tables_are_views_named_by_schema_and_table(lake: Lake) -> None:
    put(lake, Films, FILMS)
    assert _ask(lake, "select tconst, decade, genres from silver.films order by tconst") == list(FILMS.iter_rows())
    assert _ask(lake, "select decade, count(*) from silver.films group by all order by all") == [(1990, 2), (2000, 1)]
    assert _ask(lake, "select table_schema, table_name from information_schema.tables") == [("silver", "films")]
    assert [row[0] for row in _ask(lake, "describe silver.films")] == ["tconst", "decade", "genres"]


def test_a_connection_reads_the_snapshots_current_when_it_was_made(lake: Lake) -> None:
    put(lake, Films, FILMS)
    before = connect(lake)
    put(lake, Films, FILMS.head(1))
    assert before.sql("select count(*) from silver.films").fetchall() == [(3,)]
    assert _ask(lake, "select count(*) from silver.films") == [(1,)]


def test_an_empty_table_has_columns_and_no_rows(lake: Lake) -> None:
    put(lake, Films, FILMS.clear())
    assert connect(lake).sql("select * from silver.films").pl().equals(FILMS.clear())


def test_an_empty_lake_has_no_tables(lake: Lake) -> None:
    assert _ask(lake, "select 1") == [(1,)]
    with pytest.raises(duckdb.CatalogException, match=r"silver\.films: no such table or view; nothing has been made"):
        _ask(lake, "select * from silver.films")


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda path: os.truncate(path, 0), lambda path: os.truncate(path, 100)]
)
def test_a_table_whose_file_is_lost_or_cut_off_is_named_and_the_others_can_be_asked(
    lake: Lake, damage: Callable[[Path], None]
) -> None:
    class People(Films):
        """Another table."""

        table = "gold.people"

    put(lake, Films, FILMS)
    put(lake, People, FILMS.head(1))
    damage(Path(lake.table("silver.films").files[0]))
    assert _ask(lake, "select tconst from gold.people") == [("tt1",)]
    with pytest.raises(
        duckdb.CatalogException,
        match=r"silver\.films: /.*(is lost|is not what was published).* roll back",
    ):
        _ask(lake, "select * from silver.films")


@pytest.mark.parametrize(
    "query",
    [
        "from silver.films",
        "with x as (from silver.films) from x",
        "describe silver.films",
        "summarize silver.films",
        "show tables",
        "values (1)",
        "select 1;",
    ],
)
def test_every_form_of_reading_is_allowed(lake: Lake, query: str) -> None:
    put(lake, Films, FILMS)
    connect(lake).sql(query).fetchall()


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('{outside}')",
        "select * from read_text('{outside}')",
        "select * from '{outside}'",
        "select * from read_text('{lake}/../secret.csv')",
        "select * from glob('{folder}/*')",
    ],
)
def test_nothing_outside_the_lake_can_be_read(lake: Lake, tmp_path: Path, query: str) -> None:
    put(lake, Films, FILMS)
    outside = tmp_path / "secret.csv"
    outside.write_text("secret\n1\n")
    with pytest.raises(duckdb.PermissionException, match="file system operations are disabled by configuration"):
        _ask(lake, query.format(outside=outside, folder=tmp_path, lake=lake.root))


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("copy (select 1) to '{file}' (format parquet)", "COPY"),
        ("copy (select 1) to '{folder}/x.csv'", "COPY"),
        ("select 1; copy (select 1) to '{file}'", "SELECT, COPY"),
        ("explain analyze copy (select 1) to '{file}'", "EXPLAIN"),
        ("prepare x as copy (select 1) to '{file}'", "PREPARE"),
        ("attach '{lake}/new.db'", "ATTACH"),
        ("attach '{lake}/catalog.db' as catalog (type sqlite)", "ATTACH"),
        ("export database '{lake}/exported'", "EXPORT"),
        ("insert into silver.films values ('tt4', 1990, [])", "INSERT"),
        ("drop view silver.films", "DROP"),
        ("set lock_configuration = false", "SET"),
        ("", "an empty query"),
        ("-- nothing", "an empty query"),
    ],
)
def test_nothing_can_be_written_inside_the_lake_or_out(lake: Lake, tmp_path: Path, query: str, kinds: str) -> None:
    put(lake, Films, FILMS)
    file = lake.table("silver.films").files[0]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with pytest.raises(duckdb.PermissionException) as caught:
        _ask(lake, query.format(lake=lake.root, file=file, folder=tmp_path))
    assert str(caught.value) == (
        f"one SELECT (or WITH, FROM, DESCRIBE, SUMMARIZE) is allowed, not {kinds}; "
        "tables change only when their assets are materialized, and `imdb export imdb.duckdb` makes a copy that "
        "you may change"
    )
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    "setting",
    ["set enable_external_access = true", "set allowed_directories = ['/']", "set lock_configuration = false"],
)
def test_the_fence_behind_it_cannot_be_taken_down(lake: Lake, setting: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="configuration has been locked"):
        connect(lake)._connection.execute(setting)


@pytest.mark.parametrize(
    "query", ["copy (select 1) to '{folder}/x.csv'", "attach '{folder}/x.db'", "load '{folder}/x'"]
)
def test_the_fence_behind_it_holds_alone(lake: Lake, tmp_path: Path, query: str) -> None:
    with pytest.raises(duckdb.PermissionException, match="disabled"):
        connect(lake)._connection.execute(query.format(folder=tmp_path))


def test_quotes_in_names_and_paths_stay_names_and_paths(tmp_path: Path) -> None:
    class Odd(Films):
        """A table with an odd name."""

        table = """silver.o'dd" x"""

    lake = Lake(tmp_path / "it's" / "a lake")
    put(lake, Odd, FILMS)
    assert _ask(lake, '''select count(*) from silver."o'dd"" x"''') == [(3,)]
