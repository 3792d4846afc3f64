"""Column lineage is true: whatever a change of one input column changes declares that column, and nothing else does."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl
import pytest

from imdb_assets.contracts import bronze, expectation, features, gold, people, series, silver
from imdb_assets.contracts.base import Contract, lineage
from imdb_assets.engines.base import Transform, conform
from imdb_assets.ml.expectation import expect, fit
from imdb_assets.transforms.credits import credits  # noqa: A004 - named like the table
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.film_facts import GENRES
from imdb_assets.transforms.movies import movies
from imdb_assets.transforms.people import people as people_transform
from imdb_assets.transforms.releases import releases
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets.transforms.residuals import residual_reputation
from imdb_assets.transforms.series import episodes
from imdb_assets.transforms.series import series as series_transform
from imdb_assets.transforms.title_words import title_word_reputation
from imdb_assets_tests.integration.awkward import awkward_bronze

SEED = 11
CHANGES = 3  # of a column, at most: what the first draw leaves alone by chance, the next ones find


class Step(NamedTuple):
    """One transform, and the key of the input whose rows become the table's rows one by one."""

    transform: Transform
    contract: type[Contract]
    inputs: tuple[type[Contract], ...]
    row_key: tuple[str, ...] = ()


def _coefficients(*, movies: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return nw.from_native(fit(movies.to_native()).lazy())


def _expectation(*, movies: nw.LazyFrame[Any], expectation_coefficients: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """With the coefficients that a changed table lacks as 0: the real one is never without a year or term."""
    key = ["year", "target", "term"]
    changed, nothing = expectation_coefficients.to_native(), fit(movies.to_native().head(0)).lazy()
    years = pl.concat([nothing, changed]).select("year").unique()
    complete = years.join(nothing.drop("year"), how="cross").select(nothing.collect_schema().names())
    both = pl.concat([changed, complete]).unique(key, keep="first", maintain_order=True)
    return nw.from_native(expect(movies.to_native(), both).lazy())


STEPS = (
    Step(movies, silver.Movies, (bronze.TitleBasics, bronze.TitleRatings), ("bronze.title_basics.tconst",)),
    Step(credits, silver.Credits, (silver.Movies, bronze.TitleCrew, bronze.TitlePrincipals)),
    Step(
        releases,
        silver.Releases,
        (silver.Movies, bronze.TitleAkas),
        ("bronze.title_akas.titleId", "bronze.title_akas.ordering"),
    ),
    Step(people_transform, people.People, (silver.Credits, bronze.NameBasics)),
    Step(
        series_transform,
        series.Series,
        (bronze.TitleBasics, bronze.TitleRatings),
        ("bronze.title_basics.tconst",),
    ),
    Step(
        episodes,
        series.Episodes,
        (bronze.TitleEpisode, bronze.TitleBasics, bronze.TitleRatings),
        ("bronze.title_episode.tconst",),
    ),
    Step(director_reputation, gold.DirectorReputation, (silver.Movies, silver.Credits)),
    Step(person_reputation, gold.PersonReputation, (silver.Movies, silver.Credits)),
    Step(_coefficients, expectation.ExpectationCoefficients, (silver.Movies,)),
    Step(
        _expectation,
        expectation.RatingExpectation,
        (silver.Movies, expectation.ExpectationCoefficients),
        ("silver.movies.tconst",),
    ),
    Step(
        residual_reputation,
        expectation.ResidualReputation,
        (silver.Movies, silver.Credits, expectation.RatingExpectation),
    ),
    Step(title_word_reputation, expectation.TitleWordReputation, (silver.Movies, expectation.RatingExpectation)),
    Step(
        movie_features,
        features.MovieFeatures,
        (
            silver.Movies,
            silver.Credits,
            gold.DirectorReputation,
            gold.PersonReputation,
            expectation.RatingExpectation,
            expectation.ResidualReputation,
            expectation.TitleWordReputation,
        ),
        ("silver.movies.tconst",),
    ),
)
_NAMES = [step.contract.table for step in STEPS]


def _made(step: Step, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What the transform makes; not validated, since a column that changes alone may break a rule between columns."""
    frames = {_asset(table): nw.from_native(tables[table.table].lazy()) for table in step.inputs}
    made: pl.LazyFrame = conform(step.transform(**frames), step.contract).to_native()
    return made.collect()


def _asset(contract: type[Contract]) -> str:
    return contract.table.partition(".")[2]


@cache
def _tables() -> dict[str, pl.DataFrame]:
    """Awkward tables from bronze to gold, without rows that contradict each other, and with every genre."""
    draw = random.Random(SEED)
    tables = {f"bronze.{name}": frame for name, frame in awkward_bronze().items()}
    basics = tables["bronze.title_basics"].unique("tconst", maintain_order=True, keep="first")
    genres = [names and draw.sample(list(GENRES.values()), len(names)) for names in basics["genres"].to_list()]
    tables["bronze.title_basics"] = basics.with_columns(genres=pl.Series(genres, dtype=basics.schema["genres"]))
    akas = tables["bronze.title_akas"]
    tables["bronze.title_akas"] = akas.unique(["titleId", "ordering"], maintain_order=True, keep="first")
    for name, key in (("bronze.title_episode", "tconst"), ("bronze.name_basics", "nconst")):
        tables[name] = tables[name].unique(key, maintain_order=True, keep="first")
    for step in STEPS:
        tables[step.contract.table] = _made(step, tables).sort(step.contract.primary_key())
    return tables


def _changed(contract: type[Contract], frame: pl.DataFrame, column: str, draw: random.Random) -> pl.DataFrame:
    """The table with other values, of those that the column has anyway, in most rows of one column; its key holds."""
    values = frame[column].to_list()
    other = draw.choices([*values, None] if contract.columns()[column].nullable else values, k=len(values))
    mixed = [new if draw.random() < 0.7 else old for old, new in zip(values, other, strict=True)]
    changed = frame.with_columns(pl.Series(column, mixed, dtype=frame.schema[column]))
    key = contract.primary_key()
    return changed.unique(key, maintain_order=True, keep="first") if column in key else changed


def _differing(before: pl.DataFrame, after: pl.DataFrame, key: list[str]) -> Iterator[str]:
    """Columns with another value in a row of one key; and the first column of the key, if the tables' keys differ."""
    if set(before.select(key).rows()) != set(after.select(key).rows()):
        yield key[0]
    both = before.join(after, on=key, how="inner", suffix=" after")
    for name in before.columns:
        if name not in key and both[name].ne_missing(both[f"{name} after"]).any():
            yield name


def _effects(step: Step, declared: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(input column, what it changes) for every input column; the key of the table stands for which rows there are.

    A column is changed again only while an effect that it declares is missing.
    """
    draw = random.Random(SEED)
    tables = _tables()
    before, key = tables[step.contract.table], step.contract.primary_key()
    for contract in step.inputs:
        for column in contract.column_names():
            source = f"{contract.table}.{column}"
            missing = {name for of, name in declared if of == source}
            for _ in range(CHANGES):
                changed = _changed(contract, tables[contract.table], column, draw)
                for name in _differing(before, _made(step, tables | {contract.table: changed}), key):
                    yield source, name
                    missing.discard(name)
                if not missing:
                    break


@pytest.mark.parametrize("step", STEPS, ids=_NAMES)
def test_a_column_declares_what_changes_it_and_nothing_else(step: Step) -> None:
    key = step.contract.primary_key()
    declared = {
        (f"{table}.{column}", key[0] if name in key else name)
        for name, sources in lineage(step.contract).items()
        for table, column in sources
    }
    found = {(source, name) for source, name in _effects(step, declared) if name in key or source not in step.row_key}
    assert sorted(found - declared) == [], "changed, not declared"
    assert sorted(declared - found) == [], "declared, never changed"
