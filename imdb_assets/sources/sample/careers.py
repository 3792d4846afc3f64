"""Careers for name.basics: the best-known titles, the main jobs and the first year of each person.

The careers of film people are gathered from all films at once. The career of a television person depends only on the
person's production house, so television people can be written in any order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.chance import scramble
from imdb_assets.sources.sample.credits import (
    ACTOR,
    ACTRESS,
    CATEGORIES,
    FROM,
    JOB_CATEGORY,
    SELF,
    WOMEN_IN_FIVE,
    film_jobs,
)
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.people import LAST_YEAR

MOST_KNOWN_FOR, MOST_PROFESSIONS = 4, 3
FILMS_AT_A_TIME = 100_000  # bounds the memory for gathering careers
KNOWN_FOR_IN_TEN = np.array([0, 1, 1, 1, 1, 1, 1, 2, 3, 4])  # one person in ten is known for no title, six for one
SECOND_JOBS_IN_TEN = 3  # of ten people of a production house, about 3 have a second job


@dataclass(frozen=True)
class Careers:
    """Careers of some people, with one array element per person; -1 stands for a missing title or job."""

    known_for: Ints  # each person's best-known titles, as title numbers; shape (people, MOST_KNOWN_FOR)
    jobs: NDArray[np.int8]  # categories of each person's jobs, most frequent first; shape (people, MOST_PROFESSIONS)
    first_year: Ints  # first year of each person's career; LAST_YEAR + 1 if none of the person's titles has a year


def _rank_within(sorted_groups: NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.flatnonzero(np.diff(sorted_groups, prepend=-1))
    return np.arange(len(sorted_groups)) - np.repeat(starts, np.diff(starts, append=len(sorted_groups)))


def gather_film_careers(catalogue: Catalogue) -> Careers:
    """Gathers each film person's best-known titles, main jobs and first year from all films."""
    films, facts, people = catalogue.film_count, catalogue.film_facts, catalogue.films.people.television.start
    places = catalogue.film_places()
    by_fame = np.lexsort((places, -facts.votes))
    fame_rank = np.empty(films, dtype=np.int64)
    fame_rank[by_fame] = np.arange(films)
    first_year = np.full(people, LAST_YEAR + 1, dtype=np.int32)
    film_keys, job_keys = [], []
    for start in range(0, films, FILMS_AT_A_TIME):
        some = np.arange(start, min(start + FILMS_AT_A_TIME, films), dtype=np.int32)
        person, category = film_jobs(catalogue, some)
        film = np.broadcast_to(some[:, None], person.shape)
        is_there = person >= 0
        person, film, category = person[is_there].astype(np.int64), film[is_there], category[is_there]
        film_keys.append(person * films + fame_rank[film])
        job_keys.append(person * len(CATEGORIES) + category)
        is_dated = facts.year[film] > 0
        np.minimum.at(first_year, person[is_dated], facts.year[film][is_dated])

    key = np.unique(np.concatenate(film_keys))
    film_keys.clear()
    rank = _rank_within(key // films)
    key, rank = key[rank < MOST_KNOWN_FOR], rank[rank < MOST_KNOWN_FOR]
    known_for = np.full((people, MOST_KNOWN_FOR), -1, dtype=np.int32)
    known_for[key // films, rank] = places[by_fame[key % films]]

    key, times = np.unique(np.concatenate(job_keys), return_counts=True)
    job_keys.clear()
    person, category = key // len(CATEGORIES), (key % len(CATEGORIES)).astype(np.int8)
    order = np.lexsort((category, -times, person))
    person, category = person[order], category[order]
    rank = _rank_within(person)
    listed = (rank < MOST_PROFESSIONS) & (category != SELF)
    jobs = np.full((people, MOST_PROFESSIONS), -1, dtype=np.int8)
    jobs[person[listed], rank[listed]] = category[listed]
    return Careers(known_for=known_for, jobs=jobs, first_year=first_year)


def house_careers(catalogue: Catalogue, person: Ints) -> Careers:
    """Derives the careers of television people from their production houses, in the order of `person`."""
    houses = catalogue.houses
    house = houses.of_people(person)
    first = houses.people[house]
    position = (person - first + 0.5) / (houses.people[house + 1] - first)
    chance = scramble(person).astype(np.int64) & 0xFFFFFFFF

    episodes = houses.first_episode[house + 1] - houses.first_episode[house]
    wanted = np.minimum(KNOWN_FOR_IN_TEN[chance % 10], episodes + 1)
    known_for = np.full((len(person), MOST_KNOWN_FOR), -1, dtype=np.int32)
    known_for[wanted > 0, 0] = houses.title[house[wanted > 0]]
    for nth in range(1, MOST_KNOWN_FOR):
        has_more = wanted > nth
        some = house[has_more]
        episode = (chance[has_more] // 10 + nth) % episodes[has_more]
        known_for[has_more, nth] = houses.episodes[houses.first_episode[some] + episode]

    by_start = FROM[:-1]  # omits archive footage, which is nobody's profession
    job = np.searchsorted(by_start, position, side="right") - 1
    plays = np.where(person % 5 < WOMEN_IN_FIVE, ACTRESS, ACTOR)
    main = np.where(job == 0, np.where(houses.is_factual[house], -1, plays), JOB_CATEGORY[job])
    neighbour = JOB_CATEGORY[1 + (job + chance // 10) % (len(by_start) - 1)]
    has_second = (main >= 0) & (chance // 100 % 10 < SECOND_JOBS_IN_TEN) & (neighbour != main)
    jobs = np.stack([main, np.where(has_second, neighbour, -1), np.full_like(main, -1)], axis=1).astype(np.int8)
    return Careers(known_for=known_for, jobs=jobs, first_year=houses.year[house].astype(np.int32))
