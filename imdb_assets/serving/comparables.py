"""Films to compare a prediction with: the well-known films that are most similar to the requested film.

The well-known films are the most-voted films of the catalogue. Films with the requested film's genres come first, then
films that differ in one genre, and so on. Films that differ in equally many genres are ordered by their distance from
the requested film in year, runtime and the ratings of the makers' earlier films. Each difference is divided by the
value's standard deviation among the well-known films. If one of the two compared films lacks a value, the divided
difference in this value counts as 1.
"""

from pathlib import Path

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.transforms.film_facts import GENRES

WELL_KNOWN = 20_000
"""Number of well-known films: enough for five films of each combination of genres, and few enough that people know most
of the films."""
SHOWN = 5
NEAR = ("start_year", "runtime_minutes", "director_shrunk_rating", "writer_shrunk_rating", "cast_shrunk_rating")
"""Features from which the distance between two films is computed. All these features are known before release, so
unrated films have these features, too."""
COLUMNS = [*NEAR, *GENRES]
"""The features by which films are compared."""


class Comparable(BaseModel):
    """A well-known film that is similar to the requested film."""

    model_config = ConfigDict(frozen=True)

    tconst: str = Field(description="Title id.", examples=["tt0120815"])
    title: str | None = Field(description="Primary title.", examples=["Saving Private Ryan"])
    start_year: int = Field(description="Year of release.", examples=[1998])
    rating: float = Field(description="Rating on IMDb.", examples=[8.6])


def write(file: Path, *, movies: pl.LazyFrame, features: pl.LazyFrame) -> None:
    """Writes the well-known films of `silver.movies` with their rows of `gold.movie_features`."""
    known = movies.select("tconst", title="primary_title", rating="average_rating", votes="num_votes")
    (
        known.filter(pl.col("rating").is_not_null())
        .sort("votes", "tconst", descending=[True, False])
        .head(WELL_KNOWN)
        .join(features.select("tconst", *COLUMNS), on="tconst", maintain_order="left")
        .drop("votes")
        .sink_parquet(file, compression="zstd")
    )


class Comparables:
    """The well-known films of one model version, in memory."""

    def __init__(self, file: Path) -> None:
        """Reads a file that `write` made."""
        films = pl.read_parquet(file)
        self._films = films.select("tconst", "title", "start_year", "rating")
        self._near = _numbers(films, NEAR)
        spread = np.nanstd(self._near, axis=0) if films.height else np.ones(len(NEAR))
        self._spread = np.where(spread > 0, spread, 1)
        self._genres = _numbers(films, GENRES)

    def of(self, film: pl.DataFrame) -> list[Comparable]:
        """The well-known films most similar to `film`, up to five; `film` is a row with `tconst` and `COLUMNS`."""
        apart = (self._near - _numbers(film, NEAR)) / self._spread
        both_unknown = np.isnan(self._near) & np.isnan(_numbers(film, NEAR))
        distance = np.sum(np.nan_to_num(apart, nan=1.0) ** 2 * ~both_unknown, axis=1)
        other_genres = np.abs(self._genres - _numbers(film, GENRES)).sum(axis=1)
        order = np.lexsort((distance, other_genres))[: SHOWN + 1]
        rows = self._films[order].filter(pl.col("tconst") != film["tconst"][0]).head(SHOWN)
        return [Comparable(**row) for row in rows.to_dicts()]


def _numbers(films: pl.DataFrame, names: "tuple[str, ...] | dict[str, str]") -> np.ndarray:
    """The named columns as a float64 array with one row per film; an unknown value is NaN."""
    return films.select(pl.col(name).cast(pl.Float64) for name in names).to_numpy()
