"""Iterations: which columns they read, and that these respect the regime."""

import pytest

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.ml import iterations
from imdb_assets.ml.iterations import ITERATIONS, SEED_CLAIMS

REGIME_OF = {name: metadata["regime"] for name, metadata in iterations.feature_metadata().items()}


def test_v4_has_the_43_features_of_the_source_document() -> None:
    v4 = iterations.features(iterations.iteration("v4"))
    assert len(v4) == 43
    assert len([name for name in v4 if name.startswith("director_career_")]) == 6


def test_iterations_are_numbered_from_v1() -> None:
    assert [chosen.name for chosen in ITERATIONS] == [f"v{number}" for number in range(1, len(ITERATIONS) + 1)]
    assert set(SEED_CLAIMS) == {"v1", "v2", "v3", "v4"}


@pytest.mark.parametrize("chosen", ITERATIONS, ids=lambda chosen: chosen.name)
def test_features_respect_the_regime(chosen: iterations.Iteration) -> None:
    allowed = {"pre-release"} if chosen.regime == "pre-release" else {"pre-release", "with votes"}
    beyond = {REGIME_OF[name] for name in iterations.features(chosen)} - allowed
    assert beyond == ({"leaky"} if chosen.name == "v4" else set())


@pytest.mark.parametrize("chosen", ITERATIONS, ids=lambda chosen: chosen.name)
def test_groups_exist_and_columns_keep_the_contracts_order(chosen: iterations.Iteration) -> None:
    metadata = iterations.feature_metadata()
    assert {metadata[name]["group"] for name in iterations.features(chosen)} == set(chosen.groups)
    order = list(MovieFeatures.columns())
    assert iterations.features(chosen) == sorted(iterations.features(chosen), key=order.index)


def test_target_and_key_are_no_features() -> None:
    assert {"tconst", "average_rating"}.isdisjoint(REGIME_OF)


def test_unknown_iteration_is_named() -> None:
    with pytest.raises(ValueError, match="no iteration 'v99'; the iterations are v1, v2"):
        iterations.iteration("v99")
