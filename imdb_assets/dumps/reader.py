"""Reads a dump: lines of a gzip file become typed rows, and unreadable lines become quarantine rows.

One pass has three stages that run side by side: unpack, parse, write. `lines.py` knows the meaning of a line,
`parquet.py` how rows are stored. This module does not know where dumps come from or where rows go.
"""

import itertools
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import LONGEST_LINE, quarantine_contract
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.dumps.lines import DROPPED, LINE, RAW, READABLE, explain, parse, rows_of
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.dumps.unpack import GzipError, unpack

Item = TypeVar("Item")

CHUNK = 1 << 24
"""Bytes of text parsed at a time: enough to keep all cores busy, although several chunks are in memory at once."""

LEAST_BYTES = 12
"""Mean bytes per line of a chunk that may be parsed at once: memory grows with lines. IMDb's shortest have 16."""

PIECE = 1 << 18
"""Bytes of text parsed at a time if a chunk has a doubtful line; lines can be a byte long there."""

AHEAD = 2
"""Chunks by which each stage is ahead of the next."""


KEEP_REJECTS = 100_000
"""Unreadable lines kept at least: far more than anybody looks at, and at most some hundred MB of memory at once."""


class DumpError(Exception):
    """A dump cannot be read at all; the message names the file, the cause and the remedy."""


@dataclass(frozen=True)
class ReadCounts:
    """Counts of the lines below the header."""

    rows: int
    quarantined: int
    too_many: bool = False
    """Whether reading stopped because there were more unreadable lines than may be kept."""
    empty_elements: int = 0
    """Empty elements of lists (`Drama,` has one), which the rows leave out."""

    @property
    def lines(self) -> int:
        """All lines read."""
        return self.rows + self.quarantined

    @property
    def bad_share(self) -> float:
        """Unreadable lines as a share of all lines, 0-1."""
        return self.quarantined / max(1, self.lines)


def read_dump(  # noqa: PLR0913 - what it reads, and two files with how each is written
    path: Path,
    contract: type[Contract],
    rows_to: Path,
    quarantine_to: Path,
    *,
    keep_rejects: int = KEEP_REJECTS,
    ids: tuple[FieldIds, FieldIds] | tuple[None, None] = (None, None),
) -> ReadCounts:
    """Writes the rows of a dump and its unreadable lines to two Parquet files.

    Args:
        path: The `.tsv.gz` file; its header has been checked.
        contract: Contract of the bronze table.
        rows_to: Parquet file for the typed rows, in the dump's order.
        quarantine_to: Parquet file for the unreadable lines: file, line, raw, reason.
        keep_rejects: Maximum number of unreadable lines to write; the next one ends the reading.
        ids: Field ids for the columns of the two files; none by default.

    Raises:
        DumpError: The gzip stream is truncated or corrupt, or a line never ends; the two files are then worthless.
    """
    too_many, empty_elements = False, 0
    with (
        ParquetFile(rows_to, polars_schema(contract), ids[0]) as rows,
        ParquetFile(quarantine_to, polars_schema(quarantine_contract(contract)), ids[1]) as quarantine,
    ):
        for readable, rejects, ended, empty in _ahead(
            _parsed(_ahead(_chunks(path)), contract, path.name, keep_rejects)
        ):
            rows.write(readable)
            quarantine.write(rejects)
            too_many |= ended
            empty_elements += empty
    return ReadCounts(rows.rows, quarantine.rows, too_many, empty_elements)


def _chunks(path: Path) -> Iterator[bytes]:
    """The text of the dump in pieces of whole lines."""
    texts, size = list[bytes](), 0
    with path.open("rb") as data:
        try:
            for text in unpack(data.read):
                texts.append(text)
                size += len(text)
                if size >= CHUNK:
                    *lines, rest = b"".join(texts).rpartition(b"\n")
                    yield b"".join(lines)
                    texts, size = [rest], len(rest)
                    if size > LONGEST_LINE:
                        raise DumpError(
                            f"{path.name}: a line is longer than {LONGEST_LINE:,} bytes, and no line of IMDb's is. "
                            "Nothing was published. Get the dump again (re-materialize its landing asset)."
                        )
        except GzipError as error:
            raise DumpError(
                f"{path.name}: {error}. Nothing was published. Get the dump again (re-materialize its landing asset)."
            ) from error
    yield b"".join(texts)


def _parsed(
    chunks: Iterable[bytes], contract: type[Contract], file: str, keep_rejects: int
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, bool, int]]:
    """Reads each chunk.

    Yields:
        Rows; quarantine rows; whether there are more unreadable lines than may be kept, which ends the reading; the
        number of empty list elements dropped from the rows.
    """
    room = keep_rejects
    done, no_rejects = 1, polars_schema(quarantine_contract(contract)).to_frame()  # 1: the header
    for chunk in _without_header(chunks):
        rows = rows_of(chunk, contract) if chunk.count(b"\n") * LEAST_BYTES <= CHUNK else None
        if rows is not None:
            done += rows.height
            yield rows, no_rejects, False, 0
            continue
        for piece in _pieces(chunk):
            batch, not_utf8 = _batch(piece, done + 1, contract)
            done += batch.height
            unreadable = batch.filter(~pl.col(READABLE))
            kept, too_many = unreadable.head(room), unreadable.height > room
            room -= kept.height
            readable = batch.filter(READABLE)
            yield (
                readable.select(contract.column_names()),
                explain(kept, contract, file, not_utf8) if kept.height else no_rejects,
                too_many,
                int(readable[DROPPED].sum()),
            )
            if too_many:
                return


def _pieces(chunk: bytes) -> Iterator[bytes]:
    """A chunk in pieces of whole lines."""
    begin = 0
    while begin < len(chunk):
        end = chunk.rfind(b"\n", begin, begin + PIECE) + 1 or chunk.find(b"\n", begin) + 1 or len(chunk)
        yield chunk[begin:end]
        begin = end


def _without_header(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without the first line; none is empty."""
    below = iter(chunks)
    yield from filter(None, itertools.chain([next(below, b"").partition(b"\n")[2]], below))


def _batch(chunk: bytes, first: int, contract: type[Contract]) -> tuple[pl.DataFrame, dict[int, str]]:
    """Parses a chunk that begins with line `first`; returns also the lines that were not UTF-8, with the error."""

    def of(text: bytes, not_utf8: dict[int, str]) -> pl.DataFrame:
        lines = pl.scan_lines(text, name=RAW, row_index_name=LINE, row_index_offset=first)
        return parse(lines, contract, not_utf8).collect(engine="streaming")

    try:
        return of(chunk, {}), {}
    except pl.exceptions.ComputeError as error:
        if "utf" not in str(error).lower():
            raise
        text, not_utf8 = _escaped(chunk, first)
        return of(text, not_utf8), not_utf8


def _escaped(chunk: bytes, first: int) -> tuple[bytes, dict[int, str]]:
    """The chunk with bytes that are not UTF-8 spelt out, and the numbers of these lines with the error."""
    lines, bad = chunk.split(b"\n"), dict[int, str]()
    for place, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            bad[first + place] = f"not UTF-8: {error.reason} at byte {error.start}"
            lines[place] = line.decode("utf-8", "backslashreplace").encode("utf-8")
    return b"\n".join(lines), bad


def _ahead(items: Iterable[Item]) -> Generator[Item]:
    """Makes some items in another thread while an earlier one is in use, because writing comes in bursts."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, source, end) for _ in range(AHEAD))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(thread.submit(next, source, end))
            yield item  # pyright: ignore[reportReturnType] - not the end
