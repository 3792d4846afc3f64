"""The audit: v4 fails it in plain words, honest versions pass, and each test catches what it is for."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from imdb_assets.contracts.models import Audit
from imdb_assets.ml import audit, iterations, splits, training
from imdb_assets_tests.films import movie_features


def checked() -> pl.DataFrame:
    """Rows of `models.leak_check` where v4's columns leak and all others are clean."""
    metadata = iterations.feature_metadata()
    leaks = [data["group"] == "director_career" for data in metadata.values()]
    return pl.DataFrame(
        {"feature": list(metadata), "leaks": leaks, "changed_by_own_rating": [7 if leak else 0 for leak in leaks]}
    )


@cache
def audited() -> pl.DataFrame:
    return audit.audit(movie_features(), ["v4", "v7", "v8"], checked())


def _row(name: str, test: str) -> dict[str, object]:
    return audited().row(by_predicate=(pl.col("iteration") == name) & (pl.col("test") == test), named=True)


def test_v4_fails_and_the_champions_pass() -> None:
    assert Audit.is_valid(audited())
    assert audited().height == 3 * 5
    found = audit.failures(audited())
    assert (found["v7"], found["v8"]) == ([], [])
    assert set(audited().filter(~pl.col("passed"))["test"]) == {
        "later knowledge",
        "own rating",
        "debut directors",
        "single feature",
    }
    assert len(found["v4"]) == 4


def test_the_findings_are_in_plain_words() -> None:
    assert _row("v4", "later knowledge")["words"] == (
        "6 of 43 features change when ratings, votes or films of later years are changed. Features such as "
        "director_career_film_count and director_career_mean_log_votes contain facts from after the film's release."
    )
    own = str(_row("v4", "own rating")["words"])
    assert own.startswith("6 features of a film change when the film's own rating is replaced")
    assert own.endswith(" contain the rating that is to be predicted.")
    assert str(_row("v4", "single feature")["words"]).startswith("director_career_mean_rating has ")
    assert _row("v8", "later knowledge")["words"] == (
        "0 of 63 features change when ratings, votes or films of later years are changed."
    )


def test_a_record_of_debut_directors_is_caught() -> None:
    films = splits.clean(movie_features())
    found, count = audit.debut_gain(films, iterations.iteration("v4"))
    debuts = splits.is_test(films, "random") & (films["director_film_count"] == 0)
    assert count == debuts.sum()
    assert found.r2 > 0.1
    assert found.r2 > 2 * found.error


def test_an_unknown_director_is_no_debut() -> None:
    films = pl.DataFrame({"director_film_count": [None, 0, 3]})
    assert audit.is_debut(films).to_list() == [False, True, False]


@pytest.mark.parametrize(("scored", "passes"), [(0.03, True), (-0.03, True), (0.5, False), (-0.5, False)])
def test_few_films_may_have_more_in_common_with_ratings_of_others(
    monkeypatch: pytest.MonkeyPatch, scored: float, *, passes: bool
) -> None:
    monkeypatch.setattr(audit.evaluation, "shuffled_target_r2", lambda *_: scored)
    found = audit.audit(movie_features(), ["v8"], checked())
    (row,) = found.filter(pl.col("iteration") == "v8", pl.col("test") == "shuffled target").to_dicts()
    films = splits.clean(movie_features())
    assert row["limit"] == pytest.approx(2 / np.sqrt(int(splits.is_test(films, "random").sum())))
    assert row["passed"] is passes


def test_a_feature_that_is_the_answer_has_too_much_of_the_gain() -> None:
    films = splits.clean(movie_features()).with_columns(title_length=pl.col("average_rating") * 10)
    features = iterations.features(iterations.iteration("v7"))
    name, share = audit.largest_gain_share(training.fit(films, features, 100))
    assert name == "title_length"
    assert share > audit.MAX_GAIN_SHARE


def test_an_expectation_may_have_most_of_the_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    films = splits.clean(movie_features()).with_columns(title_length=pl.col("average_rating") * 10)
    metadata = iterations.feature_metadata()
    declared = {**metadata, "title_length": {**metadata["title_length"], "group": "expectation"}}
    monkeypatch.setattr(iterations, "feature_metadata", lambda: declared)
    name, share = audit.largest_gain_share(training.fit(films, [*metadata][:30], 50))
    assert name != "title_length"
    assert share < audit.MAX_GAIN_SHARE
    assert np.isfinite(share)


def test_versions_without_directors_have_nothing_to_hide_there() -> None:
    found = audit.audit(movie_features(), ["v1"], checked()).row(
        by_predicate=pl.col("test") == "debut directors", named=True
    )
    assert (found["passed"], found["words"]) == (True, "Nothing to test: the version has no features of directors.")
