"""`silver.series` and `silver.episodes`: all series and episodes that are not adult titles."""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.ratings import one_per_title
from imdb_assets.transforms.rows import computed_once, first_row, known, list_order

KINDS = ("tvSeries", "tvMiniSeries")
"""IMDb's title types that have episodes."""


def series(*, title_basics: nw.LazyFrame[Any], title_ratings: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Every series once, with its rating if it has one. If several rows share an id, every engine keeps the same row.

    Returns:
        Columns of `silver.series`.
    """
    rows = title_basics.filter(known(nw.col("titleType").is_in(KINDS)), known(nw.col("isAdult") == 0)).select(
        "tconst",
        kind=nw.col("titleType"),
        primary_title=nw.col("primaryTitle"),
        original_title=nw.col("originalTitle"),
        start_year=nw.col("startYear"),
        end_year=nw.col("endYear"),
        runtime_minutes=nw.col("runtimeMinutes"),
        genres=nw.col("genres"),
    )
    scalars = ("start_year", "end_year", "runtime_minutes", "primary_title", "original_title", "kind")
    order = {name: nw.col(name) for name in scalars} | list_order("genres")
    rows = computed_once(rows)
    return first_row(rows, ["tconst"], order).join(one_per_title(title_ratings), on="tconst", how="left")


def episodes(
    *, title_episode: nw.LazyFrame[Any], title_basics: nw.LazyFrame[Any], title_ratings: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """Every episode once, with its title, year and rating if the other dumps have them.

    An episode is kept even if the other dumps lack its series or its title, or if its season is unknown.

    Returns:
        Columns of `silver.episodes`.
    """
    rows = title_episode.select(
        "tconst",
        series_tconst=nw.col("parentTconst"),
        season_number=nw.col("seasonNumber"),
        episode_number=nw.col("episodeNumber"),
    )
    titles = title_basics.select(
        "tconst",
        "isAdult",
        primary_title=nw.col("primaryTitle"),
        start_year=nw.col("startYear"),
    )
    place = {name: nw.col(name) for name in ("series_tconst", "season_number", "episode_number")}
    title = {name: nw.col(name) for name in ("start_year", "primary_title", "isAdult")}
    titled = computed_once(rows.join(titles, on="tconst", how="left"))  # small, because the inputs come in parts
    return (
        first_row(titled, ["tconst"], place | title)
        .filter(~known(nw.col("isAdult") == 1))
        .join(one_per_title(title_ratings), on="tconst", how="left")
        .drop("isAdult")
    )
