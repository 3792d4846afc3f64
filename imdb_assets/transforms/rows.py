"""Functions on rows for several transforms; most of them make Polars and Spark give the same result.

This module knows nothing about particular tables.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl


def first_row(frame: nw.LazyFrame[Any], key: Sequence[str], order: dict[str, nw.Expr]) -> nw.LazyFrame[Any]:
    """Keeps the first row per `key` in the given order. Nulls come first, so that every engine keeps the same row.

    Args:
        frame: Rows in any order. Any number of rows may share a key, and these rows may be equal or different.
        key: Columns whose combined values are unique in the result.
        order: Maps a name for each sort column to the expression by which rows are sorted. An expression must not give
            a list, because engines order lists differently. If several rows have equal values of all expressions, any
            of these rows may be kept.
    """
    keys, columns = list(key), frame.collect_schema().names()
    # Only the few rows that share a key are sorted, because sorting all rows would need memory for all of them.
    repeated = frame.select(*keys).group_by(*keys).agg(_rows=nw.len()).filter(nw.col("_rows") > 1).select(*keys)
    names = {f"_order_{name}": expression for name, expression in order.items()}
    lowest = (
        frame.join(repeated, on=keys, how="semi")
        .with_columns(**names)
        .unique(keys, keep="first", order_by=list(names))
        .select(*columns)
    )
    return nw.concat([frame.join(repeated, on=keys, how="anti").select(*columns), lowest])


def computed_once(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Makes Polars compute a small frame only once, even if a query uses the frame several times.

    Without this function, Polars would scan the inputs of `first_row` a second time to find repeated keys. For other
    engines, the frame is returned unchanged.
    """
    native = frame.to_native()
    return nw.from_native(native.cache()) if isinstance(native, pl.LazyFrame) else frame


def list_order(name: str) -> dict[str, nw.Expr]:
    """Expressions for sorting rows by a list of strings: the list's length, least value and greatest value."""
    column = nw.col(name)
    return {
        f"{name}_length": column.list.len(),
        f"{name}_least": column.list.min(),
        f"{name}_greatest": column.list.max(),
    }


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, 0 where it does not, null where it is unknown."""
    return condition.cast(nw.Int32)


def known(condition: nw.Expr) -> nw.Expr:
    """The condition, with null (unknown) replaced by false."""
    return condition.fill_null(value=False)
