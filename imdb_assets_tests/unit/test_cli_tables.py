"""`imdb tables`, `imdb views` and `imdb sql`: what they print of a lake, and of one that is empty or cannot be made."""

import json
import re
from pathlib import Path

import pytest

from imdb_assets.contracts.registry import VIEWS
from imdb_assets.lake.lake import Lake
from imdb_assets_tests.commands import Command, cells
from imdb_assets_tests.unit.printed_films import FILMS


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


@pytest.mark.parametrize("query", ["select * from silver.nothing", "selekt 1", "copy (select 1) to 'x.csv'", ""])
def test_sql_that_cannot_run_is_an_error(imdb: Command, films: Lake, query: str) -> None:
    ended = imdb("sql", query)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("SQL: ")
    assert ended.err.endswith("\nTo list the tables: imdb tables. To list the views: imdb views\n")


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
    for arguments in (["views"], ["verify"], ["history", "silver.movies"], ["sql", "select 1"]):
        imdb(*arguments)
    assert not imdb.data.exists()  # IMDB_DATA may be mistyped


def test_a_lake_that_cannot_be_made_is_one_message(imdb: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lake").touch()
    ended = imdb("tables")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"the lake's folder {tmp_path / 'data' / 'lake'} cannot be used: ")
    assert ended.err.endswith("Make room on the disk, or set IMDB_DATA to another folder.\n")
    assert len(ended.err.splitlines()) == 1
