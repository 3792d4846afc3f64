"""Reasons: they add up to the prediction, and families are the contract's."""

import numpy as np
import polars as pl
import pytest

from imdb_assets.ml import iterations, reasons, splits, training
from imdb_assets_tests.films import movie_features
from imdb_assets_tests.unit.test_ml_champions import model


@pytest.mark.parametrize("regime", iterations.REGIMES)
def test_reasons_and_base_add_up_to_the_prediction(regime: iterations.Regime) -> None:
    films = splits.clean(movie_features())
    said = model().reasons(regime, films)
    predicted = model().predict(regime, films)
    inside = (predicted > training.LOWEST) & (predicted < training.HIGHEST)
    total = said.base + said.contributions.sum(axis=1)
    assert np.abs(total - predicted)[inside].max() < 1e-4
    assert said.contributions.shape == (films.height, len(said.families))
    assert len(set(said.families)) == len(said.families)


def test_a_director_of_good_films_speaks_for_a_film() -> None:
    films = splits.clean(movie_features()).drop_nulls("director_mean_rating").sort("director_mean_rating")
    said = model().reasons("pre-release", pl.concat([films[:1], films[-1:]]))
    bad, good = (dict(said.of(film))["director's record"] for film in (0, 1))
    assert bad < 0 < good
    strongest = said.of(1)
    assert [abs(value) for _, value in strongest] == sorted((abs(value) for _, value in strongest), reverse=True)


def test_a_reason_in_words() -> None:
    assert str(reasons.Reason("director's record", 0.421)) == "director's record +0.42"
    assert str(reasons.Reason("votes", -0.3)) == "votes -0.30"


def test_a_matrix_gives_the_reasons_of_its_rows() -> None:
    films = splits.clean(movie_features())[:5]
    features = model().record.regimes["with votes"].features
    by_name, by_position = (model().reasons("with votes", rows) for rows in (films, training.matrix(films, features)))
    np.testing.assert_array_equal(by_name.contributions, by_position.contributions)


@pytest.mark.parametrize(
    ("feature", "family"),
    [
        ("director_gap_years", "director's record"),
        ("director_votes_residual", "director's record"),
        ("director_count", "director's record"),
        ("writer_count", "writers' record"),
        ("writer_is_director", "writers' record"),
        ("cast_mean_log_votes", "cast"),
        ("team_votes_residual", "team's record"),
        ("drama_x_comedy", "genre"),
        ("genre_film_noir", "genre"),
        ("runtime_x_genre_count", "runtime"),
        ("year_x_horror", "year"),
        ("log_votes_x_runtime", "votes"),
        ("original_title_differs", "title"),
        ("title_residual_with_votes", "title"),
        ("expected_log_votes", "films like it"),
        ("expected_rating_with_votes", "films like it, with as many votes"),
    ],
)
def test_the_contract_names_a_features_family(feature: str, family: str) -> None:
    assert iterations.feature_metadata()[feature]["family"] == family
