"""The only module that decides which films are for training, for testing and for the showcase.

Every random choice is a hash of `tconst` and a salt. The choice for a film depends neither on the order of rows nor on
other films, and stays the same from day to day.
"""

import hashlib
import math
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.ml.iterations import POPULATIONS, Population

TestRows = Population | Literal["at least 100 votes"]
"""Populations of films on which champions are scored."""
TEST_ROWS: tuple[TestRows, ...] = (*POPULATIONS, "at least 100 votes")
ENOUGH_VOTES = 100
"""Smallest number of votes for a trustworthy rating; with fewer, a rating is the opinion of a few friends and
strangers."""
ROLLING_YEARS = 8
"""Number of recent release years in the rolling-origin test, which predicts each of these years from all earlier
years."""

Split = Literal["random", "temporal"]
SPLITS: tuple[Split, ...] = ("random", "temporal")

SEED = 2018
"""Seed of all hashes and of the learner. Any number would do, but the seed must never change."""
TEST_SHARE = 0.2
"""Share of test films in the random split: the usual share, since the source document does not name a share."""
TEMPORAL_SPLIT_YEAR = 2018
"""First test year; models are trained on earlier years. The first test year is recent enough to matter, and old enough
that most of its films' ratings hardly change any more."""
CALIBRATION_YEARS = 5
"""Length in years of the period just before the temporal split. The films of this period calibrate the intervals of the
test films. A model that learned from older films predicts the calibration films."""
MATURE_YEARS = 2
"""A film counts as mature this many years after its release, because its rating then hardly changes any more."""
FOLDS = 5
"""Number of folds. Each fold's model learns from 80 % of the films, like the model of the random split."""

MOST_VOTED = 50_000
"""Number of most-voted films: the "50k filter" of the source document (docs/honest-result.md)."""
MOST_VOTED_SHARE = 0.16
"""In a small catalogue, this share of the films counts as most voted. In the source document, the 50,000 most-voted
films are 16 % of 309,000 clean films."""
SMALL_CATALOGUE = 100_000
"""A catalogue with fewer clean (rated) films than this number counts as small, because 50,000 films would be more than
half of the catalogue."""

SHOWCASE_FILMS = ("tt0108052", "tt0332280", "tt0468569", "tt0418279", "tt1179904")
"""Films in the source document (Schindler's List, The Notebook, The Dark Knight, Transformers, Paranormal Activity)."""
SHOWCASE_SHARE = 0.01
"""The showcase consists of `SHOWCASE_FILMS` and this share of all other films. The model in service must not learn from
the showcase. The showcase has enough films for a mean error, but so few that the model hardly gets worse without
them."""


def uniform(tconst: pl.Series, salt: str) -> NDArray[np.float64]:
    """One number in [0, 1) per film; numbers for different salts are independent.

    The hash is blake2b and not crc32, because crc32 is linear. If crc32 were used with two salts of the same length,
    each title's two hashes would differ by the same XOR mask, so folds would depend on the test split.

    Args:
        tconst: Title ids, shape (films,).
        salt: Purpose of the numbers, such as `fold`; a title gets another number for each purpose.

    Returns:
        Shape (films,).
    """
    prefix = hashlib.blake2b(f"{SEED}:{salt}:".encode(), digest_size=8)

    def number(title: str) -> int:
        state = prefix.copy()
        state.update(title.encode())
        return int.from_bytes(state.digest()) >> 11  # 53 bits, the precision of a double

    return np.fromiter((number(title) for title in tconst), dtype=np.float64, count=len(tconst)) / 2**53


def clean(movies: pl.DataFrame) -> pl.DataFrame:
    """The clean (rated) films, ordered by `tconst` so that training never depends on the order of rows."""
    return movies.filter(pl.col("average_rating").is_not_null()).sort("tconst")


def is_test(films: pl.DataFrame, split: Split) -> pl.Series:
    """Whether each film is held out for testing.

    Args:
        films: Frame with `tconst` and `start_year`.
        split: `random` holds out 20 % of the films, `temporal` holds out the films of `TEMPORAL_SPLIT_YEAR` and later.
    """
    if split == "temporal":
        return films["start_year"] >= TEMPORAL_SPLIT_YEAR
    return pl.Series(uniform(films["tconst"], "random test") < TEST_SHARE)


def is_mature(films: pl.DataFrame, dumped: date) -> pl.Series:
    """Whether each film was at least `MATURE_YEARS` calendar years old when the dumps were made.

    Args:
        films: Frame with `start_year`.
        dumped: The dumps' date.
    """
    return films["start_year"] <= dumped.year - MATURE_YEARS


def fold_numbers(tconst: pl.Series) -> pl.Series:
    """The fold of each film, 0 to `FOLDS` - 1; the model of a fold does not learn from the fold's films."""
    return pl.Series(np.floor(uniform(tconst, "fold") * FOLDS).astype(np.int32))


def rolling_years(films: pl.DataFrame, least: int) -> list[int]:
    """The newest `ROLLING_YEARS` years that have at least `least` films each, oldest first.

    Args:
        films: Clean (rated) films with `start_year`.
        least: Smallest number of films that makes a year worth testing.
    """
    counts = films.group_by("start_year").len().filter(pl.col("len") >= least)
    return counts["start_year"].sort().tail(ROLLING_YEARS).to_list()


def is_in_population(films: pl.DataFrame, population: TestRows) -> pl.Series:
    """Whether each clean film is in the population.

    Args:
        films: All clean (rated) films, with `tconst` and `num_votes`. All clean films are needed, because the most
            voted films are chosen from among them.
        population: `most voted` are the 50,000 films with the most votes, or the top 16 % of a small catalogue.
    """
    if population == "all clean films":
        return pl.repeat(value=True, n=films.height, eager=True)
    if population == "at least 100 votes":
        return films["num_votes"] >= ENOUGH_VOTES
    small = films.height < SMALL_CATALOGUE
    count = math.ceil(films.height * MOST_VOTED_SHARE) if small else MOST_VOTED
    chosen = films.sort(["num_votes", "tconst"], descending=[True, False], nulls_last=True).head(count)
    return films["tconst"].is_in(chosen["tconst"].implode())


def is_showcase(tconst: pl.Series) -> pl.Series:
    """Whether each film is in the showcase, from which the model in service must not learn."""
    by_chance = pl.Series(uniform(tconst, "showcase") < SHOWCASE_SHARE)
    return by_chance | tconst.is_in(list(SHOWCASE_FILMS))
