"""`gold.movie_features`: every feature of every iteration, from facts of the film and records of its makers.

How a feature is computed is in `film_facts` and `histories`; its meaning, group and regime in the contract.
"""

from typing import Any

import narwhals as nw

from imdb_assets.transforms import film_facts
from imdb_assets.transforms.histories import (
    crew_form,
    earlier_years,
    first_billed,
    pooled_features,
    team,
    whole_career,
)

_DIRECTOR = ("film_count", "mean_rating", "max_rating", "min_rating", "rating_std", "mean_log_votes")
_DIRECTOR_MORE = ("shrunk_rating", "career_years", "gap_years")
_WRITER = ("film_count", "mean_rating", "shrunk_rating", "max_rating", "mean_log_votes")
_CAST = ("film_count", "mean_rating", "shrunk_rating", "max_rating", "min_rating", "mean_log_votes")


def movie_features(
    *,
    movies: nw.LazyFrame[Any],
    credits: nw.LazyFrame[Any],  # noqa: A002 - named like the table
    director_reputation: nw.LazyFrame[Any],
    person_reputation: nw.LazyFrame[Any],
) -> nw.LazyFrame[Any]:
    """One row per film, rated or not.

    Returns:
        Columns of `gold.movie_features`; null where a feature is unknown, never a stand-in value.
    """
    directors = team(movies, credits, "director")
    parts = [
        _features(earlier_years(directors, director_reputation), "director", (*_DIRECTOR, *_DIRECTOR_MORE)),
        _features(whole_career(directors, director_reputation), "director_career", _DIRECTOR),
        _features(earlier_years(team(movies, credits, "writer"), _of(person_reputation, "writer")), "writer", _WRITER),
        _features(
            earlier_years(first_billed(team(movies, credits, "cast")), _of(person_reputation, "cast")), "cast", _CAST
        ),
        crew_form(credits),
    ]
    features = movies.select(
        "tconst",
        "average_rating",
        *film_facts.title_facts(),
        *film_facts.interactions(),
        *film_facts.votes(),
        *film_facts.title_form(),
    )
    for part in parts:
        features = features.join(part, on="tconst", how="left")
    return features


def _features(pooled: nw.LazyFrame[Any], prefix: str, columns: tuple[str, ...]) -> nw.LazyFrame[Any]:
    return pooled.select("tconst", **pooled_features(prefix, columns))


def _of(person_reputation: nw.LazyFrame[Any], role: str) -> nw.LazyFrame[Any]:
    return person_reputation.filter(nw.col("role") == role).drop("role")
