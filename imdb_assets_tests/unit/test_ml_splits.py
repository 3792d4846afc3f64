"""Splits: stable, disjoint, independent of the order of rows and of other rows."""

from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imdb_assets.ml import splits
from imdb_assets_tests.films import movie_features

TITLES = pl.Series([f"tt{number:07d}" for number in range(20_000)])
tconsts = st.lists(st.from_regex(r"tt[0-9]{7,8}", fullmatch=True), min_size=1, max_size=30, unique=True)


def test_hashes_never_change() -> None:
    # Pinned: another value would move films between training and test from one release to the next.
    assert splits.uniform(pl.Series(["tt0108052"]), "fold")[0] == pytest.approx(0.14375739733153448, abs=1e-12)


def test_shares_are_as_declared() -> None:
    films = pl.DataFrame({"tconst": TITLES, "start_year": pl.repeat(2000, TITLES.len(), eager=True)})
    assert splits.is_test(films, "random").mean() == pytest.approx(splits.TEST_SHARE, abs=0.01)
    assert splits.is_showcase(TITLES).mean() == pytest.approx(splits.SHOWCASE_SHARE, abs=0.003)
    folds = splits.fold_numbers(TITLES).value_counts()
    assert folds["count"].min() > 3_800  # pyright: ignore[reportOperatorIssue] - a count
    assert folds.height == splits.FOLDS


def test_folds_do_not_follow_the_test_split() -> None:
    test, fold = splits.uniform(TITLES, "random test"), splits.uniform(TITLES, "fold")
    assert abs(np.corrcoef(test, fold)[0, 1]) < 0.02
    assert np.mean(fold[test < 0.2] < 0.2) == pytest.approx(0.2, abs=0.02)


@settings(max_examples=25)
@given(tconsts, st.randoms(use_true_random=False))
def test_a_films_place_depends_on_itself_only(titles: list[str], random: Random) -> None:
    shuffled = random.sample(titles, len(titles))
    together = dict(zip(shuffled, splits.uniform(pl.Series(shuffled), "fold"), strict=True))
    assert all(together[title] == splits.uniform(pl.Series([title]), "fold")[0] for title in titles)


def test_temporal_split_is_by_year() -> None:
    films = pl.DataFrame({"tconst": ["tt1", "tt2", "tt3"], "start_year": [2017, 2018, 2019]})
    assert splits.is_test(films, "temporal").to_list() == [False, True, True]


def test_most_voted_of_a_small_catalogue_is_its_top_sixteen_percent() -> None:
    films = splits.clean(movie_features())
    member = splits.is_in_population(films, "most voted")
    assert member.sum() == int(np.ceil(films.height * 0.16))
    assert films.filter(member)["num_votes"].min() >= films.filter(~member)["num_votes"].max()  # pyright: ignore[reportOperatorIssue] - counts


def test_most_voted_of_a_large_catalogue_are_fifty_thousand() -> None:
    films = pl.DataFrame({"tconst": [f"tt{number:07d}" for number in range(100_000)], "num_votes": [5] * 100_000})
    member = splits.is_in_population(films, "most voted")
    assert member.sum() == 50_000
    assert films.filter(member)["tconst"].max() == "tt0049999"  # ties go by tconst


def test_clean_films_are_rated_and_ordered() -> None:
    films = movie_features()
    clean = splits.clean(films.sample(fraction=1, shuffle=True, seed=1))
    assert clean.height == films["average_rating"].count()
    assert clean.equals(splits.clean(films))


def test_showcase_holds_the_source_documents_films() -> None:
    assert splits.is_showcase(pl.Series(splits.SHOWCASE_FILMS)).all()
