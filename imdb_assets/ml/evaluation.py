"""Scores predictions, and makes the table of iterations; all iterations are trained and scored in the same way.

`splits` chooses training and test rows.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import Iterations
from imdb_assets.ml import iterations, recipe, splits, training
from imdb_assets.ml.bootstrap import measure
from imdb_assets.ml.iterations import Iteration, Population

MIN_TEST_ROWS = 30
"""Smallest number of test films; with fewer films, a score depends mostly on chance."""


_KEPT = ("test_rows", "r2", "r2_lower", "r2_upper", "rmse", "mae", "bias")
"""The scores that `models.iterations` has as columns."""


def evaluate_iterations(
    movies: pl.DataFrame,
    leaking: Mapping[str, int],
    on_progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Trains and scores every iteration on both splits and both populations.

    Args:
        movies: All rows of `gold.movie_features`.
        leaking: Maps each iteration to the number of its features that failed the leak check
            (`leakage.leaking_features`).
        on_progress: Called with a line of text about each trained model.

    Returns:
        Rows of `models.iterations`.

    Raises:
        ValueError: There are too few films to train or test on, or an iteration was not leak-checked.
    """
    films = splits.clean(movies)
    unchecked = [chosen.name for chosen in iterations.ITERATIONS if chosen.name not in leaking]
    if unchecked:
        msg = f"iterations without a leak check: {', '.join(unchecked)}; materialize models/leak_check first"
        raise ValueError(msg)
    tasks: list[tuple[Iteration, splits.Split]] = [
        (chosen, split) for chosen in iterations.ITERATIONS for split in splits.SPLITS
    ]
    rows: list[dict[str, Any]] = []
    for scored in training.in_parallel(lambda task: _train_and_score(films, *task), tasks):
        rows += [{**row, "leaking_features": leaking[row["iteration"]]} for row in scored]
        if on_progress:
            on_progress(_progress(scored))
    schema = polars_schema(Iterations)
    return pl.DataFrame(rows, schema_overrides=schema).select(schema.names())


def _train_and_score(films: pl.DataFrame, chosen: Iteration, split: splits.Split) -> list[dict[str, Any]]:
    held_out = splits.is_test(films, split)
    features = iterations.features(chosen)
    model = recipe.fit(films, ~held_out, chosen)
    tested = films.filter(held_out)
    known = {
        "iteration": chosen.name,
        "description": chosen.description,
        "regime": chosen.regime,
        "trained_on": chosen.trained_on,
        "feature_count": len(features),
        "train_rows": model.train_rows,
        "trees": model.trees,
        "seconds": model.seconds,
    }
    return [known | scored for scored in score(films, split, model.predict(tested))]


def score(films: pl.DataFrame, split: splits.Split, predicted: NDArray[np.float32]) -> list[dict[str, Any]]:
    """Scores the predictions of a split's test films, for each population.

    Args:
        films: All clean films.
        split: The split.
        predicted: Predicted ratings of the test films, shape (test films,).

    Returns:
        One row for each population. A row has the columns `split`, `population` and the scores, named as in
        `models.iterations`.

    Raises:
        ValueError: There are too few test films.
    """
    held_out = splits.is_test(films, split)
    actual = films.filter(held_out)[training.TARGET].to_numpy()
    rows: list[dict[str, Any]] = []
    for population, member in tested_populations(films, split):
        measured = measure(actual[member], predicted[member])._asdict()
        kept = {name: value for name, value in measured.items() if name in _KEPT}
        rows.append({"split": split, "population": population, **kept})
    return rows


def tested_populations(films: pl.DataFrame, split: splits.Split) -> Iterator[tuple[Population, NDArray[np.bool_]]]:
    """Yields each population with a mask: one boolean per test film of the split, true if the population has the film.

    Raises:
        ValueError: A population has too few test films.
    """
    held_out = splits.is_test(films, split)
    for population in iterations.POPULATIONS:
        member = splits.is_in_population(films, population).filter(held_out).to_numpy()
        if member.sum() < MIN_TEST_ROWS:
            msg = (
                f"{split} split: {member.sum()} test films among {population}, but at least {MIN_TEST_ROWS} are"
                f" needed; use a source with more rated films before and after {splits.TEMPORAL_SPLIT_YEAR}"
            )
            raise ValueError(msg)
        yield population, member


def _progress(scored: list[dict[str, Any]]) -> str:
    first = scored[0]
    scores = ", ".join(f"{row['population']} {row['r2']:.3f}" for row in scored)
    return f"{first['iteration']} {first['split']}: R² {scores} ({first['trees']} trees, {first['seconds']:.1f} s)"


def better_than_champions(scores: pl.DataFrame) -> dict[str, str]:
    """Finds leak-free iterations whose R² is above the 95 % interval for the R² of the same regime's champion.

    Args:
        scores: Rows of `models.iterations`.

    Returns:
        Maps each better iteration to its comparison with the champion, in words.
    """
    temporal = scores.filter(pl.col("leaking_features") == 0, split="temporal", population="all clean films")
    found: dict[str, str] = {}
    for regime, name in iterations.CHAMPIONS.items():
        ours = temporal.filter(pl.col("iteration") == name)
        for row in temporal.filter(pl.col("regime") == regime).join(ours, on="regime", suffix="_ours").to_dicts():
            if row["r2"] > row["r2_upper_ours"]:
                found[row["iteration"]] = f"has temporal R² {row['r2']:.3f}; {name} has {row['r2_ours']:.3f}"
    return found


def shuffled_target_r2(movies: pl.DataFrame, chosen: Iteration) -> float:
    """R² of a control model, which is trained and scored on ratings that are shuffled among the films.

    If the R² on shuffled ratings is not close to zero (|R²| ≥ 0.02), test rows leak into training.

    Args:
        movies: All rows of `gold.movie_features`.
        chosen: The iteration whose features are used.
    """
    films = splits.clean(movies)
    dealt = films[training.TARGET].gather(np.argsort(splits.uniform(films["tconst"], "shuffled target")))
    shuffled = films.with_columns(dealt.alias(training.TARGET))
    held_out = splits.is_test(shuffled, "random")
    model = recipe.fit(shuffled, ~held_out, chosen)
    tested = shuffled.filter(held_out)
    return measure(tested[training.TARGET].to_numpy(), model.predict(tested)).r2
