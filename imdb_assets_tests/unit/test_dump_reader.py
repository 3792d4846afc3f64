"""Which lines of a dump become rows, why the others do not, and where reading ends."""

import gzip
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.dumps.reader import DumpError, ReadCounts, read_dump
from imdb_assets_tests.support import write_bytes, write_dump, write_lines
from imdb_assets_tests.unit.dump_rows import read


def _rejects(path: Path) -> list[tuple[int, str, str]]:
    _, rejects, counts = read(path)
    assert counts.quarantined == len(rejects)
    assert {reject["file"] for reject in rejects} <= {path.name}
    return [(reject["line"], reject["raw"], reject["reason"]) for reject in rejects]


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
        (r"tt0000002" + "\t" + r"\N" + "\t10", "averageRating: 'null' is not allowed in this column"),
        (r"\N" + "\t5.5\t10", "tconst: 'null' is not allowed in this column"),
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
    assert read(path)[0] == [
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
    assert [row["tconst"] for row in read(path)[0]] == ["tt0000001", "tt0000004"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["rejects.parquet", "rows.parquet", path.name]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_counts_with_and_without_an_end(tmp_path: Path, end: bytes) -> None:
    path = write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.5\t10", b"tt0000002\t6.5\t20"], end)
    assert read(path)[2] == ReadCounts(rows=2, quarantined=0)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_header_alone_has_no_rows(tmp_path: Path, end: bytes) -> None:
    rows, rejects, counts = read(write_lines(tmp_path, "title.ratings", [], end))
    assert (rows, rejects, counts, counts.bad_share) == ([], [], ReadCounts(rows=0, quarantined=0), 0.0)


def test_the_bad_share_is_of_all_lines(tmp_path: Path) -> None:
    path = write_lines(tmp_path, "title.ratings", [b"tt0000001\t5.5\t10", b"bad", b"tt0000002\t6.5\t20", b"worse"])
    assert read(path)[2].bad_share == 0.5


def test_rows_keep_the_order_of_the_dump(tmp_path: Path) -> None:
    ids = [f"tt{number * 7919 % 10_000_000:07d}" for number in range(50_000)]
    path = write_dump(tmp_path, "title.ratings", [{"tconst": name, "averageRating": 5, "numVotes": 9} for name in ids])
    assert [row["tconst"] for row in read(path)[0]] == ids


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
        read(path)
    assert re.fullmatch(
        rf"title\.ratings\.tsv\.gz: the gzip stream is {cause}\. Nothing was published\. Get the dump again "
        r"\(re-materialize its landing asset\)\.",
        str(caught.value),
    )


def test_a_dump_of_several_gzip_members_is_one_text(tmp_path: Path) -> None:
    text = _ratings(1000)
    path = write_bytes(tmp_path, "title.ratings", text)
    path.write_bytes(gzip.compress(text[:777]) + gzip.compress(text[777:]))
    assert read(path)[2].lines == 1000


@pytest.mark.parametrize("chunk", [1, 7, 50, 1 << 20])
def test_where_chunks_are_cut_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    path = write_bytes(tmp_path, "title.ratings", _ratings(40, b"\xff", b"short\tline").rstrip(b"\n"))
    whole = read(path)
    monkeypatch.setattr("imdb_assets.dumps.reader.CHUNK", chunk)
    assert read(path) == whole
    assert [(reject["line"], reject["reason"]) for reject in whole[1][:2]] == [
        (2, "not UTF-8: invalid start byte at byte 0"),
        (3, "expected 3 tab-separated fields, found 2"),
    ]


@given(lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=15))
@settings(max_examples=60)
@example(lines=[b"\xff", b"", b"tt0000001\t5.5\t10", b"\t\t", b"\x00"])
@example(lines=[b"(\xb5/\xfd begins a file of Zstandard"])
@example(lines=[b"x\x01 begins a stream of zlib"])
def test_every_line_is_a_row_or_a_reject_whatever_its_bytes(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        rows, rejects, counts = read(write_lines(Path(folder), "title.ratings", lines))
    assert counts == ReadCounts(rows=len(rows), quarantined=len(rejects))
    assert len(rows) + len(rejects) == len(lines)
    assert len({reject["line"] for reject in rejects}) == len(rejects)
    for reject in rejects:
        line = lines[reject["line"] - 2]
        assert reject["raw"] == line.decode("utf-8", "backslashreplace").removesuffix("\r")
        assert reject["reason"]


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
        read(path)


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
