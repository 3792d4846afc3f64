"""Draws directors' careers and, from the careers, each film's year, genres, runtime, team, votes and rating.

The constants of this module set how strongly each cause affects ratings. Since the true effects are known, the score of
a model can be judged. `film_flaws.py` decides which films have flaws that cleaning must find.
"""

from dataclasses import dataclass

import numpy as np

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.genres import Floats, Ints
from imdb_assets.sources.sample.people import (
    FIRST_YEAR,
    LAST_YEAR,
    Directors,
    HiringPool,
    People,
    assemble_people,
    draw_years,
)

LAST_RATED_YEAR = 2025  # the sample's "today" is early 2026, so films after 2025 are only announced
ANNOUNCED_KEPT = 0.6  # share of the films after LAST_RATED_YEAR that IMDb already lists
CAREER_EXPONENT = 2.0  # P(n films) ~ n^-2: 61 % of directors plan one film; a few plan 30 or more
LONGEST_CAREER = 60
CAST_SLOTS = 10  # largest number of actors per film; before 2024, IMDb listed at most ten people per title
RATED_CAST = 6  # only the first six billed actors influence a film's rating and votes
CO_DIRECTED = 0.07
DIRECTOR_WRITES, DIRECTOR_ACTS, SECOND_WRITER = 0.45, 0.08, 0.3
WITHOUT_CAST = 0.06  # share of films whose cast IMDb does not know
SOUND_YEAR = 1935  # films of earlier years are 12 minutes shorter on average
LOYAL_TO_CIRCLE = 0.75

# Effects on the rating, in rating points per unit of the cause.
MEAN_RATING = 5.25
DIRECTOR, WRITER, CAST = 0.56, 0.34, 1.05
GENRE = 1.38  # factor for the mean of genres.RATING_EFFECT over a film's genres
# Plotted against the number of votes, mean ratings form a shallow U, as in IMDb. The makers' friends give obscure films
# high ratings, and only films that people like become very well known. If mean ratings did not form a U, a model that
# learned from all films would be biased for the best-known sixth of the films. Even among the best-known films, the
# number of votes tells much about a film's rating.
VOTES_EVERYWHERE, VOTES_AT_THE_TOP = -0.40, 1.40  # effects per sd of log votes; above BEST_KNOWN, both add up
BEST_KNOWN = 1.2  # a film is best known if its log votes are more than 1.2 sd above the mean
TASTE = 0.20  # sd of the purely random part of a film's rating; more votes do not reduce this part
FEW_VOTES_NOISE = 1.00  # sd of a rating's extra noise if the film has only five votes; more votes mean less noise
LOG_VOTES_MEAN, LOG_VOTES_SD = 4.05, 2.6  # the median is near 60 votes; a sixth of the films have more than 770 (+1 sd)
YOUNG_LABEL_YEARS, YOUNG_LABEL_NOISE = 8, 0.75  # extra noise (sd) of new films' ratings; the noise fades over 8 years
SOFT_ABOVE, SOFT_BELOW, SOFT_RANGE = 8.5, 2.5, 1.5  # ratings above 8.5 are squeezed into 8.5-10, below 2.5 into 1-2.5
MOST_VOTES, LEAST_VOTES = 2_500_000, 5


@dataclass(frozen=True)
class Films:
    """All films, with one array element per film. People are given by their numbers in `people`; -1 means nobody."""

    people: People
    year: Ints
    genre_sets: Ints
    runtime_minutes: Ints
    director: Ints
    second_director: Ints
    writer: Ints
    second_writer: Ints
    cast: Ints  # each film's actors in order of billing, shape (films, CAST_SLOTS); empty cells come last
    budget: Floats
    votes: Ints
    rating_tenths: Ints


@dataclass(frozen=True)
class _Careers:
    """The careers of all directors: each array has one element per film, ordered by director and year."""

    director: Ints
    year: Ints
    nth_film: Ints
    first_genre: Ints
    directors: Directors


def _draw_careers(rng: np.random.Generator, films: int) -> _Careers:
    directors = films  # more directors than needed; the surplus is cut off below
    lengths = np.arange(1, LONGEST_CAREER + 1)
    chance = np.cumsum(lengths**-CAREER_EXPONENT)
    planned = 1 + np.searchsorted(chance, rng.random(directors) * chance[-1], side="right")
    talent = rng.standard_normal(directors)
    fame = 0.15 * np.log(planned) + 0.30 * talent + 0.90 * rng.standard_normal(directors)
    director = np.repeat(np.arange(directors), planned)
    nth = np.arange(len(director)) - np.repeat(np.cumsum(planned) - planned, planned)
    gap = rng.poisson(np.clip(38 / planned, 0.7, 3.0)[director])
    gap[nth == 0] = 0
    elapsed = np.cumsum(gap)
    elapsed -= np.repeat(elapsed[np.cumsum(planned) - planned], planned)
    year = draw_years(rng, directors)[director] - np.repeat(rng.integers(0, 6, directors), planned) + elapsed
    year = np.maximum(year, FIRST_YEAR)
    kept = (year <= LAST_RATED_YEAR) | ((year <= LAST_YEAR) & (rng.random(len(year)) < ANNOUNCED_KEPT))
    director, year, nth = director[kept][:films], year[kept][:films], nth[kept][:films]
    first_genre = genres.draw_genre(rng, year)
    own_genre = first_genre[np.unique(director, return_index=True)[1]]  # the genre of each director's first film
    present, director = np.unique(director, return_inverse=True)
    stays = rng.random(films) < LOYAL_TO_CIRCLE
    first_genre = np.where(stays, own_genre[director], first_genre)
    return _Careers(
        director=director.astype(np.int32), year=year.astype(np.int32), nth_film=nth.astype(np.int32),
        first_genre=first_genre.astype(np.int32),
        directors=Directors(talent=talent[present], fame=fame[present], circle=genres.CIRCLE[own_genre]),
    )  # fmt: skip


def _standardised(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def _draw_writers(rng: np.random.Generator, people: People, careers: _Careers, budget: Floats) -> tuple[Ints, Ints]:
    pool = HiringPool(rng, people, people.writers)
    circle = genres.CIRCLE[careers.first_genre]
    hired = pool.hire(rng, careers.year, circle, budget, loyalty=0.8)
    second = pool.hire(rng, careers.year, circle, budget, loyalty=0.8)
    writer = np.where(rng.random(len(hired)) < DIRECTOR_WRITES, careers.director, hired)
    return writer.astype(np.int32), np.where(rng.random(len(hired)) < SECOND_WRITER, second, -1).astype(np.int32)


def _draw_cast(rng: np.random.Generator, people: People, careers: _Careers, budget: Floats) -> Ints:
    films = len(budget)
    pool = HiringPool(rng, people, people.actors)
    billed = np.clip(rng.poisson(6.5, films) + 1, 2, CAST_SLOTS)
    billed[rng.random(films) < WITHOUT_CAST] = 0
    slot = np.broadcast_to(np.arange(CAST_SLOTS), (films, CAST_SLOTS))
    jobs = (billed[:, None] * np.ones(CAST_SLOTS, dtype=np.int32)).ravel()
    hired = pool.hire(
        rng,
        np.repeat(careers.year, CAST_SLOTS),
        np.repeat(genres.CIRCLE[careers.first_genre], CAST_SLOTS),
        np.repeat(budget, CAST_SLOTS) + 0.5 - 0.15 * slot.ravel(),  # a person billed earlier is more famous, as a rule
        loyalty=0.7,
    )
    cast = np.where(slot.ravel() < jobs, hired, -1).reshape(films, CAST_SLOTS).astype(np.int32)
    acts_too = (rng.random(films) < DIRECTOR_ACTS) & (billed > 0)
    cast[acts_too, 0] = careers.director[acts_too]
    return cast


def _mean_of_cast(cast: Ints, values: Floats) -> Floats:
    padded = np.append(values, 0.0)  # the index -1 ("nobody") then selects the 0 at the end
    leading = cast[:, :RATED_CAST]
    return padded[leading].sum(axis=1) / np.maximum((leading >= 0).sum(axis=1), 1)


def _content_effect(year: Ints, sets: Ints, runtime: Ints) -> Floats:
    """The effect of genres, period and length on ratings, in rating points; some of these causes interact."""
    horror, documentary = genres.has(sets, "Horror"), genres.has(sets, "Documentary")
    decades = (year - 1980) / 10.0
    length = np.clip((runtime - 95) / 25.0, -2, 3)
    period = 0.10 * np.abs(decades) - 0.10 * np.maximum(decades, 0)
    return (
        GENRE * genres.mean_over_set(sets, genres.RATING_EFFECT)
        + period
        - 0.22 * horror * np.maximum(decades, 0)  # recent horror films have lower ratings, since many are cheap
        + length * np.where(documentary, 0.05, 0.30)  # a documentary gains less by its length than another film
        + 0.10 * (np.count_nonzero(sets >= 0, axis=1) == sets.shape[1])
    )


def draw_films(rng: np.random.Generator, *, everybody: int, films: int) -> Films:
    """Draws `films` films, ordered by director and year. `everybody` is the number of people in the whole sample."""
    careers = _draw_careers(rng, films)
    people = assemble_people(rng, careers.directors, everybody=everybody, films=films)
    sets = genres.draw_genre_sets(rng, careers.first_genre)
    director_fame = people.fame[careers.director] + 0.10 * np.log1p(careers.nth_film)
    budget = _standardised(0.8 * director_fame + 0.8 * rng.standard_normal(films))
    cast = _draw_cast(rng, people, careers, budget)
    writer, second_writer = _draw_writers(rng, people, careers, budget)
    co_director = rng.permutation(films)
    by_year = np.lexsort((co_director, careers.year))
    partner = np.empty(films, dtype=np.int32)
    partner[by_year] = careers.director[np.roll(by_year, 1)]  # the director of another film of the same year
    co_directed = (rng.random(films) < CO_DIRECTED) & (partner != careers.director)
    runtime = genres.mean_over_set(sets, genres.RUNTIME_MINUTES) + 15 * rng.standard_normal(films) + 3 * budget
    runtime = np.clip(np.rint(runtime - 12 * (careers.year < SOUND_YEAR) + rng.exponential(5, films)), 41, 380)
    skill = (
        DIRECTOR * people.talent[careers.director]
        + WRITER * people.talent[writer]
        + CAST * _mean_of_cast(cast, people.talent)
    )
    quality = _content_effect(careers.year, sets, runtime.astype(np.int32)) + skill
    popularity = _standardised(
        0.60 * director_fame
        + 0.60 * _mean_of_cast(cast, people.fame)
        + 1.0 * genres.mean_over_set(sets, genres.VOTE_EFFECT)
        + 0.018 * (np.minimum(careers.year, 2012) - 1980)
        + 0.75 * rng.standard_normal(films)
    )
    votes = draw_votes(popularity)
    youth = np.clip((careers.year - LAST_RATED_YEAR) / YOUNG_LABEL_YEARS + 1, 0, 1)
    rating = (
        MEAN_RATING
        + quality
        + VOTES_EVERYWHERE * popularity
        + VOTES_AT_THE_TOP * np.maximum(popularity - BEST_KNOWN, 0)
        + rng.standard_normal(films) * np.hypot(TASTE, FEW_VOTES_NOISE * (votes / LEAST_VOTES) ** -0.25)
        + rng.standard_normal(films) * YOUNG_LABEL_NOISE * youth
    )
    return Films(
        people=people, year=careers.year, genre_sets=sets, runtime_minutes=runtime.astype(np.int32),
        director=careers.director, second_director=np.where(co_directed, partner, -1).astype(np.int32),
        writer=writer, second_writer=second_writer, cast=cast, budget=budget, votes=votes,
        rating_tenths=rate_in_tenths(rating),
    )  # fmt: skip


def rate_in_tenths(rating: Floats) -> Ints:
    """Rounds ratings to tenths from 1.0 to 10.0, as IMDb does.

    Near the ends of the scale, ratings are compressed rather than cut off.
    """
    soft = np.where(rating > SOFT_ABOVE, SOFT_ABOVE + SOFT_RANGE * np.tanh((rating - SOFT_ABOVE) / SOFT_RANGE), rating)
    soft = np.where(soft < SOFT_BELOW, SOFT_BELOW + SOFT_RANGE * np.tanh((soft - SOFT_BELOW) / SOFT_RANGE), soft)
    return np.clip(np.rint(soft * 10), 10, 100).astype(np.int32)


def draw_votes(popularity: Floats) -> Ints:
    """Converts standard-normal popularity to log-normal numbers of votes, from 5 to about 2.5 million."""
    top = (np.log(MOST_VOTES) - LOG_VOTES_MEAN) / LOG_VOTES_SD
    soft = np.where(popularity > top - 0.5, top - 0.5 + 0.5 * np.tanh((popularity - top + 0.5) / 0.5), popularity)
    return (LEAST_VOTES + np.floor(np.exp(LOG_VOTES_MEAN + LOG_VOTES_SD * soft))).astype(np.int32)
