"""Reasons: they add up to the prediction, and every feature there is has a family."""

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


def test_every_feature_has_a_family() -> None:
    for name, metadata in iterations.feature_metadata().items():
        assert reasons.family(name, metadata), name


@pytest.mark.parametrize(
    ("feature", "group", "family"),
    [
        ("director_gap_years", "people_history", "director's record"),
        ("director_mean_log_votes", "director_history", "director's record"),
        ("writer_count", "form", "writers' record"),
        ("cast_mean_log_votes", "people_history", "cast"),
        ("drama_x_comedy", "interactions", "genre"),
        ("runtime_x_genre_count", "interactions", "runtime"),
        ("year_x_horror", "interactions", "year"),
        ("log_votes_x_runtime", "votes", "votes"),
        ("original_title_differs", "form", "title"),
        ("whatever", "expectation", "films like it"),
        ("expected_with_votes", "expectation_with_votes", "films like it, with as many votes"),
        ("title_residual_with_votes", "title_words", "title"),
    ],
)
def test_families_by_rule(feature: str, group: str, family: str) -> None:
    assert reasons.family(feature, {"group": group}) == family


def test_a_feature_without_a_family_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"moon_phase \(group sky\) belongs to no family of reasons"):
        reasons.family("moon_phase", {"group": "sky"})
