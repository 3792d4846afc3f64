"""Chooses the rating that counts for a title; the choice is the same for films, series and episodes."""

from typing import Any

import narwhals as nw


def one_per_title(title_ratings: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One rating for each title that has votes: of several ratings, the one with the most votes, then the highest one.

    Returns:
        Columns `tconst`, `average_rating` and `num_votes`.
    """
    return (
        title_ratings.filter(nw.col("numVotes") > 0)
        .unique(["tconst"], keep="last", order_by=["numVotes", "averageRating"])
        .select("tconst", average_rating=nw.col("averageRating"), num_votes=nw.col("numVotes"))
    )
