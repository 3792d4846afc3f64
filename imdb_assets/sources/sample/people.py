"""The people: how many there are, how good and famous they are, and whom a film can hire.

People are numbered from 0 to count - 1, in one block for each main job (directors, actors, writers, film crew,
television). Talent and fame are latent: they shape ratings and votes and are never written to a dump.
"""

from dataclasses import dataclass

import numpy as np

from imdb_assets.sources.sample.genres import CIRCLES, Floats, Ints

FIRST_YEAR = 1905
LAST_YEAR = 2028  # IMDb also lists films that are announced for the next few years
PERIOD_YEARS = 5  # length of a period; a film hires people who are active in the period of its release
ACTORS_PER_FILM = 1.4  # actors in the sample per film; a film hires some 7 actors, so an actor has 5 films on average
WRITERS_PER_FILM = 0.42
CREW_PER_FILM = 0.8
# A career starts less than 8 years before the year of a random film, so that enough people are active when the earliest
# films are made.
BEFORE_FIRST_FILM_YEARS = 8
FAME_SKEW = 1.2  # sd of the log demand for a person: the most wanted 1 % of people get about a sixth of all jobs
TALENT_OF_FAME = 0.35  # correlation of talent with fame: famous people tend to be talented
FILMS_BY_YEAR = (  # (year, relative number of films), roughly as in IMDb, but with a flatter curve after 2014
    (1905, 2), (1912, 40), (1920, 95), (1930, 140), (1940, 150), (1950, 185), (1960, 230), (1970, 330),
    (1980, 360),
    (1990, 400), (2000, 560), (2006, 850), (2012, 1100), (2017, 1000), (2020, 620), (2025, 700), (2028, 300),
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """The people who share a main job; their person numbers run from `start` to `stop` - 1."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """Number of people."""
        return self.stop - self.start


@dataclass(frozen=True)
class Directors:
    """All directors, who are drawn before all other people. Each array has one element per director."""

    talent: Floats
    fame: Floats
    circle: Ints


@dataclass(frozen=True)
class People:
    """All people of the sample. Each array has one element per person, but omits television people (the last block)."""

    count: int
    directors: Block
    actors: Block
    writers: Block
    crew: Block
    television: Block
    talent: Floats  # each person's talent, standard-normal
    fame: Floats  # each person's fame, standard-normal
    circle: Ints  # the group of related genres that each person works in, see genres.CIRCLE


def draw_years(rng: np.random.Generator, count: int) -> Ints:
    """Draws `count` years that are distributed like the years of IMDb's films."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    anchors = np.array(FILMS_BY_YEAR, dtype=np.float64)
    cumulative = np.cumsum(np.interp(years, anchors[:, 0], anchors[:, 1]))
    drawn = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return years[drawn].astype(np.int32)


def assemble_people(rng: np.random.Generator, directors: Directors, *, everybody: int, films: int) -> People:
    """Draws all people except the directors, who are drawn first because their careers decide which films exist.

    Args:
        rng: Random number generator.
        directors: The directors, who are drawn before all other people.
        everybody: Number of people, directors included.
        films: Number of films; more films need more actors, writers and crew.
    """
    sizes = [
        len(directors.talent),
        *(int(films * per) for per in (ACTORS_PER_FILM, WRITERS_PER_FILM, CREW_PER_FILM)),
    ]
    sizes.append(max(everybody - sum(sizes), 100))
    stops = np.cumsum(sizes).tolist()
    blocks = [Block(stop - size, stop) for size, stop in zip(sizes, stops, strict=True)]
    # Talent, fame and circle are drawn for all people, but kept only for film people: in television, they affect
    # nothing.
    others, of_films = stops[-1] - sizes[0], stops[-2] - sizes[0]
    fame = rng.standard_normal(others)[:of_films]
    talent = TALENT_OF_FAME * fame + np.sqrt(1 - TALENT_OF_FAME**2) * rng.standard_normal(others)[:of_films]
    return People(
        count=stops[-1],
        directors=blocks[0], actors=blocks[1], writers=blocks[2], crew=blocks[3], television=blocks[4],
        talent=np.concatenate([directors.talent, talent]),
        fame=np.concatenate([directors.fame, fame]),
        circle=np.concatenate([directors.circle, rng.integers(0, CIRCLES, others)[:of_films]]).astype(np.int32),
    )  # fmt: skip


class HiringPool:
    """The people of one block, listed by the five-year periods in which they are active and by their circle of genres.

    For each period and circle, people are listed from the most to the least famous. The pool keeps a running total of
    the demand for the listed people. A binary search in this running total finds the person for each job.
    """

    def __init__(self, rng: np.random.Generator, people: People, block: Block) -> None:
        """Gives everyone in `block` a career, and lists each person in all periods of this career."""
        person = np.arange(block.start, block.stop)
        lead = rng.integers(0, BEFORE_FIRST_FILM_YEARS, block.size)
        start = np.maximum(draw_years(rng, block.size) - lead - FIRST_YEAR, 0)
        length = 2 + rng.exponential(9.0, block.size) * np.exp(0.35 * people.fame[person])
        first_period = start // PERIOD_YEARS
        last_period = np.minimum(start + np.minimum(length, 55).astype(np.int64), LAST_YEAR - FIRST_YEAR)
        periods = last_period // PERIOD_YEARS - first_period + 1
        entry = np.repeat(np.arange(block.size), periods)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(periods) - periods, periods)
        cell = (first_period[entry] + offset) * CIRCLES + people.circle[person][entry]
        fame = people.fame[person][entry]
        order = np.lexsort((person[entry], -fame, cell))
        self._person = person[entry][order]
        weight = np.exp(FAME_SKEW * fame[order])
        self._cumulative = np.concatenate([[0.0], np.cumsum(weight)])
        cells = ((LAST_YEAR - FIRST_YEAR) // PERIOD_YEARS + 1) * CIRCLES
        self._bounds = np.searchsorted(cell[order], np.arange(cells + 1))

    def hire(self, rng: np.random.Generator, years: Ints, circles: Ints, budget: Floats, *, loyalty: float) -> Ints:
        """Hires one person for each job.

        Args:
            rng: Random number generator.
            years: For each job, the year of its title.
            circles: For each job, the circle (a group of genres) of the film or other title that the job is for.
            budget: For each job, the budget of its title as a standard score: 0 is a mean budget. As a rule, the
                larger the budget, the more famous the person hired.
            loyalty: Share of jobs that go to people of the title's circle; other jobs can go to anyone active in the
                period.

        Returns:
            Person numbers.
        """
        period = (years - FIRST_YEAR) // PERIOD_YEARS
        cell = period * CIRCLES + circles
        stays = rng.random(len(years)) < loyalty
        low = np.where(stays, self._bounds[cell], self._bounds[period * CIRCLES])
        high = np.where(stays, self._bounds[cell + 1], self._bounds[(period + 1) * CIRCLES])
        chance = rng.standard_normal(len(years))
        # The larger a job's budget is, the more famous the hired person tends to be. The logistic curve turns a
        # standard-normal value into a rank between 0 and 1.
        matched = 1 / (1 + np.exp(1.702 * (0.6 * budget + 0.8 * chance)))
        share = np.where(stays, matched, rng.random(len(years)))
        target = self._cumulative[low] + share * (self._cumulative[high] - self._cumulative[low])
        found = np.searchsorted(self._cumulative, target, side="right") - 1
        return self._person[np.minimum(found, len(self._person) - 1)].astype(np.int32)
