"""Running totals of strictly earlier years, for whatever has a history: people, words, genres.

What has a history, and what is summed up, is said by the callers; here is only what makes it point-in-time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import narwhals as nw

from imdb_assets.contracts.gold import OPEN_YEAR


class Extreme(NamedTuple):
    """How a column's running extreme is taken."""

    kind: Literal["max", "min"]
    beyond: int
    """A value beyond any real one, that rows without a value hold."""


def totals_of_earlier_years(
    own: nw.LazyFrame[Any], key: Sequence[str], sums: Sequence[str], extremes: Mapping[str, Extreme] | None = None
) -> nw.LazyFrame[Any]:
    """What came before: replaces each row's values by those of the same key's strictly earlier years together.

    Sums are the running totals without the row's own; extremes are those up to the row before, which a join finds: a
    shift within groups costs Polars more.

    Args:
        own: One row per `key` and `year` with that year's values, all of them whole 64-bit numbers, none null.
        key: What has a history.
        sums: Columns that add up; 0 without earlier rows.
        extremes: Columns of which the extreme is kept; null or `beyond` without earlier values.

    Returns:
        The rows of `own`, and for each key one of the open year, with everything.
    """
    kinds = {name: extreme.kind for name, extreme in (extremes or {}).items()}
    whole = {name: nw.col(name).max() if kind == "max" else nw.col(name).min() for name, kind in kinds.items()}
    open_rows = (
        own.group_by(*key)
        .agg(*(nw.col(name).sum() for name in sums), **whole)
        .select(*key, nw.lit(OPEN_YEAR).cast(nw.Int32).alias("year"), *sums, *kinds)
    )
    totals = {name: nw.col(name).cum_sum().over(*key, order_by="year") - nw.col(name) for name in sums}
    if not kinds:
        return nw.concat([own.select(*key, "year", **totals), open_rows])
    place = nw.col("year").cum_count().over(*key, order_by="year").cast(nw.Int64)
    running = {
        name: (nw.col(name).cum_max() if kind == "max" else nw.col(name).cum_min()).over(*key, order_by="year")
        for name, kind in kinds.items()
    }
    before = own.select(*key, place=place + 1, **running)
    rows = own.select(*key, "year", place=place, **totals).join(before, on=[*key, "place"], how="left")
    return nw.concat([rows.select(*key, "year", *sums, *kinds), open_rows])
