"""Running totals over strictly earlier years, for anything that has a history, such as people or words of titles.

Callers decide whose histories are made and which values are added up; this module only makes the totals point-in-time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import narwhals as nw

from imdb_assets.contracts.gold import OPEN_YEAR


class Extreme(NamedTuple):
    """How to compute a column's running extreme."""

    kind: Literal["max", "min"]
    beyond: int
    """A value beyond all real ones, which stands for "no value"."""


def totals_of_earlier_years(
    own: nw.LazyFrame[Any], key: Sequence[str], sums: Sequence[str], extremes: Mapping[str, Extreme] | None = None
) -> nw.LazyFrame[Any]:
    """Replaces the values of each row by totals over the rows of strictly earlier years with the same key.

    Sums are running totals without the row's own values. Extremes are the running extremes up to the previous row; a
    join finds that row, because a shift within groups costs Polars more.

    Args:
        own: One row per `key` and `year`, with the values of that year as whole 64-bit numbers without nulls.
        key: Columns that identify a history, such as a person's id.
        sums: Columns to add up. The result is 0 if there are no earlier rows.
        extremes: Columns of which the running maximum or minimum is computed. The result is null in a key's first row,
            and `beyond` where earlier rows exist but none has a value.

    Returns:
        The rows of `own`, and one more row for each key, which has totals over all years and stands for any later year.
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
