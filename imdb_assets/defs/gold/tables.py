"""Gold: people's point-in-time records and the features of every film."""

from imdb_assets.contracts.expectation import ResidualReputation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.defs.table_asset import transformed
from imdb_assets.transforms.features import movie_features as features_transform
from imdb_assets.transforms.reputation import director_reputation as director_transform
from imdb_assets.transforms.reputation import person_reputation as person_transform
from imdb_assets.transforms.residuals import residual_reputation as residual_transform
from imdb_assets.transforms.title_words import title_word_reputation as title_words_transform

director_reputation = transformed(DirectorReputation, director_transform, reads=["silver.movies", "silver.credits"])
person_reputation = transformed(PersonReputation, person_transform, reads=["silver.movies", "silver.credits"])
residual_reputation = transformed(
    ResidualReputation,
    residual_transform,
    reads=["silver.movies", "silver.credits", "gold.rating_expectation"],
)
title_word_reputation = transformed(
    TitleWordReputation, title_words_transform, reads=["silver.movies", "gold.rating_expectation"]
)
movie_features = transformed(
    MovieFeatures,
    features_transform,
    reads=[
        "silver.movies",
        "silver.credits",
        "gold.director_reputation",
        "gold.person_reputation",
        "gold.rating_expectation",
        "gold.residual_reputation",
        "gold.title_word_reputation",
    ],
)
