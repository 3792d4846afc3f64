"""Films as the dumps describe them: the films of `films.py`, with gaps and outliers that cleaning must find."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.films import LAST_RATED_YEAR, Films
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.proportions import Proportions

FLAWED_BUT_RATED = 0.6  # of the films with a flaw (such as an unknown runtime), the share that still has votes
ANNOUNCED_WITHOUT_RUNTIME, ANNOUNCED_WITHOUT_GENRES = 0.35, 0.08  # shares among announced films
CLEAN_RUNTIME_MINUTES = (40, 400)  # silver.movies keeps films of 40 to 400 minutes
OUTLIER_RUNTIME_MINUTES, OUTLIER_YEAR = 51_420, 2115  # both values occur in IMDb


@dataclass(frozen=True)
class FilmFacts:
    """The films' values in title.basics and title.ratings. -1 means "unknown"; a film with 0 votes is not rated."""

    year: Ints
    runtime_minutes: Ints
    genre_sets: Ints
    is_adult: Ints
    votes: Ints

    @property
    def is_clean(self) -> NDArray[np.bool_]:
        """Whether each film is clean: silver.movies keeps the film, and the film has votes."""
        low, high = CLEAN_RUNTIME_MINUTES
        kept = (self.votes > 0) & (self.is_adult == 0) & (self.genre_sets[:, 0] >= 0) & (self.year > 0)
        return kept & (self.runtime_minutes >= low) & (self.runtime_minutes <= high)


def flaw_films(rng: np.random.Generator, films: Films, proportions: Proportions) -> FilmFacts:
    """Gives some films a flaw, such as a missing year or no votes.

    The number of films with a flaw is computed from its share, not drawn at random, so that every flaw occurs.
    """
    year, runtime, votes = films.year.copy(), films.runtime_minutes.copy(), films.votes.copy()
    sets, is_adult = films.genre_sets.copy(), np.zeros(len(films.year), dtype=np.int32)
    released = rng.permutation(np.flatnonzero(films.year <= LAST_RATED_YEAR))
    used, flawed = 0, {}
    for flaw, share in proportions.film_flaws:
        quota = max(2, round(share * len(released)))
        flawed[flaw] = released[used : used + quota]
        used += quota
        if flaw != "unrated":
            votes[flawed[flaw][rng.random(quota) > FLAWED_BUT_RATED]] = 0
    is_adult[flawed["adult"]] = 1
    genres.include(sets, is_adult == 1, "Adult")
    year[flawed["year"]] = -1
    sets[flawed["genres"]] = -1
    runtime[flawed["runtime"]] = -1
    low, high = CLEAN_RUNTIME_MINUTES
    runtime[flawed["too_short"]] = rng.integers(2, low, len(flawed["too_short"]))
    runtime[flawed["too_long"]] = rng.integers(high + 1, 1_200, len(flawed["too_long"]))
    runtime[flawed["too_long"][0]] = OUTLIER_RUNTIME_MINUTES
    votes[flawed["unrated"]] = 0
    announced = np.flatnonzero(films.year > LAST_RATED_YEAR)
    votes[announced] = 0
    runtime[announced[rng.random(len(announced)) < ANNOUNCED_WITHOUT_RUNTIME]] = -1
    sets[announced[rng.random(len(announced)) < ANNOUNCED_WITHOUT_GENRES]] = -1
    columns = {"year": year, "runtime": runtime, "genres": sets}
    for column, share in proportions.unrated_without:
        columns[column][flawed["unrated"][rng.random(len(flawed["unrated"])) < share]] = -1
    year[flawed["unrated"][0]] = OUTLIER_YEAR
    return FilmFacts(year=year, runtime_minutes=runtime, genre_sets=sets, is_adult=is_adult, votes=votes)
