"""`gold.residual_reputation`: by how much a person's earlier films beat expectations; recent films count most.

A film of year y has the weight 1000 (1 / 0.95) ^ (y - 1900), rounded. A film weighs 0.95 times as much as a film that
came out one year later. Because only the ratios of weights matter, weights need not change as time passes, and running
totals are plain sums. Weights, residuals and sums are whole numbers, so adding up involves no rounding.
"""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.earlier import totals_of_earlier_years

DECAY = 0.95
"""Factor by which the weight of a film is multiplied for each year that the film is older. The weight halves in 13
years, which is about the time in which a career changes."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Films from before the first year get the weight of the first year, and films from after the last year get the weight
of the last year. The weights need these limits, because a dump may have any year."""
WEIGHT_OF_FIRST_YEAR = 1000
"""The smallest weight: the weight of films from `FIRST_YEAR`. All weights are rounded to whole numbers; rounding
changes a weight of 1000 or more by less than a thousandth. The largest weight is 2.9e7 (in 2100), and the largest
residual is 9e6 millionths. A 64-bit sum has room for 35,000 films that all have the largest weight and the largest
residual, or for a million films from 2030 that all have the largest residual."""

ROLES = ("director", "writer", "cast")
ANY_ROLE = "any"

SUMS = ("film_count", "weight_sum", "residual0_sum", "residual1_sum", "votes_residual_sum")
"""Columns of a record that can be added up over years and people."""


def weight(year: nw.Expr) -> nw.Expr:
    """The weight of a film of the given `year`, as a whole number."""
    age = year.clip(FIRST_YEAR, LAST_YEAR) - FIRST_YEAR
    return (nw.lit(1 / DECAY) ** age.cast(nw.Float64) * WEIGHT_OF_FIRST_YEAR + 0.5).floor().cast(nw.Int64)


def residual_reputation(
    *,
    movies: nw.LazyFrame[Any],
    credits: nw.LazyFrame[Any],  # noqa: A002 - named like the table
    rating_expectation: nw.LazyFrame[Any],
) -> nw.LazyFrame[Any]:
    """Records per person and role: a row for each year with a film, and one row for all years after the last film.

    The role `any` stands for all roles of a person together.

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
    """One row per film, person and role; each person of a film also has a row with the role `any`."""
    roles = credit_rows.filter(nw.col("role").is_in(ROLES)).select("tconst", "nconst", "role")
    together = roles.select("tconst", "nconst").unique().select("tconst", "nconst", role=nw.lit(ANY_ROLE))
    return nw.concat([roles, together])


def weighted_residuals(movies: nw.LazyFrame[Any], rating_expectation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per film: its `year`, and the amounts to add to the records of its makers and words (0 if unrated)."""
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
