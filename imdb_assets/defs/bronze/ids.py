"""Counts repeated keys and dangling ids (ids of missing rows) exactly, with little memory and time.

While this module counts ids, it holds the ids as numbers, which take less memory than text. In tables an id stays
text, because a number would lose the id's leading zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

SHORT, LONG = 7, 8  # an id has two letters, followed by seven or eight digits
SEATS = 10**SHORT + 10**LONG
"""Number of positions in a set: one for each id of seven digits, then one for each id of eight digits."""

AT_ONCE = 2**25
"""Number of keys that are sorted together. The keys take 0.25 GiB of memory, or 0.5 GiB during concatenation."""


@dataclass(frozen=True)
class IdSet:
    """A set of ids of one kind, with one boolean for every possible id."""

    _has: NDArray[np.bool_]

    @classmethod
    def of(cls, ids: pl.LazyFrame) -> "IdSet":
        """Collects the ids in the only column of a frame."""
        has = np.zeros(SEATS, dtype=np.bool_)
        for seats, _ in _seats(ids):
            has[seats] = True
        return cls(has)

    def count_lost(self, ids: pl.LazyFrame) -> tuple[int, int, int]:
        """Returns three counts: all ids, ids that the set lacks, and distinct ids that the set lacks.

        Args:
            ids: One column of ids, or of lists of ids. Nulls are not counted. Text that is not an id counts as a
                missing id, but not as a distinct missing id.
        """
        total = lost = 0
        different = np.zeros(SEATS, dtype=np.bool_)
        for seats, no_ids in _seats(ids):
            unknown = seats[~self._has[seats]]
            different[unknown] = True
            total += len(seats) + no_ids
            lost += len(unknown) + no_ids
        return total, lost, int(np.count_nonzero(different))


def _seats(ids: pl.LazyFrame) -> Iterator[tuple[NDArray[np.uint32], int]]:
    """Yields, for each batch of texts, each id's position among all ids, and the number of texts that are not ids."""
    (name, dtype), *_ = ids.collect_schema().items()
    texts = (ids.explode(name) if isinstance(dtype, pl.List) else ids).select(pl.col(name).alias("id")).drop_nulls()
    seat = _seat(pl.col("id")).alias("seat")
    for batch in texts.select(seat).collect_batches(maintain_order=False, engine="streaming"):
        seats = batch["seat"].drop_nulls()
        yield seats.to_numpy(), batch.height - len(seats)


def _seat(text: pl.Expr) -> pl.Expr:
    """An id's position among all ids of its kind; null for text that is not an id."""
    short, long = (text.str.len_bytes() == 2 + digits for digits in (SHORT, LONG))
    number = text.str.slice(2).cast(pl.UInt32, strict=False)
    return pl.when(short | long).then(number + long.cast(pl.UInt32) * 10**SHORT)


def neighbours(rows: pl.LazyFrame, key: list[str]) -> tuple[int, int]:
    """Compares each row's key with the previous row's key; returns the numbers of equal and of lower keys.

    Args:
        rows: Rows in the order of a dump.
        key: One or two columns that identify a row.
    """
    same, lower = pl.lit(value=True), pl.lit(value=False)
    for column in map(pl.col, key):
        lower = lower | (same & (column < column.shift(1)))
        same = same & (column == column.shift(1))
    found = rows.select(same=same.sum(), lower=lower.sum()).collect(engine="streaming")
    repeated, disordered = found.row(0)
    return repeated, disordered


def count_repeated(rows: pl.LazyFrame, key: list[str], height: int) -> int:
    """Counts the rows whose key also occurs in an earlier row; the rows need not be sorted.

    Keys are converted to numbers of eight bytes. The rows are read several times; each time, another group of about
    `AT_ONCE` keys is sorted.

    Args:
        rows: Rows with a column of ids. If the id alone does not identify a row, the rows also have a column of
            numbers.
        key: Name of the column of ids, followed by the name of the column of numbers if there is one.
        height: Number of rows.
    """
    first, *second = key
    number = _seat(pl.col(first)).cast(pl.UInt64)
    for column in second:
        number = number * 2**32 + pl.col(column).cast(pl.UInt64)
    passes = max(1, -(-height // AT_ONCE))
    repeated = 0
    for turn in range(passes):
        ours = rows.select(number.alias("number")).filter(pl.col("number") % passes == turn)
        numbers = np.concatenate(
            [np.empty(0, np.uint64)]
            + [batch["number"].to_numpy() for batch in ours.collect_batches(maintain_order=False, engine="streaming")]
        )
        numbers.sort()
        repeated += int(np.count_nonzero(numbers[1:] == numbers[:-1]))
    return repeated
