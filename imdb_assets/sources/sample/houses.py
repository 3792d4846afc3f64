"""Titles other than films, and the production houses that make them.

A production house makes one series with all its episodes, or one other title. A production house has a year, genres,
and its own range of person numbers. To find a person's production house, one search in the ranges of person numbers is
enough; no list of credits is needed. The episodes of a series mostly have neighbouring ids, as in IMDb.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.films import LAST_RATED_YEAR
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.people import Block, draw_years

OTHER_KINDS = (  # (titleType, its share of all titles other than films), as in IMDb; the remaining titles are episodes
    ("short", 0.1055), ("tvSeries", 0.028), ("video", 0.0308), ("tvMovie", 0.0144), ("tvMiniSeries", 0.0063),
    ("tvSpecial", 0.0053), ("videoGame", 0.0044), ("tvShort", 0.0011), ("tvPilot", 0.000001),
    ("tvPodcast", 0.0),  # exactly one title has this kind; no contract declares the kind, as if IMDb had just added it
)  # fmt: skip
KINDS = ("movie", "tvEpisode", *(kind for kind, _ in OTHER_KINDS))
MOVIE, EPISODE = 0, 1
SHORT, SERIES, MINI_SERIES = (KINDS.index(kind) for kind in ("short", "tvSeries", "tvMiniSeries"))
# Genres of shows. Each genre is given to a slice of all series; two fractions are the start and end of the slice.
SHOWS = (("Talk-Show", 0.0, 0.15), ("Reality-TV", 0.15, 0.22), ("Game-Show", 0.22, 0.26))
FACTUAL = ("Documentary", "News", "Talk-Show", "Reality-TV", "Game-Show")  # genres whose people play only themselves
SIZE_SKEW = 1.6  # sd of log(episodes per series): a few series have most of the episodes
RUN_OF_EPISODES = 9  # episodes are added to IMDb in groups, such as seasons, of 9 on average
STREAMED = 0.5  # share of series that are dated 30 years later than other titles, as television is younger than film
NOISE_YEARS = 15  # sd of random noise, in years; titles get ids in the order of year plus noise
# A production house's relative number of people is 5 for a single title, and 5 * (1 + episodes) ** 0.8 for a series.
PEOPLE_ALONE, PEOPLE_OF_SERIES, PEOPLE_BY_EPISODES = 5.0, 5.0, 0.80
ACTIVITY_SKEW = 0.7  # sd of log(credits per title) among production houses
RUNTIME_KNOWN = 0.6  # share of production houses whose titles have a known runtime
HOUSES_AT_A_TIME = 100_000  # bounds the memory for drawing genres
UNKNOWN = 0


@dataclass(frozen=True)
class Houses:
    """All production houses. Each array has one element per production house, in the same order."""

    kind: NDArray[np.int8]  # kind of title that each production house makes, as an index into KINDS
    year: NDArray[np.int16]
    genre_sets: NDArray[np.int8]  # up to three genres of each production house, shape (houses, 3)
    is_factual: NDArray[np.bool_]
    runtime_minutes: NDArray[np.int16]  # runtime of each production house's titles; UNKNOWN if not known
    popularity: NDArray[np.float32]  # popularity of each production house, standard-normal
    activity: NDArray[np.float32]  # credits per title of each production house, divided by the mean of all houses
    people: NDArray[np.int64]  # production house h has the people with the numbers people[h] to people[h + 1] - 1
    title: Ints  # for each production house, the number of its series, or of its only title
    episodes: Ints  # title numbers of all episodes, grouped by production house
    first_episode: NDArray[np.int64]  # production house h has episodes[first_episode[h]:first_episode[h + 1]]

    @property
    def count(self) -> int:
        """Number of houses."""
        return len(self.kind)

    def of_people(self, person: Ints) -> NDArray[np.int64]:
        """For each person in television, finds the production house that the person works for."""
        return np.searchsorted(self.people, person, side="right") - 1


@dataclass(frozen=True)
class Line:
    """All titles that production houses make, episodes included; `house` and `nth` are in the order of title ids."""

    house: Ints
    nth: Ints  # number of an episode within its series, from 1; 0 for titles other than episodes
    kind: NDArray[np.int8]  # kind of title that each production house makes


def line_up(rng: np.random.Generator, count: int) -> Line:
    """Decides which of `count` consecutive titles start a production house, and which house each episode belongs to."""
    quotas = [max(1, round(share * count)) for _, share in OTHER_KINDS]
    kind = rng.permuted(np.repeat(np.arange(2, 2 + len(quotas), dtype=np.int8), quotas))
    houses, episodes = len(kind), count - len(kind)
    runs = max(1, episodes // RUN_OF_EPISODES)
    ends = np.sort(rng.integers(0, episodes + 1, runs - 1))  # the runs' lengths are nearly geometrically distributed
    lengths = np.diff(ends, prepend=0, append=episodes)
    series = np.flatnonzero((kind == SERIES) | (kind == MINI_SERIES))
    size = np.cumsum(np.exp(SIZE_SKEW * rng.standard_normal(len(series))))
    series_of_run = series[np.searchsorted(size, rng.random(runs) * size[-1], side="right")]

    by_series = np.argsort(series_of_run, kind="stable")
    before = np.cumsum(lengths[by_series]) - lengths[by_series]  # number of episodes in all earlier runs, of any series
    _, first, place = np.unique(series_of_run[by_series], return_index=True, return_inverse=True)
    nth_of_run = np.empty(runs, dtype=np.int64)
    nth_of_run[by_series] = before - before[first][place]  # number of episodes in earlier runs of the same series

    is_run = np.zeros(houses + runs, dtype=np.bool_)
    is_run[rng.choice(houses + runs, runs, replace=False, shuffle=False)] = True
    repeats = np.ones(houses + runs, dtype=np.int64)
    repeats[is_run] = lengths
    house = np.empty(houses + runs, dtype=np.int32)
    house[~is_run] = np.arange(houses)
    house[is_run] = series_of_run
    nth = np.zeros(count, dtype=np.int32)
    is_episode = np.repeat(is_run, repeats)
    within = np.arange(episodes) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    nth[is_episode] = within + np.repeat(nth_of_run, lengths) + 1
    return Line(house=np.repeat(house, repeats), nth=nth, kind=kind)


def draw_houses(rng: np.random.Generator, line: Line, place: Ints, people: Block) -> Houses:
    """Gives every production house a year, genres and people.

    Args:
        rng: Random number generator.
        line: All titles of all production houses.
        place: For each title in `line`, its number, which is its position in the dumps.
        people: The people whom production houses hire, as a range of person numbers.
    """
    count, kind = len(line.kind), line.kind
    is_series = (kind == SERIES) | (kind == MINI_SERIES)
    later = np.where(is_series & (rng.random(count) < STREAMED), 34, 4)
    year = np.minimum(draw_years(rng, count) + later, LAST_RATED_YEAR).astype(np.int16)
    year = year[np.argsort(year + NOISE_YEARS * rng.standard_normal(count), kind="stable")]
    sets = np.concatenate(
        [
            _draw_genres(rng, kind[start : start + HOUSES_AT_A_TIME], year[start : start + HOUSES_AT_A_TIME])
            for start in range(0, count, HOUSES_AT_A_TIME)
        ]
    )
    is_factual = np.zeros(count, dtype=np.bool_)
    for genre in FACTUAL:
        is_factual |= genres.has(sets, genre)
    length = np.where(kind == SHORT, 14.0, 42.0) * np.exp(0.4 * rng.standard_normal(count))

    is_episode = line.nth > 0
    sizes = np.bincount(line.house[is_episode], minlength=count)
    first_episode = np.concatenate([[0], np.cumsum(sizes)])
    episodes = np.empty(first_episode[-1], dtype=np.int32)
    episodes[first_episode[line.house[is_episode]] + line.nth[is_episode] - 1] = place[is_episode]
    weight = np.where(is_series, PEOPLE_OF_SERIES * (1 + sizes) ** PEOPLE_BY_EPISODES, PEOPLE_ALONE)
    weight *= np.exp(0.5 * rng.standard_normal(count))
    bounds = np.concatenate([[0], np.cumsum(weight)])
    return Houses(
        kind=kind,
        year=year,
        genre_sets=sets,
        is_factual=is_factual,
        runtime_minutes=np.where(rng.random(count) < RUNTIME_KNOWN, np.rint(length) + 1, UNKNOWN).astype(np.int16),
        popularity=rng.standard_normal(count, dtype=np.float32),
        activity=np.exp(ACTIVITY_SKEW * rng.standard_normal(count, dtype=np.float32) - ACTIVITY_SKEW**2 / 2),
        people=people.start + np.rint(bounds / bounds[-1] * people.size).astype(np.int64),
        title=place[~is_episode],
        episodes=episodes,
        first_episode=first_episode,
    )


def _draw_genres(rng: np.random.Generator, kind: NDArray[np.int8], year: NDArray[np.int16]) -> NDArray[np.int8]:
    first = genres.draw_genre(rng, year.astype(np.int32))
    sets = genres.draw_genre_sets(rng, first)
    show = rng.random(len(kind))
    is_series = (kind == SERIES) | (kind == MINI_SERIES)
    for genre, low, high in SHOWS:
        genres.include(sets, is_series & (show >= low) & (show < high), genre)
    genres.include(sets, kind == SHORT, "Short")
    return sets.astype(np.int8)
