"""Making a table part by part, so that what is worked on in memory stays small however large the inputs grow.

For engines that hold in memory what they join and group; others, such as Spark, have ways of their own.
"""

from collections.abc import Iterator, Mapping
from math import ceil

import polars as pl

ROWS_AT_A_TIME = 2_000_000
"""Rows of the largest input that is cut: joins and sums of so many hold less than a gigabyte."""


def parts(frames: Mapping[str, pl.LazyFrame], column: str | None) -> Iterator[dict[str, pl.LazyFrame]]:
    """A transform's inputs, as often as needed: each time those that have the column with other values of it.

    Args:
        frames: The inputs, by name.
        column: `Contract.independent_by` of what is made of them.

    Yields:
        `frames` with those that have the column cut to about `ROWS_AT_A_TIME` rows; at least once.
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
