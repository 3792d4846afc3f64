"""`gold.residual_reputation`: how much a person's earlier films beat what was expected of them, recent ones most.

A film of year y weighs (1 / 0.95) ^ (y - 1900), so that a film one year older weighs 0.95 of one that is not, seen from
any later year alike: what decays are the weights' ratios, and running totals stay plain sums. Weights and residuals are
whole numbers, and so are the sums; nothing is rounded on the way.
"""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.earlier import totals_of_earlier_years

DECAY = 0.95
"""Of a film's weight a year: half in 13 years, about the time in which a career changes."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Films before and after weigh as those of these years: bounds the weights, whatever year a dump may claim."""
WEIGHT_OF_FIRST_YEAR = 1000
"""Rounded to whole numbers, weights are true to a thousandth. At most 2.9e7 (in 2100); times the largest residual,
9e6 millionths, a 64-bit sum holds 35,000 such films, and a million of 2030."""

ROLES = ("director", "writer", "cast")
ANY_ROLE = "any"

SUMS = ("film_count", "weight_sum", "residual0_sum", "residual1_sum", "votes_residual_sum")
"""Columns of a record that add up, over years and over people."""


def weight(year: nw.Expr) -> nw.Expr:
    """What a film of that year weighs, a whole number."""
    age = year.clip(FIRST_YEAR, LAST_YEAR) - FIRST_YEAR
    return (nw.lit(1 / DECAY) ** age.cast(nw.Float64) * WEIGHT_OF_FIRST_YEAR + 0.5).floor().cast(nw.Int64)


def residual_reputation(
    *,
    movies: nw.LazyFrame[Any],
    credits: nw.LazyFrame[Any],  # noqa: A002 - named like the table
    rating_expectation: nw.LazyFrame[Any],
) -> nw.LazyFrame[Any]:
    """One row per person, role (`any` is all three together) and year with a film, and an open row each.

    Returns:
        Columns of `gold.residual_reputation`.
    """
    person = ("nconst", "role")
    own = (
        _roles(credits)
        .join(weighted_residuals(movies, rating_expectation), on="tconst", how="inner")
        .group_by(*person, "year")
        .agg(*(nw.col(name).sum() for name in SUMS))
    )
    return totals_of_earlier_years(own, person, SUMS)


def _roles(credit_rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Film, person and role, and each person of a film once more with role `any`."""
    roles = credit_rows.filter(nw.col("role").is_in(ROLES)).select("tconst", "nconst", "role")
    together = roles.select("tconst", "nconst").unique().select("tconst", "nconst", role=nw.lit(ANY_ROLE))
    return nw.concat([roles, together])


def weighted_residuals(movies: nw.LazyFrame[Any], rating_expectation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per film with its `year`: what it adds to the records of its makers and words; zeros while unrated."""
    residual = nw.col("residual0_micro")
    rated = (~residual.is_null()).cast(nw.Int64)
    of_year = weight(nw.col("year"))
    return (
        movies.select("tconst", year=nw.col("start_year"))
        .join(rating_expectation, on="tconst", how="left")
        .select(
            "tconst",
            "year",
            film_count=rated,
            weight_sum=rated * of_year,
            residual0_sum=(of_year * residual).fill_null(0),
            residual1_sum=(of_year * nw.col("residual1_micro")).fill_null(0),
            votes_residual_sum=(of_year * nw.col("votes_residual_micro")).fill_null(0),
        )
    )
