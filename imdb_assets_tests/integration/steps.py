"""Every transform in the order of lineage, and tables made by them from bronze tables of a few rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from imdb_assets.contracts import expectation, gold, people, series, silver
from imdb_assets.contracts.base import Contract
from imdb_assets.engines.base import Engine, Transform
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import field_ids
from imdb_assets.lake.table import Table
from imdb_assets.ml.expectation import expect, fit
from imdb_assets.transforms.credits import credits  # noqa: A004 - named like the table
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.movies import movies
from imdb_assets.transforms.people import people as people_transform
from imdb_assets.transforms.releases import releases
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets.transforms.residuals import residual_reputation
from imdb_assets.transforms.series import episodes
from imdb_assets.transforms.series import series as series_transform
from imdb_assets.transforms.title_words import title_word_reputation


class Step(NamedTuple):
    """One transform in the order of lineage."""

    transform: Transform
    contract: type[Contract]
    inputs: tuple[str, ...]


STEPS = (
    Step(movies, silver.Movies, ("title_basics", "title_ratings")),
    Step(credits, silver.Credits, ("movies", "title_crew", "title_principals")),
    Step(releases, silver.Releases, ("movies", "title_akas")),
    Step(people_transform, people.People, ("credits", "name_basics")),
    Step(series_transform, series.Series, ("title_basics", "title_ratings")),
    Step(episodes, series.Episodes, ("title_episode", "title_basics", "title_ratings")),
    Step(director_reputation, gold.DirectorReputation, ("movies", "credits")),
    Step(person_reputation, gold.PersonReputation, ("movies", "credits")),
    Step(residual_reputation, expectation.ResidualReputation, ("movies", "credits", "rating_expectation")),
    Step(title_word_reputation, expectation.TitleWordReputation, ("movies", "rating_expectation")),
    Step(
        movie_features,
        gold.MovieFeatures,
        (
            "movies",
            "credits",
            "director_reputation",
            "person_reputation",
            "rating_expectation",
            "residual_reputation",
            "title_word_reputation",
        ),
    ),
)
NAMES = [step.contract.table for step in STEPS]


def lake_of(folder: Path, bronze: Mapping[str, pl.DataFrame]) -> dict[str, Table]:
    """The bronze tables and what Polars makes of them, by asset name."""
    tables: dict[str, Table] = {}
    for name, frame in bronze.items():
        file = folder / f"{name}.parquet"
        frame.write_parquet(file)
        tables[name] = Table(f"bronze.{name}", 1, (str(file),), frame.height, file.stat().st_size)
    for step in STEPS:
        if "rating_expectation" in step.inputs and "rating_expectation" not in tables:
            tables["rating_expectation"] = _expectation(tables["movies"], folder)
        tables[step.contract.table.partition(".")[2]] = run(PolarsEngine(), step, tables, folder)
    return tables


def _expectation(movies: Table, folder: Path) -> Table:
    """Made on the orchestrator, whatever the engine."""
    frame = expect(movies.scan(), fit(movies.scan()).lazy())
    file = folder / "rating_expectation.parquet"
    frame.write_parquet(file)
    return Table("gold.rating_expectation", 1, (str(file),), frame.height, file.stat().st_size)


def run(engine: Engine, step: Step, tables: Mapping[str, Table], folder: Path) -> Table:
    """The step's table, made by the engine in a folder of its own."""
    destination = folder / engine.name / step.contract.table
    destination.mkdir(parents=True)
    inputs = {name: tables[name] for name in step.inputs}
    engine.run(step.transform, inputs, step.contract, str(destination), field_ids(Lake(folder / "lake"), step.contract))
    files = tuple(sorted(str(path) for path in destination.rglob("*.parquet")))
    return Table(step.contract.table, 1, files, 0, 0)
