"""Draws the numbers and texts of a run of consecutive titles, for title.basics, title.ratings and title.episode.

Memory never holds all titles: a run is drawn again for each dump that needs it, and the result is always the same.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.chance import Purpose, scramble, stream
from imdb_assets.sources.sample.films import LAST_RATED_YEAR, draw_votes, rate_in_tenths
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.houses import EPISODE, MINI_SERIES, MOVIE, SERIES, UNKNOWN
from imdb_assets.sources.sample.words import EXOTIC_TITLES, invent_titles

WITHOUT_YEAR, WITHOUT_RUNTIME, WITHOUT_GENRES = 0.04, 0.08, 0.06  # shares of missing values; films have other shares
ADULT = 0.02  # share of adult titles among the titles that are neither films nor part of a series
ENDED_SERIES = 0.6
UNNUMBERED_HOUSES = 5  # in about every fifth series, no episode has a season or number
MOST_SEASONS = 30
UNTITLED_EPISODES = 0.62  # share of numbered episodes that are only called something like "Episode #2.7"
EXOTIC_SHARE = 0.001
POPULAR_HOUSES = 1.2  # a production house with a popularity above 1.2 (in sd) has votes for most of its titles
RATED_IF_POPULAR = 0.8


@dataclass(frozen=True)
class Titles:
    """The titles with the numbers from `start` to `stop` - 1.

    Each array has one element per title; -1 stands for a missing value.
    """

    start: int
    stop: int
    ids: pl.Series
    film: Ints  # each film's number in `films`; -1 for titles that are not films
    house: Ints  # number of each title's production house in `houses`; -1 for films
    kind: Ints  # each title's kind, as an index into houses.KINDS
    is_adult: Ints
    year: Ints
    end_year: Ints
    runtime_minutes: Ints
    genre_sets: Ints
    votes: Ints  # each title's number of votes; 0 if the title is not rated
    rating_tenths: Ints
    season: Ints  # season of each episode; -1 for titles without a season
    episode: Ints

    @property
    def count(self) -> int:
        """Number of titles in this run."""
        return self.stop - self.start


def draw_titles(catalogue: Catalogue, start: int, stop: int) -> Titles:
    """Draws the titles of one run; films, which are already drawn, are taken from the catalogue."""
    rng = stream(catalogue.seed, Purpose.TITLES, start)
    houses, facts, count = catalogue.houses, catalogue.film_facts, stop - start
    entry, nth = catalogue.entry[start:stop], catalogue.nth[start:stop].astype(np.int64)
    is_film = entry < catalogue.film_count
    film = np.where(is_film, entry, 0)
    house = np.where(is_film, 0, entry - catalogue.film_count)
    kind = np.where(is_film, MOVIE, np.where(nth > 0, EPISODE, houses.kind[house]))
    is_series = (kind == SERIES) | (kind == MINI_SERIES)

    episodes = houses.first_episode[house + 1] - houses.first_episode[house]
    per_season = np.maximum(8 + house % 16, episodes // MOST_SEASONS + 1)
    is_numbered = (nth > 0) & (scramble(house) % UNNUMBERED_HOUSES != 0)
    season = np.where(is_numbered, (nth - 1) // per_season + 1, -1)
    aired = np.minimum(houses.year[house] + np.maximum((nth - 1) // per_season, 0), LAST_RATED_YEAR)
    year = np.where(rng.random(count) < WITHOUT_YEAR, -1, aired)
    sets = houses.genre_sets[house].astype(np.int32)
    popularity = houses.popularity[house]
    quality = 6.9 + 0.4 * genres.mean_over_set(sets, genres.RATING_EFFECT) + 1.1 * rng.standard_normal(count)
    sets[rng.random(count) < WITHOUT_GENRES] = -1
    is_adult = (rng.random(count) < ADULT) & (nth == 0) & ~is_series & ~is_film
    genres.include(sets, is_adult, "Adult")
    minutes = houses.runtime_minutes[house]
    is_unknown = (minutes == UNKNOWN) | (rng.random(count) < WITHOUT_RUNTIME)
    is_rated = rng.random(count) < _rated_chance(popularity, catalogue.proportions.rated_others)
    votes = draw_votes(0.5 * rng.standard_normal(count) + 0.5 * popularity - 0.8 - 0.4 * (nth > 0))
    ended = np.minimum(houses.year[house] + rng.poisson(3, count), LAST_RATED_YEAR)
    has_ended = is_series & (rng.random(count) < ENDED_SERIES)

    def column(of_film: Ints, of_other: NDArray[np.generic]) -> Ints:
        mask = is_film[:, None] if of_other.ndim > 1 else is_film
        return np.where(mask, of_film[film], of_other).astype(np.int32)

    return Titles(
        start=start,
        stop=stop,
        ids=catalogue.title_ids(start, stop),
        film=np.where(is_film, film, -1),
        house=np.where(is_film, -1, house),
        kind=kind.astype(np.int32),
        is_adult=column(facts.is_adult, is_adult),
        year=column(facts.year, year),
        end_year=np.where(has_ended, ended, -1).astype(np.int32),
        runtime_minutes=column(facts.runtime_minutes, np.where(is_unknown, -1, minutes)),
        genre_sets=column(facts.genre_sets, sets),
        votes=column(facts.votes, np.where(is_rated, votes, 0)),
        rating_tenths=column(catalogue.films.rating_tenths, rate_in_tenths(quality)),
        season=season.astype(np.int32),
        episode=np.where(is_numbered, (nth - 1) % per_season + 1, -1).astype(np.int32),
    )


def _rated_chance(popularity: NDArray[np.float32], share: float) -> NDArray[np.float64]:
    """Each title's chance of having votes, from the popularity of its production house; the mean chance is `share`."""
    above = 0.1151  # share of standard-normal values above POPULAR_HOUSES
    elsewhere = (share - above * RATED_IF_POPULAR) / (1 - above)
    return np.where(popularity > POPULAR_HOUSES, RATED_IF_POPULAR, elsewhere)


def is_untitled(titles: Titles) -> NDArray[np.bool_]:
    """Whether each episode has only a number as its title; the answer is the same for all episodes of a season."""
    chance = scramble(titles.house, titles.season) % np.uint64(1_000)
    return (titles.season > 0) & (chance < UNTITLED_EPISODES * 1_000)


def write_titles(catalogue: Catalogue, titles: Titles) -> pl.DataFrame:
    """Makes the texts of titles, in the columns `primary` and `original`; every call gives the same texts.

    Each text of `EXOTIC_TITLES` is given to at least one clean film and, by chance, to a few other titles.
    """
    rng = stream(catalogue.seed, Purpose.TEXTS, titles.start)
    frame = invent_titles(rng, catalogue.vocabulary, titles.count).with_columns(
        season=pl.Series(titles.season), episode=pl.Series(titles.episode), untitled=pl.Series(is_untitled(titles))
    )
    numbered = pl.format("Episode #{}.{}", "season", "episode")
    frame = frame.select(
        pl.when("untitled").then(numbered).otherwise(name).alias(name) for name in ("primary", "original")
    )
    here = {
        place - titles.start: text for place, text in catalogue.exotic.items() if titles.start <= place < titles.stop
    }
    others = np.flatnonzero(rng.random(titles.count) < EXOTIC_SHARE)
    others = others[~np.isin(others, list(here))]
    rows = np.concatenate([np.array(list(here), dtype=np.int64), others])
    texts = [*here.values(), *(EXOTIC_TITLES[row % len(EXOTIC_TITLES)] for row in others.tolist())]
    return pl.DataFrame([frame[name].scatter(rows, texts) for name in frame.columns])
