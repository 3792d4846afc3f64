"""Which of IMDb's ids are in a set: exact, and twenty times smaller and faster than a join on the text.

Only for counting. An id stays text everywhere else: as a number it would lose its leading zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

SHORT, LONG = 7, 8  # digits after the two letters
SEATS = 10**SHORT + 10**LONG
"""One for each id of seven digits, then one for each of eight."""


@dataclass(frozen=True)
class IdSet:
    """Ids of one kind: a bit of a byte for every id that there can be."""

    _has: NDArray[np.bool_]

    @classmethod
    def of(cls, ids: pl.LazyFrame) -> "IdSet":
        """The ids in the only column of a frame."""
        has = np.zeros(SEATS, dtype=np.bool_)
        for seats, _ in _seats(ids):
            has[seats] = True
        return cls(has)

    def count_lost(self, ids: pl.LazyFrame) -> tuple[int, int, int]:
        """How many ids there are, how many of them are not in this set, and how many different ones those are.

        Args:
            ids: One column of ids, or of lists of them; nulls are no ids. Text that is no id is counted as lost.
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
    """The ids' places in a set, batch by batch, and how many texts were no ids."""
    (name, dtype), *_ = ids.collect_schema().items()
    texts = (ids.explode(name) if isinstance(dtype, pl.List) else ids).select(pl.col(name).alias("id")).drop_nulls()
    digits = pl.col("id").str.slice(2)
    number = digits.cast(pl.UInt32, strict=False)
    seat = (
        pl.when(digits.str.len_bytes() == SHORT)
        .then(number)
        .when(digits.str.len_bytes() == LONG)
        .then(number + 10**SHORT)
    )
    for batch in texts.select(seat.alias("seat")).collect_batches(maintain_order=False, engine="streaming"):
        seats = batch["seat"].drop_nulls()
        yield seats.to_numpy(), batch.height - len(seats)
