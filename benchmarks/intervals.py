"""How intervals grow with the distance from the years of calibration: chosen at one origin, tested at a later one.

`python -m benchmarks.intervals LAKE` reads `gold.movie_features` of a lake folder that was made from IMDb's dumps. At
each origin it does as the product does at its own split: a model of older films calibrates on the five years before the
origin, and a model of all films before it predicts later ones.

- The films of 2005-2012, predicted from those before 2004, choose the rate of growth: the one at which the share of
  ratings inside neither falls nor rises with the years, on the mean of the two champions. Their level is left to the
  calibration, which growth must not make up for.
- The films of 2013-2020, predicted from those before 2012, test it: per champion and year, the share of ratings inside,
  and the mean width with and without growth.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.lake.lake import Lake
from imdb_assets.ml import intervals, iterations, recipe, splits, training
from imdb_assets.ml.intervals import Intervals

CHAMPIONS = ("v13", "v14")
RATES = tuple(step / 400 for step in range(9))
"""Rates of growth to choose from: 0 to 2 % a year."""


class Origin(NamedTuple):
    """A year before which everything is known, and the years that are predicted."""

    year: int
    first: int
    last: int


CHOOSES, TESTS = Origin(2004, 2005, 2012), Origin(2012, 2013, 2020)


class Forecast(NamedTuple):
    """The films of later years as one champion predicts them."""

    films: pl.DataFrame
    features: list[str]
    predicted: NDArray[np.float32]
    calibrated: Intervals

    def judged(self, growth: float) -> pl.DataFrame:
        """One row per film: its year, whether its rating is inside the interval, and the interval's width."""
        grown = self.calibrated.model_copy(update={"growth": growth})
        lower, upper = grown.bounds(self.films, self.features, self.predicted)
        return self.films.select(
            "start_year",
            inside=pl.col(training.TARGET).is_between(pl.Series(lower), pl.Series(upper)),
            width=pl.Series(upper) - pl.Series(lower),
        )


def forecast(films: pl.DataFrame, name: str, origin: Origin) -> Forecast:
    """Trains and calibrates one iteration on what is known at the origin.

    Args:
        films: Clean films.
        name: The iteration.
        origin: Years of training and prediction.
    """
    chosen, year = iterations.iteration(name), films["start_year"]
    features, first = list(iterations.features(chosen)), origin.year - splits.CALIBRATION_YEARS
    older = recipe.fit(films, year < first, chosen)
    recent = films.filter(year.is_between(first, origin.year - 1))
    calibrated = intervals.calibrate(recent, features, older.predict(recent))
    later = films.filter(year.is_between(origin.first, origin.last))
    predicted = recipe.fit(films, year < origin.year, chosen, older.trees).predict(later)
    return Forecast(later, features, predicted, calibrated)


def trend(judged: pl.DataFrame) -> float:
    """Change of the share inside with each year of release, by least squares over films."""
    return judged.select(pl.cov("start_year", pl.col("inside").cast(pl.Float64)) / pl.col("start_year").var()).item()


def rates(forecasts: list[Forecast]) -> pl.DataFrame:
    """For each rate of growth the trend of each forecast, and their mean."""
    trends = {rate: [trend(one.judged(rate)) for one in forecasts] for rate in RATES}
    return pl.DataFrame(
        [
            {"growth": rate, **dict(zip(CHAMPIONS, found, strict=True)), "mean": float(np.mean(found))}
            for rate, found in trends.items()
        ]
    )


def by_year(tested: Forecast, growth: float) -> pl.DataFrame:
    """Year → films, share inside, mean width, and the mean width without growth; the last row has all years."""
    rows = tested.judged(growth).with_columns(fixed=tested.judged(0)["width"])
    figures = {
        "films": pl.len(),
        "inside": pl.col("inside").mean().round(4),
        "width": pl.col("width").mean().round(3),
        "width without growth": pl.col("fixed").mean().round(3),
    }
    years = rows.group_by(pl.col("start_year").cast(pl.String)).agg(**figures).sort("start_year")
    return pl.concat([years, rows.select(start_year=pl.lit("all"), **figures)])


if __name__ == "__main__":
    table = Lake(Path(sys.argv[1])).table("gold.movie_features")
    clean = splits.clean(training.films_of(table.scan()))
    tried = rates([forecast(clean, champion, CHOOSES) for champion in CHAMPIONS])
    growth = tried.sort(pl.col("mean").abs())["growth"][0]
    sys.stdout.write(f"change of the share inside a year, {CHOOSES.first}-{CHOOSES.last}\n")
    sys.stdout.write(tried.write_csv(separator="\t", float_precision=5))
    sys.stdout.write(f"chosen: {growth:.2%} a year; the product has {intervals.GROWTH:.2%}\n")
    for champion in CHAMPIONS:
        figures = by_year(forecast(clean, champion, TESTS), growth).write_csv(separator="\t")
        sys.stdout.write(f"\n{champion}, {iterations.iteration(champion).regime}\n{figures}")
