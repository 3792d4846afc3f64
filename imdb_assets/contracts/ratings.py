"""Ratings: the columns that all tables of titles share, the history of ratings, and the views over this history."""

from typing import ClassVar

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import TCONST, Contract, one_of, source

_RATING = ("bronze.title_ratings.tconst", "bronze.title_ratings.numVotes")
"""Columns that join a title to its rating and decide whether the rating is used; a rating without votes is ignored."""


RATED = {"rating_comes_with_votes": nw.col("average_rating").is_null() == nw.col("num_votes").is_null()}
"""A row has both a rating and votes, or neither."""


def average_rating_of_title() -> dy.Float64:
    """Declares the column for a title's rating."""
    return dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Weighted average of users' votes, 1-10; null while unrated.",
        metadata=source(*_RATING, "bronze.title_ratings.averageRating"),
    )


def num_votes_of_title() -> dy.Int32:
    """Declares the column for a title's number of votes."""
    return dy.Int32(nullable=True, min=1, description="Number of votes; null while unrated.", metadata=source(*_RATING))


class RatingHistory(Contract):
    """How ratings moved: one row per title and day on which the title's rating or number of votes changed.

    A day is the date of a dump of ratings. On the history's first day, every rated title has a row. A row is valid from
    its day until the title's next row; `warehouse.rating_periods` shows both ends of this period. A row also says by
    how much the rating and the votes differ from the title's previous row, so the rows of a week show which ratings
    changed in the week. Rows are never removed.

    Nothing that the model learns from may be computed from this table, because a model must not know a film's later
    ratings.
    """

    table = "silver.rating_history"
    rules: ClassVar = RATED
    partition_by = "valid_from"
    incremental = True

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata=source("bronze.title_ratings.tconst")
    )
    valid_from = dy.Date(primary_key=True, description="Date of the first dump with this rating and number of votes.")
    average_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Rating, 1-10; null if the title is no longer rated.",
        metadata=source(*_RATING, "bronze.title_ratings.averageRating"),
    )
    num_votes = dy.Int32(
        nullable=True,
        min=1,
        description="Number of votes; null if the rating is null.",
        metadata=source(*_RATING),
    )
    rating_change = dy.Float64(
        nullable=True,
        min=-9,
        max=9,
        description="Rating minus the title's rating before the row's day; null if either rating is missing.",
        metadata=source(*_RATING, "bronze.title_ratings.averageRating"),
    )
    votes_change = dy.Int32(
        nullable=True,
        description="Number of votes minus the number before the row's day; null if rating_change is null.",
        metadata=source(*_RATING),
    )


_OF_HISTORY = "silver.rating_history."


def _history(*columns: str) -> dict[str, list[str]]:
    """Metadata of a column that is computed from the given columns of `silver.rating_history`."""
    return source(*(_OF_HISTORY + column for column in columns))


_MOVED = _history("rating_change", "tconst")
_BAND = source("silver.movies.num_votes", *(_OF_HISTORY + name for name in ("num_votes", "votes_change", "tconst")))


class RatingPeriods(Contract):
    """The history of ratings as periods: each row has a rating, its first day, and the day after its last day.

    One row per title and period. Query single titles (`where tconst = …`), because the view has as many rows as
    `silver.rating_history`.
    """

    table = "warehouse.rating_periods"
    rules: ClassVar = {
        "periods_do_not_end_before_they_begin": nw.col("valid_to").is_null()
        | (nw.col("valid_to") > nw.col("valid_from"))
    }
    checked_where = "tconst like '%000'"

    tconst = dy.String(primary_key=True, regex=TCONST, description="Title id.", metadata=_history("tconst"))
    valid_from = dy.Date(primary_key=True, description="First day of the period.", metadata=_history("valid_from"))
    valid_to = dy.Date(
        nullable=True,
        description="First day after the period; null for the current period.",
        metadata=_history("tconst", "valid_from"),
    )
    average_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Rating; null while the title had no rating.",
        metadata=_history("average_rating"),
    )
    num_votes = dy.Int32(
        nullable=True,
        min=1,
        description="Number of votes; null while the title had no rating.",
        metadata=_history("num_votes"),
    )


class RatingMovers(Contract):
    """Titles whose rating rose or fell in the seven days up to the last dump: at most 500 rises and 500 falls.

    The view lists the titles with the largest changes, among titles that had at least 100 votes at both ends of the
    seven days.
    """

    table = "warehouse.rating_movers"

    direction = dy.String(
        primary_key=True,
        regex=one_of("rose", "fell"),
        description="Whether the rating rose or fell.",
        metadata=_MOVED,
    )
    place = dy.Int64(
        primary_key=True,
        min=1,
        max=500,
        description="Rank; 1 is the largest change.",
        metadata=_history("num_votes", "rating_change", "tconst"),
    )
    tconst = dy.String(regex=TCONST, description="Title id.", metadata=_history("tconst"))
    kind = dy.String(
        nullable=True, description="IMDb's type of the title.", metadata=source("bronze.title_basics.titleType")
    )
    primary_title = dy.String(nullable=True, description="Title.", metadata=source("bronze.title_basics.primaryTitle"))
    rating_before = dy.Float64(
        min=1,
        max=10,
        description="Rating seven days before the last dump.",
        metadata=_history("average_rating", "rating_change", "tconst"),
    )
    average_rating = dy.Float64(
        min=1, max=10, description="Rating in the last dump.", metadata=_history("average_rating")
    )
    change = dy.Float64(description="average_rating minus rating_before, rating points.", metadata=_MOVED)
    votes_before = dy.Int32(
        min=100,
        description="Votes seven days before the last dump.",
        metadata=_history("num_votes", "votes_change", "tconst"),
    )
    num_votes = dy.Int32(min=1, description="Votes in the last dump.", metadata=_history("num_votes"))


class RatingSettling(Contract):
    """How long ratings take to settle: how far films' ratings moved in the last four weeks, grouped by votes and age.

    Films are grouped by their age and their band of votes (a range, such as 100 to 999 votes) at the start of the
    four weeks; one row per group. The four weeks end with the last dump of the history. Only films that had a rating at
    the start and at the end of the four weeks are included.
    """

    table = "warehouse.rating_settling"

    band = dy.Int32(
        primary_key=True,
        min=1,
        max=4,
        description="Number of the band of votes; 1 is the band with the fewest votes.",
        metadata=_BAND,
    )
    votes = dy.String(
        regex=one_of("under 100", "100 to 999", "1,000 to 9,999", "10,000 and more"),
        description="How many votes a film of the band had at the start of the four weeks, as a range.",
        metadata=_BAND,
    )
    age_years = dy.Int32(
        primary_key=True,
        min=0,
        max=10,
        description="Years from the year of release to the start of the four weeks; 10 stands for 10 or more, and 0 "
        "includes films that were not yet released.",
        metadata=source("silver.movies.start_year", f"{_OF_HISTORY}valid_from"),
    )
    films = dy.Int64(min=1, description="Number of films.")
    mean_movement = dy.Float64(
        min=0, max=9, description="Mean absolute change of the ratings, rating points.", metadata=_MOVED
    )
    settled_share = dy.Float64(
        min=0, max=1, description="Share of films whose rating moved by at most 0.1.", metadata=_MOVED
    )
