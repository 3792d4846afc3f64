"""Generated films for the tests of `imdb_assets.ml` and of what is built on it."""

from functools import cache

import numpy as np
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.silver import Movies
from imdb_assets.ml import evaluation, intervals, iterations, splits
from imdb_assets.ml.intervals import Intervals

FILMS = 3_000
GENRES = ("Action", "Comedy", "Documentary", "Drama", "Horror")


@cache
def movie_features(films: int = FILMS) -> pl.DataFrame:
    """Rows of `gold.movie_features`, a tenth of them unrated; ratings follow genre, runtime, votes and history."""
    random = np.random.default_rng(7)
    year = random.integers(1960, 2023, films)
    latent = random.normal(0, 0.7, films)
    history = np.where(random.random(films) < 0.4, np.nan, 6 + latent + random.normal(0, 0.5, films))
    drama, runtime = random.integers(0, 2, films), random.integers(60, 180, films)
    votes = np.exp(random.normal(6, 2, films) + latent).astype(np.int64) + 5
    rating = 6 + latent + 0.4 * drama + (runtime - 120) / 100 + 0.1 * np.log(votes) - 0.6 + random.normal(0, 0.4, films)
    rated = random.random(films) < 0.9
    values: dict[str, object] = {
        "tconst": [f"tt{number:07d}" for number in random.permutation(films) + 1],
        "average_rating": pl.Series(np.round(np.clip(rating, 1, 10), 1)).set(pl.Series(~rated), None),
        "start_year": year,
        "decade": year // 10 * 10,
        "runtime_minutes": runtime,
        "genre_drama": drama,
        "runtime_x_drama": runtime * drama,
        "num_votes": pl.Series(votes).set(pl.Series(~rated), None),
        "log_votes": pl.Series(np.log(votes)).set(pl.Series(~rated), None),
        "director_mean_rating": pl.Series(history).fill_nan(None),
        "director_film_count": np.where(np.isnan(history), 0, random.integers(1, 9, films)),
        "director_career_mean_rating": pl.Series(rating),
    }
    schema = polars_schema(MovieFeatures)
    for name in iterations.feature_metadata():
        values.setdefault(name, random.integers(0, 2, films))
    return pl.DataFrame(values).select(schema.names()).cast(schema)


@cache
def scores() -> pl.DataFrame:
    """Rows of `models.iterations` for the films above, with v4's leak declared."""
    leaking = {chosen.name: 4 if chosen.name == "v4" else 0 for chosen in iterations.ITERATIONS}
    return evaluation.evaluate_iterations(movie_features(), leaking)


def known_intervals(name: str) -> Intervals:
    """Intervals of an iteration's model, as if it had predicted six for every film above."""
    films = splits.clean(movie_features())
    features = iterations.features(iterations.iteration(name))
    return intervals.calibrate(films, features, np.full(films.height, 6.0))


def silver(films: int = 400) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `silver.movies` and `silver.credits` whose people make films on both sides of the split year."""
    random = np.random.default_rng(11)
    year = random.integers(2008, 2024, films)
    tconst = [f"tt{number:07d}" for number in range(1, films + 1)]
    movies = pl.DataFrame(
        {
            "tconst": tconst,
            "primary_title": [f"Film {number}" for number in range(films)],
            "original_title": [f"Film {number}" for number in range(films)],
            "start_year": year,
            "decade": year // 10 * 10,
            "runtime_minutes": random.integers(60, 180, films),
            "genres": [[GENRES[number % len(GENRES)]] for number in range(films)],
            "average_rating": np.round(random.uniform(1, 10, films), 1),
            "num_votes": random.integers(5, 10_000, films),
        }
    )
    movies = movies.cast(polars_schema(Movies))
    credits_ = [
        {
            "tconst": film,
            "nconst": f"nm{base + random.integers(0, 40):07d}",
            "role": role,
            "billing_order": order,
        }
        for film in tconst
        for base, role, order in ((1, "director", None), (100, "writer", None), (200, "cast", 1))
    ]
    return movies, pl.DataFrame(credits_, schema_overrides={"billing_order": pl.Int32})
