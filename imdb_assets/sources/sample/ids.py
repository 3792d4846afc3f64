"""IMDb's ids: they are drawn as numbers, sorted like strings, and formatted only when they are written."""

from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample.genres import Ints

CROWD = 100  # a cluster is a range of 100 id numbers
SEVEN_DIGITS = 10_000_000  # smaller id numbers are written with seven digits, larger ones with eight


def draw_ids(
    rng: np.random.Generator, count: int, last: int, *, density: float, reserved: tuple[str, ...] = ()
) -> Ints:
    """Draws distinct id numbers, in ascending order.

    Args:
        rng: Random number generator.
        count: Number of ids.
        last: The highest possible id number. The ids lie in clusters between 1 and `last`.
        density: Mean share of a cluster's numbers that become ids. Thanks to the clusters, neighbouring ids are as
            close to each other in a small sample as in a large sample, so samples of all sizes compress equally well.
        reserved: Ids that must not be drawn.
    """
    taken = np.array([int(name[2:]) for name in reserved], dtype=np.int64)
    wanted = count + len(taken)
    crowds = np.sort(rng.choice(last // CROWD, min(last, ceil(wanted / density)) // CROWD + 1, replace=False))
    drawn = np.sort(rng.choice(len(crowds) * CROWD, wanted, replace=False, shuffle=False).astype(np.int32))
    numbers = crowds.astype(np.int32)[drawn // CROWD] * CROWD + drawn % CROWD + 1
    free = numbers[~np.isin(numbers, taken)]
    return free[np.arange(count) * len(free) // count]


def order_as_text(numbers: Ints) -> Ints:
    """Returns the indices that sort id numbers in the order of IMDb's files, which compare ids as strings."""
    wide = numbers.astype(np.int64)
    # "1234567" stands before "12345670", and both before "1234568".
    key = np.where(wide < SEVEN_DIGITS, 20 * wide, 2 * wide + 1)
    return np.argsort(key, kind="stable").astype(np.int32)


def format_ids(prefix: str, numbers: NDArray[np.integer]) -> pl.Series:
    """Formats numbers as IMDb ids: the prefix and at least seven digits."""
    return (prefix + pl.Series("id", numbers).cast(pl.String).str.zfill(7)).alias("id")


def format_some_ids(prefix: str, numbers: NDArray[np.integer]) -> pl.Series:
    """Like `format_ids`, but turns 0 into null, and saves time by formatting repeated numbers only once."""
    present, place = np.unique(numbers, return_inverse=True)
    ids = format_ids(prefix, present)
    return ids.set(pl.Series(present == 0), None).gather(place.astype(np.uint32))
