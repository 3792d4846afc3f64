"""Credits of a run of consecutive titles: films get their teams, other titles get people of their production house.

The dumps title.principals and title.crew are written from these credits. As in IMDb, the two dumps disagree on a few
directors.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.chance import Purpose, scramble, stream
from imdb_assets.sources.sample.genres import Floats, Ints
from imdb_assets.sources.sample.houses import MINI_SERIES, SERIES
from imdb_assets.sources.sample.titles import Titles

CATEGORIES = (  # in the order in which IMDb lists a title's principals
    "actor", "actress", "self", "director", "writer", "producer", "composer", "cinematographer", "editor",
    "production_designer", "casting_director", "archive_footage",
)  # fmt: skip
ACTOR, ACTRESS, SELF, DIRECTOR, WRITER, PRODUCER = range(6)
# Jobs of film crew, as indexes into CATEGORIES; a crew member's person number modulo 11 picks the job.
CREW_JOBS = np.array([5, 5, 5, 5, 6, 7, 7, 8, 8, 9, 10], dtype=np.int32)
WOMEN_IN_FIVE = 2
TWICE = 0.004  # share of film credits whose person is listed a second time, as producer
DISAGREE = 0.006  # share of director credits that title.principals lacks; an equal share is wrong in title.crew

# For each job in a production house, the category under which title.principals lists the job. The first job is acting;
# the people with this job are listed as actors, as actresses or as themselves.
JOB_CATEGORY = np.array([ACTOR, *range(DIRECTOR, len(CATEGORIES))], dtype=np.int32)
CAST_JOB, WRITER_JOB = 0, 2
# For each job, the largest number of people per title; only a crowded cast (CROWDED_CAST) is larger.
MOST = np.array([16, 2, 3, 3, 1, 1, 2, 1, 1, 1], dtype=np.int32)
# Each job goes to one slice of a production house's list of people; FROM and TO bound the slice, as fractions of the
# list. The last job is an appearance in archive footage. Archive footage shows the cast, so the last job goes to the
# same people as the first job.
FROM = np.array([0.0, 0.60, 0.68, 0.76, 0.84, 0.88, 0.92, 0.95, 0.975, 0.0])
TO = np.array([0.60, 0.68, 0.76, 0.84, 0.88, 0.92, 0.95, 0.975, 1.0, 0.60])
# For each job, an exponent: the higher the exponent, the more often the job goes to the same few people.
REGULARS = np.array([1.7, *[4.0] * 8, 1.7])
# For each job in a production house: chance that the last person listed for the job is also listed for the next job.
DOES_THE_NEXT_JOB_TOO = 0.10
KNOWN_JOBS = 0.55  # for each job except acting: chance that IMDb knows who does the job in a production house
CROWDED_YEAR, CROWDED_CAST = 2024, (30, 60)  # since 2024, a few titles list a cast of 30 to 60 people
# Chance that a title since 2024 has a crowded cast, if its production house has at least 200 people.
CROWDED_CHANCE, CROWDED_PEOPLE = 2e-3, 200
MOST_SERIES_WRITERS = 1_270  # the ids of 1,270 writers have 14,000 characters together, like IMDb's longest lists


@dataclass(frozen=True)
class Credits:
    """Credits of a run of consecutive titles, ordered by title. Titles are numbered from 0 within the run."""

    title: Ints
    person: Ints
    category: Ints
    ordering: Ints  # position of each credit in its title's list, from 1
    crew_title: Ints  # the three arrays crew_… have the credits that title.crew lists
    crew_person: Ints
    crew_is_director: NDArray[np.bool_]


@dataclass(frozen=True)
class _Rows:
    title: Ints
    person: Ints
    category: Ints

    def where(self, kept: NDArray[np.bool_] | NDArray[np.integer]) -> "_Rows":
        return _Rows(self.title[kept], self.person[kept], self.category[kept])


def film_jobs(catalogue: Catalogue, films: Ints) -> tuple[Ints, Ints]:
    """Returns the people of each film and their categories, as two arrays of shape (films, jobs); -1 means nobody."""
    of = catalogue.films
    cast, crew = of.cast[films], catalogue.film_crew[films]
    is_factual = genres.has(of.genre_sets[films], "Documentary")[:, None]
    makers = np.stack([of.director, of.second_director, of.writer, of.second_writer], axis=1)[films]
    made = np.broadcast_to(np.array([DIRECTOR, DIRECTOR, WRITER, WRITER], dtype=np.int32), makers.shape)
    people = np.concatenate([cast, makers, crew], axis=1)
    categories = np.concatenate([_cast_category(cast, is_factual), made, CREW_JOBS[crew % len(CREW_JOBS)]], axis=1)
    return people, categories


def _cast_category(person: Ints, is_factual: NDArray[np.bool_]) -> Ints:
    is_woman = person % 5 < WOMEN_IN_FIVE
    return np.where(is_factual, SELF, np.where(is_woman, ACTRESS, ACTOR)).astype(np.int32)


def _film_rows(rng: np.random.Generator, catalogue: Catalogue, titles: Titles) -> tuple[_Rows, _Rows]:
    """Returns the credits for title.principals and the credits for title.crew, of all films in the run of titles."""
    here = np.flatnonzero(titles.film >= 0).astype(np.int32)
    people, categories = film_jobs(catalogue, titles.film[here])
    rows = _Rows(np.repeat(here, people.shape[1]), people.ravel(), categories.ravel())
    rows = rows.where(rows.person >= 0)
    key = (rows.title.astype(np.int64) * catalogue.films.people.count + rows.person) * len(CATEGORIES) + rows.category
    rows = rows.where(np.sort(np.unique(key, return_index=True)[1]))  # nobody does the same job twice in one title
    crew = rows.where((rows.category == DIRECTOR) | (rows.category == WRITER))
    again = rows.where(rng.random(len(rows.title)) < TWICE)
    title = np.concatenate([rows.title, again.title])
    category = np.concatenate([rows.category, np.full_like(again.category, PRODUCER)])
    person = np.concatenate([rows.person, again.person])
    rank = np.maximum(category - SELF, 0)  # actors and actresses are billed in one list
    return _Rows(title, person, category).where(np.lexsort((rank, title))), crew


def _house_chance(house: Ints, job: NDArray[np.integer]) -> Floats:
    """For each production house and job, a random number from 0 to 1, which is the same for all titles of the house."""
    house, job = np.broadcast_arrays(house, job)
    return scramble(house, job) / 2.0**64


def _count_jobs(rng: np.random.Generator, catalogue: Catalogue, titles: Titles, here: Ints) -> Ints:
    """For each title in `here` and each job, draws the number of people who have the job in the title."""
    rates = np.array(astuple(catalogue.proportions.other_credits))
    house = titles.house[here]
    mean = catalogue.houses.activity[house, None] * rates
    is_known = _house_chance(house[:, None], np.arange(len(rates))) < KNOWN_JOBS
    # A random number below 1 is added before rounding down, so a job has almost equally many people in all episodes
    # of a series.
    makers = np.where(is_known, mean / KNOWN_JOBS, 0) + rng.random(mean.shape)
    counts = np.minimum(np.floor(makers).astype(np.int32), MOST)
    counts[:, CAST_JOB] = np.minimum(rng.poisson(mean[:, CAST_JOB]), MOST[CAST_JOB])
    people = catalogue.houses.people[house + 1] - catalogue.houses.people[house]
    is_crowded = (titles.year[here] >= CROWDED_YEAR) & (people >= CROWDED_PEOPLE)
    is_crowded &= rng.random(len(here)) < CROWDED_CHANCE
    counts[is_crowded, CAST_JOB] = rng.integers(*CROWDED_CAST, int(is_crowded.sum()), endpoint=True)
    return counts


def _pick_people(
    catalogue: Catalogue, house: Ints, share: Floats, span: tuple[Floats, Floats], *, evenly: NDArray[np.bool_]
) -> Ints:
    """Picks one person of a production house for each job.

    Args:
        catalogue: The catalogue.
        house: The production house of each job.
        share: The person's position among the people with the job, from 0 to 1. If a title needs several people for one
            job, the positions must rise, so that repeated picks of one person are neighbours.
        span: The job's slice of the production house's list of people: start and end, as fractions of the list from 0
            to 1.
        evenly: Whether all people of the slice are equally likely to be picked. Where `evenly` is false, chances in a
            series follow Zipf's law: the first few people work on most of the series' episodes.

    Returns:
        Person numbers.
    """
    houses = catalogue.houses
    first = houses.people[house]
    size = houses.people[house + 1] - first
    low, high = span
    width = size * (high - low)
    kind = houses.kind[house]
    by_zipf = ((kind == SERIES) | (kind == MINI_SERIES)) & ~evenly
    offset = size * low + np.where(by_zipf, (width + 1) ** share - 1, width * share)
    number = first + np.minimum(offset.astype(np.int64), np.maximum(size - 1, 0))
    return np.minimum(number, catalogue.films.people.television.stop - 1).astype(np.int32)


def _expand(counts: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]:
    """Finds, for every item of several lists, where the item is; `counts` holds the lengths of the lists.

    Returns three values for each item: the number of its list, its position in that list, and that list's length.
    """
    item_list = np.repeat(np.arange(len(counts)), counts)
    return item_list, np.arange(len(item_list)) - (np.cumsum(counts) - counts)[item_list], counts[item_list]


def _other_rows(rng: np.random.Generator, catalogue: Catalogue, titles: Titles) -> tuple[_Rows, _Rows]:
    """Returns the credits for title.principals and for title.crew, of all titles in the run that are not films."""
    here = np.flatnonzero(titles.film < 0).astype(np.int32)
    counts = _count_jobs(rng, catalogue, titles, here)
    block, number, length = _expand(counts.ravel())
    jobs = counts.shape[1]
    title, job = here[block // jobs], (block % jobs).astype(np.int32)
    house = titles.house[title]
    evenly = length > MOST[CAST_JOB]
    share = ((number + rng.random(len(number))) / length) ** np.where(evenly, 1.0, REGULARS[job])
    person = _pick_people(catalogue, house, share, (FROM[job], TO[job]), evenly=evenly)
    is_next_job = (number == 0) & (np.diff(title, prepend=-1) == 0)
    source = np.where(is_next_job & (_house_chance(house, job + jobs) < DOES_THE_NEXT_JOB_TOO), 0, np.arange(len(job)))
    person = person[np.maximum.accumulate(source)]
    is_cast = job == CAST_JOB
    category = np.where(is_cast, _cast_category(person, catalogue.houses.is_factual[house]), JOB_CATEGORY[job])
    # In a small production house, one person may be drawn twice for the same job; the person is then listed once.
    is_again = (np.diff(title, prepend=-1) == 0) & (np.diff(job, prepend=-1) == 0) & (np.diff(person, prepend=-1) == 0)
    rows = _Rows(title, person, category.astype(np.int32)).where(~is_again)
    crew = rows.where((rows.category == DIRECTOR) | (rows.category == WRITER))
    return rows, _with_series_writers(rng, catalogue, titles, crew)


def _with_series_writers(rng: np.random.Generator, catalogue: Catalogue, titles: Titles, crew: _Rows) -> _Rows:
    """Adds to the crew of a series all people who ever wrote for the series; title.principals lists only a few."""
    houses = catalogue.houses
    here = np.flatnonzero((titles.kind == SERIES) | (titles.kind == MINI_SERIES)).astype(np.int32)
    size = houses.first_episode[titles.house[here] + 1] - houses.first_episode[titles.house[here]]
    writers = np.minimum(size // catalogue.proportions.titles_per_series_writer, MOST_SERIES_WRITERS)
    series, number, length = _expand(writers)
    title = here[series]
    share = (number + rng.random(len(number))) / length
    low = np.full(len(title), FROM[WRITER_JOB])
    evenly = np.ones(len(title), dtype=np.bool_)
    person = _pick_people(catalogue, titles.house[title], share, (low, np.ones(len(title))), evenly=evenly)
    added = _Rows(title, person, np.full(len(title), WRITER, dtype=np.int32))
    return _Rows(
        np.concatenate([crew.title, added.title]),
        np.concatenate([crew.person, added.person]),
        np.concatenate([crew.category, added.category]),
    )


def draw_credits(catalogue: Catalogue, titles: Titles) -> Credits:
    """Draws the credits of a run of consecutive titles; every call gives the same credits."""
    rng = stream(catalogue.seed, Purpose.CREDITS, titles.start)
    of_films, film_crew = _film_rows(rng, catalogue, titles)
    of_others, other_crew = _other_rows(rng, catalogue, titles)
    rows, crew = _by_title(of_films, of_others), _by_title(film_crew, other_crew)
    is_director = crew.category == DIRECTOR
    is_other = (rng.random(len(crew.title)) < DISAGREE) & is_director
    crew_person = np.where(is_other, rng.permutation(crew.person), crew.person).astype(np.int32)
    rows = rows.where(~((rows.category == DIRECTOR) & (rng.random(len(rows.title)) < DISAGREE)))
    starts = np.searchsorted(rows.title, np.arange(titles.count))
    ordering = np.arange(len(rows.title)) - starts[rows.title] + 1
    return Credits(
        title=rows.title,
        person=rows.person,
        category=rows.category,
        ordering=ordering.astype(np.int32),
        crew_title=crew.title,
        crew_person=crew_person,
        crew_is_director=is_director,
    )


def _by_title(first: _Rows, second: _Rows) -> _Rows:
    title = np.concatenate([first.title, second.title])
    order = np.argsort(title, kind="stable")
    person, category = np.concatenate([first.person, second.person]), np.concatenate([first.category, second.category])
    return _Rows(title[order], person[order], category[order])
