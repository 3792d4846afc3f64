"""Rows of title.principals and name.basics as in the dumps, including exact duplicates and gaps."""

# ruff: noqa: PLR2004 - the numbers in the code are shares, in thousandths, of the forms that a text can have

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample.careers import Careers, gather_film_careers, house_careers
from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.chance import Purpose, scramble, stream
from imdb_assets.sources.sample.credits import ACTOR, ACTRESS, CATEGORIES, PRODUCER, SELF, WRITER, draw_credits
from imdb_assets.sources.sample.films import LAST_RATED_YEAR
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.ids import format_ids, format_some_ids
from imdb_assets.sources.sample.title_rows import optional, with_orphans
from imdb_assets.sources.sample.titles import draw_titles
from imdb_assets.sources.sample.words import invent_names, pick

PRINCIPALS_PER_TWIN = 100_000  # about one row in 100,000 is written twice; each chunk has two or more repeated rows
NAMES_PER_TWIN = 6_000
ROWS_PER_BAD_JSON = 150_000  # about one row in 150,000 has invalid `characters`; each chunk has two or more such rows
NAMELESS_PEOPLE = 30_000  # about one person in 30,000, but at least one per chunk, has no name
WRITER_JOBS = [
    "written by",
    "screenplay by",
    "story",
    'based on the novel "The Vlorn Harbour" by',
    "created by",
    *[None] * 8,
]
PRODUCER_JOB = 0.5  # share of producer credits that have a text in the column `job`
Whole = TypeVar("Whole", bound=np.integer)
FEWEST_PARTS, MOST_PARTS = 20_000, 1_000_000  # as many texts for `characters` as titles, within these bounds


def _repeat_some(rng: np.random.Generator, rows: pl.DataFrame, rows_per_twin: int) -> pl.DataFrame:
    copies = np.ones(rows.height, dtype=np.int64)
    copies[rng.integers(0, rows.height, max(2, rows.height // rows_per_twin))] = 2
    return rows[np.repeat(np.arange(rows.height, dtype=np.uint32), copies)]


@dataclass(frozen=True)
class Parts:
    """JSON texts for the column `characters`: played characters, and texts for people who play themselves."""

    played: pl.Series
    as_self: pl.Series


def write_parts(catalogue: Catalogue) -> Parts:
    """Makes the texts for `characters`. A credit's person and film (or production house) decide the credit's text."""
    rng = stream(catalogue.seed, Purpose.CHARACTERS)
    count = min(max(catalogue.count, FEWEST_PARTS), MOST_PARTS)
    vocabulary = catalogue.vocabulary
    frame = pl.DataFrame(
        {
            "one": pick(rng, vocabulary.words, count),
            "two": pick(rng, vocabulary.words, count),
            "accented": pick(rng, vocabulary.foreign, count),
            "form": rng.integers(0, 1_000, count),
        }
    )
    form = pl.col("form")
    text = (
        pl.when(form < 90).then(pl.lit(None))
        .when(form < 150).then(pl.format('["{}","{} {}"]', "one", "two", "one"))
        .when(form < 165).then(pl.format('["Dr. \\"{}\\" {}, Jr."]', "one", "two"))
        .when(form < 180).then(pl.format('["{} 王","{}, the Elder"]', "accented", "one"))
        .when(form < 400).then(pl.format('["{}"]', "one"))
        .otherwise(pl.format('["{} {}"]', "one", "two"))
    )  # fmt: skip
    as_self = [*['["Self"]'] * 12, *['["Self - Host"]'] * 3, '["Self - Guest"]', '["Self - Contestant"]', None]
    as_self += [f'["Self - {word} Reporter"]' for word in vocabulary.words.head(6)]
    return Parts(played=frame.select(text.alias("part")).to_series(), as_self=pl.Series(as_self, dtype=pl.String))


def _characters(rng: np.random.Generator, parts: Parts, category: Ints, role: NDArray[np.uint64]) -> pl.Series:
    """For each credit, the JSON text of the characters that a cast member plays; null for everybody else."""
    count = len(category)
    frame = pl.DataFrame(
        {
            "played": parts.played.gather(role % np.uint64(len(parts.played))),
            "as_self": parts.as_self.gather(role % np.uint64(len(parts.as_self))),
            "category": category,
            "bad": np.isin(np.arange(count), rng.integers(0, count, max(2, count // ROWS_PER_BAD_JSON))),
        }
    )
    return frame.select(
        pl.when("bad").then(pl.lit('["Cut Off, the'))  # a cut-off text, which is not valid JSON
        .when(pl.col("category") == SELF).then("as_self")
        .when(pl.col("category").is_in([ACTOR, ACTRESS])).then("played")
        .alias("characters")
    ).to_series()  # fmt: skip


def title_principals(catalogue: Catalogue, parts: Parts, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.principals for a run of consecutive titles: one per credit."""
    rng = stream(catalogue.seed, Purpose.PRINCIPALS, start)
    titles = draw_titles(catalogue, start, stop)
    drawn = draw_credits(catalogue, titles)
    category = drawn.category
    job = pl.DataFrame(
        {
            "category": category,
            "writer_job": pick(rng, WRITER_JOBS, len(category)),
            "has_job": rng.random(len(category)) < PRODUCER_JOB,
        }
    ).select(
        pl.when(pl.col("category") == WRITER).then("writer_job")
        .when((pl.col("category") == PRODUCER) & pl.col("has_job")).then(pl.lit("producer"))
        .alias("job")
    )  # fmt: skip
    # A person plays the same character in all episodes of a series, but a different character in each film.
    role = scramble(drawn.person, catalogue.entry[start:stop][drawn.title])
    rows = pl.DataFrame(
        {
            "tconst": titles.ids.gather(drawn.title.astype(np.uint32)),
            "ordering": drawn.ordering,
            "nconst": format_ids("nm", catalogue.name_numbers[drawn.person]),
            "category": pl.Series(CATEGORIES).gather(category),
            "job": job.to_series(),
            "characters": _characters(rng, parts, category, role),
        }
    )
    return with_orphans(_repeat_some(rng, rows, PRINCIPALS_PER_TWIN), catalogue, start, stop, offset=2)


@dataclass(frozen=True)
class Biographies:
    """The facts about all people that must be known before name.basics is written."""

    film_careers: Careers
    is_missing: NDArray[np.bool_]  # for each person number, whether name.basics lacks the person


def write_biographies(catalogue: Catalogue) -> Biographies:
    """Gathers the careers of film people, and chooses the people whom name.basics lacks."""
    people, missing = catalogue.films.people.count, catalogue.proportions.people_per_missing
    is_missing = np.zeros(people, dtype=np.bool_)
    rng = stream(catalogue.seed, Purpose.LIVES)
    is_missing[rng.choice(people, max(2, people // missing), replace=False, shuffle=False)] = True
    return Biographies(film_careers=gather_film_careers(catalogue), is_missing=is_missing)


def name_basics(catalogue: Catalogue, lives: Biographies, start: int, stop: int) -> pl.DataFrame:
    """The rows of name.basics for a run of people in the order of the dump: one per person."""
    rng = stream(catalogue.seed, Purpose.NAMES, start)
    people = catalogue.name_order[start:stop]
    people = people[~lives.is_missing[people]]
    count = len(people)
    is_film_person = people < catalogue.films.people.television.start
    of_films, of_houses = lives.film_careers, house_careers(catalogue, people[~is_film_person])

    def merged(film_column: NDArray[Whole], house_column: NDArray[Whole]) -> NDArray[Whole]:
        values = np.empty((count, *film_column.shape[1:]), dtype=film_column.dtype)
        values[is_film_person] = film_column[people[is_film_person]]
        values[~is_film_person] = house_column
        return values

    first = merged(of_films.first_year, of_houses.first_year)
    known_for = merged(of_films.known_for, of_houses.known_for)
    jobs = merged(of_films.jobs, of_houses.jobs)
    numbers = np.where(known_for >= 0, catalogue.title_numbers[known_for], 0)
    has_life = (first <= LAST_RATED_YEAR) & (rng.random(count) < catalogue.proportions.life_known)
    birth = np.where(has_life, first - rng.integers(20, 50, count), -1)
    death = np.where(has_life, birth + np.rint(72 + 12 * rng.standard_normal(count)), -1)
    is_dead = (death > first) & (death <= LAST_RATED_YEAR)
    nameless = np.isin(np.arange(count), rng.integers(0, count, max(1, count // NAMELESS_PEOPLE)))
    rows = pl.DataFrame(
        {
            "nconst": format_ids("nm", catalogue.name_numbers[people]),
            "primaryName": invent_names(rng, catalogue.vocabulary, count).set(pl.Series(nameless), None),
            "birthYear": optional(birth.astype(np.int32)),
            "deathYear": optional(np.where(is_dead, death, -1).astype(np.int32)),
            "primaryProfession": _joined([_named(jobs[:, nth]) for nth in range(jobs.shape[1])]),
            "knownForTitles": _joined([format_some_ids("tt", numbers[:, nth]) for nth in range(numbers.shape[1])]),
        }
    )
    return _repeat_some(rng, rows, NAMES_PER_TWIN)


def _named(categories: NDArray[np.int8]) -> pl.Series:
    return pl.Series([*CATEGORIES, None], dtype=pl.String).gather(np.where(categories < 0, len(CATEGORIES), categories))


def _joined(columns: list[pl.Series]) -> pl.Series:
    """Joins the texts of each row with commas; the result is null if all texts of the row are null."""
    frame = pl.DataFrame([column.alias(str(nth)) for nth, column in enumerate(columns)])
    return frame.select(
        pl.when(~pl.all_horizontal(pl.all().is_null())).then(pl.concat_str(pl.all(), separator=",", ignore_nulls=True))
    ).to_series()
