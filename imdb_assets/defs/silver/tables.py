"""Silver: films, their credits, people and releases; series and their episodes."""

from typing import Any

import dagster as dg
import narwhals as nw
import polars as pl

from imdb_assets.contracts.people import People
from imdb_assets.contracts.series import Episodes, Series
from imdb_assets.contracts.silver import Credits, Movies, Releases
from imdb_assets.defs.checks import table_check
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.table_asset import transformed
from imdb_assets.lake.table import Table
from imdb_assets.transforms.credits import credits as credits_transform
from imdb_assets.transforms.movies import movie_funnel
from imdb_assets.transforms.movies import movies as movies_transform
from imdb_assets.transforms.people import people as people_transform
from imdb_assets.transforms.releases import releases as releases_transform
from imdb_assets.transforms.series import episodes as episodes_transform
from imdb_assets.transforms.series import series as series_transform

CRITICAL_COLUMNS = ["primary_title", "start_year", "runtime_minutes", "genres", "average_rating", "num_votes"]
"""The fields that the source document calls critical; the check counts only films with a rating."""
MIN_COMPLETENESS = 0.99
"""The source document demands that at least this share of the clean films has a value in each critical column."""

MAY_LACK_SERIES = 0.01
"""Largest share of episodes that may have no series before a check warns: ten times the share in IMDb's files."""


def _funnel(*, title_basics: Table, title_ratings: Table) -> dict[str, Any]:
    steps = movie_funnel(
        title_basics=nw.from_native(title_basics.scan()), title_ratings=nw.from_native(title_ratings.scan())
    )
    frame: pl.DataFrame = steps.to_native().sort("step").collect(engine="streaming")
    kept = frame.with_columns((pl.col("rows") / pl.col("rows").first()).alias("share of all titles"))
    return {"funnel": markdown_table(kept), "clean films": frame["rows"][-1]}


movies = transformed(Movies, movies_transform, reads=["bronze.title_basics", "bronze.title_ratings"], describe=_funnel)
movie_credits = transformed(
    Credits, credits_transform, reads=["silver.movies", "bronze.title_crew", "bronze.title_principals"]
)
releases = transformed(Releases, releases_transform, reads=["silver.movies", "bronze.title_akas"])
people = transformed(People, people_transform, reads=["silver.credits", "bronze.name_basics"])
series = transformed(Series, series_transform, reads=["bronze.title_basics", "bronze.title_ratings"])
episodes = transformed(
    Episodes, episodes_transform, reads=["bronze.title_episode", "bronze.title_basics", "bronze.title_ratings"]
)


def critical_columns_complete(movies: Table) -> dg.AssetCheckResult:
    """At least 99 % of clean films have a value in each critical column."""
    rated = movies.scan().filter(pl.col("average_rating").is_not_null())
    complete = rated.select(pl.col(CRITICAL_COLUMNS).is_not_null().mean()).collect().row(0, named=True)
    return dg.AssetCheckResult(
        passed=all(share is not None and share >= MIN_COMPLETENESS for share in complete.values()),
        metadata={
            name: dg.MetadataValue.float(share if share is not None else 0.0) for name, share in complete.items()
        },
        description=f"Lowest: {min(share or 0.0 for share in complete.values()):.2%}.",
    )


completeness = table_check(critical_columns_complete, asset="silver.movies", reads=["silver.movies"])


def episodes_have_series(episodes: Table, series: Table) -> dg.AssetCheckResult:
    """At most 1 % of the episodes belong to a series that silver.series lacks; the table keeps even these episodes."""
    known = pl.col("series_tconst").is_in(series.scan().select("tconst").collect()["tconst"].implode())
    counts = {
        "episodes": pl.len(),
        "no series": (~known).sum(),
        "no title": pl.col("primary_title").is_null().sum(),
        "unknown season": pl.col("season_number").is_null().sum(),
    }
    found = episodes.scan().select(**counts).collect(engine="streaming").row(0, named=True)
    share = found["no series"] / max(1, found["episodes"])
    return dg.AssetCheckResult(
        passed=share <= MAY_LACK_SERIES,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{share:.2%} of the episodes belong to no series in silver.series.",
        metadata={name: dg.MetadataValue.int(count) for name, count in found.items()},
    )


series_of_episodes = table_check(
    episodes_have_series, asset="silver.episodes", reads=["silver.episodes", "silver.series"]
)
