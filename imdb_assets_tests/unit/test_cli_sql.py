"""`imdb sql` prints exactly the values of a query, in every format, and can be ended."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from benchmarks.processes import cpu_of
from imdb_assets.cli import output
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.rollback import roll_back
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.commands import Command, cells
from imdb_assets_tests.lakes import People, people, put

VALUES = {
    "ARRAY": "[1, 2]::int[2]",
    "BIGINT": "-9223372036854775808",
    "BIGNUM": "(repeat('9', 60))::bignum",
    "BIT": "'0101'::bit",
    "BOOLEAN": "true",
    "DATE": "date '0800-12-25'",
    "DECIMAL": "99999999999999999999999999999.000000001::decimal(38, 9)",
    "DOUBLE": "0.1",
    "ENUM": "'b'::enum('a', 'b')",
    "FLOAT": "1.1::float",
    "HUGEINT": "170141183460469231731687303715884105727::hugeint",
    "INTEGER": "-2147483648",
    "LIST": "['a', null, 'b,c']",
    "MAP": "map {1: 'a', 2: null}",
    "NULL": "null",
    "SMALLINT": "1::smallint",
    "STRUCT": "{'a': 1, 'b': [1.5]}",
    "TIME": "time '12:00:00.5'",
    "TIME WITH TIME ZONE": "'12:00:00+05:30'::timetz",
    "TIMESTAMP": "timestamp '2020-01-01 00:00:00.000001'",
    "TIMESTAMP WITH TIME ZONE": "timestamptz '2020-01-01 00:00:00+02'",
    "TIMESTAMP_MS": "timestamp_ms '2020-01-01 00:00:00.001'",
    "TIMESTAMP_S": "timestamp_s '2020-01-01 00:00:00'",
    "TINYINT": "(-128)::tinyint",
    "TUPLE": "row(1, 'a')",
    "UBIGINT": "18446744073709551615::ubigint",
    "UHUGEINT": "md5_number('tt0108052')",
    "UINTEGER": "4294967295::uinteger",
    "UNION": "union_value(k := 1)",
    "USMALLINT": "65535::usmallint",
    "UTINYINT": "255::utinyint",
    "UUID": "'5ea78eb8-e90b-4d16-836a-75d095ae07a9'::uuid",
    "VARCHAR": "'a, \"b\" \\'",
    "VARIANT": "{'a': [1, 2], 'b': 'x'}::variant",
}
"""Type of DuckDB → a value whose like Python has."""
WRITTEN = {
    "BLOB": (r"'\xFFa\x5C'::blob", r"\xFFa\x5C"),
    "GEOMETRY": ("'POINT(1 2)'::geometry", "POINT (1 2)"),
    "INTERVAL": ("interval '1 year 2 days 3.000001 seconds'", "1 year 2 days 00:00:03.000001"),
    "TIMESTAMPTZ_NS": (
        "'2020-01-01 00:00:00.123456789+00'::timestamptz_ns",
        "2020-01-01 00:00:00.123456789+00",
    ),
    "TIMESTAMP_NS": ("'2020-01-01 00:00:00.123456789'::timestamp_ns", "2020-01-01 00:00:00.123456789"),
    "TIME_NS": ("'12:00:00.123456789'::time_ns", "12:00:00.123456789"),
    "TYPE": ("get_type(1)", "INTEGER"),
}
"""Type → a value of which Python's would lose something, and how DuckDB writes it."""


def test_every_type_of_duckdb_is_among_these() -> None:
    types = duckdb.connect().execute("select distinct logical_type from duckdb_types()").fetchall()
    assert {name for (name,) in types} == VALUES.keys() | WRITTEN.keys()


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_out_as_duckdbs_own_client_gives_it(imdb: Command, kind: str) -> None:
    query = f"select {VALUES[kind]} as x, 1 as n"
    ((value, _),) = duckdb.connect().execute(query).fetchall()
    (record,) = json.loads(imdb("sql", query, "--format", "json").out)
    assert record["x"] == _as_json(value)
    (_, (text, _)) = csv.reader(io.StringIO(imdb("sql", query, "--format", "csv").out))
    nested = isinstance(value, list | tuple | dict)
    assert json.loads(text) == _as_json(value) if nested else text == _as_text(value)
    if not nested:
        assert cells(imdb("sql", query).out)[1] == [_as_text(value), "1"]


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_value_that_python_has_not_comes_out_as_duckdb_writes_it(imdb: Command, kind: str) -> None:
    value, text = WRITTEN[kind]
    assert json.loads(imdb("sql", f"select {value} as x", "--format", "json").out) == [{"x": text}]
    assert imdb("sql", f"select {value} as x", "--format", "csv").out == f"x\n{text}\n"
    assert cells(imdb("sql", f"select {value} as x").out)[1] == [text]
    if kind != "TYPE":  # of which there are no lists
        nested = f"select [{{'a b': {value}, 'n': null}}] as l, map {{'k': [{value}]}} as m, row(1, {value}) as t"
        (record,) = json.loads(imdb("sql", nested, "--format", "json").out)
        assert record == {"l": [{"a b": text, "n": None}], "m": {"k": [text]}, "t": [1, text]}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float | str) else _as_text(value)


def test_sql_prints_names_and_texts_as_they_are(imdb: Command) -> None:
    ended = imdb("sql", "select '[tt1] :heart: [/x]' as \"[/x] :heart:\"")
    assert (ended.code, cells(ended.out)) == (0, [["[/x] :heart:"], ["[tt1] :heart: [/x]"]])


def test_sql_prints_columns_of_any_type(imdb: Command) -> None:
    query = (
        "select ['a', 'b'] as l, {'a': 1, 'b': [date '2020-01-01']} as s, [{'a': 'é'}] as ls, [[1], [2, 3]] as ll, "
        "timestamp '2020-01-02' - timestamp '2020-01-01' as i, interval 2 day as i, 'a'::blob as b, 1 as n"
    )
    assert imdb("sql", query, "--format", "csv").out.splitlines() == [
        "l,s,ls,ll,i,i_1,b,n",
        '"[""a"", ""b""]","{""a"": 1, ""b"": [""2020-01-01""]}","[{""a"": ""é""}]","[[1], [2, 3]]",1 day,2 days,a,1',
    ]
    (row,) = json.loads(imdb("sql", query, "--format", "json").out)
    assert (row["s"], row["i"], row["i_1"], row["b"]) == ({"a": 1, "b": ["2020-01-01"]}, "1 day", "2 days", "a")
    assert cells(imdb("sql", query).out)[1][4:] == ["1 day", "2 days", "a", "1"]


def test_no_number_of_json_is_lost(imdb: Command) -> None:
    query = "select 'nan'::float as a, '-inf'::double as b, map {date '2020-01-01': 1.10} as c"
    assert imdb("sql", query, "--format", "json").out == '[{"a": "nan", "b": "-inf", "c": {"2020-01-01": "1.10"}}]\n'


def test_an_empty_text_is_no_null_in_csv_and_fields_are_quoted_where_they_must(imdb: Command) -> None:
    query = """select 'a' as "x,y", '' as e, null as n, 'b"c' as q, e'd\r\n' as l, 'é;' as p"""
    assert imdb("sql", query, "--format", "csv").out == '"x,y",e,n,q,l,p\na,"",,"b""c","d\r\n",é;\n'


ESCAPES = "select chr(27) || '[31m' || chr(7) || chr(8238) as x"


def test_control_characters_are_kept_in_files(imdb: Command) -> None:
    assert imdb("sql", ESCAPES, "--format", "csv").out == "x\n\x1b[31m\x07\u202e\n"
    assert json.loads(imdb("sql", ESCAPES, "--format", "json").out) == [{"x": "\x1b[31m\x07\u202e"}]


@pytest.mark.parametrize("form", ["table", "csv"])
def test_control_characters_are_shown_on_a_terminal(imdb: Command, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = imdb("sql", ESCAPES, "--format", form).out
    assert r"\x1b[31m\x07\u202e" in shown
    assert not {"\x07", "\u202e"} & set(shown)


@pytest.mark.parametrize(
    ("terminal", "printed"), [(False, "x\né→\n".encode()), (True, b"x\n\\xe9\\u2192\n")], ids=["pipe", "terminal"]
)
def test_every_locale_gets_all_characters(
    imdb: Command, monkeypatch: pytest.MonkeyPatch, *, terminal: bool, printed: bytes
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", out)
    assert imdb("sql", "select 'é→' as x", "--format", "csv").code == 0
    out.flush()
    assert out.buffer.getvalue() == printed  # pyright: ignore[reportAttributeAccessIssue] - a BytesIO


def test_an_argument_that_is_not_utf8_is_named(imdb: Command) -> None:
    ended = imdb("history", "silver.movies\udcff")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(r"argument 2 is not UTF-8: b'silver.movies\xff'. ")


def test_the_day_of_a_time_is_that_of_utc_wherever_the_machine_is() -> None:
    code = (
        "from imdb_assets.warehouse.duckdb import over; "
        "print(*over([], None).rows(\"select timestamptz '2026-01-01 00:30Z'::date\").rows)"
    )
    environment = {**os.environ, "TZ": "America/Los_Angeles", "PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "(datetime.date(2026, 1, 1),)\n"


def test_lists_and_records_are_no_python(imdb: Command) -> None:
    query = "select ['Drama', null, 'a, b', ''] as l, {'a': 1, 'b': ['x']} as r, []::int[] as e"
    assert cells(imdb("sql", query).out)[1] == ['[Drama, NULL, "a, b", ""]', "{a: 1, b: [x]}", "[]"]


@pytest.fixture
def narrow(imdb: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(output, "console", Console(width=80, emoji=False))
    return imdb


def test_where_words_would_break_there_is_a_line_for_each_value(narrow: Command) -> None:
    words = ", ".join(f"'{'x' * 20}{place} short' as c{place}" for place in range(4))
    assert narrow("sql", f"select {words}").out.splitlines() == [
        "row 1",
        *(f"  c{place}  {'x' * 20}{place} short" for place in range(4)),
    ]
    stamp = narrow(
        "sql",
        "select '2026-11-28T16:35:51+00:00 by a run' as a, 'v7, R² not measured' as b, 'x y z ' * 9 as c".replace(
            "'x y z ' * 9", "repeat('x y z ', 9)"
        ),
    )
    assert "2026-11-28T16:35:51+00:00" in stamp.out
    fitting = ", ".join(f"'{'x' * 14} {'y' * 14}' as c{place}" for place in range(4))
    drawn = narrow("sql", f"select {fitting}").out
    assert max(map(len, drawn.splitlines())) <= 80
    assert [row[0] for row in cells(drawn)] == ["c0", "x" * 14, "y" * 14]


def test_a_table_is_capped_and_says_how_many_more_rows_there_are(imdb: Command) -> None:
    ended = imdb("sql", "select * from range(1234)")
    assert [row[0] for row in cells(ended.out)][1:] == [str(number) for number in range(100)]
    assert ended.err == (
        "1,134 more rows are not shown: --limit 1000 prints more rows, --out FILE.csv or FILE.parquet saves all rows, "
        "and imdb export imdb.duckdb exports whole tables for other programs\n"
    )
    assert imdb("sql", "select * from range(100)").err == ""
    assert len(imdb("sql", "select * from range(25000)", "--format", "csv").out.splitlines()) == 25_001
    limited = imdb("sql", "select * from range(9) order by 1 desc", "--limit", "2", "--format", "json")
    assert json.loads(limited.out) == [{"range": 8}, {"range": 7}]
    assert limited.err.startswith("7 more rows")


def test_a_list_is_no_text_and_the_error_says_how_to_search_one(imdb: Command) -> None:
    for condition in ("genres = 'Drama'", "genres like '%Drama%'"):
        ended = imdb("sql", f"select 1 from (select ['Drama'] as genres) where {condition}")
        assert (ended.code, ended.out) == (1, "")
        assert "list_contains(genres, 'Drama')" in ended.err


def test_what_fails_while_it_is_computed_prints_no_rows(imdb: Command) -> None:
    for form in ("table", "csv", "json"):
        ended = imdb("sql", "select error('no such film') from range(3)", "--format", form)
        assert (ended.code, ended.out) == (1, "")
        assert "no such film" in ended.err


def test_queries_from_a_file_and_from_standard_input(
    imdb: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "select 1 as a; -- first; one\nselect 'x;y' as b\n"
    (tmp_path / "two.sql").write_text(text)
    printed = "a\n1\nb\nx;y\n"
    assert imdb("sql", "-f", str(tmp_path / "two.sql"), "--format", "csv") == (0, printed, "")
    for arguments in ((), ("-f", "-")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert imdb("sql", *arguments, "--format", "csv") == (0, printed, "")
    ended = imdb("sql", "select 1 as a; copy (select 1) to 'x.csv'", "--format", "csv")
    assert (ended.code, ended.out) == (1, "a\n1\n")
    assert "not COPY" in ended.err
    missing = imdb("sql", "-f", str(tmp_path / "none.sql"))
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith(f"{tmp_path / 'none.sql'}: cannot be read: ")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"select '\xff'"), "ascii", "surrogateescape"))
    wrong = imdb("sql")
    assert wrong[:2] == (1, "")
    assert wrong.err.startswith("standard input: cannot be read: 'utf-8' codec can't decode byte 0xff in position 8")
    assert imdb("sql", "select 1", "-f", "x").code == 2


def test_rows_go_to_a_file_of_the_format_that_its_name_says(imdb: Command, tmp_path: Path) -> None:
    query = "select 1::hugeint as n, ['a', 'b'] as l, null as e union all select 2, [], null order by n"
    for name, content in {
        "x.csv": 'n,l,e\n1,"[""a"", ""b""]",\n2,[],\n',
        "x.jsonl": '{"n": 1, "l": ["a", "b"], "e": null}\n{"n": 2, "l": [], "e": null}\n',
        "x.json": '[{"n": 1, "l": ["a", "b"], "e": null},\n {"n": 2, "l": [], "e": null}]\n',
    }.items():
        ended = imdb("sql", query, "--out", str(tmp_path / name))
        assert ended == (0, f"{tmp_path / name}: {len(content)} bytes\n", "")
        assert (tmp_path / name).read_text(encoding="utf-8") == content
    assert imdb("sql", query, "--out", str(tmp_path / "x.parquet"), "--limit", "1").code == 0
    assert pl.read_parquet(tmp_path / "x.parquet").to_dicts() == [{"n": 1, "l": ["a", "b"], "e": None}]
    large = "select 'a' as x, md5_number('tt0108052') as x, 7::hugeint as s"
    assert imdb("sql", large, "--out", str(tmp_path / "x.parquet")).code == 0
    (number,) = duckdb.execute("select md5_number('tt0108052')::varchar").fetchall()[0]
    assert pl.read_parquet(tmp_path / "x.parquet").to_dicts() == [{"x": "a", "x_1": number, "s": 7}]
    assert imdb("sql", "from range(150)", "--out", str(tmp_path / "x.csv")).code == 0
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 151


def test_a_file_of_rows_is_whole_or_as_it_was(imdb: Command, tmp_path: Path) -> None:
    for name in ("x.csv", "x.parquet"):
        (tmp_path / name).write_text("before")
        ended = imdb("sql", "select error('no such film') from range(3)", "--out", str(tmp_path / name))
        assert (ended.code, ended.out) == (1, "")
        assert "no such film" in ended.err
        assert (tmp_path / name).read_text() == "before"
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    for arguments in (
        ("select 1; select 2", "--out", "x.csv"),
        ("select 1", "--out", "x.xlsx"),
        ("select 1", "--out", "x.csv", "--format", "json"),
    ):
        assert imdb("sql", *arguments).code == 2


def test_past_tables_are_asked_and_todays_beside_them(imdb: Command) -> None:
    lake = Lake(imdb.data / "lake")
    first = put(lake, People, people(1))
    put(lake, People, people(4))
    both = "select (select count(*) from gold.people) as a, (select count(*) from now.gold.people) as b"
    assert imdb("sql", both, "--at", str(first.snapshot_id), "--format", "csv").out == "a,b\n2,5\n"
    assert imdb("sql", both, "--at", "2100-01-01T12:00", "--format", "csv").out == "a,b\n5,5\n"
    missing = imdb("sql", "from gold.people", "--at", "2001-02-03")
    assert missing.err.startswith("SQL: gold.people: no snapshot of 2001-02-04 00:00 UTC; the table has")
    roll_back(lake, "gold.people", first.snapshot_id, "somebody")
    assert imdb("sql", both, "--at", "2100-01-01", "--format", "csv").out == "a,b\n2,2\n"


def test_the_prompt_takes_queries_until_it_is_left(imdb: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    typed = "select 1\nas one;\nselekt;\n\nselect 2 as two;\nexit\nselect 3 as three;\n"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(typed.replace("\n", "\r"))
        ended = imdb("sql", "--format", "csv")
    assert (ended.code, ended.out) == (0, "one\n1\ntwo\n2\n")
    assert "SQL: Parser Error" in ended.err
    assert (imdb.data / "sql-history").read_text(encoding="utf-8").count("as two;") == 1


def test_the_prompt_ends_with_its_input(imdb: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("select 1 \x03select 2 as two;\r\x04")
        ended = imdb("sql", "--format", "csv")
    assert (ended.code, ended.out) == (0, "two\n2\n")


def test_ctrl_c_ends_a_query_at_once(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # background jobs ignore it
    code = f"{heard}; from imdb_assets.cli.app import main; main()"
    join = "select count(*) from range(9000000) a, range(9000000) b where a.range * b.range % 7 = 1"
    started = subprocess.Popen(
        [sys.executable, "-c", code, "sql", join],
        env={**os.environ, "IMDB_DATA": str(tmp_path / "data"), "PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while _threads(started.pid) < 2 or cpu_of(started.pid) < 4:  # the query runs
            assert started.poll() is None, started.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=10)
    finally:
        started.kill()
        started.communicate()
    assert (started.returncode, out) == (130, b"")
    assert b"Traceback" not in err


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
