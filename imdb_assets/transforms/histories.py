"""Features of a film's makers. For each film, the team members' records in `gold.*_reputation` are pooled.

All values are whole numbers until the last step, which is a division or a root. Because whole numbers add up
exactly, every run gives exactly the same features. If a film has no credits for a role, the features of that role are
null, because a missing list does not mean that nobody had the role. If no member of a team has an earlier rated film,
the team's film count is 0, and features that cannot be computed are null.
"""

from typing import Any

import narwhals as nw

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.transforms import residuals
from imdb_assets.transforms.reputation import SUMS
from imdb_assets.transforms.rows import flag

PRIOR_TENTHS = 62
"""Rating, in tenths, that is assumed for a team without history: a constant close to the mean rating of rated films.
The exact mean rating would let each film's own rating leak into its features."""

PRIOR_FILMS = 2
"""In a shrunk mean, the assumed rating counts as much as this number of films. A weight of one to three films is right,
because ratings differ about as much between the films of a director as between directors."""

BILLED_CAST = 6
"""Number of actors per film whose records are used: the first-billed actors, as on posters. Less prominent actors would
add noise, and few films before 2024 list less prominent actors."""

_RESIDUALS = {
    "residual": "residual0_sum",
    "residual_with_votes": "residual1_sum",
    "votes_residual": "votes_residual_sum",
}
"""Maps each residual feature of a team to the column of the members' records from which the feature is computed."""


def team(movies: nw.LazyFrame[Any], credit_rows: nw.LazyFrame[Any], role: str) -> nw.LazyFrame[Any]:
    """The people who have `role` in each film: columns `tconst`, `nconst`, `billing_order`, and the film's `year`."""
    films = movies.select("tconst", year=nw.col("start_year"))
    return (
        credit_rows.filter(nw.col("role") == role)
        .select("tconst", "nconst", "billing_order")
        .join(films, on="tconst", how="inner")
    )


def first_billed(cast: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The first `BILLED_CAST` people of each film's cast; people with the same billing position are ordered by id."""
    place = nw.col("nconst").cum_count().over("tconst", order_by=["billing_order", "nconst"])
    return cast.with_columns(place=place).filter(nw.col("place") <= BILLED_CAST).drop("place")


def earlier_years(members: nw.LazyFrame[Any], reputation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One record per film, which pools the team's films from the years before the film's own year."""
    return _pool(members.join(reputation, on=["nconst", "year"], how="left"))


def whole_career(members: nw.LazyFrame[Any], reputation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One record per film, pooled from the team's films of all years; the film itself is one of those films."""
    return _pool(members.join(reputation.filter(nw.col("year") == OPEN_YEAR).drop("year"), on="nconst", how="left"))


def pooled_features(prefix: str) -> dict[str, nw.Expr]:
    """Maps each feature `{prefix}_…` of the contract to an expression that computes it from a pooled record."""
    count = nw.col("film_count")
    tenths, squares = nw.col("rating_tenths_sum"), nw.col("rating_tenths_sq_sum")
    tenths_of_films = nw.when(count > 0).then(count.cast(nw.Float64) * 10)
    expressions = {
        "film_count": count,
        "mean_rating": tenths.cast(nw.Float64) / tenths_of_films,
        # `round` is needed because Polars computes 56 / 10 as 56 * (1 / 10), which is 5.6000000000000005.
        "max_rating": (nw.col("rating_tenths_max").cast(nw.Float64) / 10).round(1),
        "min_rating": (nw.col("rating_tenths_min").cast(nw.Float64) / 10).round(1),
        "rating_std": (count * squares - tenths * tenths).cast(nw.Float64).sqrt() / tenths_of_films,
        "mean_log_votes": nw.col("log_votes_micro_sum").cast(nw.Float64)
        / nw.when(count > 0).then(count.cast(nw.Float64) * 1e6),
        "shrunk_rating": (tenths + PRIOR_FILMS * PRIOR_TENTHS).cast(nw.Float64)
        / ((count + PRIOR_FILMS) * 10).cast(nw.Float64),
        "career_years": nw.col("year") - nw.col("first_year"),
        "gap_years": nw.col("year") - nw.col("last_year"),
    }
    asked = MovieFeatures.column_names()
    return {f"{prefix}_{name}": expression for name, expression in expressions.items() if f"{prefix}_{name}" in asked}


def whole_team(*roles: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Combines the members of several teams; each person appears once per film."""
    return nw.concat([role.select("tconst", "nconst", "year") for role in roles]).unique()


def residual_features(prefix: str, members: nw.LazyFrame[Any], records: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per film: by how much, on average, the team's earlier films exceeded what was expected of them.

    The columns are `{prefix}_recent_films`, `…_residual`, `…_residual_with_votes` and `…_votes_residual`.

    Args:
        prefix: Prefix of the column names; the prefix names the team.
        members: The people of each film's team: columns `tconst`, `nconst` and the film's `year`.
        records: Rows of `gold.residual_reputation` for one role.
    """
    sums = ("weight_sum", *_RESIDUALS.values())
    this_year = residuals.weight(nw.col("year"))
    films = (nw.col("weight_sum") + PRIOR_FILMS * this_year).cast(nw.Float64)
    return (
        members.join(records.select("nconst", "year", *sums), on=["nconst", "year"], how="left")
        .group_by("tconst")
        .agg(nw.col("year").max(), *(nw.col(name).sum() for name in sums))
        .select(
            "tconst",
            (nw.col("weight_sum").cast(nw.Float64) / this_year.cast(nw.Float64)).alias(f"{prefix}_recent_films"),
            *(
                (nw.col(total).cast(nw.Float64) / (films * 1e6)).alias(f"{prefix}_{name}")
                for name, total in _RESIDUALS.items()
            ),
        )
    )


def crew_form(credit_rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Columns of the feature group `form` that describe the crew, one row per film.

    The features are null if the film's list of directors or writers is missing.
    """
    role = nw.col("role")
    both = nw.col("directs") * nw.col("writes")
    directors, writers = nw.col("directors"), nw.col("writers")
    return (
        credit_rows.filter(role.is_in(["director", "writer"]))
        .select("tconst", "nconst", directs=flag(role == "director"), writes=flag(role == "writer"))
        .group_by("tconst", "nconst")
        .agg(nw.col("directs").max(), nw.col("writes").max())
        .select("tconst", "directs", "writes", both=both)
        .group_by("tconst")
        .agg(directors=nw.col("directs").sum(), writers=nw.col("writes").sum(), both=nw.col("both").max())
        .select(
            "tconst",
            director_count=nw.when(directors > 0).then(directors),
            writer_count=nw.when(writers > 0).then(writers),
            writer_is_director=nw.when(directors > 0, writers > 0).then(nw.col("both")),
        )
    )


def _pool(records: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Pools the records of each film's makers into one record per film.

    Sums are added, so a film that two members of the team made together counts twice.
    """
    return records.group_by("tconst").agg(
        nw.col("year").max(),
        *(nw.col(name).cast(nw.Int64).sum() for name in SUMS),
        nw.col("rating_tenths_max").max(),
        nw.col("rating_tenths_min").min(),
        nw.col("first_year").min(),
        nw.col("last_year").max(),
    )
