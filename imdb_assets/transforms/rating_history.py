"""Computes the rows that one day's dump of ratings adds to `silver.rating_history`.

In this module, "the day before" means the last earlier day that has a dump; days without a dump are ignored. A title
has a row for each day on which its rating or number of votes differs from the day before. If a title has lost its
rating, its row has no rating and no number of votes. A day's rows depend only on that day's dump and the ratings of the
day before. If a day's dump arrives late, only the rows of that day and of the next day change.
"""

from datetime import date
from typing import Any

import narwhals as nw

from imdb_assets.transforms.ratings import one_per_title

_NO_CHANGE = {"rating_change": nw.lit(None).cast(nw.Float64), "votes_change": nw.lit(None).cast(nw.Int64)}
"""Values of the columns of changes for a title that had no rating on the day before, or that has lost its rating."""
_PER_DAY, _PER_TENTH = 2**40, 2**32
"""A title's day, rating and number of votes are packed into one 64-bit number. The day and the tenths of the rating are
multiplied by these constants, and the number of votes is added."""


def rating_changes(
    *,
    title_ratings: nw.LazyFrame[Any],
    rating_history: nw.LazyFrame[Any] | None = None,
    day: date,
    next_day: date | None = None,
) -> nw.LazyFrame[Any]:
    """Makes the rows of `day`; if the history has later days, also makes the rows of the first later day.

    Args:
        title_ratings: Rows of `bronze.title_ratings`, made from the day's dump.
        rating_history: The history so far, with or without rows of `day`; None if no history exists.
        day: The date of the dump.
        next_day: The first day after `day` in the history; None if the history has no later day.

    Returns:
        Rows that replace all rows of `day` and `next_day` in `silver.rating_history`, with the columns of that table.
        The rows are sorted by day and title, because sorted ids make files small and lookups of a title fast.
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
    """Each title's rating according to its last row; titles whose last row has no rating are left out.

    To avoid sorting the whole history, each row is packed into one number. The number's highest bits are the day, so a
    title's largest number comes from the title's last row.
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
    """Ratings in `now` that differ from `before`; a title that has lost its rating gets a row with an empty rating."""
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
