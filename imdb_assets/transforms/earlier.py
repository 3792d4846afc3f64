"""Running totals over strictly earlier years, for anything that has a history, such as people or words of titles.

The totals for a year leave out that year and all later years. The caller says which columns identify a history, and
which columns to add up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import narwhals as nw

from imdb_assets.contracts.gold import OPEN_YEAR


class Extreme(NamedTuple):
    """How to compute a column's running maximum or minimum."""

    kind: Literal["max", "min"]
    beyond: int
    """A value beyond all real values, which stands for "no value"."""


def totals_of_earlier_years(
    own: nw.LazyFrame[Any], key: Sequence[str], sums: Sequence[str], extremes: Mapping[str, Extreme] | None = None
) -> nw.LazyFrame[Any]:
    """Replaces the values of each row by totals over the rows that have the same key and a strictly earlier year.

    Args:
        own: One row per `key` and `year`, with values of that year alone. Values are whole 64-bit numbers, never null.
        key: Columns that identify a history, such as a person's id.
        sums: Columns to add up; their sums are 0 in a key's first row.
        extremes: Columns of which the running maximum or minimum is computed. The maximum or minimum is null in a key's
            first row. In a key's later rows, the placeholder `Extreme.beyond` stands in for the maximum or minimum
            until an earlier row has a real value.

    Returns:
        The rows of `own`, and one more row for each key. The added row has the totals of all years; its year is
        `OPEN_YEAR`, which stands for all later years.
    """
    running = {name: nw.col(name).cum_sum() for name in sums}
    for name, extreme in (extremes or {}).items():
        running[name] = nw.col(name).cum_max() if extreme.kind == "max" else nw.col(name).cum_min()
    later = own.select(
        *key,
        nw.col("year").shift(-1).over(*key, order_by="year").fill_null(OPEN_YEAR),
        **{name: total.over(*key, order_by="year") for name, total in running.items()},
    )
    nothing = {name: nw.lit(0 if name in sums else None).cast(nw.Int64) for name in running}
    first = own.group_by(*key).agg(nw.col("year").min()).select(*key, "year", **nothing)
    return nw.concat([first, later])
