"""No feature of a film may know that film's rating or anything of its year or later, to the bit."""

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.ml import expectation
from imdb_assets.ml.iterations import feature_metadata
from imdb_assets.serving import bundle, records
from imdb_assets.transforms.features import movie_features
from imdb_assets_tests.tables import run, table
from imdb_assets_tests.unit.catalogues import FIRST_YEAR, LAST_YEAR, RATINGS, Catalogue, catalogues, rating_changes

_REGIMES = {name: metadata["regime"] for name, metadata in feature_metadata().items()}
PRE_RELEASE = [name for name, regime in _REGIMES.items() if regime == "pre-release"]
HONEST = [name for name, regime in _REGIMES.items() if regime != "leaky"]
CAREER = [name for name, regime in _REGIMES.items() if regime == "leaky"]


def _rows(frame: pl.DataFrame, columns: list[str]) -> list[tuple[object, ...]]:
    return frame.select("tconst", *columns).rows()


@settings(deadline=None, max_examples=30)  # a busy machine is no failure; each example runs five transforms
@given(st.data(), catalogues(min_films=2), st.integers(FIRST_YEAR, LAST_YEAR))
def test_the_present_and_the_future_leave_a_films_features_alone(
    data: st.DataObject, catalogue: Catalogue, year: int
) -> None:
    later = catalogue.movies.filter(pl.col("start_year") >= year)["tconst"].to_list()
    changed = catalogue.with_ratings(data.draw(rating_changes(later)))
    changed = changed.with_films(data.draw(catalogues(first_id=101, first_year=year)))
    before, after = catalogue.features(), changed.features()
    for features, films in ((before, catalogue.movies), (after, changed.movies)):
        assert features["tconst"].to_list() == films["tconst"].sort().to_list(), "one row of each film"
    known = pl.col("start_year") <= year, pl.col("tconst").is_in(catalogue.movies["tconst"].implode())
    assert _rows(after.filter(*known), PRE_RELEASE) == _rows(before.filter(*known), PRE_RELEASE)


@settings(deadline=None, max_examples=30)  # a busy machine is no failure; each example runs five transforms
@given(st.data(), catalogues(min_films=1, rated=True), RATINGS)
def test_a_films_own_rating_is_in_the_career_of_its_directors_and_nowhere_else(
    data: st.DataObject, catalogue: Catalogue, rating: float
) -> None:
    film = data.draw(st.sampled_from(catalogue.movies.to_dicts()))
    assume(rating != film["average_rating"])
    own = pl.col("tconst") == film["tconst"]
    before = catalogue.features().filter(own)
    after = catalogue.with_ratings({film["tconst"]: (rating, film["num_votes"])}).features().filter(own)
    assert _rows(after, HONEST) == _rows(before, HONEST)
    directed = not catalogue.credits.filter(own, pl.col("role") == "director").is_empty()
    assert (_rows(after, CAREER) != _rows(before, CAREER)) == directed


def test_no_films_have_no_rows_of_features() -> None:
    assert Catalogue(table(Movies, []), table(Credits, [])).features().is_empty()


@settings(deadline=None, max_examples=15)  # a busy machine is no failure; each example runs twelve transforms
@given(st.data(), catalogues(min_films=1), st.integers(FIRST_YEAR - 1, LAST_YEAR + 1))
def test_a_described_film_has_the_features_it_would_have_in_the_catalogue(
    data: st.DataObject, catalogue: Catalogue, year: int
) -> None:
    described = data.draw(catalogues(first_id=101, first_year=year, last_year=year, min_films=1, max_films=1))
    among = catalogue.with_films(described).features().filter(pl.col("tconst") == "tt0000101")
    tables = catalogue.tables()
    films, coefficients = described.movies.lazy(), expectation.fit(catalogue.movies.lazy()).lazy()
    looked_up = {
        name: records.as_of(tables[name], records.keys_of(contract), [year])
        for name, contract in bundle.RECORDS.items()
    }
    inputs = {
        "movies": described.movies,
        "credits": described.credits,
        "rating_expectation": expectation.expect(films, coefficients),
        **looked_up,
    }
    alone = run(movie_features, MovieFeatures, inputs)
    assert _rows(alone, HONEST) == _rows(among, HONEST)
