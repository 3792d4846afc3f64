"""Rows of title.principals and name.basics as in the dumps, with their exact duplicates and gaps."""

# ruff: noqa: PLR2004 - the numbers are shares of the forms of a text, in thousandths

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.credits import (
    ACTOR,
    ACTRESS,
    CATEGORIES,
    PRODUCER,
    SELF,
    WRITER,
    Credits,
    first_years,
)
from imdb_assets.sources.sample.films import LAST_RATED_YEAR
from imdb_assets.sources.sample.genres import Ints
from imdb_assets.sources.sample.title_rows import optional, with_orphans
from imdb_assets.sources.sample.words import ACCENTS, VOCABULARY_SIZE, invent_words, pick

PRINCIPALS_PER_TWIN, NAMES_PER_TWIN = (
    100_000,
    6_000,
)  # one exact duplicate in so many rows, at least two a chunk
ROWS_PER_BAD_JSON = 150_000  # one unreadable `characters` in so many rows, at least two a chunk
MISSING_PEOPLE = 1_000  # one person in so many is missing from name.basics
NAMELESS_PEOPLE = 30_000  # one person in so many has no name
LIFE_KNOWN = 0.12  # share of people whose birth year IMDb knows
WRITER_JOBS = [
    "written by",
    "screenplay by",
    "story",
    'based on the novel "The Vlorn Harbour" by',
    "created by",
    None,
]
MOST_KNOWN_FOR, MOST_PROFESSIONS = 4, 3


def _repeat_some(rng: np.random.Generator, rows: pl.DataFrame, rows_per_twin: int) -> pl.DataFrame:
    copies = np.ones(rows.height, dtype=np.int64)
    copies[rng.integers(0, rows.height, max(2, rows.height // rows_per_twin))] = 2
    return rows[np.repeat(np.arange(rows.height), copies)]


def _characters(rng: np.random.Generator, category: Ints) -> pl.Series:
    """JSON text of the characters of a cast member; null for everybody else."""
    words = invent_words(rng, VOCABULARY_SIZE)
    count = len(category)
    frame = pl.DataFrame(
        {
            "one": pick(rng, words, count),
            "two": pick(rng, words, count),
            "accented": pick(rng, [word.translate(ACCENTS) for word in words], count),
            "category": category,
            "form": rng.integers(0, 1_000, count),
            "bad": np.isin(np.arange(count), rng.integers(0, count, max(2, count // ROWS_PER_BAD_JSON))),
        }
    )
    form = pl.col("form")
    text = (
        pl.when(pl.col("bad")).then(pl.format('["{} {}', "one", "two"))  # cut off: not JSON
        .when(pl.col("category") == SELF).then(pl.lit('["Self"]'))
        .when(form < 90).then(pl.lit(None))
        .when(form < 150).then(pl.format('["{}","{} {}"]', "one", "two", "one"))
        .when(form < 165).then(pl.format('["Dr. \\"{}\\" {}, Jr."]', "one", "two"))
        .when(form < 180).then(pl.format('["{} 王","{}, the Elder"]', "accented", "one"))
        .when(form < 400).then(pl.format('["{}"]', "one"))
        .otherwise(pl.format('["{} {}"]', "one", "two"))
    )  # fmt: skip
    is_cast = pl.col("category").is_in([ACTOR, ACTRESS, SELF])
    return frame.select(pl.when(is_cast | pl.col("bad")).then(text).alias("characters")).to_series()


def title_principals(seed: int, catalogue: Catalogue, drawn: Credits, start: int, stop: int) -> pl.DataFrame:
    """One row per credit of a run of titles."""
    rng = np.random.default_rng([seed, 3, start])
    run = slice(drawn.starts[start], drawn.starts[stop])
    category = drawn.category[run]
    writer_job = pick(rng, WRITER_JOBS, len(category))
    job = pl.DataFrame({"category": category, "writer_job": writer_job}).select(
        pl.when(pl.col("category") == WRITER).then("writer_job")
        .when(pl.col("category") == PRODUCER).then(pl.lit("producer"))
        .alias("job")
    )  # fmt: skip
    rows = pl.DataFrame(
        {
            "tconst": catalogue.title_ids.gather(drawn.title[run]),
            "ordering": drawn.ordering[run],
            "nconst": catalogue.name_ids.gather(drawn.person[run]),
            "category": pl.Series(CATEGORIES).gather(category),
            "job": job.to_series(),
            "characters": _characters(rng, category),
        }
    )
    return with_orphans(_repeat_some(rng, rows, PRINCIPALS_PER_TWIN), catalogue, start, stop, offset=2)


@dataclass(frozen=True)
class Biographies:
    """What name.basics says beyond the name, by person number; made once from all credits."""

    known_for: pl.Series
    professions: pl.Series
    birth_year: Ints
    death_year: Ints
    is_missing: NDArray[np.bool_]


def write_biographies(seed: int, catalogue: Catalogue, drawn: Credits) -> Biographies:
    """Gathers each person's best-known titles and main jobs; invents the years of a life around them."""
    rng = np.random.default_rng([seed, 4])
    count = catalogue.films.people.count
    everybody = pl.DataFrame({"person": np.arange(count, dtype=np.int32)})
    rows = pl.DataFrame(
        {"person": drawn.person, "title": drawn.title, "category": drawn.category,
         "fame": -catalogue.votes[drawn.title]}
    )  # fmt: skip
    best = rows.unique(["person", "title"]).sort("person", "fame", "title").group_by("person", maintain_order=True)
    known = best.head(MOST_KNOWN_FOR)
    known = known.with_columns(catalogue.title_ids.gather(known["title"]).alias("tconst"))
    jobs = rows.group_by("person", "category").len().sort("person", "len", "category", descending=[False, True, False])
    jobs = jobs.group_by("person", maintain_order=True).head(MOST_PROFESSIONS)
    jobs = jobs.filter(pl.col("category") != SELF)
    jobs = jobs.with_columns(pl.Series(CATEGORIES).gather(jobs["category"]).alias("name"))

    def listed(frame: pl.DataFrame, column: str) -> pl.Series:
        joined = frame.group_by("person", maintain_order=True).agg(pl.col(column).str.join(","))
        return everybody.join(joined, on="person", how="left", maintain_order="left")[column]

    first = first_years(catalogue, drawn)
    has_life = (first <= LAST_RATED_YEAR) & (rng.random(count) < LIFE_KNOWN)
    birth = np.where(has_life, first - rng.integers(20, 50, count), -1)
    death = np.where(has_life, birth + np.rint(72 + 12 * rng.standard_normal(count)), -1)
    is_dead = (death > first) & (death <= LAST_RATED_YEAR)
    return Biographies(
        known_for=listed(known, "tconst"), professions=listed(jobs, "name"),
        birth_year=birth.astype(np.int32),
        death_year=np.where(is_dead, death, -1).astype(np.int32),
        is_missing=rng.permutation(count) < max(2, count // MISSING_PEOPLE),
    )  # fmt: skip


def name_basics(seed: int, catalogue: Catalogue, lives: Biographies, start: int, stop: int) -> pl.DataFrame:
    """One row per person of a run of people in file order."""
    rng = np.random.default_rng([seed, 5, start])
    people = catalogue.name_order[start:stop]
    people = people[~lives.is_missing[people]]
    nameless = np.isin(np.arange(len(people)), rng.integers(0, len(people), max(1, len(people) // NAMELESS_PEOPLE)))
    rows = pl.DataFrame(
        {
            "nconst": catalogue.name_ids.gather(people),
            "primaryName": catalogue.names.gather(people).set(pl.Series(nameless), None),
            "birthYear": optional(lives.birth_year[people]),
            "deathYear": optional(lives.death_year[people]),
            "primaryProfession": lives.professions.gather(people),
            "knownForTitles": lives.known_for.gather(people),
        }
    )
    return _repeat_some(rng, rows, NAMES_PER_TWIN)
