"""The leak check: finds leaks, passes clean features, and refuses to pass when it sees nothing."""

from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl
import pytest

from imdb_assets.contracts.models import LeakCheck
from imdb_assets.ml import iterations, leakage
from imdb_assets.ml.splits import TEMPORAL_SPLIT_YEAR
from imdb_assets.transforms import features
from imdb_assets_tests.films import silver


@cache
def rebuilt() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Features before noise, after noise in ratings, after noise in votes."""
    movies, people = (table.lazy() for table in silver())
    ratings = leakage.with_noise(movies, "average_rating")
    votes = leakage.with_noise(movies, "num_votes")
    before, noisy_ratings, noisy_votes = (leakage.rebuild_features(films, people) for films in (movies, ratings, votes))
    return before, noisy_ratings, noisy_votes


def check(before: pl.DataFrame, ratings: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """Rows of `models.leak_check` from such frames."""
    return leakage.leak_check(leakage.changes(before, ratings, "ratings"), leakage.changes(before, votes, "votes"))


def _later(value: pl.Expr, year: int = TEMPORAL_SPLIT_YEAR) -> pl.Expr:
    return pl.when(pl.col("start_year") > year).then(value)


def _plant(name: str, feature: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]) -> dict[str, Any]:
    """The check of a feature of our own making: from the movies there are and their credits, `tconst` and `value`."""
    movies, people = silver()
    noisy = (leakage.with_noise(movies.lazy(), column).collect() for column in ("average_rating", "num_votes"))
    frames = [
        built.join(feature(films, people), on="tconst", how="left")
        .with_columns(pl.col("value").cast(built.schema[name]).alias(name))
        .drop("value")
        for built, films in zip(rebuilt(), (movies, *noisy), strict=True)
    ]
    return check(*frames).row(by_predicate=pl.col("feature") == name, named=True)


def _by_director(movies: pl.DataFrame, people: pl.DataFrame, of_films: pl.Expr) -> pl.DataFrame:
    """An aggregate over all films of each film's director."""
    films = people.filter(role="director").join(movies, on="tconst").sort("tconst")
    return films.select("tconst", value=of_films.over("nconst"))


def test_noise_replaces_a_third_of_the_later_films_only() -> None:
    movies = silver()[0]
    for column, lowest, highest in (("average_rating", 1, 10), ("num_votes", 5, 1_000_000)):
        noisy = leakage.with_noise(movies.lazy(), column).collect()  # pyright: ignore[reportArgumentType] - literals
        assert noisy.schema == movies.schema
        left = movies.filter(pl.col("tconst").is_in(noisy["tconst"].implode()))
        differs = noisy[column] != left[column]
        later = left["start_year"] >= TEMPORAL_SPLIT_YEAR
        assert not differs.filter(~later).any()
        assert 0.2 < differs.filter(later).mean() < 0.4  # pyright: ignore[reportOptionalOperand, reportOperatorIssue] - a mean
        assert noisy[column].drop_nulls().is_between(lowest, highest).all()
        assert noisy.drop(column).equals(left.drop(column))


def test_noisy_ratings_also_remove_films_after_the_split_year_and_rate_none() -> None:
    movies = silver()[0].with_columns(
        pl.when(pl.int_range(pl.len()) % 5 > 0).then(name).alias(name) for name in ("average_rating", "num_votes")
    )
    noisy = leakage.with_noise(movies.lazy(), "average_rating").collect()
    removed = movies.join(noisy, on="tconst", how="anti")
    assert (removed["start_year"] > TEMPORAL_SPLIT_YEAR).all()
    assert 0.2 < removed.height / movies.filter(pl.col("start_year") > TEMPORAL_SPLIT_YEAR).height < 0.4
    assert 0 < removed["average_rating"].null_count() < removed.height  # rated or not
    assert noisy["average_rating"].is_null().equals(noisy["num_votes"].is_null())
    assert leakage.with_noise(movies.lazy(), "num_votes").collect().height == movies.height


def test_noise_does_not_depend_on_order() -> None:
    movies = silver()[0]
    noisy = leakage.with_noise(movies.lazy(), "average_rating").collect()
    backwards = leakage.with_noise(movies.reverse().lazy(), "average_rating").collect()
    assert backwards.reverse().equals(noisy)


def test_the_projects_own_features_pass_and_v4_fails() -> None:
    checked = check(*rebuilt())
    assert LeakCheck.is_valid(checked)
    assert checked["feature"].to_list() == list(iterations.feature_metadata())
    assert set(checked.filter("leaks")["group"]) == {"director_career"}
    expected = {chosen.name: 0 for chosen in iterations.ITERATIONS} | {"v4": 6}
    assert leakage.leaking_features(checked) == expected


def test_a_feature_that_knows_its_own_films_rating_is_caught() -> None:
    before, ratings, votes = rebuilt()
    own = pl.col("average_rating").alias("writer_max_rating")
    checked = check(before.with_columns(own), ratings.with_columns(own), votes.with_columns(own))
    row = checked.row(by_predicate=pl.col("feature") == "writer_max_rating", named=True)
    assert row["leaks"]
    assert row["changed_by_ratings"] > 0
    assert row["changed_by_votes"] == 0


def test_a_feature_that_knows_how_many_films_there_will_be_is_caught() -> None:
    row = _plant("writer_film_count", lambda movies, people: _by_director(movies, people, pl.len()))
    assert row["leaks"]
    assert row["changed_by_ratings"] > 100
    assert row["changed_by_votes"] == 0


def test_credits_of_films_that_are_removed_are_removed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    movies, people = silver()
    given: list[pl.DataFrame] = []
    build = features.movie_features

    def spy(**tables: Any) -> Any:
        given.append(tables["credits"].to_native().collect())
        return build(**tables)

    monkeypatch.setattr(features, "movie_features", spy)
    noisy = leakage.with_noise(movies.lazy(), "average_rating")
    rows = leakage.rebuild_features(noisy, people.lazy())
    near = pl.col("start_year").is_between(2009, 2020)
    assert set(given[0]["tconst"]) == set(rows["tconst"]) == set(noisy.filter(near).collect()["tconst"])
    assert set(given[0]["tconst"]) < set(movies.filter(near)["tconst"])


def test_films_near_the_split_are_rebuilt_as_among_all_films(monkeypatch: pytest.MonkeyPatch) -> None:
    movies, people = silver()
    older = movies.with_columns(start_year=pl.col("start_year") - 20, tconst=pl.col("tconst").str.replace("tt0", "tt1"))
    theirs = people.with_columns(tconst=pl.col("tconst").str.replace("tt0", "tt1"))
    others = theirs.with_columns(nconst=pl.col("nconst").str.replace("nm0", "nm1"))
    films, makers = pl.concat([movies, older]).lazy(), pl.concat([people, theirs, others]).lazy()
    near = leakage.rebuild_features(films, makers)
    monkeypatch.setattr(leakage, "_EARLY", pl.lit(value=True))
    whole = leakage.rebuild_features(films, makers)
    assert near.height < whole.height == films.collect().height
    assert near.sort("tconst").equals(whole.filter(pl.col("tconst").is_in(near["tconst"].implode())).sort("tconst"))


def test_a_feature_of_votes_may_not_hold_the_votes_of_later_films() -> None:
    own = _plant("log_votes_x_runtime", lambda movies, _: movies.select("tconst", value=pl.col("num_votes") * 2))
    assert (own["changed_by_ratings"], own["changed_by_votes"], own["leaks"]) == (0, 0, False)
    later = pl.col("num_votes").filter(pl.col("start_year") > TEMPORAL_SPLIT_YEAR).sum()
    row = _plant("log_votes_x_runtime", lambda movies, people: _by_director(movies, people, later))
    assert row["regime"] == "with votes"
    assert row["leaks"]
    assert row["changed_by_votes"] > 100


def test_the_films_own_votes_are_exempt_where_they_changed_and_only_there() -> None:
    before, ratings, votes = rebuilt()
    changed = before.join(votes, on="tconst").filter(pl.col("num_votes") != pl.col("num_votes_right"))
    old = changed.filter(pl.col("start_year") == TEMPORAL_SPLIT_YEAR)["tconst"]
    other = before.filter(pl.col("start_year") <= TEMPORAL_SPLIT_YEAR, ~pl.col("tconst").is_in(old.implode()))["tconst"]
    assert len(old) > 1

    def changed_by_votes(tconst: str) -> int:
        nudged = votes.with_columns(log_votes=pl.when(pl.col("tconst") == tconst).then(-1.0).otherwise("log_votes"))
        checked = check(before, ratings, nudged)
        return checked.row(by_predicate=pl.col("feature") == "log_votes", named=True)["changed_by_votes"]

    assert [changed_by_votes(tconst) for tconst in (old[0], other[0])] == [0, 1]


def test_votes_leak_into_pre_release_features_only() -> None:
    before, ratings, votes = rebuilt()
    own = pl.col("num_votes").alias("cast_film_count")
    checked = check(before.with_columns(own), ratings.with_columns(own), votes.with_columns(own))
    leaks = dict(checked.select("feature", "leaks").iter_rows())
    assert leaks["cast_film_count"]
    assert not leaks["num_votes"]


def test_a_billionth_is_a_leak_the_last_bit_of_another_engine_is_not_and_equal_nulls_are_not() -> None:
    before, ratings, votes = rebuilt()
    old = before.filter(pl.col("start_year") == TEMPORAL_SPLIT_YEAR)["tconst"][0]
    missing = _later(pl.col("cast_mean_rating")).alias("cast_mean_rating")

    def changed(by: float | None, otherwise: float | None = 6.0) -> dict[str, int]:
        value = pl.lit(otherwise, pl.Float64).alias("writer_mean_rating")
        nudged = pl.when(pl.col("tconst") == old).then(pl.lit(by, pl.Float64)).otherwise(value)
        frames = (
            before.with_columns(value, missing),
            ratings.with_columns(nudged.alias("writer_mean_rating"), missing),
        )
        checked = check(*frames, votes.with_columns(value, missing))
        return dict(checked.select("feature", "changed_by_ratings").iter_rows())

    assert changed(6.0 * (1 + 2e-9))["writer_mean_rating"] == 1
    assert changed(6.0 * (1 + 1e-15))["writer_mean_rating"] == 0
    assert changed(None)["writer_mean_rating"] == 1
    assert changed(float("nan"), None)["writer_mean_rating"] == 1
    assert changed(1e-300, 0.0)["writer_mean_rating"] == 1
    assert changed(6.0)["cast_mean_rating"] == 0


def test_a_blind_check_is_refused() -> None:
    before, ratings, votes = rebuilt()
    with pytest.raises(
        ValueError, match="noise in the ratings of films of 2018 and later changed no feature of later films"
    ):
        check(before, before, votes)
    with pytest.raises(ValueError, match="proves nothing: noise in the votes"):
        check(before, ratings, before)


def test_other_films_are_refused() -> None:
    before, ratings, votes = rebuilt()
    with pytest.raises(ValueError, match="noisy votes hold different films"):
        check(before, ratings, votes.head(10))
    with pytest.raises(ValueError, match="noisy ratings hold different films"):
        check(votes.filter(pl.col("start_year") <= TEMPORAL_SPLIT_YEAR), ratings, votes)


def test_a_feature_that_the_lake_lacks_is_named() -> None:
    before, ratings, _ = rebuilt()
    with pytest.raises(ValueError, match="lacks runtime_minutes: re-materialize gold/movie_features"):
        leakage.changes(before.drop("runtime_minutes"), ratings, "ratings")


def test_features_of_the_lake_are_those_that_this_code_builds() -> None:
    built = rebuilt()[0]
    assert leakage.differences_from_lake(built.reverse(), built) == []


def test_differences_from_the_lake_are_named() -> None:
    built = rebuilt()[0]
    stored = built.with_columns(
        log_votes=pl.col("log_votes") * (1 + 1e-8),
        log_votes_x_runtime=pl.col("log_votes_x_runtime") * (1 + 1e-12),
        writer_mean_rating=pl.col("writer_mean_rating").fill_null(float("nan")),
        director_count=pl.col("director_count") * 2,
    )
    assert stored["writer_mean_rating"].is_nan().any()
    assert set(leakage.differences_from_lake(stored, built)) == {"log_votes", "writer_mean_rating", "director_count"}


def test_unchecked_features_are_named() -> None:
    checked = check(*rebuilt()).filter(pl.col("feature") != "num_votes")
    with pytest.raises(ValueError, match="lacks num_votes: re-materialize"):
        leakage.leaking_features(checked)
