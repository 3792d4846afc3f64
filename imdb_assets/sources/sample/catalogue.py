"""The whole catalogue: its titles and people, in the order in which the dumps list them.

A title's number is its position among all titles. Titles are sorted by their ids as strings, as in all dumps. This
module keeps only what other modules need to know about a title. `titles.py` and `credits.py` draw all other facts about
titles when a dump is written, for one run of consecutive titles at a time.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.chance import Purpose, stream
from imdb_assets.sources.sample.film_flaws import FilmFacts, flaw_films
from imdb_assets.sources.sample.films import Films, draw_films
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.houses import NOISE_YEARS, Houses, draw_houses, line_up
from imdb_assets.sources.sample.ids import draw_ids, format_ids, order_as_text
from imdb_assets.sources.sample.people import HiringPool
from imdb_assets.sources.sample.proportions import Proportions
from imdb_assets.sources.sample.words import EXOTIC_TITLES, Vocabulary, invent_vocabulary

# Ids of the films for which docs/honest-result.md predicts ratings. The sample has films with these ids, but all facts
# of these films are invented.
SHOWCASE = ("tt0108052", "tt0332280", "tt0418279", "tt0468569", "tt1179904")
LAST_TITLE_ID, LAST_NAME_ID = 36_000_000, 17_500_000  # largest possible id numbers; some ids have 8 digits
TITLE_DENSITY, NAME_DENSITY = 0.36, 0.90  # share of id numbers that IMDb uses
SPARE_TITLES = 12  # smallest number of unused title ids, for malformed lines and for titles that title.basics lacks
CAME_TOGETHER = 2  # number of people with neighbouring ids, as if they had been added to IMDb together
SPARE_NAMES = 8  # number of unused name ids, for malformed lines of name.basics
SHOWCASE_YEARS = (1990, 2012)  # old enough for stable ratings, and late enough that directors have earlier films
SHOWCASE_TENTHS = (55, 90)  # lowest and highest rating of a showcase film, in tenths
SHOWCASE_AMONG = 15  # showcase films come from the 15 best-known films that SHOWCASE_YEARS and SHOWCASE_TENTHS allow
MOST_CREW = 6
CREW_PER_FILM = 3.6


@dataclass(frozen=True)
class Catalogue:
    """All titles and all people. An array about titles has one element per title, in the order of the dumps."""

    seed: int
    proportions: Proportions
    films: Films
    film_facts: FilmFacts
    film_crew: Ints  # each film's crew except directors and writers, shape (films, MOST_CREW); -1 means nobody
    houses: Houses
    vocabulary: Vocabulary
    title_numbers: Ints  # the number in each title's id
    entry: Ints  # for a film, its number in `films`; for any other title, film_count + its production house's number
    nth: Ints  # number of an episode within its series, from 1; 0 for other titles
    exotic: dict[int, str]  # titles with quotes, emoji or non-Latin letters, by the number of each title's film
    unused_title_ids: list[str]  # ids for malformed lines and for titles that title.basics lacks
    name_numbers: Ints  # the number in each person's id, by person number
    name_order: Ints  # person numbers in the order of name.basics
    unused_name_ids: list[str]

    @property
    def count(self) -> int:
        """Number of titles."""
        return len(self.entry)

    @property
    def film_count(self) -> int:
        """Number of films among the titles."""
        return len(self.films.year)

    def title_ids(self, start: int, stop: int) -> pl.Series:
        """Formats the ids of a run of consecutive titles."""
        return format_ids("tt", self.title_numbers[start:stop])

    def film_places(self) -> Ints:
        """The position of each film among all titles."""
        places = np.flatnonzero(self.entry < self.film_count).astype(np.int32)
        by_film = np.empty_like(places)
        by_film[self.entry[places]] = places
        return by_film


def _choose_showcase(films: Films, is_clean: NDArray[np.bool_]) -> Ints:
    """Chooses well-known older films for the ids in `SHOWCASE`; these films' ratings are spread from low to high."""
    is_familiar = is_clean & (films.year >= SHOWCASE_YEARS[0]) & (films.year <= SHOWCASE_YEARS[1])
    is_familiar &= (films.rating_tenths >= SHOWCASE_TENTHS[0]) & (films.rating_tenths <= SHOWCASE_TENTHS[1])
    familiar = np.flatnonzero(is_familiar)
    familiar = familiar[np.argsort(-films.votes[familiar], kind="stable")[:SHOWCASE_AMONG]]
    by_rating = familiar[np.argsort(films.rating_tenths[familiar], kind="stable")]
    chosen = by_rating[np.linspace(0, len(by_rating) - 1, len(SHOWCASE)).astype(np.int32)]
    return chosen[np.argsort(films.year[chosen], kind="stable")].astype(np.int32)


def _hire_crew(rng: np.random.Generator, films: Films) -> Ints:
    size = np.minimum(rng.poisson(CREW_PER_FILM, len(films.year)), MOST_CREW)
    hired = HiringPool(rng, films.people, films.people.crew).hire(
        rng,
        np.repeat(films.year, MOST_CREW),
        np.repeat(genres.CIRCLE[np.maximum(films.genre_sets[:, 0], 0)], MOST_CREW),
        np.repeat(films.budget, MOST_CREW),
        loyalty=0.5,
    )
    return np.where(np.arange(MOST_CREW) < size[:, None], hired.reshape(-1, MOST_CREW), -1).astype(np.int32)


def _draw_title_ids(rng: np.random.Generator, titles: int) -> tuple[Ints, Ints]:
    """Draws the id numbers of all titles in ascending order; also returns a few unused numbers."""
    spare = max(SPARE_TITLES, titles // 10_000)
    drawn = draw_ids(rng, titles + spare - len(SHOWCASE), LAST_TITLE_ID, density=TITLE_DENSITY, reserved=SHOWCASE)
    is_spare = np.zeros(len(drawn), dtype=np.bool_)
    is_spare[rng.choice(len(drawn), spare, replace=False)] = True
    shown = np.array([int(name[2:]) for name in SHOWCASE], dtype=np.int32)
    return np.sort(np.concatenate([drawn[~is_spare], shown])), drawn[is_spare]


def _seat_films(rng: np.random.Generator, films: Films, showcase: Ints, numbers: Ints) -> Ints:
    """Chooses each film's id, so that ids rise roughly with years; returns the ids' positions in sorted `numbers`."""
    count = len(films.year)
    reserved = np.searchsorted(numbers, [int(name[2:]) for name in SHOWCASE])
    is_free = np.ones(len(numbers), dtype=np.bool_)
    is_free[reserved] = False
    free = np.flatnonzero(is_free)
    seats = np.sort(free[rng.choice(len(free), count - len(showcase), replace=False, shuffle=False)])
    age = films.year + NOISE_YEARS * rng.standard_normal(count)
    by_age = np.argsort(age, kind="stable")
    by_age = by_age[~np.isin(by_age, showcase)]
    ranks = np.empty(count, dtype=np.int32)
    ranks[by_age] = seats
    ranks[showcase] = reserved
    return ranks


def draw_catalogue(seed: int, titles: int, proportions: Proportions) -> Catalogue:
    """Draws what must be known about all titles before any dump is written. Equal arguments give equal catalogues."""
    rng = stream(seed, Purpose.FILMS)
    film_count = round(titles * proportions.film_share)
    films = draw_films(rng, everybody=int(titles * proportions.people_per_title), films=film_count)
    facts = flaw_films(rng, films, proportions)
    film_crew = _hire_crew(stream(seed, Purpose.FILM_CREW), films)

    rng = stream(seed, Purpose.TITLE_IDS)
    numbers, unused = _draw_title_ids(rng, titles)
    showcase = _choose_showcase(films, facts.is_clean)
    film_ranks = _seat_films(rng, films, showcase, numbers)
    order = order_as_text(numbers)
    place = np.empty(titles, dtype=np.int32)
    place[order] = np.arange(titles, dtype=np.int32)

    rng = stream(seed, Purpose.HOUSES)
    line = line_up(rng, titles - film_count)
    entry, nth = np.empty(titles, dtype=np.int32), np.zeros(titles, dtype=np.int32)
    is_other = np.ones(titles, dtype=np.bool_)
    is_other[film_ranks] = False
    entry[film_ranks] = np.arange(film_count)
    entry[is_other] = film_count + line.house
    nth[is_other] = line.nth
    houses = draw_houses(rng, line, place[is_other], films.people.television)

    rng = stream(seed, Purpose.WORDS)
    plain = rng.choice(np.setdiff1d(np.flatnonzero(facts.is_clean), showcase), len(EXOTIC_TITLES), replace=False)
    name_numbers, unused_names = _draw_name_ids(stream(seed, Purpose.NAME_IDS), films.people.count)
    return Catalogue(
        seed=seed,
        proportions=proportions,
        films=films,
        film_facts=facts,
        film_crew=film_crew,
        houses=houses,
        vocabulary=invent_vocabulary(rng),
        title_numbers=numbers[order],
        entry=entry[order],
        nth=nth[order],
        exotic=dict(zip(place[film_ranks[plain]].tolist(), EXOTIC_TITLES, strict=True)),
        unused_title_ids=format_ids("tt", unused).to_list(),
        name_numbers=name_numbers,
        name_order=order_as_text(name_numbers),
        unused_name_ids=format_ids("nm", unused_names).to_list(),
    )


def _draw_name_ids(rng: np.random.Generator, people: int) -> tuple[Ints, Ints]:
    """Draws id numbers for people. Pairs of people get neighbouring numbers, as if they had come to IMDb together."""
    together = -(-(people + SPARE_NAMES) // CAME_TOGETHER)
    numbers = draw_ids(rng, together * CAME_TOGETHER, LAST_NAME_ID, density=NAME_DENSITY).reshape(-1, CAME_TOGETHER)
    numbers = rng.permutation(numbers).ravel()
    return numbers[SPARE_NAMES : SPARE_NAMES + people], np.sort(numbers[:SPARE_NAMES])
