"""Lines that are read together, those that are read one by one, and how both are stored."""

from pathlib import Path
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
from imdb_assets.dumps.lines import READABLE
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.dumps.reader import ReadCounts, _batch
from imdb_assets_tests.support import write_dump
from imdb_assets_tests.unit.dump_rows import BASICS, PRINCIPAL, read


def _principals(path: Path) -> Path:
    """Lines for both readers, in turn, and some for none."""
    odd = [r'["a\u00e9"]', "[]", "[ ]", "oops", '["x", "y"]', '["q\\"q"]', "\\N", '["a","b"]']
    rows = [PRINCIPAL | {"ordering": number, "characters": odd[number % len(odd)]} for number in range(1, 60)]
    rows[17]["nconst"] = "nobody"
    return write_dump(path, "title.principals", rows)


def test_rows_of_both_readers_are_in_the_order_of_the_dump(tmp_path: Path) -> None:
    rows, rejects, counts = read(_principals(tmp_path))
    assert [row["ordering"] for row in rows] == [number for number in range(1, 60) if number != 18]
    assert [row["characters"] for row in rows[:8]] == [[], [], None, ["x", "y"], ['q"q'], None, ["a", "b"], ["aé"]]
    assert [row["charactersRaw"] for row in rows if row["charactersRaw"]] == ["oops"] * 8
    assert [(reject["line"], reject["reason"]) for reject in rejects] == [
        (19, "nconst: 'nobody' does not match ^nm[0-9]{7,8}$")
    ]
    assert counts == ReadCounts(rows=58, quarantined=1)


def test_a_chunk_with_many_lines_in_doubt_is_read_carefully(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _principals(tmp_path)
    whole = read(path)
    monkeypatch.setattr("imdb_assets.dumps.fast.MOST_DOUBTFUL", 5)
    assert read(path) == whole


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


@given(words=st.lists(st.text("ab,+-", max_size=20), min_size=1, max_size=40))
@settings(max_examples=150)
@example(words=["12345678", "1234567", "123456789", "12345678", "12345679", "", ",", "1234567,", ",1234567"])
def test_texts_of_every_length_are_copied_numbered_and_split(words: list[str]) -> None:
    """The loops handle eight bytes at a time; texts end before, at and after these eight."""
    text = np.frombuffer("".join(words).encode() + bytes(kernel.PADDING), np.uint8)
    ends = np.cumsum([len(word) for word in words], dtype=np.int32)
    begins = np.concatenate([np.zeros(1, np.int32), ends[:-1]])
    offsets, data = kernel.plain(text, begins, ends)
    assert (offsets[1:].tolist(), data.tobytes()) == (ends.tolist(), "".join(words).encode())
    codes, firsts, lasts = kernel.distinct(text, begins, ends, len(words) + 1)
    known = ["".join(map(chr, text[first:last])) for first, last in zip(firsts, lasts, strict=True)]
    assert (known, [known[code] for code in codes]) == (list(dict.fromkeys(words)), words)
    doubt = np.zeros(len(words), np.bool_)
    offsets, firsts, lasts = kernel.elements(text, begins, ends, ~doubt, ord(","), doubt)
    lists = ["".join(map(chr, text[first:last])) for first, last in zip(firsts, lasts, strict=True)]
    split = [word.split(",") for word in words]
    assert doubt.tolist() == ["" in elements for elements in split]
    assert lists == [element for elements in split if "" not in elements for element in elements]
    assert np.diff(offsets).tolist() == [0 if "" in elements else len(elements) for elements in split]
