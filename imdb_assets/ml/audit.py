"""The audit of a model version: five tests, whose findings are put into words.

A version with a leak fails at least one of the five tests. `leakage` rebuilds tables to find out which features leak.
This module tests trained models and judges whole versions. Version v4 is audited together with the champions: v4 has a
leak, so an audit that v4 passes would be useless.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import Audit
from imdb_assets.ml import evaluation, iterations, recipe, splits, training
from imdb_assets.ml.bootstrap import Gain, gain
from imdb_assets.ml.iterations import Iteration

LEAKY = "v4"
"""The iteration with the same leak as the source document's model (docs/honest-result.md); the audit must reject it."""
MAX_SHUFFLED_R2 = 0.02
"""Largest allowed R² of a model trained on shuffled ratings; a larger R² means that test rows leak into training. With
fewer than 10,000 test films the limit is 2 / √films, because two unrelated columns can agree that much by chance."""
MAX_DEBUT_GAIN = 0.02
"""Largest R² that director features may add on films whose directors have no earlier film. Nothing is known of a
director who has no earlier film, so director features can add something only if there is a leak."""
MAX_GAIN_SHARE = 0.5
"""Largest share of the trees' total gain that one feature may have. Features that are expected ratings may have a
larger share of the gain, because expected ratings are themselves predictions of a model."""
EXEMPT_GROUP = "expectation"
MIN_DEBUTS = evaluation.MIN_TEST_ROWS


def audit(
    movies: pl.DataFrame,
    names: list[str],
    checked: pl.DataFrame,
    on_progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Audits some iterations.

    Args:
        movies: All rows of `gold.movie_features`.
        names: Names of the iterations to audit.
        checked: Rows of `models.leak_check`.
        on_progress: Called with a line for each test of a trained model.

    Returns:
        Rows of `models.audit`, five per iteration.
    """
    films = splits.clean(movies)
    audited = [iterations.iteration(name) for name in names]
    tasks = [(test, chosen) for test in (_debuts, _single_feature, _shuffled) for chosen in audited]
    of_models = list(training.in_parallel(lambda task: (task[1], task[0](films, task[1])), tasks, on_progress))
    rows = [
        {"iteration": chosen.name, "regime": chosen.regime, **row}
        for chosen in audited
        for row in (*_of_features(chosen, checked), *(row for other, row in of_models if other == chosen))
    ]
    schema = polars_schema(Audit)
    return pl.DataFrame(rows, schema_overrides=schema).select(schema.names())


def failures(audited: pl.DataFrame) -> dict[str, list[str]]:
    """Maps each audited iteration to its findings in words: one finding for each test that the iteration failed."""
    found: dict[str, list[str]] = {name: [] for name in audited["iteration"].unique(maintain_order=True)}
    for name, words in audited.filter(~pl.col("passed")).select("iteration", "words").iter_rows():
        found[name].append(words)
    return found


def debut_gain(films: pl.DataFrame, chosen: Iteration) -> tuple[Gain, int]:
    """The R² that director features add on directors' first films (random split), and the number of these films.

    Args:
        films: Clean films.
        chosen: The iteration to test. The iteration is trained with and without its director features, and the two
            models are compared.
    """
    held_out = splits.is_test(films, "random")
    debuts = films.filter(held_out & is_debut(films))
    features = iterations.features(chosen)
    blind = [name for name in features if not is_of_directors(name)]
    full = recipe.fit(films, ~held_out, chosen)
    without = recipe.fit(films, ~held_out, chosen, full.trees, blind)
    actual = debuts[training.TARGET].to_numpy()
    return gain(actual, full.predict(debuts), without.predict(debuts)), debuts.height


def is_debut(films: pl.DataFrame) -> pl.Series:
    """For each film, whether its directors are known and none of its directors has a rated film of an earlier year."""
    return films["director_film_count"].fill_null(1) == 0


def is_of_directors(feature: str) -> bool:
    """Whether a feature describes the film's directors."""
    return iterations.feature_metadata()[feature]["family"] == "director's record"


def largest_gain_share(model: training.Fitted) -> tuple[str, float]:
    """Returns the feature with the largest share of the trees' total gain, and its share.

    Features that are expected ratings are never returned.
    """
    scores = {name: float(str(value)) for name, value in model.booster.get_score(importance_type="total_gain").items()}
    total = sum(scores.values())
    metadata = iterations.feature_metadata()
    shares = {name: value / total for name, value in scores.items() if metadata[name]["group"] != EXEMPT_GROUP}
    return max(shares.items(), key=lambda share: share[1]) if shares else ("none", 0.0)


def _of_features(chosen: Iteration, checked: pl.DataFrame) -> Iterator[dict[str, Any]]:
    own = checked.filter(pl.col("feature").is_in(iterations.features(chosen)))
    leaking = own.filter("leaks")["feature"].to_list()
    yield _row(
        "later knowledge",
        len(leaking),
        0,
        f"{len(leaking)} of {own.height} features change when ratings, votes or films of later years are changed."
        + (f" Features such as {_named(leaking)} contain facts from after the film's release." if leaking else ""),
    )
    moved = own.filter(pl.col("changed_by_own_rating") > 0)["feature"].to_list()
    yield _row(
        "own rating",
        len(moved),
        0,
        f"{len(moved)} features of a film change when the film's own rating is replaced."
        + (f" Features such as {_named(moved)} contain the rating that is to be predicted." if moved else ""),
    )


def _shuffled(films: pl.DataFrame, chosen: Iteration) -> dict[str, Any]:
    shuffled = evaluation.shuffled_target_r2(films, chosen)
    by_chance = 2 / math.sqrt(int(splits.is_test(films, "random").sum()))
    limit = max(MAX_SHUFFLED_R2, by_chance)
    return _row(
        "shuffled target",
        abs(shuffled),
        limit,
        f"Trained on ratings shuffled among the films, the version scores R² {shuffled:.3f}; a value beyond "
        f"±{limit:.2g} would mean that the training uses test rows.",
    )


def _single_feature(films: pl.DataFrame, chosen: Iteration) -> dict[str, Any]:
    held_out = splits.is_test(films, "temporal")
    name, share = largest_gain_share(recipe.fit(films, ~held_out, chosen))
    return _row(
        "single feature",
        share,
        MAX_GAIN_SHARE,
        f"{name} has {share:.0%} of the trees' gain, the most of all single features."
        + ("" if share <= MAX_GAIN_SHARE else " A single feature that explains half of the rating is a leak."),
    )


def _debuts(films: pl.DataFrame, chosen: Iteration) -> dict[str, Any]:
    about_directors = any(is_of_directors(name) for name in iterations.features(chosen))
    debuts = int((splits.is_test(films, "random") & is_debut(films)).sum())
    if not about_directors or debuts < MIN_DEBUTS:
        why = f"only {debuts} films to test on" if about_directors else "the version has no features of directors"
        return _row("debut directors", 0, MAX_DEBUT_GAIN, f"Nothing to test: {why}.")
    found, count = debut_gain(films, chosen)
    limit = max(MAX_DEBUT_GAIN, 2 * found.error)
    words = (
        f"On {count:,} films by first-time directors, features of directors add {found.r2:.3f} R² "
        f"(± {found.error:.3f})."
    )
    verdict = (
        ""
        if found.r2 <= limit
        else " A first-time director has no earlier ratings, so only the film's own rating can explain the gain in R²."
    )
    return _row("debut directors", found.r2, limit, words + verdict)


def _row(test: str, value: float, limit: float, words: str) -> dict[str, Any]:
    return {"test": test, "value": float(value), "limit": float(limit), "passed": value <= limit, "words": words}


def _named(features: list[str]) -> str:
    return features[0] if len(features) == 1 else f"{features[0]} and {features[-1]}"
