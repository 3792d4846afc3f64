"""Every transform on Polars and Spark, every view on DuckDB and Spark: the same rows from the same files."""

import gc
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.contracts import expectation, gold, silver
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import TitleBasics, quarantine_contract
from imdb_assets.engines.base import Engine, Facts, Transform
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.engines.spark import SparkEngine
from imdb_assets.lake.table import Table
from imdb_assets.ml.expectation import expect, fit
from imdb_assets.transforms import parts
from imdb_assets.transforms.credits import credits  # noqa: A004 - named like the table
from imdb_assets.transforms.features import movie_features
from imdb_assets.transforms.movies import movie_funnel, movies
from imdb_assets.transforms.releases import releases
from imdb_assets.transforms.reputation import director_reputation, person_reputation
from imdb_assets.transforms.residuals import residual_reputation
from imdb_assets.transforms.title_words import title_word_reputation
from imdb_assets.warehouse import check, views
from imdb_assets.warehouse.duckdb import over
from imdb_assets_tests.integration.awkward import awkward_bronze

pytestmark = [
    pytest.mark.spark,
    # py4j leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
pytest.importorskip("pyspark", reason="optional: make spark")


class Step(NamedTuple):
    """One transform in the order of lineage."""

    transform: Transform
    contract: type[Contract]
    inputs: tuple[str, ...]


STEPS = (
    Step(movies, silver.Movies, ("title_basics", "title_ratings")),
    Step(credits, silver.Credits, ("movies", "title_crew", "title_principals")),
    Step(releases, silver.Releases, ("movies", "title_akas")),
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
_NAMES = [step.contract.table for step in STEPS]

OTHERS = ("spark", "in_parts")
"""Engines that are compared with Polars: the fixtures of their names."""

ROWS_OF_A_PART = 50

DIRECTORS = 12
"""Of the views' films."""


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    engine = SparkEngine()
    yield engine
    engine.session.stop()
    gc.collect()  # here, so that the filter above sees what it has to say


class _InParts(PolarsEngine):
    """Polars again, as for tables so large that they are made part by part."""

    name = "parts"

    def run(
        self, transform: Transform, inputs: Mapping[str, Table], contract: type[Contract], destination: str
    ) -> Facts:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(parts, "ROWS_AT_A_TIME", ROWS_OF_A_PART)
            return super().run(transform, inputs, contract, destination)


@pytest.fixture(scope="module")
def in_parts() -> _InParts:
    return _InParts()


@pytest.fixture(scope="module", params=OTHERS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """Awkward bronze tables and what Polars makes of them, by asset name."""
    return _lake(tmp_path_factory.mktemp("lake with a space"), awkward_bronze())


@pytest.fixture(scope="module")
def no_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """The same tables without rows."""
    return _lake(tmp_path_factory.mktemp("empty"), {name: frame.clear() for name, frame in awkward_bronze().items()})


def _lake(folder: Path, bronze: Mapping[str, pl.DataFrame]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for name, frame in bronze.items():
        file = folder / f"{name}.parquet"
        frame.write_parquet(file)
        tables[name] = Table(f"bronze.{name}", 1, (str(file),), frame.height, file.stat().st_size)
    for step in STEPS:
        if "rating_expectation" in step.inputs and "rating_expectation" not in tables:
            tables["rating_expectation"] = _expectation(tables["movies"], folder)
        tables[step.contract.table.partition(".")[2]] = _run(PolarsEngine(), step, tables, folder)
    return tables


def _expectation(movies: Table, folder: Path) -> Table:
    """Made on the orchestrator, whatever the engine."""
    frame = expect(movies.scan(), fit(movies.scan()).lazy())
    file = folder / "rating_expectation.parquet"
    frame.write_parquet(file)
    return Table("gold.rating_expectation", 1, (str(file),), frame.height, file.stat().st_size)


def _run(engine: Engine, step: Step, tables: Mapping[str, Table], folder: Path) -> Table:
    destination = folder / engine.name / step.contract.table
    destination.mkdir(parents=True)
    engine.run(step.transform, {name: tables[name] for name in step.inputs}, step.contract, str(destination))
    files = tuple(sorted(str(path) for path in destination.rglob("*.parquet")))
    return Table(step.contract.table, 1, files, 0, 0)


def _assert_one_value_per_file(table: Table, column: str) -> None:
    for file in table.files:
        values = pl.read_parquet(file, columns=[column], hive_partitioning=False)[column].unique().to_list()
        assert [f"part_{column}={value}" for value in values] == [Path(file).parent.name]


@pytest.mark.parametrize("step", STEPS, ids=_NAMES)
def test_engines_make_the_same_table(step: Step, tables: dict[str, Table], engine: Engine, tmp_path: Path) -> None:
    by_polars = tables[step.contract.table.partition(".")[2]]
    by_other = _run(engine, step, tables, tmp_path)
    key = step.contract.primary_key()
    one, other = (table.scan().collect() for table in (by_polars, by_other))
    assert one.height > 100
    assert one.schema == other.schema == polars_schema(step.contract)
    assert_frame_equal(step.contract.validate(one).sort(key), other.sort(key), rel_tol=1e-9, abs_tol=0)
    if step.contract.partition_by:
        _assert_one_value_per_file(by_polars, step.contract.partition_by)
        _assert_one_value_per_file(by_other, step.contract.partition_by)


@pytest.mark.parametrize(
    "step", [step for step in STEPS if step.contract.independent_by], ids=lambda step: step[1].table
)
def test_parts_are_many(step: Step, tables: dict[str, Table], in_parts: Engine, tmp_path: Path) -> None:
    files = _run(in_parts, step, tables, tmp_path).files
    assert len({Path(file).name for file in files}) > 5


@pytest.mark.parametrize("step", STEPS, ids=_NAMES)
def test_no_rows_make_one_readable_file_with_the_schema(
    step: Step, no_rows: dict[str, Table], engine: Engine, tmp_path: Path
) -> None:
    made = [no_rows[step.contract.table.partition(".")[2]], _run(engine, step, no_rows, tmp_path)]
    for table in made:
        assert len(table.files) == 1
        assert table.scan().collect().height == 0
        assert table.scan().collect_schema() == polars_schema(step.contract)


def test_both_engines_count_the_same_funnel(tables: dict[str, Table], spark: SparkEngine) -> None:
    names = ("title_basics", "title_ratings")
    by_polars = movie_funnel(**{name: nw.from_native(tables[name].scan()) for name in names})
    frames = {name: nw.from_native(spark.session.read.parquet(*tables[name].files)) for name in names}
    one, other = (funnel.collect("polars").to_native().sort("step") for funnel in (by_polars, movie_funnel(**frames)))
    assert one.equals(other)
    assert 0 < one["rows"].min() < one["rows"].max() == tables["title_basics"].rows


@pytest.fixture(scope="module")
def view_inputs(tables: dict[str, Table], spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    """All tables that views read: those of the transforms, few directors, a line in quarantine. Spark has them."""
    folder = tmp_path_factory.mktemp("for views")
    films = tables["movies"].scan().select("tconst").sort("tconst").with_row_index().collect()
    few = pl.format("nm{}", (pl.col("index") % DIRECTORS).cast(pl.String).str.zfill(7))
    directed = films.select("tconst", nconst=few, role=pl.lit("director"))  # so that each has films enough to be placed
    more = {
        "silver.credits": (silver.Credits, directed),
        "quarantine.title_basics": (
            quarantine_contract(TitleBasics),
            pl.DataFrame({"line": [7], "raw": ["x"], "reason": ["y"], "file": ["title.basics.tsv.gz"]}),
        ),
    }
    made: list[Table] = []
    for name, (contract, frame) in more.items():
        schema = polars_schema(contract)
        missing = [pl.lit(None, dtype).alias(column) for column, dtype in schema.items() if column not in frame.columns]
        file = folder / f"{name}.parquet"
        frame.with_columns(missing).select(schema.names()).write_parquet(file)
        made.append(Table(name, 1, (str(file),), frame.height, file.stat().st_size))
    for table in (
        every := [*(table for table in tables.values() if table.name not in more), *made]
    ):  # Spark's temporary views have no database
        spark.session.read.parquet(*table.files).createOrReplaceTempView(table.name.replace(".", "__"))
    return every


@pytest.mark.parametrize("name", views.ALL)
def test_a_view_says_the_same_on_duckdb_and_spark(name: str, view_inputs: list[Table], spark: SparkEngine) -> None:
    contract = views.ALL[name].contract
    by_duckdb = over(view_inputs, Path("/")).sql(views.select(name)).pl()
    text = re.sub(r"\b(bronze|quarantine|silver)\.", r"\1__", views.select(name, "spark"))
    rows = [row.asDict() for row in spark.session.sql(text).collect()]
    by_spark = pl.DataFrame(rows, schema=polars_schema(contract))
    assert by_duckdb.height > 1
    assert check.broken(contract, by_duckdb) == {}
    assert_frame_equal(by_duckdb, by_spark, rel_tol=1e-9, abs_tol=1e-12)
