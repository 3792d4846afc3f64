"""`silver.credits`: the people who worked on the films of `silver.movies`, from two dumps.

Directors and writers come from `title_crew`; rows of `title_principals` for these two roles are ignored.
"""

from typing import Any

import narwhals as nw

CAST_CATEGORIES = ("actor", "actress", "self")
"""Categories of `title_principals` that form the role `cast`; documentaries use `self` for people on screen."""

CREW_ROLES = {"director": "directors", "writer": "writers"}
"""Maps each role to the column of `title_crew` that lists the people with this role."""

PERSON_ID = r"\Anm[0-9]{7,8}\z"
"""Pattern of a person id, in syntax that Rust (Polars) and Java (Spark) read alike. The pattern is needed because
bronze does not check the ids in crew lists."""


def credits(  # noqa: A001 - named like the table
    *, movies: nw.LazyFrame[Any], title_crew: nw.LazyFrame[Any], title_principals: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """One row per film, person and role, even if the dumps repeat a credit.

    Because `title_principals` has 100 million rows, `title_principals` and `title_crew` are first filtered to the rows
    of films. The columns `job` and `characters` are not read.

    Returns:
        Columns of `silver.credits`; `billing_order` is null for directors and writers.
    """
    crew = [crew_credits(movies, title_crew, role) for role in CREW_ROLES]
    return once_per_role(nw.concat([*crew, _principals(movies, title_principals)]))


def once_per_role(credit_rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Removes credits with an invalid person id, and keeps one row of each repeated credit."""
    return (
        credit_rows.filter(nw.col("nconst").str.contains(PERSON_ID))
        .group_by("tconst", "nconst", "role")
        .agg(nw.col("billing_order").min())
    )


def crew_credits(movies: nw.LazyFrame[Any], title_crew: nw.LazyFrame[Any], role: str) -> nw.LazyFrame[Any]:
    """One row per entry of the films' lists of directors or writers, with the columns of `silver.credits`."""
    return (
        title_crew.select("tconst", nconst=nw.col(CREW_ROLES[role]))
        .join(movies.select("tconst"), on="tconst", how="semi")
        .explode("nconst")
        .select("tconst", "nconst", role=nw.lit(role), billing_order=nw.lit(None).cast(nw.Int32))
    )


def _principals(movies: nw.LazyFrame[Any], title_principals: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    category = nw.col("category")
    role = nw.when(category.is_in(CAST_CATEGORIES)).then(nw.lit("cast")).otherwise(category)
    return (
        title_principals.select("tconst", "nconst", "category", "ordering")
        .filter(~category.is_null(), ~category.is_in(list(CREW_ROLES)))
        .join(movies.select("tconst"), on="tconst", how="semi")
        .select("tconst", "nconst", role=role, billing_order=nw.col("ordering").cast(nw.Int32))
    )
