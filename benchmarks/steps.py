"""Every transform in the order of lineage, for programs that run them without Dagster."""

from typing import NamedTuple

from imdb_assets.contracts import expectation, features, gold, people, series, silver
from imdb_assets.contracts.base import Contract
from imdb_assets.engines.base import Transform
from imdb_assets.transforms.credits import credits  # noqa: A004 - named like the table
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.movies import movies
from imdb_assets.transforms.people import people as people_transform
from imdb_assets.transforms.releases import releases
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets.transforms.residuals import residual_reputation
from imdb_assets.transforms.series import episodes
from imdb_assets.transforms.series import series as series_transform
from imdb_assets.transforms.title_words import title_word_reputation


class Step(NamedTuple):
    """One transform in the order of lineage."""

    transform: Transform
    contract: type[Contract]
    inputs: tuple[str, ...]


STEPS = (
    Step(movies, silver.Movies, ("title_basics", "title_ratings")),
    Step(credits, silver.Credits, ("movies", "title_crew", "title_principals")),
    Step(releases, silver.Releases, ("movies", "title_akas")),
    Step(people_transform, people.People, ("credits", "name_basics")),
    Step(series_transform, series.Series, ("title_basics", "title_ratings")),
    Step(episodes, series.Episodes, ("title_episode", "title_basics", "title_ratings")),
    Step(director_reputation, gold.DirectorReputation, ("movies", "credits")),
    Step(person_reputation, gold.PersonReputation, ("movies", "credits")),
    Step(residual_reputation, expectation.ResidualReputation, ("movies", "credits", "rating_expectation")),
    Step(title_word_reputation, expectation.TitleWordReputation, ("movies", "rating_expectation")),
    Step(
        movie_features,
        features.MovieFeatures,
        (
            "movies",
            "credits",
            "director_reputation",
            "person_reputation",
            "rating_expectation",
            "residual_reputation",
            "title_word_reputation",
        ),
    ),
)
NAMES = [step.contract.table for step in STEPS]
