"""Reads a dump: lines of a gzip file become typed rows, and what cannot be read becomes quarantine rows.

One pass in three stages that run side by side: unpack, parse, write. What a line means is in `lines.py`, how rows are
stored in `parquet.py`; where dumps come from and where rows go is not known here.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
from isal import igzip, igzip_lib

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import LONGEST_LINE, quarantine_contract
from imdb_assets.dumps.lines import LINE, RAW, READABLE, explain, parse, rows_of
from imdb_assets.dumps.parquet import ParquetFile
from imdb_assets.lake.schema import FieldIds

Item = TypeVar("Item")

CHUNK = 1 << 24
"""Bytes of text that are parsed at a time: enough to keep all cores busy, and several of them are in memory at once."""

AHEAD = 2
"""Chunks that each stage is ahead of the next."""


KEEP_REJECTS = 100_000
"""Unreadable lines that are kept at least: far more than anybody looks at, in memory at once within some hundred MB."""


class DumpError(Exception):
    """A dump cannot be read at all; the message names the file, what is wrong and the remedy."""


@dataclass(frozen=True)
class ReadCounts:
    """How many lines below the header were read."""

    rows: int
    quarantined: int
    dropped: int = 0
    """Unreadable lines beyond those that were to be kept."""

    @property
    def unreadable(self) -> int:
        """All unreadable lines."""
        return self.quarantined + self.dropped

    @property
    def lines(self) -> int:
        """All lines below the header."""
        return self.rows + self.unreadable

    @property
    def bad_share(self) -> float:
        """Unreadable lines as a share of all lines, 0-1."""
        return self.unreadable / max(1, self.lines)


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
        keep_rejects: How many unreadable lines to write; further ones are only counted.
        ids: Field ids for the columns of the two files; they have none by default.

    Raises:
        DumpError: The gzip stream is truncated or corrupt, or a line has no end; the two files are then worthless.
    """
    dropped = 0
    with (
        ParquetFile(rows_to, polars_schema(contract), ids[0]) as rows,
        ParquetFile(quarantine_to, polars_schema(quarantine_contract(contract)), ids[1]) as quarantine,
    ):
        for readable, rejects, surplus in _ahead(_parsed(_ahead(_chunks(path)), contract, path.name, keep_rejects)):
            rows.write(readable)
            quarantine.write(rejects)
            dropped += surplus
    return ReadCounts(rows=rows.rows, quarantined=quarantine.rows, dropped=dropped)


def _chunks(path: Path) -> Iterator[bytes]:
    """The text of the dump in pieces of whole lines."""
    rest = b""
    try:
        with igzip.IGzipFile(path) as text:
            while piece := text.read(CHUNK):
                end = piece.rfind(b"\n") + 1
                if end:
                    yield rest + piece[:end]
                    rest = piece[end:]
                else:
                    rest += piece
                if len(rest) > LONGEST_LINE:
                    raise DumpError(
                        f"{path.name}: a line is longer than {LONGEST_LINE:,} bytes, as no line of IMDb's is. Nothing "
                        "was published. Get the dump anew (re-materialize its landing asset)."
                    )
    except (OSError, EOFError, igzip_lib.IsalError) as error:  # pyright: ignore  # noqa: PGH003 - its stub is wrong
        raise DumpError(
            f"{path.name}: the gzip stream is damaged: {error}. Nothing was published. Get the dump anew "
            "(re-materialize its landing asset)."
        ) from error
    if rest:
        yield rest


def _parsed(
    chunks: Iterable[bytes], contract: type[Contract], file: str, keep_rejects: int
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, int]]:
    """Rows and quarantine rows of each chunk, and how many lines are neither: unreadable, and too many to keep."""
    room = keep_rejects
    done, no_rejects = 1, polars_schema(quarantine_contract(contract)).to_frame()  # one: the header
    for chunk in _without_header(chunks):
        rows = rows_of(chunk, contract)
        if rows is not None:
            done += rows.height
            yield rows, no_rejects, 0
            continue
        batch, not_utf8 = _batch(chunk, done + 1, contract)
        done += batch.height
        unreadable = batch.filter(~pl.col(READABLE))
        kept = unreadable.head(room)
        room -= kept.height
        yield (
            batch.filter(READABLE).select(contract.column_names()),
            explain(kept, contract, file, not_utf8) if kept.height else no_rejects,
            unreadable.height - kept.height,
        )


def _without_header(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without the first line; none is empty."""
    below = iter(chunks)
    first = next(below, b"").partition(b"\n")[2]
    if first:
        yield first
    yield from below


def _batch(chunk: bytes, first: int, contract: type[Contract]) -> tuple[pl.DataFrame, dict[int, str]]:
    """What `parse` makes of a chunk that begins with line `first`, and which of its lines were not UTF-8."""

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
    """The chunk with other bytes than UTF-8 spelt out, and the numbers of these lines with what was wrong."""
    lines, bad = chunk.split(b"\n"), dict[int, str]()
    for place, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            bad[first + place] = f"not UTF-8: {error.reason} at byte {error.start}"
            lines[place] = line.decode("utf-8", "backslashreplace").encode("utf-8")
    return b"\n".join(lines), bad


def _ahead(items: Iterable[Item]) -> Generator[Item]:
    """The items, some made in another thread while one before them is in use: writing comes in bursts."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, source, end) for _ in range(AHEAD))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(thread.submit(next, source, end))
            yield item  # pyright: ignore[reportReturnType] - not the end
