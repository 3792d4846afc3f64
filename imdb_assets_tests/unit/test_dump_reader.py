"""Which lines of a dump become rows, with which values, and why the others do not."""

import gzip
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numba
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.dumps import fast, kernel
from imdb_assets.dumps.lines import LINE, RAW, READABLE, parse
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.dumps.reader import DumpError, ReadCounts, _batch, read_dump
from imdb_assets_tests.support import write_bytes, write_dump, write_lines

BASICS: dict[str, object] = {
    "tconst": "tt0000001",
    "titleType": "movie",
    "primaryTitle": "A Film",
    "originalTitle": "Un film",
    "isAdult": 0,
    "startYear": 1999,
    "runtimeMinutes": 90,
    "genres": "Drama,War",
}
PRINCIPAL: dict[str, object] = {"tconst": "tt0000001", "ordering": 1, "nconst": "nm0000001", "category": "actor"}


def _read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ReadCounts]:
    """Rows, rejects and counts of a dump, read into the folder beside it."""
    name = path.name.removesuffix(".tsv.gz")
    contract = DUMP_CONTRACTS[name]
    rows_to, quarantine_to = path.parent / "rows.parquet", path.parent / "rejects.parquet"
    counts = read_dump(path, contract, rows_to, quarantine_to)
    rows = pl.read_parquet(rows_to)
    assert rows.schema == polars_schema(contract)
    return rows.to_dicts(), pl.read_parquet(quarantine_to).to_dicts(), counts


def _rejects(path: Path) -> list[tuple[int, str, str]]:
    _, rejects, counts = _read(path)
    assert counts.quarantined == len(rejects)
    assert {reject["file"] for reject in rejects} <= {path.name}
    return [(reject["line"], reject["raw"], reject["reason"]) for reject in rejects]


def test_a_row_gets_its_types_and_lists(tmp_path: Path) -> None:
    rows, rejects, counts = _read(write_dump(tmp_path, "title.basics", [BASICS]))
    assert rows == [
        {
            "tconst": "tt0000001",
            "titleType": "movie",
            "primaryTitle": "A Film",
            "originalTitle": "Un film",
            "isAdult": 0,
            "startYear": 1999,
            "endYear": None,
            "runtimeMinutes": 90,
            "genres": ["Drama", "War"],
        }
    ]
    assert (rejects, counts) == ([], ReadCounts(rows=1, quarantined=0))


@pytest.mark.parametrize(
    "title", ['"Unclosed', 'closed"', 'a "b" c', '"', "it's", "\\", "\\n", r"\N x", " padded ", "Été 东"]
)
def test_a_title_is_every_character_between_two_tabs(tmp_path: Path, title: str) -> None:
    rows, _, _ = _read(write_dump(tmp_path, "title.basics", [BASICS | {"primaryTitle": title}, BASICS]))
    assert [row["primaryTitle"] for row in rows] == [title, "A Film"]


def test_a_field_that_is_backslash_n_is_null_in_every_type(tmp_path: Path) -> None:
    rows, _, _ = _read(write_dump(tmp_path, "title.basics", [{"tconst": "tt0000001"}]))
    assert rows == [
        {name: "tt0000001" if name == "tconst" else None for name in header(DUMP_CONTRACTS["title.basics"])}
    ]


def test_lists_of_akas_are_split_at_byte_2(tmp_path: Path) -> None:
    aka = {
        "titleId": "tt0000001",
        "ordering": 1,
        "title": "A, B",
        "types": "alternative\x02dvd",
        "attributes": "new title",
    }
    rows, _, _ = _read(write_dump(tmp_path, "title.akas", [aka]))
    assert (rows[0]["title"], rows[0]["types"], rows[0]["attributes"]) == (
        "A, B",
        ["alternative", "dvd"],
        ["new title"],
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('["Self"]', ["Self"]),
        ("[]", []),
        ('["A, B","C"]', ["A, B", "C"]),
        (r'["The \"Boss\"","back\\slash \/"]', ['The "Boss"', "back\\slash /"]),
        (r'["caf\u00e9","two\nlines"]', ["café", "two\nlines"]),
        ('["Зоя","😀","[x]"]', ["Зоя", "😀", "[x]"]),
    ],
)
def test_characters_are_the_strings_of_the_json_array(tmp_path: Path, text: str, names: list[str]) -> None:
    rows, _, _ = _read(write_dump(tmp_path, "title.principals", [PRINCIPAL | {"characters": text}]))
    assert (rows[0]["characters"], rows[0]["charactersRaw"]) == (names, None)


_CHARACTERS = ["characters", "charactersRaw"]
_JSON_PIECES = [
    "[",
    "]",
    '"',
    ",",
    " ",
    "\r",
    "a",
    "é",
    r"\n",
    r"\u0041",
    r"\ud83d",
    r"\uDE00",
    '["',
    '"]',
    '","',
    '", "',
]


@given(pieces=st.lists(st.sampled_from(_JSON_PIECES), max_size=9))
@settings(max_examples=300)
@example(pieces=['["', "a", '", "', r"\ud83d", r"\uDE00", '"]'])
@example(pieces=['["', r"\ud83d", r"\ud83d", r"\uDE00", '"]'])
@example(pieces=[" ", "[", " ", "]", "\r"])
def test_characters_are_what_json_says_if_that_is_strings(pieces: list[str]) -> None:
    text = "".join(pieces)
    row = PRINCIPAL | {"characters": text}
    line = "\t".join(str(row.get(name, r"\N")) for name in header(DUMP_CONTRACTS["title.principals"]))
    parsed = parse(
        pl.LazyFrame({LINE: [2], RAW: [line]}, {LINE: pl.UInt32, RAW: pl.String}),
        DUMP_CONTRACTS["title.principals"],
        {},
    )
    found = parsed.select("characters", "charactersRaw").collect().row(0)
    together = fast.read(line.encode(), DUMP_CONTRACTS["title.principals"])
    if not together.text:
        assert together.rows.select(_CHARACTERS).to_pylist() == [dict(zip(_CHARACTERS, found, strict=True))]
    try:
        said = json.loads(text)
        "".join(said).encode()  # a lone surrogate is no text
    except (ValueError, TypeError):
        said = None
    assert found == ((said, None) if isinstance(said, list) else (None, text))


@pytest.mark.parametrize(
    ("genres", "kept", "empty"),
    [("", None, 1), (",", None, 2), ("Drama,", ["Drama"], 1), (",Drama", ["Drama"], 1), ("A,,B", ["A", "B"], 1)],
)
def test_an_empty_element_of_a_list_is_dropped_and_counted(
    tmp_path: Path, genres: str, kept: list[str] | None, empty: int
) -> None:
    rows, rejects, counts = _read(write_dump(tmp_path, "title.basics", [BASICS, BASICS | {"genres": genres}]))
    assert [row["genres"] for row in rows] == [["Drama", "War"], kept]
    assert (rejects, counts) == ([], ReadCounts(rows=2, quarantined=0, empty_elements=empty))


def test_an_empty_element_is_dropped_from_every_list_of_every_dump(tmp_path: Path) -> None:
    crew = {"tconst": "tt0000001", "directors": "nm0000001,,nm0000002", "writers": ""}
    aka = {"titleId": "tt0000001", "ordering": 1, "types": "\x02original", "attributes": "a\x02\x02"}
    name = {"nconst": "nm0000001", "primaryProfession": "actor,", "knownForTitles": ",tt0000001"}
    lists = {"title.crew": crew, "title.akas": aka, "name.basics": name}
    found = {dump: _read(write_dump(tmp_path, dump, [row])) for dump, row in lists.items()}
    assert {dump: counts.empty_elements for dump, (_, _, counts) in found.items()} == {
        "title.crew": 2,
        "title.akas": 3,
        "name.basics": 2,
    }
    rows = {dump: rows[0] for dump, (rows, _, _) in found.items()}
    assert (rows["title.crew"]["directors"], rows["title.crew"]["writers"]) == (["nm0000001", "nm0000002"], None)
    assert (rows["title.akas"]["types"], rows["title.akas"]["attributes"]) == (["original"], ["a"])
    assert (rows["name.basics"]["primaryProfession"], rows["name.basics"]["knownForTitles"]) == (
        ["actor"],
        ["tt0000001"],
    )


@pytest.mark.parametrize(
    "text", ["[Self", "Self", '["a",null]', '["a",1]', '{"a":1}', '["a" "b"]', '["\\q"]', '["\\ud83d"]']
)
def test_characters_that_are_no_array_of_strings_are_kept_as_text(tmp_path: Path, text: str) -> None:
    rows, rejects, _ = _read(write_dump(tmp_path, "title.principals", [PRINCIPAL | {"characters": text}]))
    assert (rows[0]["characters"], rows[0]["charactersRaw"]) == (None, text)
    assert rejects == []


def test_outliers_are_data(tmp_path: Path) -> None:
    odd = BASICS | {"runtimeMinutes": 51_420, "startYear": 2115, "tconst": "tt12345678", "titleType": "brandNewType"}
    rows, rejects, _ = _read(write_dump(tmp_path, "title.basics", [odd]))
    assert {name: rows[0][name] for name in ("tconst", "titleType", "startYear", "runtimeMinutes")} == {
        "tconst": "tt12345678",
        "titleType": "brandNewType",
        "startYear": 2115,
        "runtimeMinutes": 51_420,
    }
    assert rejects == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "expected 3 tab-separated fields, found 1"),
        ("tt0000002\t5.5", "expected 3 tab-separated fields, found 2"),
        ("tt0000002\t5.5\t10\t7", "expected 3 tab-separated fields, found 4"),
        ("tt0000002\t5.5\t10\t", "expected 3 tab-separated fields, found 4"),
        ("tt0000002\tabc\t10", "averageRating: 'abc' is not a number"),
        ("tt0000002\t5.5\t1.5", "numVotes: '1.5' is not an integer"),
        ("tt0000002\t5.5\t99999999999", "numVotes: '99999999999' is not an integer"),
        ("tt0000002\t5.5\t", "numVotes: '' is not an integer"),
        ("tt0000002\t11\t10", "averageRating: '11' is above 10"),
        ("tt0000002\tnan\t10", "averageRating: 'nan' is not a number"),
        ("tt0000002\t0.9\t10", "averageRating: '0.9' is below 1"),
        ("tt0000002\t5.5\t-1", "numVotes: '-1' is below 0"),
        (r"tt0000002" + "\t" + r"\N" + "\t10", "averageRating: 'null' is not allowed here"),
        (r"\N" + "\t5.5\t10", "tconst: 'null' is not allowed here"),
        ("tt2\t5.5\t10", "tconst: 'tt2' does not match ^tt[0-9]{7,8}$"),
        ("tt000000002\t5.5\t10", "tconst: 'tt000000002' does not match ^tt[0-9]{7,8}$"),
        ("nm0000002\t5.5\t10", "tconst: 'nm0000002' does not match ^tt[0-9]{7,8}$"),
        ("tt000000\u0662\t5.5\t10", "tconst: 'tt000000\u0662' does not match ^tt[0-9]{7,8}$"),
        (" tt0000002\t5.5\t10", "tconst: ' tt0000002' does not match ^tt[0-9]{7,8}$"),
        ("{}\t5.5\t10", "tconst: '{}' does not match ^tt[0-9]{7,8}$"),
        ("x" * 100 + "\t5.5\t10", f"tconst: '{'x' * 60}' does not match ^tt[0-9]{{7,8}}$"),
    ],
)
def test_an_unreadable_line_is_kept_with_its_number_text_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    good = [b"tt0000001\t5.5\t10", b"tt0000003\t6.5\t20"]
    path = write_lines(tmp_path, "title.ratings", [good[0], line.encode(), good[1]])
    assert _rejects(path) == [(3, line, reason)]
    assert _read(path)[0] == [
        {"tconst": "tt0000001", "averageRating": 5.5, "numVotes": 10},
        {"tconst": "tt0000003", "averageRating": 6.5, "numVotes": 20},
    ]


def test_of_several_mistakes_the_first_column_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path, "title.ratings", [b"x\ty\tz"])
    assert _rejects(path) == [(2, "x\ty\tz", "tconst: 'x' does not match ^tt[0-9]{7,8}$")]


def test_lines_that_are_not_utf8_are_kept_with_their_bytes_spelt_out(tmp_path: Path) -> None:
    lines = [
        b"tt0000001\t5.5\t10",
        b"tt0000002\t5.5\t\xff\xfe",
        b"\xc3(\t5.5\t1",
        "tt0000003\té\t1".encode(),
        b"tt0000004\t7\t1",
    ]
    path = write_lines(tmp_path, "title.ratings", lines)
    assert _rejects(path) == [
        (3, "tt0000002\t5.5\t\\xff\\xfe", "not UTF-8: invalid start byte at byte 14"),
        (4, "\\xc3(\t5.5\t1", "not UTF-8: invalid continuation byte at byte 0"),
        (5, "tt0000003\té\t1", "averageRating: 'é' is not a number"),
    ]
    assert [row["tconst"] for row in _read(path)[0]] == ["tt0000001", "tt0000004"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["rejects.parquet", "rows.parquet", path.name]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_counts_with_and_without_an_end(tmp_path: Path, end: bytes) -> None:
    path = write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.5\t10", b"tt0000002\t6.5\t20"], end)
    assert _read(path)[2] == ReadCounts(rows=2, quarantined=0)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_header_alone_has_no_rows(tmp_path: Path, end: bytes) -> None:
    rows, rejects, counts = _read(write_lines(tmp_path, "title.ratings", [], end))
    assert (rows, rejects, counts, counts.bad_share) == ([], [], ReadCounts(rows=0, quarantined=0), 0.0)


def test_the_bad_share_is_of_all_lines(tmp_path: Path) -> None:
    path = write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.5\t10", b"bad", b"tt0000002\t6.5\t20", b"worse"])
    assert _read(path)[2].bad_share == 0.5


def test_rows_keep_the_order_of_the_dump(tmp_path: Path) -> None:
    ids = [f"tt{number * 7919 % 10_000_000:07d}" for number in range(50_000)]
    path = write_dump(tmp_path, "title.ratings", [{"tconst": name, "averageRating": 5, "numVotes": 9} for name in ids])
    assert [row["tconst"] for row in _read(path)[0]] == ids


def _ratings(rows: int, *more: bytes) -> bytes:
    lines = [f"tt{number:07d}\t{10 + number * 7919 % 91}\t{number * 104_729 % 9973}".encode() for number in range(rows)]
    return b"tconst\taverageRating\tnumVotes\n" + b"\n".join([*more, *lines]) + b"\n"


@pytest.mark.parametrize("not_utf8", [(), (b"\xff",)])
@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (lambda whole: whole[: len(whole) // 2], "cut off after [0-9,]+ bytes"),
        (lambda whole: whole[:-1], "cut off after [0-9,]+ bytes"),
        (lambda whole: whole[:-8] + b"\0\0\0\0" + whole[-4:], r"corrupt \(Error -6 Incorrect checksum found, .+\)"),
        (lambda whole: whole[:-4] + b"\0\0\0\0", r"corrupt \(Error -6 Incorrect checksum found, .+\)"),
        (lambda whole: whole[:60] + bytes([whole[60] ^ 255]) + whole[61:], ".+"),
        (
            lambda whole: whole + b"more than that",
            "followed by bytes that are not part of a gzip stream: b'more than that'",
        ),
    ],
    ids=["cut in half", "last byte missing", "wrong checksum", "wrong length", "a flipped byte", "more after the end"],
)
def test_a_damaged_stream_is_refused(tmp_path: Path, damage: Any, cause: str, not_utf8: tuple[bytes, ...]) -> None:
    path = write_bytes(tmp_path, "title.ratings", _ratings(1000, *not_utf8))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DumpError) as caught:
        _read(path)
    assert re.fullmatch(
        rf"title\.ratings\.tsv\.gz: the gzip stream is {cause}\. Nothing was published\. Get the dump again "
        r"\(re-materialize its landing asset\)\.",
        str(caught.value),
    )


def test_zeros_after_the_end_are_padding_as_gzip_has_it(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, "title.ratings", _ratings(3))
    path.write_bytes(path.read_bytes() + bytes(20))
    assert _read(path)[2].lines == 3


def test_a_dump_of_several_gzip_members_is_one_text(tmp_path: Path) -> None:
    text = _ratings(1000)
    path = write_bytes(tmp_path, "title.ratings", text)
    path.write_bytes(gzip.compress(text[:777]) + gzip.compress(text[777:]))
    assert _read(path)[2].lines == 1000


@pytest.mark.parametrize("chunk", [1, 7, 50, 1 << 20])
def test_where_chunks_are_cut_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    path = write_bytes(tmp_path, "title.ratings", _ratings(40, b"\xff", b"short\tline").rstrip(b"\n"))
    whole = _read(path)
    monkeypatch.setattr("imdb_assets.dumps.reader.CHUNK", chunk)
    assert _read(path) == whole
    assert [(reject["line"], reject["reason"]) for reject in whole[1][:2]] == [
        (2, "not UTF-8: invalid start byte at byte 0"),
        (3, "expected 3 tab-separated fields, found 2"),
    ]


def _principals(path: Path) -> Path:
    """Lines for both readers, in turn, and some for none."""
    odd = [r'["a\u00e9"]', "[]", "[ ]", "oops", '["x", "y"]', '["q\\"q"]', "\\N", '["a","b"]']
    rows = [PRINCIPAL | {"ordering": number, "characters": odd[number % len(odd)]} for number in range(1, 60)]
    rows[17]["nconst"] = "nobody"
    return write_dump(path, "title.principals", rows)


def test_rows_of_both_readers_are_in_the_order_of_the_dump(tmp_path: Path) -> None:
    rows, rejects, counts = _read(_principals(tmp_path))
    assert [row["ordering"] for row in rows] == [number for number in range(1, 60) if number != 18]
    assert [row["characters"] for row in rows[:8]] == [[], [], None, ["x", "y"], ['q"q'], None, ["a", "b"], ["aé"]]
    assert [row["charactersRaw"] for row in rows if row["charactersRaw"]] == ["oops"] * 8
    assert [(reject["line"], reject["reason"]) for reject in rejects] == [
        (19, "nconst: 'nobody' does not match ^nm[0-9]{7,8}$")
    ]
    assert counts == ReadCounts(rows=58, quarantined=1)


def test_a_chunk_with_many_lines_in_doubt_is_read_carefully(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _principals(tmp_path)
    whole = _read(path)
    monkeypatch.setattr("imdb_assets.dumps.fast.MOST_DOUBTFUL", 5)
    assert _read(path) == whole


def test_columns_are_stored_as_in_the_first_batch(tmp_path: Path) -> None:
    few, many = ["a", "bb", "ccc", None] * 25, [f"name {number * number}" for number in range(100)]
    plain = pa.table({"text": many, "list": [[text] for text in many]})
    numbered = pa.table({"text": pa.array(few).dictionary_encode(), "list": pa.array([[text] for text in few])})
    for batches in ([numbered, plain], [plain, numbered]):
        with ParquetFile(tmp_path / "rows", pl.Schema({"text": pl.String, "list": pl.List(pl.String)})) as file:
            for batch in batches:
                file.write(batch)
        assert pl.read_parquet(tmp_path / "rows").to_dicts() == [row for batch in batches for row in batch.to_pylist()]
        stored = pq.ParquetFile(tmp_path / "rows").metadata.row_group(0)
        assert stored.column(0).has_dictionary_page == stored.column(1).has_dictionary_page == (batches[0] is numbered)
        assert not stored.column(0).is_stats_set


def test_ids_are_stored_plainly_whether_or_not_they_repeat(tmp_path: Path) -> None:
    different = [f"tt{number:07d}" for number in range(1000)]
    rows = pa.table({"tconst": different, "parentTconst": [different[number // 10] for number in range(1000)]})
    with ParquetFile(tmp_path / "rows", pl.Schema({"tconst": pl.String, "parentTconst": pl.String})) as file:
        file.write(rows)
    stored = pq.ParquetFile(tmp_path / "rows").metadata.row_group(0)
    assert [set(stored.column(place).encodings) for place in (0, 1)] == [{"PLAIN", "RLE"}] * 2
    assert stored.column(0).is_stats_set  # sorted


def test_the_kernel_runs_where_nothing_can_be_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])  # as in a container that is read-only
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(_second)
    assert kernel._compiled(_second)(np.array([1, 2], np.uint8)) == 2


def _second(values: Any) -> int:
    return values[1]


_CELL = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: text != r"\N"
)
_TITLES = st.lists(
    st.tuples(st.from_regex(r"\Att[0-9]{7,8}\Z"), _CELL, _CELL, st.none() | st.integers(0, 2**31 - 1)), max_size=20
)


@given(titles=_TITLES)
@settings(max_examples=60)
@example(titles=[("tt0000001", '"', "\u2028\u0085x", None), ("tt0000001", "", '""', 0)])
def test_whatever_can_be_printed_round_trips(titles: list[tuple[str, str | None, str | None, int | None]]) -> None:
    columns = ("tconst", "primaryTitle", "originalTitle", "runtimeMinutes")
    with TemporaryDirectory() as folder:
        path = write_dump(Path(folder), "title.basics", [dict(zip(columns, title, strict=True)) for title in titles])
        rows, rejects, _ = _read(path)
    assert [tuple(row[name] for name in columns) for row in rows] == titles
    assert rejects == []


@given(lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=15))
@settings(max_examples=60)
@example(lines=[b"\xff", b"", b"tt0000001\t5.5\t10", b"\t\t", b"\x00"])
def test_every_line_is_a_row_or_a_reject_whatever_its_bytes(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        rows, rejects, counts = _read(write_lines(Path(folder), "title.ratings", lines))
    assert counts == ReadCounts(rows=len(rows), quarantined=len(rejects))
    assert len(rows) + len(rejects) == len(lines)
    assert len({reject["line"] for reject in rejects}) == len(rejects)
    for reject in rejects:
        line = lines[reject["line"] - 2]
        assert reject["raw"] == line.decode("utf-8", "backslashreplace").removesuffix("\r")
        assert reject["reason"]


_PIECES = (
    b"tt0000001",
    b"5.5",
    b"7",
    b"\t",
    b"\t",
    b"\t",
    b"\n",
    b"\n",
    b"\r",
    b"\\N",
    b'"',
    b" ",
    b"#",
    b"\xef\xbb\xbf",
    b"\xff",
)
_RIGHT = b"tt0000001\t5.5\t7\n"


@given(
    lines=st.lists(st.just(_RIGHT) | st.lists(st.sampled_from(_PIECES), max_size=12).map(b"".join), max_size=6)
    .map(b"".join)
    .filter(bool)
)
@settings(max_examples=150)
@example(lines=_RIGHT * 2)
@example(lines=b"tt0000001\t5.5\ntt0000001\t5.5\t7\t\n")  # as many tabs as two right lines have
@example(lines=b"tt0000001\t5.5\t7\r\n")
@example(lines=b"\xef\xbb\xbf" + _RIGHT)
@example(lines=_RIGHT + b"\xef\xbb\xbf" + _RIGHT)
@example(lines=_RIGHT + b"\n" + _RIGHT)
@example(lines=_RIGHT + b"#" + _RIGHT)
@example(lines=b'"tt0000001"\t5.5\t7\n')
def test_lines_read_together_are_read_as_one_by_one(lines: bytes) -> None:
    contract = DUMP_CONTRACTS["title.ratings"]
    found = fast.read(lines, contract)
    one_by_one, _ = _batch(lines, np.arange(found.rows.num_rows), contract)
    sure = np.delete(np.arange(found.rows.num_rows), found.doubtful)
    assert one_by_one[READABLE].gather(sure).all()
    together = pl.DataFrame(found.rows.to_pylist(), polars_schema(contract))
    assert together.gather(sure).equals(one_by_one.select(contract.column_names()).gather(sure))


@given(text=st.lists(st.binary(max_size=4) | st.text(max_size=2).map(str.encode), max_size=4).map(b"".join))
@settings(max_examples=300)
@example(text=b"\xed\xa0\x80")  # a surrogate
@example(text=b"\xc0\xaf")  # longer than it need be
@example(text=b"\xf4\x90\x80\x80")  # beyond the last character
@example(text="é东😀\x7f\u2028".encode())
def test_a_text_is_doubted_if_it_is_not_utf8_or_holds_a_carriage_return(text: bytes) -> None:
    text = text.translate(None, b"\t\n")
    row = BASICS | {"primaryTitle": "TITLE"}
    line = "\t".join(str(row.get(name, r"\N")) for name in header(DUMP_CONTRACTS["title.basics"]))
    found = fast.read(line.encode().replace(b"TITLE", text), DUMP_CONTRACTS["title.basics"])
    try:
        wanted = None if text == rb"\N" else text.decode()
    except UnicodeDecodeError:
        wanted = ...
    assert bool(found.text) == (wanted is ... or b"\r" in text)
    assert found.text or found.rows["primaryTitle"].to_pylist() == [wanted]


def test_right_lines_are_read_together() -> None:
    """Else the test above would compare nothing."""
    found = fast.read(_RIGHT * 3, DUMP_CONTRACTS["title.ratings"])
    assert len(found.doubtful) == 0
    assert found.rows.to_pylist() == [{"tconst": "tt0000001", "averageRating": 5.5, "numVotes": 7}] * 3


@pytest.mark.parametrize("keep", [250, 600])
def test_one_unreadable_line_beyond_those_to_keep_ends_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: int
) -> None:
    monkeypatch.setattr("imdb_assets.dumps.reader.PIECE", 100)
    good, bad = b"tt0000001\t5.0\t10", b"bad"
    path = write_lines(tmp_path, "title.ratings", [good, *[bad] * 300, good, *[bad] * 300, good])
    to = [tmp_path / "rows.parquet", tmp_path / "rejects.parquet"]
    counts = read_dump(path, DUMP_CONTRACTS["title.ratings"], *to, keep_rejects=keep)
    kept = [*range(3, 303), *range(304, 604)][:keep]
    assert counts == ReadCounts(rows=3, quarantined=keep, too_many=keep < 600)
    assert pl.read_parquet(to[1])["line"].to_list() == kept


def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imdb_assets.dumps.unpack.PIECE", 1000)
    monkeypatch.setattr("imdb_assets.dumps.reader.CHUNK", 1000)
    monkeypatch.setattr("imdb_assets.dumps.reader.LONGEST_LINE", 5000)
    path = write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.0\t10", b"x" * 4900])
    assert _rejects(path) == [(3, "x" * 4900, "expected 3 tab-separated fields, found 1")]
    write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.0\t10", b"x" * 6100])
    with pytest.raises(DumpError, match=r"^title\.ratings\.tsv\.gz: a line is longer than 5,000 bytes"):
        _read(path)


_FEW_BYTES_MANY_LINES = """
import re, sys
from pathlib import Path
import pyarrow.parquet
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.dumps import fast, kernel
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.dumps.reader import read_dump
from imdb_assets.lake.dump_file import inspect
from imdb_assets.sources.partial import Served

def highest():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

fast.read(b"\\n", DUMP_CONTRACTS["title.ratings"])  # loads numba, whose size has nothing to do with the dump's
folder, idle = Path(sys.argv[1]), highest()
path = folder / "title.ratings.tsv.gz"
lines = inspect("title.ratings", path, Served(None, "2026-01-01", "here", None)).lines
counts = read_dump(path, DUMP_CONTRACTS["title.ratings"], folder / "rows", folder / "rejects")
print(lines, counts.rows, counts.quarantined, counts.too_many, (highest() - idle) >> 10)
"""


@pytest.mark.parametrize("line", [b"\n", b"\t\t\n"], ids=["blank", "fields without text"])
def test_few_bytes_of_very_many_lines_take_seconds_and_little_memory(tmp_path: Path, line: bytes) -> None:
    with gzip.open(tmp_path / "title.ratings.tsv.gz", "wb") as packed:
        packed.write(b"tconst\taverageRating\tnumVotes\n")
        for _ in range(210):
            packed.write(line * (1_000_000 // len(line)))
    started = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-c", _FEW_BYTES_MANY_LINES, str(tmp_path)], capture_output=True, text=True, check=True
    )
    lines, rows, rejects, too_many, mebibytes = found.stdout.split()
    assert (lines, rows, rejects, too_many) == (str(210 * (1_000_000 // len(line))), "0", "100000", "True")
    assert int(mebibytes) <= 300
    assert time.monotonic() - started < 30  # 3 on a machine that is free
