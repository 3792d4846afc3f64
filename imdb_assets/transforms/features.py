"""`gold.movie_features`: the features of all iterations, computed from the film's facts and its makers' records.

`film_facts`, `histories` and `title_words` compute the features; the contract states each feature's meaning, group and
regime.
"""

from typing import Any

import narwhals as nw

from imdb_assets.transforms import film_facts
from imdb_assets.transforms.histories import (
    crew_form,
    earlier_years,
    first_billed,
    pooled_features,
    residual_features,
    team,
    whole_career,
    whole_team,
)
from imdb_assets.transforms.residuals import ANY_ROLE
from imdb_assets.transforms.title_words import title_features


def movie_features(  # noqa: PLR0913 - one argument for each input table
    *,
    movies: nw.LazyFrame[Any],
    credits: nw.LazyFrame[Any],  # noqa: A002 - named like the table
    director_reputation: nw.LazyFrame[Any],
    person_reputation: nw.LazyFrame[Any],
    rating_expectation: nw.LazyFrame[Any],
    residual_reputation: nw.LazyFrame[Any],
    title_word_reputation: nw.LazyFrame[Any],
) -> nw.LazyFrame[Any]:
    """One row per film, rated or not.

    A film's features are computed only from its own rows and from the records of its people and title words. Rows of
    other films are not needed, so a film that a user describes can have features, too. For a described film, the caller
    makes rows of `movies` and `credits`, computes the film's expectation with `ml.expectation.expect`, and selects the
    records that are valid in the film's year with `serving.records.as_of`.

    Returns:
        Columns of `gold.movie_features`. Unknown features are null; no value is substituted.
    """
    directors, writers = team(movies, credits, "director"), team(movies, credits, "writer")
    cast = first_billed(team(movies, credits, "cast"))
    parts = [
        _features("director", earlier_years(directors, director_reputation)),
        _features("director_career", whole_career(directors, director_reputation)),
        _features("writer", earlier_years(writers, _of(person_reputation, "writer"))),
        _features("cast", earlier_years(cast, _of(person_reputation, "cast"))),
        crew_form(credits),
        _expectation(rating_expectation),
        title_features(movies, title_word_reputation),
        residual_features("team", whole_team(directors, writers, cast), _of(residual_reputation, ANY_ROLE)),
        residual_features("director", directors, _of(residual_reputation, "director")),
        residual_features("writer", writers, _of(residual_reputation, "writer")),
        residual_features("cast", cast, _of(residual_reputation, "cast")),
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


def _features(prefix: str, pooled: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return pooled.select("tconst", **pooled_features(prefix))


def _expectation(rating_expectation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return rating_expectation.select(
        "tconst",
        "expected_log_votes",
        expected_rating=nw.col("e0"),
        expected_rating_with_votes=nw.col("e1"),
    )


def _of(reputation: nw.LazyFrame[Any], role: str) -> nw.LazyFrame[Any]:
    return reputation.filter(nw.col("role") == role).drop("role")
