"""Chooses the rating that counts for a title; the choice is the same for films, series and episodes."""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.rows import first_row


def one_per_title(title_ratings: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One rating for each title that has votes: the rating with the most votes or, among equals, the highest rating.

    Returns:
        Columns `tconst`, `average_rating` and `num_votes`.
    """
    rated = title_ratings.filter(nw.col("numVotes") > 0).select(
        "tconst", average_rating=nw.col("averageRating"), num_votes=nw.col("numVotes")
    )
    return first_row(rated, ["tconst"], {"votes": -nw.col("num_votes"), "rating": -nw.col("average_rating")})
