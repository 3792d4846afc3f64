"""A whole dump is told from a damaged one, and its lines are counted as the bronze reader will see them."""

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.dumps.reader import ReadCounts, read_dump
from imdb_assets.dumps.unpack import CHUNK
from imdb_assets.lake.dump_file import Dump, inspect
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.partial import Served

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"
SERVED = Served(
    etag='"a"', last_modified="2026-01-01T00:00:00+00:00", origin="http://x/title.ratings.tsv.gz", bytes=None
)
HEADER = b"tconst\taverageRating\tnumVotes"


def _inspect(folder: Path, content: bytes) -> Dump:
    path = folder / FILE
    path.write_bytes(content)
    return inspect(DUMP, path, SERVED)


def _polars_lines(path: Path) -> int:
    """Lines below the header, as the bronze reader counts them."""
    return pl.scan_lines(path, name="raw").select(pl.len()).collect().item() - 1


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        (b"", 0),
        (b"\n", 0),
        (b"\na\tb\tc", 1),
        (b"\na\tb\tc\n", 1),
        (b"\na\r\nb\r\n", 2),
        (b"\na\rb\n", 1),
        (b"\n\n\n", 2),
        (b"\n\na\n\n", 3),
        ("\na\u2028b\x0bc\x0cd\x85e\x00f\n".encode(), 1),
    ],
    ids=[
        "header without line feed",
        "header alone",
        "no line feed at the end",
        "a line",
        "carriage returns",
        "a lone carriage return",
        "empty lines",
        "empty lines around one",
        "other separators",
    ],
)
def test_a_line_ends_at_a_line_feed_and_nowhere_else(tmp_path: Path, below: bytes, lines: int) -> None:
    content = gzip.compress(HEADER + below)
    found = _inspect(tmp_path, content)
    seen = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "lines": lines}
    assert vars(found) == {**vars(SERVED), **seen, "name": DUMP, "path": str(tmp_path / FILE)}
    assert _polars_lines(tmp_path / FILE) == lines


@given(
    texts=st.lists(st.binary(max_size=40).map(lambda text: text.replace(b"\x00", b"\n")), max_size=6),
    level=st.sampled_from([0, 1, 9]),
)
def test_lines_are_those_of_polars_whatever_the_text_and_the_gzip_members(
    tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], level: int
) -> None:
    content = b"".join(gzip.compress(text, level) for text in [HEADER + b"\n", *texts])
    found = _inspect(tmp_path_factory.mktemp("dump"), content)
    below = b"".join(texts)
    assert found.lines == below.count(b"\n") + (not below.endswith(b"\n") and below != b"")
    utf8 = b"".join(text.decode("latin-1").encode() for text in texts)  # bytes of its own kind for a reader of text
    path = tmp_path_factory.mktemp("utf8") / FILE
    path.write_bytes(gzip.compress(HEADER + b"\n" + utf8, level))
    assert _polars_lines(path) == inspect(DUMP, path, SERVED).lines


def test_a_dump_of_many_chunks_is_counted_to_the_last_line(tmp_path: Path) -> None:
    lines = [b"tt%07d\t5.%d\t%d" % (number, number % 10, number * 7919 % 100_003) for number in range(200_000)]
    content = gzip.compress(b"\n".join([HEADER, *lines]), 1)
    assert len(content) > 10 * CHUNK
    assert _inspect(tmp_path, content).lines == 200_000


def test_a_header_in_two_gzip_members_is_one_header(tmp_path: Path) -> None:
    content = gzip.compress(HEADER[:7]) + gzip.compress(b"") + gzip.compress(HEADER[7:] + b"\na\tb\tc")
    assert _inspect(tmp_path, content).lines == 1
    assert _polars_lines(tmp_path / FILE) == 1


def test_zeros_after_a_member_are_padding_as_gzip_has_it(tmp_path: Path) -> None:
    content = gzip.compress(HEADER + b"\na\tb\tc\n") + bytes(CHUNK) + gzip.compress(b"d\te\tf") + bytes(20)
    found = _inspect(tmp_path, content)
    assert (found.lines, found.bytes) == (2, len(content))


WHOLE = gzip.compress(HEADER + b"\n" + b"\n".join(b"tt%07d\t5.5\t%d" % (i, i * i) for i in range(9_999)), mtime=0)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (WHOLE[:-1], f"the gzip stream is cut off after {len(WHOLE) - 1:,} bytes"),
        (WHOLE[:-8], f"the gzip stream is cut off after {len(WHOLE) - 8:,} bytes"),
        (WHOLE[:20_000], "the gzip stream is cut off after 20,000 bytes"),
        (WHOLE + WHOLE[:5], f"the gzip stream is cut off after {len(WHOLE) + 5:,} bytes"),
        (WHOLE[:-8] + bytes(4) + WHOLE[-4:], "the gzip stream is corrupt (Error -6 Incorrect checksum found"),
        (WHOLE[:-4] + bytes(4), "the gzip stream is corrupt (Error -6 Incorrect checksum found"),
        (WHOLE[:20_000] + b"\0" + WHOLE[20_001:], "the gzip stream is corrupt ("),
        (WHOLE + b"<html>", "the gzip stream is followed by bytes that are not part of a gzip stream: b'<html>'"),
        (WHOLE[:20_000] + WHOLE, "the gzip stream is corrupt ("),
    ],
    ids=[
        "a byte short",
        "no trailer",
        "half",
        "a second member begun",
        "wrong checksum",
        "wrong length",
        "a byte changed",
        "text after it",
        "two downloads mixed",
    ],
)
def test_damage_is_refused_here_and_would_be_by_polars(tmp_path: Path, content: bytes, cause: str) -> None:
    with pytest.raises(SourceError) as caught:
        _inspect(tmp_path, content)
    assert str(caught.value).startswith(f"{FILE}: {cause}")
    assert str(caught.value).endswith(f"Get {FILE} again; the current dump stays in use.")
    with pytest.raises((OSError, pl.exceptions.ComputeError)):
        _polars_lines(tmp_path / FILE)


@given(position=st.integers(0, len(WHOLE) - 1), flipped=st.integers(1, 255))
def test_one_changed_byte_never_passes_as_other_content(
    tmp_path_factory: pytest.TempPathFactory, position: int, flipped: int
) -> None:
    content = bytearray(WHOLE)
    content[position] ^= flipped
    try:
        found = _inspect(tmp_path_factory.mktemp("dump"), bytes(content))
    except SourceError:
        return
    # bytes of gzip's own header that are no part of the content: time, level, system
    assert position < 10
    assert zlib.decompress(bytes(content), 31) == zlib.decompress(WHOLE, 31)
    assert found.lines == 9_999


def _packed(text: bytes, *, extra: bytes = b"", name: bytes = b"", checksum: bool = False) -> bytes:
    """A gzip member with fields in its header that gzip's own writers leave out (RFC 1952, 2.3)."""
    flags = (4 if extra else 0) | (8 if name else 0) | (2 if checksum else 0)
    head = b"\x1f\x8b\x08" + bytes([flags, 0, 0, 0, 0, 0, 3])
    head += len(extra).to_bytes(2, "little") + extra if extra else b""
    head += name + b"\0" if name else b""
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little") if checksum else b""
    return head + gzip.compress(text, mtime=0)[10:]


@pytest.mark.parametrize(
    "content",
    [
        WHOLE + b"\n",
        WHOLE + b"\r\n",
        WHOLE + bytes(CHUNK) + b" \n",
        WHOLE + b"\n" + gzip.compress(b""),
        gzip.compress(b"") + WHOLE,
        _packed(gzip.decompress(WHOLE), extra=b"x" * 60_000, name=b"n" * 200_000, checksum=True),
    ],
    ids=["line feed", "CR LF", "zeros and blanks", "empty member at the end", "and at the start", "long header"],
)
def test_what_gzip_takes_lands_and_is_read(tmp_path: Path, content: bytes) -> None:
    assert _inspect(tmp_path, content).lines == 9_999
    to = tmp_path / "rows", tmp_path / "rejects"
    assert read_dump(tmp_path / FILE, DUMP_CONTRACTS[DUMP], *to) == ReadCounts(rows=9_999, quarantined=0)


@pytest.mark.parametrize("before", range(1, 24))
@pytest.mark.parametrize("fields", [{}, {"extra": b"x", "name": b"title"}], ids=["checksum", "all fields"])
def test_a_header_that_begins_at_the_end_of_a_chunk_is_read(
    tmp_path: Path, before: int, fields: dict[str, Any]
) -> None:
    text = HEADER + b"\n" + b"tt0000001\t5.5\t7\n" * 100
    first = _packed(text, name=b"x" * (CHUNK - before - len(_packed(text)) - 1))
    assert len(first) == CHUNK - before
    assert _inspect(tmp_path, first + _packed(b"a\tb\tc\n", checksum=True, **fields)).lines == 101


@pytest.mark.parametrize(
    ("inside", "kind"), [(WHOLE, "gzip"), (b"PK\3\4 and more", "zip"), (b"BZh9", "bzip2"), (b"\xfd7zXZ\0", "xz")]
)
def test_a_file_that_is_packed_twice_or_otherwise_is_called_that(tmp_path: Path, inside: bytes, kind: str) -> None:
    with pytest.raises(SourceError) as caught:
        _inspect(tmp_path, gzip.compress(inside))
    assert str(caught.value) == (
        f"{FILE}: compressed twice: the gzip file holds a {kind} file instead of text. "
        "Unpack the file once with gunzip; the current dump stays in use."
    )
    if kind != "gzip":
        with pytest.raises(SourceError, match=f"^{FILE}: not a gzip file: the file is a {kind}. Get "):
            _inspect(tmp_path, inside)


LIMIT = 1000


@pytest.mark.parametrize(
    "lines",
    [[b"x" * (LIMIT + 1)], [b"a", b"x" * (LIMIT + 2), b"b"], [b"a"] * 5000 + [b"x" * 50_000_000]],
    ids=["at the end", "within a piece", "over many pieces"],
)
def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[bytes]) -> None:
    monkeypatch.setattr("imdb_assets.lake.dump_file.LONGEST_LINE", LIMIT)
    with pytest.raises(
        SourceError, match=rf"^{FILE}: a line is longer than 1,000 bytes; IMDb.s lines are shorter\. Get {FILE}"
    ):
        _inspect(tmp_path, gzip.compress(b"\n".join([HEADER, *lines])))


def test_lines_as_long_as_allowed_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imdb_assets.lake.dump_file.LONGEST_LINE", LIMIT)
    content = gzip.compress(b"\n".join([HEADER, *[b"x" * (LIMIT - 1)] * 20_000, b"x" * LIMIT]))
    assert _inspect(tmp_path, content).lines == 20_001
