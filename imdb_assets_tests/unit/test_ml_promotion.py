"""Champion or challenger: who is put in service, and what is said of it."""

import numpy as np
import polars as pl

from imdb_assets.ml import promotion
from imdb_assets.ml.iterations import Regime
from imdb_assets.ml.promotion import judge

FILMS = 2_000
CLEAN: dict[Regime, list[str]] = {"pre-release": []}


def _tested(error: float, seed: int = 1, first: int = 0) -> dict[Regime, pl.DataFrame]:
    random = np.random.default_rng(5)
    actual = random.normal(6, 1, FILMS)
    noise = np.random.default_rng(seed).normal(0, error, FILMS)
    frame = pl.DataFrame(
        {
            "tconst": [f"tt{number:07d}" for number in range(first, first + FILMS)],
            "average_rating": actual,
            "predicted": actual + noise,
        }
    )
    return {"pre-release": frame}


def _stored(error: float, seed: int = 2, first: int = 0) -> pl.DataFrame:
    frame = _tested(error, seed, first)["pre-release"]
    return frame.select("tconst", "predicted", regime=pl.lit("pre-release"), split=pl.lit("temporal"))


def test_the_first_version_is_put_in_service() -> None:
    assert judge(_tested(0.5), None, CLEAN) == (
        True,
        "There is no earlier model version to compare the new version with.",
    )


def test_no_version_that_fails_the_audit_is_put_in_service_whatever_its_score() -> None:
    for serving in (None, _stored(0.9)):
        verdict = judge(_tested(0.1), serving, {"pre-release": ["6 features hold the answer."]})
        assert verdict == (False, "The audit failed. pre-release: 6 features hold the answer.")


def test_a_better_version_and_an_equal_one_are_put_in_service() -> None:
    assert judge(_tested(0.5), _stored(0.7), CLEAN).promoted
    assert judge(_tested(0.5), _stored(0.5, seed=1), CLEAN).promoted


def test_a_version_worse_by_less_than_its_noise_is_put_in_service() -> None:
    served = _stored(0.5, seed=1)
    candidate: dict[Regime, pl.DataFrame] = {
        "pre-release": _tested(0.5)["pre-release"].with_columns(pl.col("predicted") + 0.03)
    }
    verdict = judge(candidate, served, CLEAN)
    assert verdict.promoted
    assert ", not worse than the noise of 0.0" in verdict.why


def test_a_worse_version_stays_a_challenger_and_it_is_said_why() -> None:
    verdict = judge(_tested(0.7), _stored(0.5), CLEAN)
    assert not verdict.promoted
    assert verdict.why.startswith(
        "pre-release: on 2,000 films, the new temporal R² minus that of the version in service is -0.2"
    )
    assert ", worse than the noise of 0.0" in verdict.why


def test_one_regime_that_does_not_hold_up_is_enough() -> None:
    both: dict[Regime, pl.DataFrame] = {
        "pre-release": _tested(0.5)["pre-release"],
        "with votes": _tested(0.7)["pre-release"],
    }
    serving = pl.concat([_stored(0.5), _stored(0.5).with_columns(regime=pl.lit("with votes"))])
    assert not judge(both, serving, {"pre-release": [], "with votes": []}).promoted


def test_another_catalogue_is_not_compared() -> None:
    verdict = judge(_tested(0.7), _stored(0.1, first=FILMS - 40), CLEAN)
    assert verdict == (True, "pre-release: not compared, because the two versions share only 40 test films.")
    assert promotion.MIN_COMMON == 30
