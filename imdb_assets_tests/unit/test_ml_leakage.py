"""The leak check: finds leaks, passes clean features, and refuses to pass when it sees nothing."""

from functools import cache

import polars as pl
import pytest

from imdb_assets.contracts.models import LeakCheck
from imdb_assets.ml import iterations, leakage
from imdb_assets.ml.splits import TEMPORAL_SPLIT_YEAR
from imdb_assets_tests.unit.test_ml_support import silver


@cache
def rebuilt() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Features before noise, after noise in ratings, after noise in votes."""
    movies, people = (table.lazy() for table in silver())
    ratings = leakage.with_noise(movies, "average_rating")
    votes = leakage.with_noise(movies, "num_votes")
    before, noisy_ratings, noisy_votes = (leakage.rebuild_features(films, people) for films in (movies, ratings, votes))
    return before, noisy_ratings, noisy_votes


def _later(value: pl.Expr, year: int = TEMPORAL_SPLIT_YEAR) -> pl.Expr:
    return pl.when(pl.col("start_year") > year).then(value)


def test_noise_replaces_a_third_of_the_later_films_only() -> None:
    movies = silver()[0]
    for column, lowest, highest in (("average_rating", 1, 10), ("num_votes", 5, 1_000_000)):
        noisy = leakage.with_noise(movies.lazy(), column).collect()  # pyright: ignore[reportArgumentType] - literals
        assert noisy.schema == movies.schema
        differs = noisy[column] != movies[column]
        later = movies["start_year"] >= TEMPORAL_SPLIT_YEAR
        assert not differs.filter(~later).any()
        assert 0.2 < differs.filter(later).mean() < 0.4  # pyright: ignore[reportOptionalOperand, reportOperatorIssue] - a mean
        assert noisy[column].drop_nulls().is_between(lowest, highest).all()
    assert noisy["average_rating"].equals(movies["average_rating"])


def test_noisy_ratings_also_unrate_films_after_the_split_year_and_rate_none() -> None:
    movies = silver()[0]
    noisy = leakage.with_noise(movies.lazy(), "average_rating").collect()
    lost = noisy["average_rating"].is_null() & movies["average_rating"].is_not_null()
    assert (movies.filter(lost)["start_year"] > TEMPORAL_SPLIT_YEAR).all()
    assert 0.2 < lost.filter(movies["start_year"] > TEMPORAL_SPLIT_YEAR).mean() < 0.4  # pyright: ignore[reportOptionalOperand, reportOperatorIssue] - a mean
    assert noisy["num_votes"].is_null().equals(noisy["average_rating"].is_null())
    assert noisy.filter(movies["average_rating"].is_null())["average_rating"].is_null().all()


def test_noise_does_not_depend_on_order() -> None:
    movies = silver()[0]
    noisy = leakage.with_noise(movies.lazy(), "average_rating").collect()
    backwards = leakage.with_noise(movies.reverse().lazy(), "average_rating").collect()
    assert backwards.reverse().equals(noisy)


def test_the_projects_own_features_pass_and_v4_fails() -> None:
    checked = leakage.leak_check(*rebuilt())
    assert LeakCheck.is_valid(checked)
    assert checked["feature"].to_list() == list(iterations.feature_metadata())
    assert set(checked.filter("leaks")["group"]) == {"director_career"}
    expected = {chosen.name: 0 for chosen in iterations.ITERATIONS} | {"v4": 6}
    assert leakage.leaking_features(checked) == expected


def test_a_feature_that_knows_its_own_films_rating_is_caught() -> None:
    before, ratings, votes = rebuilt()
    own = pl.col("average_rating").alias("writer_max_rating")
    checked = leakage.leak_check(before.with_columns(own), ratings.with_columns(own), votes.with_columns(own))
    row = checked.row(by_predicate=pl.col("feature") == "writer_max_rating", named=True)
    assert row["leaks"]
    assert row["changed_by_ratings"] > 0
    assert row["changed_by_votes"] == 0


def test_votes_leak_into_pre_release_features_only() -> None:
    before, ratings, votes = rebuilt()
    own = pl.col("num_votes").alias("cast_film_count")
    checked = leakage.leak_check(before.with_columns(own), ratings.with_columns(own), votes.with_columns(own))
    leaks = dict(checked.select("feature", "leaks").iter_rows())
    assert leaks["cast_film_count"]
    assert not leaks["num_votes"]


def test_one_changed_bit_is_a_leak_and_equal_nulls_are_not() -> None:
    before, ratings, votes = rebuilt()
    old = before.filter(pl.col("start_year") == TEMPORAL_SPLIT_YEAR)["tconst"][0]
    nudged = ratings.with_columns(
        pl.when(pl.col("tconst") == old).then(pl.lit(1e-15) + 6).otherwise(6.0).alias("writer_mean_rating"),
        cast_mean_rating=_later(pl.col("cast_mean_rating")),
    )
    same = (
        pl.lit(6.0).alias("writer_mean_rating"),
        _later(pl.col("cast_mean_rating")).alias("cast_mean_rating"),
    )
    checked = leakage.leak_check(before.with_columns(same), nudged, votes.with_columns(same))
    changed = dict(checked.select("feature", "changed_by_ratings").iter_rows())
    assert changed["writer_mean_rating"] == 1
    assert changed["cast_mean_rating"] == 0


def test_a_blind_check_is_refused() -> None:
    before, ratings, votes = rebuilt()
    with pytest.raises(ValueError, match="blind: noisy ratings from 2018 on changed no feature of any later film"):
        leakage.leak_check(before, before, votes)
    with pytest.raises(ValueError, match="blind: noisy votes"):
        leakage.leak_check(before, ratings, before)


def test_other_films_are_refused() -> None:
    before, ratings, votes = rebuilt()
    with pytest.raises(ValueError, match="noisy votes are not the same films"):
        leakage.leak_check(before, ratings, votes.head(10))


def test_unchecked_features_are_named() -> None:
    checked = leakage.leak_check(*rebuilt()).filter(pl.col("feature") != "num_votes")
    with pytest.raises(ValueError, match="lacks num_votes: re-materialize"):
        leakage.leaking_features(checked)
