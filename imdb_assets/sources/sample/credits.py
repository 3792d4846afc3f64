"""Who worked on which title: for films their teams, for other titles a few regulars of the series.

Credits are what title.principals and title.crew are written from. The two disagree on a few directors, as
IMDb's do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.people import LAST_YEAR, HiringPool

CATEGORIES = (  # in the order in which IMDb lists a title's principals
    "actor", "actress", "self", "director", "writer", "producer", "composer", "cinematographer", "editor",
    "production_designer", "casting_director", "archive_footage",
)  # fmt: skip
ACTOR, ACTRESS, SELF, DIRECTOR, WRITER, PRODUCER = range(6)
CREW_JOBS = np.array([5, 5, 5, 5, 6, 7, 7, 8, 8, 9, 10], dtype=np.int32)  # category of a crew person, by number
MOST_CREW = 6
CREW_PER_FILM = 3.6
OTHER_CAST, OTHER_DIRECTED, OTHER_WRITTEN = (
    1.6,
    0.35,
    0.35,
)  # IMDb has some 7 per episode: cut, so a demo stays quick
REGULARS = 7  # people who appear again and again in one series
WOMEN_IN_FIVE = 2
TWICE = 0.004  # share of credits listed a second time with another job, besides the directors who write
DISAGREE = 0.006  # share of directed titles whose principals lack the director, or whose crew names another one


@dataclass(frozen=True)
class Credits:
    """Credits in file order; the rows of title t are starts[t]:starts[t + 1]."""

    title: Ints
    person: Ints
    category: Ints
    ordering: Ints
    starts: NDArray[np.int64]
    crew_title: Ints  # the same facts as title.crew has them, by title
    crew_person: Ints
    crew_is_director: NDArray[np.bool_]


def _rows(title: Ints, person: Ints, category: int | Ints) -> tuple[Ints, Ints, Ints]:
    known = person >= 0
    categories = np.broadcast_to(np.asarray(category, dtype=np.int32), person.shape)
    return title[known], person[known], categories[known]


def _cast_category(person: Ints, *, is_factual: NDArray[np.bool_]) -> Ints:
    is_woman = person % 5 < WOMEN_IN_FIVE
    return np.where(is_factual, SELF, np.where(is_woman, ACTRESS, ACTOR)).astype(np.int32)


def _film_credits(rng: np.random.Generator, catalogue: Catalogue) -> list[tuple[Ints, Ints, Ints]]:
    films = catalogue.films
    place = np.empty(len(films.year), dtype=np.int32)
    is_film = catalogue.film >= 0
    place[catalogue.film[is_film]] = np.flatnonzero(is_film)
    slots = films.cast.shape[1]
    factual = np.repeat(genres.has(films.genre_sets, "Documentary"), slots)
    cast = films.cast.ravel()
    crew_size = np.repeat(np.minimum(rng.poisson(CREW_PER_FILM, len(place)), MOST_CREW), MOST_CREW)
    hired = HiringPool(rng, films.people, films.people.crew).hire(
        rng,
        np.repeat(films.year, MOST_CREW),
        np.repeat(genres.CIRCLE[np.maximum(films.genre_sets[:, 0], 0)], MOST_CREW),
        np.repeat(films.budget, MOST_CREW),
        loyalty=0.5,
    )
    slot = np.tile(np.arange(MOST_CREW), len(place))
    crew = np.where(slot < crew_size, hired, -1).astype(np.int32)
    return [
        _rows(np.repeat(place, slots), cast, _cast_category(cast, is_factual=factual)),
        _rows(place, films.director, DIRECTOR),
        _rows(place, films.second_director, DIRECTOR),
        _rows(place, films.writer, WRITER),
        _rows(place, films.second_writer, WRITER),
        _rows(np.repeat(place, MOST_CREW), crew, CREW_JOBS[crew % len(CREW_JOBS)]),
    ]


def _other_credits(rng: np.random.Generator, catalogue: Catalogue) -> list[tuple[Ints, Ints, Ints]]:
    title = np.flatnonzero(catalogue.film < 0).astype(np.int32)
    parent = catalogue.parent[title]
    house = np.where(parent >= 0, parent, title)  # a series keeps its people
    pool = catalogue.films.people.television

    def regulars(of: Ints) -> Ints:
        number = (house[of].astype(np.int64) * 7_919 + rng.integers(0, REGULARS, len(of)) * 104_729) % pool.size
        return (pool.start + number).astype(np.int32)

    rows = np.arange(len(title), dtype=np.int32)
    seen = np.repeat(rows, rng.poisson(OTHER_CAST, len(title)))
    cast = regulars(seen)
    factual = genres.has(catalogue.genre_sets[title], "Documentary")[seen]
    directed = rows[rng.random(len(title)) < OTHER_DIRECTED]
    written = rows[rng.random(len(title)) < OTHER_WRITTEN]
    return [
        _rows(title[seen], cast, _cast_category(cast, is_factual=factual)),
        _rows(title[directed], regulars(directed), DIRECTOR),
        _rows(title[written], regulars(written), WRITER),
    ]


def draw_credits(seed: int, catalogue: Catalogue) -> Credits:
    """Draws all credits: the same for the same catalogue and seed."""
    rng = np.random.default_rng([seed, 2])
    blocks = _film_credits(rng, catalogue) + _other_credits(rng, catalogue)
    title, person, category = (np.concatenate(column) for column in zip(*blocks, strict=True))
    key = (title.astype(np.int64) * catalogue.films.people.count + person) * len(CATEGORIES) + category
    once = np.sort(np.unique(key, return_index=True)[1])  # nobody does the same job twice in one title
    title, person, category = title[once], person[once], category[once]
    is_crew = (category == DIRECTOR) | (category == WRITER)
    crew_title, crew_person, crew_director = title[is_crew], person[is_crew], category[is_crew] == DIRECTOR
    other = (rng.random(len(crew_title)) < DISAGREE) & crew_director
    crew_person = np.where(other, rng.permutation(crew_person), crew_person).astype(np.int32)
    by_title = np.argsort(crew_title, kind="stable")

    listed = ~((category == DIRECTOR) & (rng.random(len(title)) < DISAGREE))
    title, person, category = title[listed], person[listed], category[listed]
    twice = np.flatnonzero(rng.random(len(title)) < TWICE)
    title = np.concatenate([title, title[twice]])
    person = np.concatenate([person, person[twice]])
    category = np.concatenate([category, np.full(len(twice), PRODUCER, dtype=np.int32)])
    rank = np.maximum(category - SELF, 0)  # actors and actresses mix in one billing
    order = np.lexsort((rank, title))
    title = title[order]
    starts = np.searchsorted(title, np.arange(catalogue.count + 1))
    ordering = np.arange(len(title)) - starts[title] + 1
    return Credits(
        title=title, person=person[order], category=category[order], ordering=ordering.astype(np.int32),
        starts=starts,
        crew_title=crew_title[by_title], crew_person=crew_person[by_title],
        crew_is_director=crew_director[by_title],
    )  # fmt: skip


def first_years(catalogue: Catalogue, drawn: Credits) -> Ints:
    """Returns the year of each person's first credit; a year beyond every file for people without any."""
    first = np.full(catalogue.films.people.count, LAST_YEAR + 1, dtype=np.int32)
    years = catalogue.year[drawn.title]
    dated = years > 0
    np.minimum.at(first, drawn.person[dated], years[dated])
    return first
