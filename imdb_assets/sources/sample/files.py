"""Bytes of a dump: tab-separated text without quoting, malformed lines in place, gzip without a time.

Knows nothing about what the columns mean.
"""

import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

GZIP_LEVEL = 1  # level 6 makes the files a tenth smaller and takes three times as long
GZIP_WINDOW = 31  # zlib's code for "largest window, gzip header", whose time stamp is 0
NEWLINE = ord("\n")


@dataclass(frozen=True, order=True)
class MalformedLine:
    """A line that cannot be read, to stand where a row with this id would."""

    id: str
    text: bytes


def write_dump(path: Path, chunks: Iterable[pl.DataFrame], faults: list[MalformedLine]) -> None:
    """Writes one dump; until it is complete, it has another name.

    Args:
        path: The file to make or replace.
        chunks: The rows in file order; their column names make the header, the first column is the id.
        faults: Lines to put between them.
    """
    partial = path.with_name(f"{path.name}.partial")
    waiting = sorted(faults)
    squeeze = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    try:
        with partial.open("wb") as file:
            for number, chunk in enumerate(chunks):
                if number == 0:
                    file.write(squeeze.compress("\t".join(chunk.columns).encode() + b"\n"))
                if chunk.is_empty():
                    continue
                last = chunk.to_series(0)[-1]
                due = [fault for fault in waiting if fault.id <= last]
                waiting = waiting[len(due) :]
                file.write(squeeze.compress(_with_faults(_encode(chunk), chunk.to_series(0), due)))
            for fault in waiting:
                file.write(squeeze.compress(fault.text + b"\n"))
            file.write(squeeze.flush())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


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
