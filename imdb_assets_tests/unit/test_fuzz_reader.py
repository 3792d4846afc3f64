"""The reader of dumps against a slow one that is easy to believe, on mutated dumps.

`python -m imdb_assets_tests.unit.test_fuzz_reader SECONDS [SEED]` looks for longer; what it finds becomes a case here.
"""

import json
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.dumps.reader import DumpError, read_dump
from imdb_assets_tests.support import tiny_rows, write_dump, write_lines

TOKENS = [
    *(bytes([byte]) for byte in b'\t\n\r\0"\\N\x02,[]{}0159+-._ e:;x\x7f\xff\xfe\x80\xc3'),
    *(text.encode() for text in ("\u2028", "\u00a0", "\ufeff", "é", "🎬", "٣", "\u2212", "\u0085")),
    rb"\N", b"tt0000001", b"nm00000001", b"99999999999", b"-1", b"1e3", b"0x10", b"1_0", b" 7", b"7 ", b"+7", b"1.",
    b'["\\ud83d\\ude00", "b"]',
    b".5", b"NaN", b"inf", b"true", b'["a"]', b'["a","b\\u00e9"]', b'["\\ud83d"]', b"[]", b'[""]', b"null", b'""', b"",
]  # fmt: skip
INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?|nan", re.IGNORECASE)


def expected(contract: type[Contract], text: bytes) -> tuple[list[dict[str, Any]], list[int]]:
    """Rows, and numbers of the lines that cannot be read, of the text below the header."""
    rows: list[dict[str, Any]] = []
    bad: list[int] = []
    lines = text.split(b"\n")
    for number, line in enumerate(lines[:-1] if lines[-1] == b"" else lines, start=2):
        row = _row(contract, line.removesuffix(b"\r"))
        if row is None:
            bad.append(number)
        else:
            rows.append(row)
    return rows, bad


def _row(contract: type[Contract], line: bytes) -> dict[str, Any] | None:
    try:
        fields = line.decode("utf-8").split("\t")
    except UnicodeDecodeError:
        return None
    names = header(contract)
    if len(fields) != len(names):
        return None
    texts = {name: None if field == r"\N" else field for name, field in zip(names, fields, strict=True)}
    row: dict[str, Any] = {}
    for name, column in contract.columns().items():
        metadata = column.metadata or {}
        value = _value(column, metadata, texts[metadata.get("of", name)])
        if value is ... or (value is None and not column.nullable):
            return None
        row[name] = value
    return row


def _value(column: dy.Column, metadata: dict[str, Any], text: str | None) -> Any:  # noqa: PLR0911
    """The value; `...` if the text has none."""
    if text is None:
        return None
    if metadata.get("derived") == "unparsed":
        return text if _strings(text) is None else None
    match metadata.get("encoding"):
        case "comma":
            return [element for element in text.split(",") if element] or None
        case "x02":
            return [element for element in text.split("\x02") if element] or None
        case "json":
            return _strings(text)
        case _:
            pass
    if isinstance(column, dy.String):
        return text if column.regex is None or re.search(column.regex.replace("$", r"\Z"), text) else ...
    if not (INTEGER if column.dtype.is_integer() else NUMBER).fullmatch(text):
        return ...
    value = int(text) if column.dtype.is_integer() else float(text)
    if column.dtype.is_integer() and not -(2**31) <= value < 2**31:
        return ...
    low, high = getattr(column, "min", None), getattr(column, "max", None)
    # A number that is none (nan) counts as above any bound, as Polars orders it.
    return value if (low is None or value >= low or value != value) and (high is None or value <= high) else ...  # noqa: PLR0124


def _strings(text: str) -> list[str] | None:
    """The strings of a JSON array; None if it is something else, or one of them is no text (a lone surrogate)."""
    try:
        found = json.loads(text)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            return None
        "".join(found).encode()
    except ValueError:
        return None
    return found


def check(dump: str, text: bytes) -> None:
    """Fails if the reader and the slow one disagree on a text below the header of a dump."""
    contract = DUMP_CONTRACTS[dump]
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder), dump, [text], end=b"")
        counts = read_dump(path, contract, Path(folder) / "rows", Path(folder) / "rejects")
        found, rejects = pl.read_parquet(Path(folder) / "rows"), pl.read_parquet(Path(folder) / "rejects")
    rows, bad = expected(contract, text)
    assert found.to_dicts() == rows, (dump, text)
    assert contract.filter(found).failure.counts() == {}, (dump, text)  # what is read keeps the contract
    assert rejects["line"].to_list() == bad, (dump, text)
    assert rejects["reason"].null_count() == 0, (dump, text)
    assert (counts.rows, counts.quarantined) == (len(rows), len(bad))


def mutants(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Endless dumps with something done to them."""
    seeds = {dump: _text(dump) for dump in DUMP_CONTRACTS}
    while True:
        dump = chance.choice(list(seeds))
        text = bytearray(seeds[dump])
        for _ in range(chance.randint(1, 8)):
            at, length = chance.randrange(len(text) + 1), chance.choice([0, 0, 1, 1, 2, 9, 40])
            text[at : at + length] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 2, 30])
        yield dump, bytes(text)


def _text(dump: str) -> bytes:
    from isal import igzip

    with TemporaryDirectory() as folder:
        path = write_dump(Path(folder), dump, tiny_rows()[dump][:6])
        with igzip.IGzipFile(path) as lines:
            return lines.read().partition(b"\n")[2]


def fuzz(seconds: float, seed: int) -> int:
    """Checks mutants for so long; returns how many."""
    ends, tried = time.monotonic() + seconds, 0
    for dump, text in mutants(random.Random(seed)):
        check(dump, text)
        tried += 1
        if time.monotonic() > ends:
            break
    return tried


@pytest.mark.parametrize("seed", range(40))
def test_mutated_dumps_are_read_as_the_slow_reader_reads_them(seed: int) -> None:
    for (dump, text), _ in zip(mutants(random.Random(seed)), range(5), strict=False):
        check(dump, text)


@pytest.mark.slow
def test_a_minute_of_mutated_dumps() -> None:
    assert fuzz(60, seed=time.time_ns()) > 0


@pytest.mark.slow
def test_mutated_gzip_streams_are_read_or_refused() -> None:
    chance = random.Random(7)
    with TemporaryDirectory() as folder:
        path = write_dump(Path(folder), "title.basics", tiny_rows()["title.basics"])
        whole, refused = path.read_bytes(), 0
        for _ in range(2_000):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(damaged))
                damaged[at : at + chance.choice([0, 1, 1, 5])] = bytes([chance.randrange(256)])
            path.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
            try:
                read_dump(path, DUMP_CONTRACTS["title.basics"], Path(folder) / "rows", Path(folder) / "rejects")
            except DumpError:
                refused += 1
    assert refused > 1_900  # what remains was changed in its header's time or name, or was cut to nothing


if __name__ == "__main__":
    start = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    print(f"seed {start}: {fuzz(float(sys.argv[1]), start)} dumps read alike")  # noqa: T201
