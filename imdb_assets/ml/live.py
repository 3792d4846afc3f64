"""Predictions compared with reality: films that were predicted while unrated and have been rated since."""

from datetime import date
from typing import NamedTuple

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import LiveAccuracy


class Past(NamedTuple):
    """A past snapshot of `models.predictions`."""

    snapshot_id: int
    published_at: str
    rows: pl.LazyFrame


def arrived(
    movies: pl.LazyFrame,
    past: list[Past],
    known: pl.DataFrame | None,
    dumped: date,
    history: pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """Adds first ratings of films that were predicted while unrated; first ratings recorded earlier stay unchanged.

    A film's first rating is the rating on the first day on which the film was rated; if the history lacks that day,
    today's rating is used.

    Args:
        movies: Today's `silver.movies`.
        past: Snapshots of `models.predictions`, oldest first.
        known: `models.live_accuracy` so far; None if the table does not exist yet.
        dumped: Date of today's dumps.
        history: `silver.rating_history`, which may also have days after `dumped`; None if there is no history.

    Returns:
        Rows of `models.live_accuracy`.
    """
    schema = polars_schema(LiveAccuracy)
    before = known if known is not None else pl.DataFrame(schema=schema)
    rated = movies.filter(pl.col("average_rating").is_not_null()).select(
        "tconst", "num_votes", actual=pl.col("average_rating").cast(pl.Float64)
    )
    waiting = [
        snapshot.rows.filter(pl.col("split") == "unrated")
        .join(rated, on="tconst")
        .with_columns(predictions_snapshot_id=pl.lit(snapshot.snapshot_id), predicted_at=pl.lit(snapshot.published_at))
        .with_columns(order=pl.lit(order))
        .drop("actual")
        .rename({"actual_right": "actual"})
        .collect()
        for order, snapshot in enumerate(past)
    ]
    if not waiting:
        return before
    latest = pl.concat(waiting, how="diagonal").sort("order").unique("tconst", keep="last")
    new = latest.join(before, on="tconst", how="anti").with_columns(arrived_on=pl.lit(dumped))
    if history is not None and not new.is_empty():
        waited = pl.col("tconst").is_in(new["tconst"].implode())
        new = new.update(_first_ratings(history.filter(waited, pl.col("valid_from") <= dumped)), on="tconst")
    new = new.with_columns(
        pl.col("arrived_on").cast(pl.String),
        error=pl.col("predicted") - pl.col("actual"),
        inside=pl.col("actual").is_between("lower", "upper"),
    )
    return pl.concat([before, new.select(schema.names()).cast(schema)]).sort("tconst")


def _first_ratings(history: pl.LazyFrame) -> pl.DataFrame:
    """Each title's first rating since the title was last unrated; titles that are still unrated have no row."""
    unrated = pl.col("valid_from").filter(pl.col("num_votes").is_null()).max().over("tconst")
    return (
        history.filter(unrated.is_null() | (pl.col("valid_from") > unrated))
        .group_by("tconst")
        .agg(pl.all().sort_by("valid_from").first())
        .select("tconst", "num_votes", actual="average_rating", arrived_on="valid_from")
        .collect()
    )
