"""Reads a dump: readable lines of a gzip file become typed rows, unreadable ones become quarantine rows.

A dump is read in one pass. Three stages run side by side: unpacking, parsing and writing. `fast.py` reads lines of the
common form, `lines.py` reads all other lines, and `parquet.py` writes the rows. This module does not know where dumps
come from or where rows go.
"""

import itertools
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import LONGEST_LINE, quarantine_contract
from imdb_assets.contracts.parquet import FieldIds
from imdb_assets.dumps import fast
from imdb_assets.dumps.lines import DROPPED, LINE, RAW, READABLE, explain, parse
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.dumps.unpack import GzipError, unpack

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

Item = TypeVar("Item")

CHUNK = 1 << 22
"""Number of bytes of text that are parsed at a time: 4 MB. The results of parsing 4 MB fit the processor's caches, but
the results of parsing 16 MB do not. With chunks of 1 MB, parsing would be no faster than with 4 MB."""

LEAST_BYTES = 12
"""A chunk is parsed as a whole if its lines have at least `LEAST_BYTES` bytes on average. A chunk with shorter lines
has more lines, so parsing the chunk as a whole would take more memory. The shortest lines of IMDb's dumps have 16
bytes."""

PIECE = 1 << 18
"""Number of bytes of text that `lines.py` parses at a time. If lines have fewer than `LEAST_BYTES` bytes on average,
`fast.py` parses the same number of bytes at a time."""

AHEAD = 6
"""Number of chunks by which each stage may be ahead of the next stage. For most dumps, six chunks fill about one row
group; a row group is written as a whole. With 2 chunks instead of 6, ingest takes a quarter longer; more chunks than 6
would only take more memory."""


KEEP_REJECTS = 100_000
"""By default, at most this number of unreadable lines is kept. Nobody looks at so many lines, but the lines take at
most some hundred MB of memory at once."""


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
    """Number of empty list elements that are left out of the rows; the list `Drama,` has one empty element."""

    @property
    def lines(self) -> int:
        """All lines read."""
        return self.rows + self.quarantined

    @property
    def bad_share(self) -> float:
        """Unreadable lines as a share of all lines, 0-1."""
        return self.quarantined / max(1, self.lines)


@dataclass(frozen=True)
class _Careful:
    """The result of `lines.py` for the lines of a chunk that `fast.py` did not read."""

    rows: pl.DataFrame
    """The readable lines, with the column `LINE`, the contract's columns and the column `DROPPED`."""
    rejects: pl.DataFrame
    """Rows of the quarantine table, for the unreadable lines."""
    too_many: bool
    """Whether there were more unreadable lines than the quarantine table may store."""


def read_dump(  # noqa: PLR0913 - what it reads, and two files with how each is written
    path: Path,
    contract: type[Contract],
    rows_to: Path,
    quarantine_to: Path,
    *,
    keep_rejects: int = KEEP_REJECTS,
    ids: tuple[FieldIds, FieldIds] | tuple[None, None] = (None, None),
) -> ReadCounts:
    """Writes the readable lines of a dump to one Parquet file, and the unreadable lines to another Parquet file.

    Args:
        path: The `.tsv.gz` file, whose header has been checked.
        contract: Contract of the bronze table.
        rows_to: Parquet file for the typed rows, in the dump's order.
        quarantine_to: Parquet file for the unreadable lines, with the columns of the quarantine table.
        keep_rejects: Largest number of unreadable lines to write; if there are more, reading stops.
        ids: Field ids for the columns of `rows_to` and for the columns of `quarantine_to`; none by default.

    Raises:
        DumpError: The gzip stream is truncated or corrupt, or a line is too long. After an error, the two Parquet files
            must not be used.
    """
    too_many, empty_elements = False, 0
    with (
        ParquetFile(rows_to, polars_schema(contract), ids[0]) as rows,
        ParquetFile(quarantine_to, polars_schema(quarantine_contract(contract)), ids[1]) as quarantine,
    ):
        for readable, careful in _ahead(_read(_ahead(_chunks(path)), contract, path.name, keep_rejects)):
            rows.write(readable)
            if careful:
                quarantine.write(careful.rejects)
                too_many = careful.too_many
                empty_elements += int(careful.rows[DROPPED].sum())
    return ReadCounts(rows.rows, quarantine.rows, too_many, empty_elements)


def _chunks(path: Path) -> Iterator[bytes]:
    """Yields the text of the dump in chunks of whole lines."""
    texts, size = list[bytes](), 0
    with path.open("rb") as data:
        try:
            for text in unpack(data.read):
                texts.append(text)
                size += len(text)
                if size > CHUNK + LONGEST_LINE:
                    raise DumpError(
                        f"{path.name}: a line is longer than {LONGEST_LINE:,} bytes; IMDb's lines are shorter. "
                        "Nothing was published. Get the dump again (re-materialize its landing asset)."
                    )
                end = text.rfind(b"\n") + 1 if size >= CHUNK else 0
                if end:
                    texts[-1] = text[:end]
                    yield b"".join(texts)
                    texts, size = [text[end:]], len(text) - end
        except GzipError as error:
            raise DumpError(
                f"{path.name}: {error}. Nothing was published. Get the dump again (re-materialize its landing asset)."
            ) from error
    yield b"".join(texts)


def _read(
    chunks: Iterable[bytes], contract: type[Contract], file: str, keep_rejects: int
) -> "Iterator[tuple[pa.Table, _Careful | None]]":
    """Yields the rows of each chunk, and the result of `lines.py` if `fast.py` did not read all lines of the chunk.

    Reading stops after a chunk if there are more unreadable lines than may be kept.
    """
    first = 2  # line 1 is the header
    for text in _few_lines(_without_header(chunks)):
        found, careful = fast.read(text, contract), None
        rows = found.rows
        if found.text:
            careful = _read_carefully(found.text, first + found.doubtful, contract, file, keep_rejects)
            rows = _merged(rows, found.doubtful, careful.rows, first)
            keep_rejects -= careful.rejects.height
        yield rows, careful
        if careful and careful.too_many:
            return
        first += found.rows.num_rows


def _read_carefully(
    text: bytes, numbers: "NDArray[np.int64]", contract: type[Contract], file: str, room: int
) -> "_Careful":
    """Reads lines that `fast.py` did not read.

    Args:
        text: The lines, each with a line feed.
        numbers: The lines' numbers in the dump.
        contract: Contract of the bronze table.
        file: The dump's file name.
        room: Number of unreadable lines that may still be kept; if there are more, reading stops.
    """
    rows, rejects, too_many = list[pl.DataFrame](), [polars_schema(quarantine_contract(contract)).to_frame()], False
    for piece in _pieces(text):
        batch, not_utf8 = _batch(piece, numbers[: piece.count(b"\n")], contract)
        numbers = numbers[batch.height :]
        rows.append(batch.filter(READABLE).drop(RAW, READABLE))
        unreadable = batch.filter(~pl.col(READABLE))
        kept, too_many = unreadable.head(room), unreadable.height > room
        if kept.height:
            rejects.append(explain(kept, contract, file, not_utf8))
        if too_many:
            break
        room -= kept.height
    return _Careful(pl.concat(rows), pl.concat(rejects), too_many)


def _merged(rows: "pa.Table", doubtful: "NDArray[np.int64]", careful: pl.DataFrame, first: int) -> "pa.Table":
    """The rows of all readable lines of a chunk, in order; rows from `fast.py` are not copied.

    Args:
        rows: Rows from `fast.py`, one per line of the chunk.
        doubtful: Indexes of the lines whose rows in `rows` must not be used.
        careful: Rows from `lines.py`, with the extra columns `LINE` and `DROPPED`; unreadable lines have no row.
        first: Line number of the chunk's first line in the dump.
    """
    import pyarrow as pa

    found = careful.drop(LINE, DROPPED).to_arrow(compat_level=pl.CompatLevel.oldest())
    if len(doubtful) == rows.num_rows:
        return found
    found, done, taken = found.cast(rows.schema), 0, 0
    parts: list[pa.Table] = []
    for place, readable in zip(doubtful.tolist(), np.isin(first + doubtful, careful[LINE]).tolist(), strict=True):
        parts += [rows.slice(done, place - done), found.slice(taken, int(readable))]
        done, taken = place + 1, taken + readable
    return pa.concat_tables([*parts, rows.slice(done)])


def _few_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the chunks, but cuts a chunk with very short lines into pieces."""
    for chunk in chunks:
        lines = np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
        yield from [chunk] if lines * LEAST_BYTES <= CHUNK else _pieces(chunk)


def _pieces(chunk: bytes) -> Iterator[bytes]:
    """Yields a chunk in pieces of whole lines."""
    begin = 0
    while begin < len(chunk):
        end = chunk.rfind(b"\n", begin, begin + PIECE) + 1 or chunk.find(b"\n", begin) + 1 or len(chunk)
        yield chunk[begin:end]
        begin = end


def _without_header(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the chunks without the first line of the dump; empty chunks are left out."""
    below = iter(chunks)
    yield from filter(None, itertools.chain([next(below, b"").partition(b"\n")[2]], below))


def _batch(text: bytes, numbers: "NDArray[np.int64]", contract: type[Contract]) -> tuple[pl.DataFrame, dict[int, str]]:
    """Returns the parsed lines, and a mapping from the number of each line that is not UTF-8 to the line's error."""
    lines, not_utf8 = list[str](), dict[int, str]()
    for number, line in zip(numbers.tolist(), text.removesuffix(b"\n").split(b"\n"), strict=True):
        try:
            lines.append(line.decode().removesuffix("\r"))
        except UnicodeDecodeError as error:
            not_utf8[number] = f"not UTF-8: {error.reason} at byte {error.start}"
            lines.append(line.decode("utf-8", "backslashreplace").removesuffix("\r"))
    return parse(pl.LazyFrame({LINE: numbers, RAW: lines}), contract, not_utf8).collect(), not_utf8


def _ahead(items: Iterable[Item]) -> Generator[Item]:
    """Yields the items; another thread prepares the next items while the caller uses an item."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, source, end) for _ in range(AHEAD))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(thread.submit(next, source, end))
            yield item  # pyright: ignore[reportReturnType] - not the end
