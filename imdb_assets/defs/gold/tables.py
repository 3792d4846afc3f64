"""Gold: people's point-in-time records and the features of every film."""

from imdb_assets.contracts.expectation import ResidualReputation, TitleWordReputation
from imdb_assets.contracts.gold import DirectorReputation, MovieFeatures, PersonReputation
from imdb_assets.defs.table_asset import table_asset
from imdb_assets.transforms.features import movie_features as features_transform
from imdb_assets.transforms.reputation import director_reputation as director_transform
from imdb_assets.transforms.reputation import person_reputation as person_transform
from imdb_assets.transforms.residuals import residual_reputation as residual_transform
from imdb_assets.transforms.title_words import title_word_reputation as title_words_transform

director_reputation = table_asset(DirectorReputation, director_transform, inputs=["silver.movies", "silver.credits"])
person_reputation = table_asset(PersonReputation, person_transform, inputs=["silver.movies", "silver.credits"])
residual_reputation = table_asset(
    ResidualReputation,
    residual_transform,
    inputs=["silver.movies", "silver.credits", "gold.rating_expectation"],
)
title_word_reputation = table_asset(
    TitleWordReputation, title_words_transform, inputs=["silver.movies", "gold.rating_expectation"]
)
movie_features = table_asset(
    MovieFeatures,
    features_transform,
    inputs=[
        "silver.movies",
        "silver.credits",
        "gold.director_reputation",
        "gold.person_reputation",
        "gold.rating_expectation",
        "gold.residual_reputation",
        "gold.title_word_reputation",
    ],
)
