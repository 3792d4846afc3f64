"""`silver.rating_history`: computes the rows that a day's dump of ratings adds.

A day here is one that has a dump. A title has a row for each day on which its rating or number of votes differs from
the day before; if it is no longer rated, both are null. A day's rows therefore depend only on the day before, and a day
that arrives late changes only its own rows and those of the day after it.
"""

from datetime import date
from typing import Any

import narwhals as nw

from imdb_assets.transforms.ratings import one_per_title

_NO_CHANGE = {"rating_change": nw.lit(None).cast(nw.Float64), "votes_change": nw.lit(None).cast(nw.Int64)}
"""Of a title that had no rating before, or has none now."""
_PER_DAY, _PER_TENTH = 2**40, 2**32
"""Multipliers of the day and the rating when a row is packed into one 64-bit number; the votes take the lowest bits."""


def rating_changes(
    *,
    title_ratings: nw.LazyFrame[Any],
    rating_history: nw.LazyFrame[Any] | None = None,
    day: date,
    next_day: date | None = None,
) -> nw.LazyFrame[Any]:
    """The rows of a day, and of the next day that the history has.

    Args:
        title_ratings: The day's dump, as `bronze.title_ratings`.
        rating_history: The history so far, with or without this day; None if there is none.
        day: The date of the dump.
        next_day: The first later day of the history, if there is one.

    Returns:
        Columns of `silver.rating_history`, to replace the rows of both days; sorted by day and title, because sorted
        ids make small files and fast lookups of a title.
    """
    return _rows(one_per_title(title_ratings), rating_history, day, next_day).sort("valid_from", "tconst")


def _rows(
    now: nw.LazyFrame[Any], rating_history: nw.LazyFrame[Any] | None, day: date, next_day: date | None
) -> nw.LazyFrame[Any]:
    if rating_history is None:
        return now.with_columns(**_NO_CHANGE, valid_from=nw.lit(day))
    rows = _changes(_ratings_on(rating_history.filter(nw.col("valid_from") < day)), now, day)
    if next_day is None:
        return rows
    after = _ratings_on(rating_history.filter(nw.col("valid_from") <= next_day))
    return nw.concat([rows, _changes(now, after, next_day)])


def _ratings_on(rating_history: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The last row of each title, if it has a rating.

    A row is packed into one value that begins with the day, so the greatest value of a title is its last row. This
    avoids sorting years of rows.
    """
    valid_from = nw.col("valid_from").dt
    day = valid_from.year().cast(nw.Int64) * 512 + valid_from.month().cast(nw.Int64) * 32 + valid_from.day()
    tenths = (nw.col("average_rating") * 10 + 0.5).floor().cast(nw.Int64).fill_null(0)
    packed = day * _PER_DAY + tenths * _PER_TENTH + nw.col("num_votes").cast(nw.Int64).fill_null(0)
    last = rating_history.select("tconst", last=packed).group_by("tconst").agg(nw.col("last").max())
    return last.select(
        "tconst",
        average_rating=((nw.col("last") % _PER_DAY // _PER_TENTH).cast(nw.Float64) / 10).round(1),
        num_votes=nw.col("last") % _PER_TENTH,
    ).filter(nw.col("num_votes") > 0)


def _changes(before: nw.LazyFrame[Any], now: nw.LazyFrame[Any], day: date) -> nw.LazyFrame[Any]:
    """Today's ratings that differ from the earlier ones, and a row without rating for each title that lost it."""
    then = before.select("tconst", rating_before="average_rating", votes_before="num_votes")
    both = now.join(then, on="tconst", how="left")
    tenths, tenths_before = ((nw.col(name) * 10).round(0) for name in ("average_rating", "rating_before"))
    votes, votes_before = (nw.col(name).cast(nw.Int64) for name in ("num_votes", "votes_before"))
    same = (tenths == tenths_before) & (votes == votes_before)
    changed = both.filter(~same.fill_null(value=False)).select(
        "tconst",
        "average_rating",
        votes.alias("num_votes"),
        rating_change=((tenths - tenths_before) / 10).round(1),
        votes_change=votes - votes_before,
    )
    lost = before.join(now, on="tconst", how="anti").select(
        "tconst",
        average_rating=nw.lit(None).cast(nw.Float64),
        num_votes=nw.lit(None).cast(nw.Int64),
        **_NO_CHANGE,
    )
    return nw.concat([changed, lost]).with_columns(valid_from=nw.lit(day))
