"""Writes a dump: unquoted tab-separated text with some malformed lines, compressed by gzip without a timestamp.

This module knows nothing about the meaning of columns.
"""

import io
import zlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import polars as pl

GZIP_LEVEL = 6  # as in IMDb's own files; compression costs no time, because a thread compresses while rows are made
GZIP_WINDOW = 31  # zlib's code for the largest window and a gzip header; the header's time stamp is 0
NEWLINE = ord("\n")


@dataclass(frozen=True, order=True)
class MalformedLine:
    """An unreadable line, with an id that decides the line's place among the rows."""

    id: str
    text: bytes


def write_dump(path: Path, chunks: Iterable[pl.DataFrame], faults: list[MalformedLine]) -> None:
    """Writes one dump; until the dump is complete, its file has another name.

    Args:
        path: The file to make or replace.
        chunks: The rows in file order; the column names make the header, and the first column is the id.
        faults: Malformed lines to insert.
    """
    partial = path.with_name(f"{path.name}.partial")
    waiting = sorted(faults)
    try:
        with partial.open("wb") as file, _Packer(file) as packer:
            for number, chunk in enumerate(chunks):
                if number == 0:
                    packer.write("\t".join(chunk.columns).encode() + b"\n")
                if chunk.is_empty():
                    continue
                last = chunk.to_series(0)[-1]
                due = [fault for fault in waiting if fault.id <= last]
                waiting = waiting[len(due) :]
                packer.write(_with_faults(_encode(chunk), chunk.to_series(0), due))
            for fault in waiting:
                packer.write(fault.text + b"\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Packer:
    """Compresses the pieces of a dump in a separate thread, while the caller makes the next piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._squeeze = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, text: bytes) -> None:
        """Queues a piece as soon as the previous piece is written, so that at most two pieces are in memory."""
        if self._last is not None:
            self._last.result()
        self._last = self._thread.submit(lambda: self._write(self._squeeze.compress(text)))

    def _write(self, packed: bytes) -> None:
        self._file.write(packed)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.shutdown()
        if kind is None:
            if self._last is not None:
                self._last.result()
            self._write(self._squeeze.flush())


def _encode(chunk: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    chunk.write_csv(buffer, include_header=False, separator="\t", quote_style="never", null_value=r"\N")
    return buffer.getvalue()


def _with_faults(text: bytes, ids: pl.Series, faults: list[MalformedLine]) -> bytes:
    if not faults:
        return text
    line_ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == NEWLINE)
    parts, done = [], 0
    for fault in faults:
        row = int(ids.search_sorted(fault.id, side="left"))
        start = int(line_ends[row - 1]) + 1 if row else 0
        parts += [text[done:start], fault.text, b"\n"]
        done = start
    return b"".join([*parts, text[done:]])
