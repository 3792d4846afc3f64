"""`gold.director_reputation` and `gold.person_reputation`: ratings of a person's earlier films, year by year.

Records hold sums, counts and extremes as whole numbers; `histories` computes the means and shrinks them. A record
for year Y covers only rated films from years before Y.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.transforms.earlier import Extreme, totals_of_earlier_years

SUMS = ("film_count", "rating_tenths_sum", "rating_tenths_sq_sum", "log_votes_micro_sum")
"""Columns of a record that can be added up over years and people; they are zero in a record without films."""

_EXTREMES = {
    "rating_tenths_max": Extreme("max", 0),
    "rating_tenths_min": Extreme("min", 101),
    "first_year": Extreme("min", OPEN_YEAR),
    "last_year": Extreme("max", 0),
}


def director_reputation(*, movies: nw.LazyFrame[Any], credits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:  # noqa: A002
    """Records of directors. A director has a row for each year with a film, and one row for all later years.

    Returns:
        Columns of `gold.director_reputation`.
    """
    return _reputation(movies, credits, ["director"]).drop("role")


def person_reputation(*, movies: nw.LazyFrame[Any], credits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:  # noqa: A002
    """Records of writers and cast: per person and role, a row for each year with a film, and one for all later years.

    Returns:
        Columns of `gold.person_reputation`.
    """
    return _reputation(movies, credits, ["writer", "cast"])


def _reputation(movies: nw.LazyFrame[Any], credit_rows: nw.LazyFrame[Any], roles: Sequence[str]) -> nw.LazyFrame[Any]:
    person = ("nconst", "role")
    known = nw.col("film_count") > 0
    return totals_of_earlier_years(_per_year(movies, credit_rows, roles), person, SUMS, _EXTREMES).select(
        *person, "year", *SUMS, *(nw.when(known).then(nw.col(name)).alias(name) for name in _EXTREMES)
    )


def _per_year(movies: nw.LazyFrame[Any], credit_rows: nw.LazyFrame[Any], roles: Sequence[str]) -> nw.LazyFrame[Any]:
    """One row per person, role and year, made from that year's rated films.

    If a person's films of a year are all unrated, the row's sums are zero, and its extremes are `Extreme.beyond`.
    """
    tenths, log_micro = nw.col("rating_tenths"), nw.col("log_votes_micro")
    rated_year = nw.when(~tenths.is_null()).then(nw.col("year").cast(nw.Int64))
    films = movies.select(
        "tconst",
        year=nw.col("start_year"),
        rating_tenths=(nw.col("average_rating") * 10 + 0.5).floor().cast(nw.Int64),
        log_votes_micro=(nw.col("num_votes").log() * 1e6 + 0.5).floor().cast(nw.Int64),
    )
    return (
        credit_rows.filter(nw.col("role").is_in(roles))
        .select("tconst", "nconst", "role")
        .join(films, on="tconst", how="inner")
        .with_columns(rating_tenths_sq=tenths * tenths, rated_year=rated_year)
        .group_by("nconst", "role", "year")
        .agg(
            film_count=tenths.count(),
            rating_tenths_sum=tenths.sum(),
            rating_tenths_sq_sum=nw.col("rating_tenths_sq").sum(),
            log_votes_micro_sum=log_micro.sum(),
            rating_tenths_max=tenths.max(),
            rating_tenths_min=tenths.min(),
            first_year=nw.col("rated_year").min(),
            last_year=nw.col("rated_year").max(),
        )
        .select(
            "nconst",
            "role",
            "year",
            *(nw.col(name).cast(nw.Int64).fill_null(0) for name in SUMS),
            *(nw.col(name).fill_null(extreme.beyond) for name, extreme in _EXTREMES.items()),
        )
    )
