"""IMDb's genres: how frequent, popular and well rated their films are in the sample.

The numbers are rough values from the public dumps, chosen so that genres help a model about as much as in the real
dumps. This module draws genres for films and other titles; it does not draw ratings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Genre:
    """One genre: its share of films, its circle (group of related genres), and its effects on ratings and votes.

    Effects on ratings are in rating points, effects on log votes in standard deviations.
    """

    name: str
    share: float
    circle: int  # people work within a circle: 0 drama, 1 comedy, 2 action, 3 crime, 4 fantastic, 5 factual
    rating: float
    votes: float
    runtime_minutes: int
    heyday: tuple[int, int] = (1890, 2200)  # outside these years, the genre is ten times rarer


GENRES = (  # in alphabetical order, so that sorting a title's genre codes also sorts the names, as in IMDb
    Genre("Action", 0.085, 2, -0.45, 0.55, 103),
    Genre("Adult", 0.0, 5, -0.50, -0.50, 75),  # the share is 0, so this genre is never drawn; `include` adds it
    Genre("Adventure", 0.05, 2, -0.10, 0.50, 100),
    Genre("Animation", 0.02, 1, 0.45, 0.45, 84),
    Genre("Biography", 0.025, 0, 0.45, 0.10, 102),
    Genre("Comedy", 0.20, 1, -0.15, 0.10, 94),
    Genre("Crime", 0.07, 3, 0.10, 0.25, 98),
    Genre("Documentary", 0.16, 5, 1.20, -0.75, 80),
    Genre("Drama", 0.30, 0, 0.35, -0.05, 101),
    Genre("Family", 0.03, 1, -0.05, 0.05, 92),
    Genre("Fantasy", 0.025, 4, -0.20, 0.30, 98),
    Genre("Film-Noir", 0.02, 3, 0.50, 0.20, 86, (1940, 1958)),
    Genre("Game-Show", 0.0, 5, 0.00, -0.50, 40),
    Genre("History", 0.02, 0, 0.40, 0.00, 106),
    Genre("Horror", 0.075, 4, -1.30, 0.35, 90),
    Genre("Music", 0.02, 1, 0.40, -0.20, 94),
    Genre("Musical", 0.02, 1, 0.05, -0.10, 108, (1929, 1970)),
    Genre("Mystery", 0.03, 3, -0.10, 0.30, 95),
    Genre("News", 0.003, 5, 0.70, -0.60, 76),
    Genre("Reality-TV", 0.0, 5, -0.30, -0.50, 42),
    Genre("Romance", 0.08, 0, 0.05, 0.10, 104),
    Genre("Sci-Fi", 0.03, 4, -0.80, 0.45, 95, (1950, 2200)),
    Genre("Short", 0.0, 0, 0.20, -0.60, 14),
    Genre("Sport", 0.012, 2, 0.25, -0.15, 95),
    Genre("Talk-Show", 0.0, 5, 0.00, -0.60, 50),
    Genre("Thriller", 0.07, 3, -0.50, 0.45, 99),
    Genre("War", 0.02, 0, 0.25, 0.15, 105),
    Genre("Western", 0.04, 2, -0.30, 0.05, 80, (1915, 1972)),
)
NAMES = np.array([genre.name for genre in GENRES])
CODE = {genre.name: code for code, genre in enumerate(GENRES)}
CIRCLE = np.array([genre.circle for genre in GENRES], dtype=np.int32)
CIRCLES = 6
RATING_EFFECT = np.array([genre.rating for genre in GENRES])
VOTE_EFFECT = np.array([genre.votes for genre in GENRES])
RUNTIME_MINUTES = np.array([genre.runtime_minutes for genre in GENRES], dtype=np.float64)
SHARES = np.array([genre.share for genre in GENRES])
ONE_GENRE, TWO_GENRES = 0.40, 0.74  # share of films with one genre, and share of films with one or two genres
SAME_CIRCLE = 2.5  # a genre is 2.5 times likelier as second or third genre if it is in the first genre's circle


def draw_genre(rng: np.random.Generator, years: Ints) -> Ints:
    """For each year in `years`, draws the first genre of a title."""
    first = np.array([genre.heyday[0] for genre in GENRES])
    last = np.array([genre.heyday[1] for genre in GENRES])
    by_year = np.arange(years.min(), years.max() + 1)
    in_heyday = (by_year[:, None] >= first) & (by_year[:, None] <= last)
    cumulative = np.cumsum(np.where(in_heyday, SHARES, SHARES / 10), axis=1)
    rows = cumulative[years - by_year[0]]
    return (rng.random(len(years))[:, None] * rows[:, -1:] > rows).sum(axis=1).astype(np.int32)


def draw_genre_sets(rng: np.random.Generator, first: Ints) -> Ints:
    """Adds up to two more genres to the first genre of each title.

    Returns:
        Genre codes in alphabetical order, shape (titles, 3); -1 stands for "none" and comes last.
    """
    weight = np.where(CIRCLE[:, None] == CIRCLE[None, :], SAME_CIRCLE, 1.0) * SHARES[None, :]
    cumulative = np.cumsum(weight, axis=1)[first]
    sets = np.full((len(first), 3), len(GENRES), dtype=np.int32)
    sets[:, 0] = first
    size = rng.random(len(first))
    for column, threshold in ((1, ONE_GENRE), (2, TWO_GENRES)):
        drawn = (rng.random(len(first))[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1)
        is_new = (size > threshold) & (drawn != sets[:, 0]) & (drawn != sets[:, 1])
        sets[is_new, column] = drawn[is_new]
    sets.sort(axis=1)
    sets[sets == len(GENRES)] = -1
    return sets


def include(sets: Ints, rows: NDArray[np.bool_], name: str) -> None:
    """Adds the genre `name` to the titles that `rows` selects; the genre replaces the third genre, if there is one."""
    changed = sets[rows]
    changed[:, 2] = CODE[name]
    changed[changed < 0] = len(GENRES)
    changed.sort(axis=1)
    changed[changed == len(GENRES)] = -1
    sets[rows] = changed


def mean_over_set(sets: Ints, values: Floats) -> Floats:
    """Returns the mean of a value over each title's genres; 0 for a title without genres."""
    padded = np.append(values, 0.0)  # the index -1 ("none") then selects the 0 at the end
    return padded[sets].sum(axis=1) / np.maximum((sets >= 0).sum(axis=1), 1)


def has(sets: NDArray[np.integer], name: str) -> NDArray[np.bool_]:
    """Whether `name` is among the genres of each title."""
    return (sets == CODE[name]).any(axis=1)
