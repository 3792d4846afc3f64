"""The protocol's rows, in one place: what is trained on, what is tested on, what is shown off.

Every random choice is a hash of `tconst` and a salt, so that a film's place depends neither on the order of rows nor on
which other films there are, and stays the same from one day's catalogue to the next.
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
"""Films that champions are scored on."""
TEST_ROWS: tuple[TestRows, ...] = (*POPULATIONS, "at least 100 votes")
ENOUGH_VOTES = 100
"""Ratings below it are mostly a few friends' and strangers'."""
ROLLING_YEARS = 8
"""Latest years of release that the rolling origin tests, each predicted from all years before it."""

Split = Literal["random", "temporal"]
SPLITS: tuple[Split, ...] = ("random", "temporal")

SEED = 2018
"""Of every hash and every learner. Any number does; it only has to stay."""
TEST_SHARE = 0.2
"""Of the random split: the usual share, and the source document names no other."""
TEMPORAL_SPLIT_YEAR = 2018
"""Train before, test from this year on: recent enough to matter, old enough that most ratings have settled."""
CALIBRATION_YEARS = 5
"""Before the temporal split: their films, predicted from older ones, calibrate the intervals of its test rows."""
MATURE_YEARS = 2
"""Since a film's release, as of the dump's date, before its rating counts as settled."""
FOLDS = 5
"""Each fold's model learns from 80 % of the films, as the random split's does."""

MOST_VOTED = 50_000
"""The source document's "50k filter"."""
MOST_VOTED_SHARE = 0.16
"""50,000 is 16 % of the 309 k clean films of the source document: the filter of a small catalogue."""
SMALL_CATALOGUE = 100_000
"""Clean films below which the share applies; 50,000 of fewer than that would be no filter."""

SHOWCASE_FILMS = ("tt0108052", "tt0332280", "tt0468569", "tt0418279", "tt1179904")
"""Schindler's List, The Notebook, The Dark Knight, Transformers, Paranormal Activity: the source document's films."""
SHOWCASE_SHARE = 0.01
"""Further films the served model must not have seen: enough for a mean error, too few to weaken it."""


def uniform(tconst: pl.Series, salt: str) -> NDArray[np.float64]:
    """One number in [0, 1) per film, independent between salts.

    blake2b rather than crc32: crc32 is linear, so under another salt of the same length every hash changes by the same
    exclusive-or, and folds would follow the test split.

    Args:
        tconst: Title ids, shape (films,).
        salt: What the numbers are for.

    Returns:
        Shape (films,).
    """
    prefix = hashlib.blake2b(f"{SEED}:{salt}:".encode(), digest_size=8)

    def number(title: str) -> int:
        state = prefix.copy()
        state.update(title.encode())
        return int.from_bytes(state.digest()) >> 11  # 53 bits: all that a double holds

    return np.fromiter((number(title) for title in tconst), dtype=np.float64, count=len(tconst)) / 2**53


def clean(movies: pl.DataFrame) -> pl.DataFrame:
    """The clean (rated) films, ordered by `tconst` so that training never depends on the order of rows."""
    return movies.filter(pl.col("average_rating").is_not_null()).sort("tconst")


def is_test(films: pl.DataFrame, split: Split) -> pl.Series:
    """Whether each film is held out for testing.

    Args:
        films: With `tconst` and `start_year`.
        split: `random` holds out 20 % of films, `temporal` those of `TEMPORAL_SPLIT_YEAR` and later.
    """
    if split == "temporal":
        return films["start_year"] >= TEMPORAL_SPLIT_YEAR
    return pl.Series(uniform(films["tconst"], "random test") < TEST_SHARE)


def is_mature(films: pl.DataFrame, dumped: date) -> pl.Series:
    """Whether each film was at least `MATURE_YEARS` old when the dumps were made, counted in calendar years.

    Args:
        films: With `start_year`.
        dumped: The dumps' date.
    """
    return films["start_year"] <= dumped.year - MATURE_YEARS


def fold_numbers(tconst: pl.Series) -> pl.Series:
    """The fold (0 to `FOLDS` - 1) whose model does not train on the film."""
    return pl.Series(np.floor(uniform(tconst, "fold") * FOLDS).astype(np.int32))


def rolling_years(films: pl.DataFrame, least: int) -> list[int]:
    """The latest `ROLLING_YEARS` years with at least `least` films, oldest first.

    Args:
        films: Clean films with `start_year`.
        least: Films without which a year is no test.
    """
    counts = films.group_by("start_year").len().filter(pl.col("len") >= least)
    return counts["start_year"].sort().tail(ROLLING_YEARS).to_list()


def is_in_population(films: pl.DataFrame, population: TestRows) -> pl.Series:
    """Whether each clean film is in the population.

    Args:
        films: All clean films (a subset has other most-voted films), with `tconst` and `num_votes`.
        population: `most voted` are the 50,000 with most votes, or the top 16 % of a small catalogue.
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
    """Whether each film is shown off by the endpoint, and so must be unknown to the served model."""
    by_chance = pl.Series(uniform(tconst, "showcase") < SHOWCASE_SHARE)
    return by_chance | tconst.is_in(list(SHOWCASE_FILMS))
