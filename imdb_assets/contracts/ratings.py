"""Ratings: the columns that all tables of titles have in common; their history, and the views over it."""

from typing import ClassVar

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import TCONST, Contract, one_of, source

_RATING = ("bronze.title_ratings.tconst", "bronze.title_ratings.numVotes")
"""Columns that join a title to its rating and decide whether the rating counts; without votes it does not."""


RATED = {"rating_comes_with_votes": nw.col("average_rating").is_null() == nw.col("num_votes").is_null()}
"""A row has both a rating and votes, or neither."""


def average_rating_of_title() -> dy.Float64:
    """The column for a title's rating."""
    return dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Weighted average of users' votes, 1-10; null while unrated.",
        metadata=source(*_RATING, "bronze.title_ratings.averageRating"),
    )


def num_votes_of_title() -> dy.Int32:
    """The column for a title's number of votes."""
    return dy.Int32(nullable=True, min=1, description="Number of votes; null while unrated.", metadata=source(*_RATING))


class RatingHistory(Contract):
    """How ratings moved: one row per title and day on which its rating or number of votes changed.

    A day is the date of a dump of ratings. The first day has a row for every rated title. A row holds from its day
    until the title's next row; `warehouse.rating_periods` shows both ends. A row also says by how
    much the values changed, so that a week's rows tell what moved in that week. Rows are kept for good.

    Nothing that the model learns from may read this table: it knows what a film was rated later.
    """

    table = "silver.rating_history"
    rules: ClassVar = RATED
    partition_by = "valid_from"
    incremental = True

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata=source("bronze.title_ratings.tconst")
    )
    valid_from = dy.Date(primary_key=True, description="Date of the dump that first had this rating.")
    average_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Rating, 1-10; null from the day on which the dump no longer rates the title.",
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
        description="Rating minus the rating before this day; null if the title had none before or has none now.",
        metadata=source(*_RATING, "bronze.title_ratings.averageRating"),
    )
    votes_change = dy.Int32(
        nullable=True,
        description="Votes minus the votes before this day; null if rating_change is null.",
        metadata=source(*_RATING),
    )


_OF_HISTORY = "silver.rating_history."


def _history(*columns: str) -> dict[str, list[str]]:
    """Metadata of a column that is computed from these columns of the history."""
    return source(*(_OF_HISTORY + column for column in columns))


_MOVED = _history("rating_change", "tconst")
_BAND = source("silver.movies.num_votes", *(_OF_HISTORY + name for name in ("num_votes", "votes_change", "tconst")))


class RatingPeriods(Contract):
    """The history with both ends of each period: a title's rating, its first day, and the first day after it.

    One row per title and period. Query single titles (`where tconst = …`), because the whole view is as long as the
    history.
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
        description="First day after the period; null for the current one.",
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
    """What rose and fell in the seven days up to the last dump: at most 500 titles each way, the largest change first.

    Only titles with at least 100 votes on both days.
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
    """How long ratings take to settle: how far films' ratings moved in four weeks, by votes and age at the start.

    One row per band of votes and age that has films with a rating at both ends.
    """

    table = "warehouse.rating_settling"

    band = dy.Int32(
        primary_key=True,
        min=1,
        max=4,
        description="Number of the band of votes, from the fewest votes to the most.",
        metadata=_BAND,
    )
    votes = dy.String(
        regex=one_of("under 100", "100 to 999", "1,000 to 9,999", "10,000 and more"),
        description="Band of votes at the start of the four weeks, in words.",
        metadata=_BAND,
    )
    age_years = dy.Int32(
        primary_key=True,
        min=0,
        max=10,
        description="Years since the year of release; 10 stands for 10 or more; films not yet released count as 0.",
        metadata=source("silver.movies.start_year", f"{_OF_HISTORY}valid_from"),
    )
    films = dy.Int64(min=1, description="Number of films.")
    mean_movement = dy.Float64(
        min=0, max=9, description="Mean of the absolute changes, rating points.", metadata=_MOVED
    )
    settled_share = dy.Float64(
        min=0, max=1, description="Share of films whose rating moved by at most 0.1.", metadata=_MOVED
    )
