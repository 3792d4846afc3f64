"""Compares two recipes: both are trained and tested on the same films, in the same way as for `models.iterations`."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.ml import evaluation, recipe, splits, training
from imdb_assets.ml.bootstrap import gain, measure
from imdb_assets.ml.iterations import Iteration
from imdb_assets.ml.promotion import NOISE


def compare(movies: pl.DataFrame, one: Iteration, other: Iteration) -> pl.DataFrame:
    """Trains both recipes on both splits, and scores them on the same test films.

    Args:
        movies: All rows of `gold.movie_features`, or only the rows of rated films.
        one: A recipe, for example `dataclasses.replace(iteration("v11"), name="mine", parameters={"max_depth": 5})`,
            which is a variant of v11.
        other: The recipe that `one` is compared with, such as the champion.

    Returns:
        One row for each split and population. `test_rows` is the number of test films. For each recipe, the column with
        the recipe's name holds the recipe's R². `gain` is the R² of the first recipe minus the R² of the second. A gain
        between -`noise` and `noise` may be due to chance. `verdict` says in words whether the first recipe is better.

    Raises:
        ValueError: There are too few films, both recipes have the same name, or a parameter is unknown.
    """
    if one.name == other.name:
        msg = f"both recipes are named {one.name}; rename one of them with dataclasses.replace"
        raise ValueError(msg)
    films = splits.clean(movies)
    tasks: list[tuple[Iteration, splits.Split]] = [
        (chosen, split) for split in splits.SPLITS for chosen in (one, other)
    ]

    def predict(task: tuple[Iteration, splits.Split]) -> NDArray[np.float32]:
        chosen, split = task
        held_out = splits.is_test(films, split)
        return recipe.fit(films, ~held_out, chosen).predict(films.filter(held_out))

    predicted = dict(zip(tasks, training.in_parallel(predict, tasks), strict=True))
    rows: list[dict[str, Any]] = []
    for split in splits.SPLITS:
        held_out = splits.is_test(films, split)
        actual = films.filter(held_out)[training.TARGET].to_numpy()
        for population, member in evaluation.tested_populations(films, split):
            truth, ours, theirs = (
                values[member] for values in (actual, predicted[one, split], predicted[other, split])
            )
            found = gain(truth, ours, theirs)
            noise = max(NOISE, 2 * found.error)
            rows.append(
                {
                    "split": split,
                    "population": population,
                    "test_rows": len(truth),
                    one.name: measure(truth, ours).r2,
                    other.name: measure(truth, theirs).r2,
                    "gain": found.r2,
                    "noise": noise,
                    "verdict": "better" if found.r2 > noise else "worse" if found.r2 < -noise else "within the noise",
                }
            )
    return pl.DataFrame(rows)
