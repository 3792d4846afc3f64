"""How well intervals hold far from the years of calibration: trained before 2012, tested on each year to 2020.

`python -m benchmarks.intervals LAKE` reads `gold.movie_features` of a lake folder that was made from IMDb's dumps. As
the product does at its own split, a model of the years before 2007 calibrates on 2007-2011. A model of all years before
2012 then predicts the films of 2013-2020. Printed are, per regime and year, the share of ratings inside, and the mean
width against that of intervals that do not grow.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from imdb_assets.lake.lake import Lake
from imdb_assets.ml import intervals, iterations, recipe, splits, training

SPLIT = 2012
FIRST, LAST = 2013, 2020
CHAMPIONS = ("v13", "v14")


def measure(films: pl.DataFrame, name: str) -> pl.DataFrame:
    """Year → films, share inside, mean width, and the mean width without growth, of one iteration.

    Args:
        films: Clean films.
        name: The iteration.
    """
    chosen, year = iterations.iteration(name), films["start_year"]
    features, first = iterations.features(chosen), SPLIT - splits.CALIBRATION_YEARS
    older = recipe.fit(films, year < first, chosen)
    recent = films.filter(year.is_between(first, SPLIT - 1))
    known = intervals.calibrate(recent, features, older.predict(recent))
    tested = films.filter(year.is_between(FIRST, LAST))
    predicted = recipe.fit(films, year < SPLIT, chosen, older.trees).predict(tested)
    lower, upper = known.bounds(tested, features, predicted)
    fixed = np.subtract(*known.model_copy(update={"growth": 0.0}).bounds(tested, features, predicted)[::-1])
    rows = tested.select("start_year", training.TARGET).with_columns(
        lower=pl.Series(lower), upper=pl.Series(upper), fixed=pl.Series(fixed)
    )
    figures = {
        "films": pl.len(),
        "inside": pl.col(training.TARGET).is_between("lower", "upper").mean().round(4),
        "width": (pl.col("upper") - pl.col("lower")).mean().round(3),
        "width without growth": pl.col("fixed").mean().round(3),
    }
    by_year = rows.group_by(pl.col("start_year").cast(pl.String)).agg(**figures).sort("start_year")
    return pl.concat([by_year, rows.select(start_year=pl.lit("all"), **figures)])


if __name__ == "__main__":
    table = Lake(Path(sys.argv[1])).table("gold.movie_features")
    clean = splits.clean(training.films_of(table.scan()))
    for champion in CHAMPIONS:
        figures = measure(clean, champion).write_csv(separator="\t")
        sys.stdout.write(f"{champion}, {iterations.iteration(champion).regime}\n{figures}\n")
