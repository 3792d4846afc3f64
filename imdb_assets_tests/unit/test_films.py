"""The films that tests of models are given."""

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.silver import Movies
from imdb_assets_tests.films import movie_features, silver


def test_generated_films_keep_the_contract() -> None:
    assert MovieFeatures.is_valid(movie_features())
    assert Movies.is_valid(silver()[0])
