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
    """A value beyond any real one, that rows without a value hold: extremes start from it."""


def totals_of_earlier_years(
    own: nw.LazyFrame[Any], key: Sequence[str], sums: Sequence[str], extremes: Mapping[str, Extreme] | None = None
) -> nw.LazyFrame[Any]:
    """What came before: replaces each row's values by those of the same key's strictly earlier years together.

    These are the running totals up to the row before. A join finds that row: a shift within groups costs Polars a
    quarter more.

    Args:
        own: One row per `key` and `year` with that year's values, all of them whole 64-bit numbers.
        key: What has a history.
        sums: Columns that add up; 0 without earlier rows.
        extremes: Columns of which the extreme is kept; null or `beyond` without earlier values.

    Returns:
        The rows of `own`, and for each key one of the open year, with everything.
    """
    kinds = extremes or {}
    nothing = {**dict.fromkeys(sums, 0), **{name: extreme.beyond for name, extreme in kinds.items()}}
    open_rows = (
        own.select(*key)
        .unique()
        .with_columns(
            nw.lit(OPEN_YEAR).cast(nw.Int32).alias("year"),
            *(nw.lit(value).cast(nw.Int64).alias(name) for name, value in nothing.items()),
        )
    )
    rows = nw.concat([own.select(*key, "year", *nothing), open_rows])
    place = nw.col("year").cum_count().over(*key, order_by="year").cast(nw.Int64)
    running = {name: nw.col(name).cum_sum() for name in sums}
    for name, (kind, _) in kinds.items():
        running[name] = nw.col(name).cum_max() if kind == "max" else nw.col(name).cum_min()
    totals = rows.select(
        *key, place=place + 1, **{name: total.over(*key, order_by="year") for name, total in running.items()}
    )
    return (
        rows.select(*key, "year", place=place)
        .join(totals, on=[*key, "place"], how="left")
        .select(*key, "year", *(nw.col(name).fill_null(0) for name in sums), *kinds)
    )
