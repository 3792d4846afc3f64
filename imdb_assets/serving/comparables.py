"""Films to compare a prediction with: the well-known ones that are most like it.

Among the most-voted films of the catalogue, first those of the same genres, then those that differ in one, and so on;
among equals the nearest by year, runtime and what the makers' earlier films were rated. Each of these counts in units
of its spread among the well-known; where one of the two films lacks a value they are one spread apart.
"""

from pathlib import Path

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.transforms.film_facts import GENRES

WELL_KNOWN = 20_000
"""Most-voted films: enough for five of each set of genres, few enough that most are remembered by someone."""
SHOWN = 5
NEAR = ("start_year", "runtime_minutes", "director_shrunk_rating", "writer_shrunk_rating", "cast_shrunk_rating")
"""Features of nearness; all pre-release, so that they are there for any film."""
COLUMNS = [*NEAR, *GENRES]
"""Features that a film is compared by."""


class Comparable(BaseModel):
    """A well-known film like the one asked about."""

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
        """Reads the file; from `write`."""
        films = pl.read_parquet(file)
        self._films = films.select("tconst", "title", "start_year", "rating")
        self._near = _numbers(films, NEAR)
        spread = np.nanstd(self._near, axis=0) if films.height else np.ones(len(NEAR))
        self._spread = np.where(spread > 0, spread, 1)
        self._genres = _numbers(films, GENRES)

    def of(self, film: pl.DataFrame) -> list[Comparable]:
        """Up to five films like this one, most alike first.

        Args:
            film: One row with `tconst` and `COLUMNS`.
        """
        apart = (self._near - _numbers(film, NEAR)) / self._spread
        both_unknown = np.isnan(self._near) & np.isnan(_numbers(film, NEAR))
        distance = np.sum(np.nan_to_num(apart, nan=1.0) ** 2 * ~both_unknown, axis=1)
        other_genres = np.abs(self._genres - _numbers(film, GENRES)).sum(axis=1)
        order = np.lexsort((distance, other_genres))[: SHOWN + 1]
        rows = self._films[order].filter(pl.col("tconst") != film["tconst"][0]).head(SHOWN)
        return [Comparable(**row) for row in rows.to_dicts()]


def _numbers(films: pl.DataFrame, names: "tuple[str, ...] | dict[str, str]") -> np.ndarray:
    """float64, shape (films, names), NaN where unknown."""
    return films.select(pl.col(name).cast(pl.Float64) for name in names).to_numpy()
