"""Random small catalogues for property tests: few people and few years, so that histories meet often."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from hypothesis import strategies as st

from imdb_assets.contracts.expectation import ResidualReputation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.ml import expectation
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets.transforms.residuals import residual_reputation
from imdb_assets.transforms.title_words import title_word_reputation
from imdb_assets_tests.tables import Rows, credit, film, run, table

PEOPLE = tuple(f"nm000000{digit}" for digit in range(5))
FIRST_YEAR, LAST_YEAR = 2000, 2005

_TEAM = st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3)
RATINGS = st.integers(10, 100).map(lambda tenths: tenths / 10)


@dataclass(frozen=True)
class Catalogue:
    """Films and credits as the silver tables."""

    movies: pl.DataFrame
    credits: pl.DataFrame

    def with_films(self, other: "Catalogue") -> "Catalogue":
        """Both catalogues in one; the films must differ."""
        return Catalogue(pl.concat([self.movies, other.movies]), pl.concat([self.credits, other.credits]))

    def with_ratings(self, ratings: dict[str, tuple[float | None, int | None]]) -> "Catalogue":
        """The same films, some with another rating and vote count."""
        rows = self.movies.to_dicts()
        for row in rows:
            if row["tconst"] in ratings:
                row["average_rating"], row["num_votes"] = ratings[row["tconst"]]
        return replace(self, movies=table(Movies, rows))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Everything that `gold.movie_features` is made of, by asset name."""
        inputs = {"movies": self.movies, "credits": self.credits}
        films = self.movies.lazy()
        expected = {"rating_expectation": expectation.expect(films, expectation.fit(films).lazy())}
        return {
            **inputs,
            **expected,
            "director_reputation": run(director_reputation, DirectorReputation, inputs),
            "person_reputation": run(person_reputation, PersonReputation, inputs),
            "residual_reputation": run(residual_reputation, ResidualReputation, inputs | expected),
            "title_word_reputation": run(
                title_word_reputation, TitleWordReputation, {"movies": self.movies, **expected}
            ),
        }

    def features(self) -> pl.DataFrame:
        """`gold.movie_features` of this catalogue, by way of all records."""
        return run(movie_features, MovieFeatures, self.tables())


@st.composite
def catalogues(
    draw: st.DrawFn,
    *,
    first_id: int = 1,
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
    min_films: int = 0,
    max_films: int = 8,
    rated: bool = False,
) -> Catalogue:
    """Some films with ids from `first_id` on and years from `first_year` on."""
    films: Rows = []
    credit_rows: Rows = []
    ratings = RATINGS if rated else st.none() | RATINGS
    for number in range(first_id, first_id + draw(st.integers(min_films, max_films))):
        tconst = f"tt{number:07}"
        year = draw(st.integers(first_year, last_year))
        films.append(film(tconst, year, draw(ratings), draw(st.integers(1, 3_000_000))))
        for role in ("director", "writer"):
            credit_rows += [credit(tconst, nconst, role) for nconst in draw(_TEAM)]
        credit_rows += [credit(tconst, nconst, "cast", draw(st.integers(1, 9))) for nconst in draw(_TEAM)]
    return Catalogue(table(Movies, films), table(Credits, credit_rows))


def rating_changes(tconsts: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A new rating and vote count, or none, for some of the films."""
    if not tconsts:
        return st.just({})
    news = st.just((None, None)) | st.tuples(RATINGS, st.integers(1, 3_000_000))
    return st.dictionaries(st.sampled_from(tconsts), news)
