"""The whole catalogue: films with their flaws, all other kinds of titles, ids, and the order of the files.

A title's number is its place among all titles sorted by id as a string, the order of every dump. Missing
values are -1. Credits are in `credits.py`; the text of the dumps is written elsewhere.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from imdb_assets.sources.sample import genres
from imdb_assets.sources.sample.films import LAST_RATED_YEAR, Films, draw_films, draw_votes, rate_in_tenths
from imdb_assets.sources.sample.genres import Floats, Ints
from imdb_assets.sources.sample.people import draw_years
from imdb_assets.sources.sample.words import EXOTIC_TITLES, invent_names, invent_titles

FILM_SHARE = 0.197  # of all titles; 6 % in IMDb, more here so that a model has 44,000 clean films
OTHER_KINDS = (  # (titleType, share of the titles that are not films), as in IMDb
    ("short", 0.0945), ("tvSeries", 0.025), ("video", 0.0275), ("tvMovie", 0.0129), ("tvMiniSeries", 0.0056),
    ("tvSpecial", 0.0047), ("videoGame", 0.0039), ("tvShort", 0.00095), ("tvPilot", 0.000001),
    ("tvPodcast", 0.0),  # IMDb adds kinds unannounced: exactly one title of a kind nobody has declared
)  # fmt: skip
KINDS = ("movie", "tvEpisode", *(kind for kind, _ in OTHER_KINDS))
MOVIE, EPISODE = 0, 1
# Ids that the source document predicts for; what the sample says about them is invented.
SHOWCASE = ("tt0108052", "tt0332280", "tt0418279", "tt0468569", "tt1179904")
LAST_TITLE_ID, LAST_NAME_ID = 36_000_000, 17_500_000  # both beyond 9,999,999, so that both id widths occur
SPARE_TITLES = 12  # ids at least, for rows that point nowhere and for malformed lines
SPARE_NAMES = 8  # ids for malformed lines of name.basics
FLAWS = (  # (flaw, share of released films); what the cleaning rules of silver.movies must drop
    ("adult", 0.012), ("no_year", 0.010), ("no_genres", 0.020), ("no_runtime", 0.050), ("too_short", 0.010),
    ("too_long", 0.003), ("unrated", 0.120),
)  # fmt: skip
FLAWED_BUT_RATED = 0.6  # a film can lack its runtime and have votes all the same
ANNOUNCED_WITHOUT_RUNTIME, ANNOUNCED_WITHOUT_GENRES = 0.35, 0.08  # a film that is not made has no length yet
CLEAN_RUNTIME_MINUTES = (40, 400)  # the rule of silver.movies
SHOWCASE_YEARS = (1990, 2012)  # old enough that their directors have a history, and their ratings have settled
SHOWCASE_TENTHS = (55, 90)  # ratings: neither panned nor perfect
SHOWCASE_AMONG = 15  # best-known films of those years and ratings, of which five from the worst to the best rated
OTHER_RATED = 0.13  # share of rated titles among those that are no films
OTHERS_WITHOUT_YEAR, OTHERS_WITHOUT_RUNTIME, OTHERS_WITHOUT_GENRES = 0.04, 0.45, 0.06
ADULT_OTHERS = 0.02
ENDED_SERIES = 0.6
STREAMED_EPISODES = 0.5  # share that is 30 years younger than films are: television came late
UNNUMBERED_EPISODES = 0.2  # IMDb knows no season and number for one in five
UNTITLED_EPISODES = 0.5  # of the numbered ones; they are called "Episode #2.7"
EXOTIC_SHARE = 0.001
OUTLIER_RUNTIME_MINUTES, OUTLIER_YEAR = 51_420, 2115  # both occur in IMDb


@dataclass(frozen=True)
class Catalogue:
    """All titles in file order, one array element each, and the names of all people by person number."""

    films: Films
    film: Ints  # number in `films`, -1 for other titles
    title_ids: pl.Series
    unused_title_ids: list[str]  # for rows that point nowhere
    titles: pl.DataFrame  # primary, original
    kind: Ints  # index into KINDS
    is_adult: Ints
    year: Ints
    end_year: Ints
    runtime_minutes: Ints
    genre_sets: Ints
    votes: Ints  # 0 = not rated
    rating_tenths: Ints
    parent: Ints  # number of the series of an episode
    season: Ints
    episode: Ints
    name_ids: pl.Series  # by person number
    unused_name_ids: list[str]
    name_order: Ints  # person numbers in file order
    names: pl.Series  # by person number

    @property
    def count(self) -> int:
        """How many titles there are."""
        return len(self.kind)


def format_ids(prefix: str, numbers: Ints) -> pl.Series:
    """Formats numbers as IMDb ids: prefix and at least seven digits."""
    return (prefix + pl.Series("id", numbers).cast(pl.String).str.zfill(7)).alias("id")


def _draw_ids(rng: np.random.Generator, count: int, last: int, *, reserved: tuple[str, ...] = ()) -> Ints:
    """Draws `count` different id numbers in ascending order, none of them reserved."""
    numbers = np.sort(rng.integers(1, last, int(count * 1.15) + 100))
    numbers = numbers[np.diff(numbers, prepend=0) > 0]  # np.unique is five times slower
    numbers = numbers[~np.isin(numbers, [int(name[2:]) for name in reserved])]
    return np.sort(rng.choice(numbers, count, replace=False)).astype(np.int32)


def _flaw_films(rng: np.random.Generator, films: Films) -> dict[str, Ints]:
    """Takes from some films what the cleaning rules ask for, by exact quotas: no flaw is ever absent."""
    count = len(films.year)
    columns = {
        "year": films.year.copy(),
        "runtime_minutes": films.runtime_minutes.copy(),
        "votes": films.votes.copy(),
        "genre_sets": films.genre_sets.copy(),
        "is_adult": np.zeros(count, dtype=np.int32),
    }
    released = rng.permutation(np.flatnonzero(films.year <= LAST_RATED_YEAR))
    used, flawed = 0, {}
    for flaw, share in FLAWS:
        quota = max(2, round(share * len(released)))
        flawed[flaw] = released[used : used + quota]
        used += quota
        if flaw != "unrated":
            unrated = flawed[flaw][rng.random(quota) > FLAWED_BUT_RATED]
            columns["votes"][unrated] = 0
    columns["is_adult"][flawed["adult"]] = 1
    genres.include(columns["genre_sets"], columns["is_adult"] == 1, "Adult")
    columns["year"][flawed["no_year"]] = -1
    columns["genre_sets"][flawed["no_genres"]] = -1
    columns["runtime_minutes"][flawed["no_runtime"]] = -1
    columns["runtime_minutes"][flawed["too_short"]] = rng.integers(
        2, CLEAN_RUNTIME_MINUTES[0], len(flawed["too_short"])
    )
    columns["runtime_minutes"][flawed["too_long"]] = rng.integers(
        CLEAN_RUNTIME_MINUTES[1] + 1, 1_200, len(flawed["too_long"])
    )
    columns["runtime_minutes"][flawed["too_long"][0]] = OUTLIER_RUNTIME_MINUTES
    columns["votes"][flawed["unrated"]] = 0
    columns["year"][flawed["unrated"][0]] = OUTLIER_YEAR
    announced = np.flatnonzero(films.year > LAST_RATED_YEAR)
    columns["votes"][announced] = 0
    columns["runtime_minutes"][announced[rng.random(len(announced)) < ANNOUNCED_WITHOUT_RUNTIME]] = -1
    columns["genre_sets"][announced[rng.random(len(announced)) < ANNOUNCED_WITHOUT_GENRES]] = -1
    return columns


def _draw_others(rng: np.random.Generator, count: int) -> dict[str, Ints]:
    """Draws all titles that are no films; their ratings follow genre and chance."""
    quotas = [max(1, round(share * count)) for _, share in OTHER_KINDS]
    kind = np.repeat(np.arange(2, 2 + len(quotas)), quotas)
    kind = np.concatenate([kind, np.full(count - len(kind), EPISODE)]).astype(np.int32)
    series = np.flatnonzero(np.isin(kind, [KINDS.index("tvSeries"), KINDS.index("tvMiniSeries")]))
    is_episode = kind == EPISODE
    later = np.where(is_episode & (rng.random(count) < STREAMED_EPISODES), 34, 4)
    year = np.minimum(draw_years(rng, count) + later, LAST_RATED_YEAR)
    parent = np.full(count, -1)
    size = np.cumsum(np.exp(1.6 * rng.standard_normal(len(series))))  # few series have most of the episodes
    drawn = np.searchsorted(size, rng.random(int(is_episode.sum())) * size[-1], side="right")
    parent[is_episode] = series[np.sort(drawn)]
    first_of_parent = np.searchsorted(parent[is_episode], parent, side="left") + count - is_episode.sum()
    number = np.arange(count) - first_of_parent
    numbered = is_episode & (rng.random(count) > UNNUMBERED_EPISODES)
    per_season = 8 + parent % 16
    first = genres.draw_genre(rng, year.astype(np.int32))
    sets = genres.draw_genre_sets(rng, first)
    show = rng.random(count)
    is_show = is_episode | np.isin(np.arange(count), series)
    for genre, low, high in (("Talk-Show", 0.0, 0.15), ("Reality-TV", 0.15, 0.22), ("Game-Show", 0.22, 0.26)):
        genres.include(sets, is_show & (show >= low) & (show < high), genre)
    sets[rng.random(count) < OTHERS_WITHOUT_GENRES] = -1
    is_adult = (rng.random(count) < ADULT_OTHERS) & ~is_show
    genres.include(sets, is_adult, "Adult")
    genres.include(sets, kind == KINDS.index("short"), "Short")
    length = np.where(kind == KINDS.index("short"), 14.0, 42.0) * np.exp(0.4 * rng.standard_normal(count))
    rated = rng.random(count) < OTHER_RATED
    popularity = rng.standard_normal(count) * 0.8 - 0.4
    rating = 6.9 + 0.4 * genres.mean_over_set(sets, genres.RATING_EFFECT) + 1.1 * rng.standard_normal(count)
    ends = np.isin(np.arange(count), series) & (rng.random(count) < ENDED_SERIES)
    columns = {
        "kind": kind,
        "year": np.where(rng.random(count) < OTHERS_WITHOUT_YEAR, -1, year),
        "end_year": np.where(ends, np.minimum(year + rng.poisson(3, count), LAST_RATED_YEAR), -1),
        "runtime_minutes": np.where(rng.random(count) < OTHERS_WITHOUT_RUNTIME, -1, np.rint(length) + 1),
        "genre_sets": sets,
        "is_adult": is_adult,
        "votes": np.where(rated, draw_votes(popularity), 0),
        "rating_tenths": rate_in_tenths(rating),
        "parent": parent,
        "season": np.where(numbered, number // per_season + 1, -1),
        "episode": np.where(numbered, number % per_season + 1, -1),
    }
    return {name: values.astype(np.int32) for name, values in columns.items()}


def _number_titles(rng: np.random.Generator, years: Ints, showcase: Ints) -> tuple[Ints, Ints]:
    """Gives every title an id number, roughly rising with its year; returns also a few unused numbers."""
    spare = max(SPARE_TITLES, len(years) // 10_000)
    drawn = _draw_ids(rng, len(years) + spare, LAST_TITLE_ID, reserved=SHOWCASE)
    is_spare = np.zeros(len(drawn), dtype=np.bool_)
    is_spare[rng.choice(len(drawn), spare, replace=False)] = True
    age: Floats = years + 15 * rng.standard_normal(len(years))
    numbers = np.empty(len(years), dtype=np.int32)
    numbers[np.argsort(age, kind="stable")] = drawn[~is_spare]
    numbers[showcase] = [int(name[2:]) for name in SHOWCASE]
    return numbers, drawn[is_spare]


def _draw_titles(rng: np.random.Generator, kind: Ints, season: Ints, episode: Ints, plain: Ints) -> pl.DataFrame:
    """Puts titles into words; each exotic one lands on a clean film, and on others by chance."""
    frame = invent_titles(rng, len(kind)).with_columns(
        kind=pl.Series(kind),
        season=pl.Series(season),
        episode=pl.Series(episode),
        chance=rng.random(len(kind)),
    )
    untitled = (pl.col("kind") == EPISODE) & (pl.col("season") > 0) & (pl.col("chance") < UNTITLED_EPISODES)
    numbered = pl.format("Episode #{}.{}", "season", "episode")
    frame = frame.select(pl.when(untitled).then(numbered).otherwise(n).alias(n) for n in ("primary", "original"))
    rows = np.concatenate([plain, np.flatnonzero(rng.random(len(kind)) < EXOTIC_SHARE)])
    rows, first = np.unique(rows, return_index=True)
    texts = pl.Series(EXOTIC_TITLES).gather(first % len(EXOTIC_TITLES))
    return pl.DataFrame([frame[name].scatter(rows, texts) for name in frame.columns])


def draw_catalogue(seed: int, titles: int) -> Catalogue:
    """Draws everything but the credits: the same catalogue for the same arguments."""
    rng = np.random.default_rng([seed, 1])
    film_count = round(titles * FILM_SHARE)
    films = draw_films(rng, titles=titles, films=film_count)
    flawed, others = _flaw_films(rng, films), _draw_others(rng, titles - film_count)
    nothing = np.full(film_count, -1, dtype=np.int32)
    of_films = flawed | {
        "kind": np.zeros(film_count, dtype=np.int32),
        "end_year": nothing,
        "parent": nothing,
        "season": nothing,
        "episode": nothing,
        "rating_tenths": films.rating_tenths,
    }
    columns = {name: np.concatenate([of_films[name], others[name]]) for name in others}
    columns["parent"][film_count:] += np.where(others["parent"] >= 0, film_count, 0).astype(np.int32)

    is_clean = (columns["votes"][:film_count] > 0) & (flawed["is_adult"] == 0) & (flawed["genre_sets"][:, 0] >= 0)
    is_clean &= (flawed["year"] > 0) & (flawed["runtime_minutes"] >= CLEAN_RUNTIME_MINUTES[0])
    is_clean &= flawed["runtime_minutes"] <= CLEAN_RUNTIME_MINUTES[1]
    is_familiar = is_clean & (films.year >= SHOWCASE_YEARS[0]) & (films.year <= SHOWCASE_YEARS[1])
    is_familiar &= (films.rating_tenths >= SHOWCASE_TENTHS[0]) & (films.rating_tenths <= SHOWCASE_TENTHS[1])
    familiar = np.flatnonzero(is_familiar)
    familiar = familiar[np.argsort(-films.votes[familiar], kind="stable")[:SHOWCASE_AMONG]]
    by_rating = familiar[np.argsort(films.rating_tenths[familiar], kind="stable")]
    showcase = by_rating[np.linspace(0, len(by_rating) - 1, len(SHOWCASE)).astype(np.int32)]
    showcase = showcase[np.argsort(films.year[showcase], kind="stable")]
    true_years = np.concatenate([films.year, np.maximum(others["year"], 1950)])
    numbers, unused = _number_titles(rng, true_years, showcase.astype(np.int32))
    plain = rng.choice(np.setdiff1d(np.flatnonzero(is_clean), showcase), len(EXOTIC_TITLES), replace=False)
    texts = _draw_titles(rng, columns["kind"], columns["season"], columns["episode"], plain)

    ids = format_ids("tt", numbers)
    order = ids.arg_sort().to_numpy().astype(np.int64)
    place = np.empty(titles, dtype=np.int32)
    place[order] = np.arange(titles)
    columns = {name: values[order] for name, values in columns.items()}
    columns["parent"] = np.where(columns["parent"] >= 0, place[columns["parent"]], -1).astype(np.int32)
    name_numbers = rng.permutation(_draw_ids(rng, films.people.count + SPARE_NAMES, LAST_NAME_ID))
    name_ids = format_ids("nm", name_numbers[SPARE_NAMES:])
    return Catalogue(
        films=films,
        film=np.where(order < film_count, order, -1).astype(np.int32),
        title_ids=ids.gather(order),
        unused_title_ids=format_ids("tt", unused).to_list(),
        titles=texts[order],
        name_ids=name_ids,
        unused_name_ids=format_ids("nm", name_numbers[:SPARE_NAMES]).to_list(),
        name_order=name_ids.arg_sort().to_numpy().astype(np.int32),
        names=invent_names(rng, films.people.count),
        **columns,
    )
