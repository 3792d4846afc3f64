"""Divides a transform's inputs into parts, so that making a table takes a limited amount of memory.

Engines that join and group in memory need their inputs in parts; other engines, such as Spark, limit memory themselves.
"""

from collections.abc import Iterator, Mapping
from math import ceil

import polars as pl

ROWS_AT_A_TIME = 2_000_000
"""If inputs are divided into parts, one part has about this many rows of the largest divided input. Joins and sums of
two million rows need less than 1 GB of memory."""


def parts(frames: Mapping[str, pl.LazyFrame], column: str | None) -> Iterator[dict[str, pl.LazyFrame]]:
    """Splits a transform's inputs into parts by the values of `column`; inputs without the column stay whole.

    Args:
        frames: Maps each input's name to its rows.
        column: Column by which the inputs are divided (`Contract.independent_by`); None if no input is to be divided.

    Yields:
        The inputs of one part, with at most about `ROWS_AT_A_TIME` rows of each divided input. There is at least one
        part.
    """
    cut = {name: frame for name, frame in frames.items() if column and column in frame.collect_schema()}
    rows = max((int(frame.select(pl.len()).collect().item()) for frame in cut.values()), default=0)
    count = max(ceil(rows / ROWS_AT_A_TIME), 1)
    if count == 1:
        yield dict(frames)
        return
    for part in range(count):
        mine = pl.col(str(column)).hash() % count == part
        yield {**frames, **{name: frame.filter(mine) for name, frame in cut.items()}}
