"""Every transform on Polars and Spark, every view on DuckDB and Spark: the same rows from the same files."""

import gc
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import narwhals as nw
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from pyiceberg.table.name_mapping import NameMapping

from benchmarks.steps import NAMES, STEPS, Step
from imdb_assets.contracts import models, ops, silver
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import TitleBasics, TitleRatings, quarantine_contract
from imdb_assets.contracts.people import People as SilverPeople
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.rules import rules
from imdb_assets.contracts.series import Episodes
from imdb_assets.engines.base import Engine, EngineError
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.engines.spark import SparkEngine
from imdb_assets.engines.spark import audit as spark_audit
from imdb_assets.lake.audit import Audit, audit
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.schema import ids_in
from imdb_assets.lake.table import Staged, Table
from imdb_assets.transforms.movies import movie_funnel
from imdb_assets.transforms.rating_history import rating_changes
from imdb_assets.warehouse import check, views
from imdb_assets.warehouse.duckdb import over
from imdb_assets_tests import tables as by_hand
from imdb_assets_tests.broken_rows import broken_rows
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.made_tables import lake_of, run
from imdb_assets_tests.lakes import People
from imdb_assets_tests.unit.small_tables import FILMS, PEOPLE, Films

pytestmark = [
    pytest.mark.spark,
    # py4j leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
pytest.importorskip("pyspark", reason="optional: make spark")


OTHERS = ("spark",)
"""Engines that are compared with Polars: the fixtures of their names."""

JUDGED = [*(step.contract for step in STEPS), ops.Runs]
"""Contracts whose rows Spark may stage, and one with times: together they have every kind of rule."""

DIRECTORS = 12
"""Of the views' films."""


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    engine = SparkEngine()
    yield engine
    engine.session.stop()
    gc.collect()  # here, so that the filter above sees what it has to say


@pytest.fixture(scope="module", params=OTHERS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """Awkward bronze tables and what Polars makes of them, by asset name."""
    return lake_of(tmp_path_factory.mktemp("lake with a space"), awkward_bronze())


@pytest.fixture(scope="module")
def no_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """The same tables without rows."""
    return lake_of(tmp_path_factory.mktemp("empty"), {name: frame.clear() for name, frame in awkward_bronze().items()})


def _assert_one_value_per_file(table: Table, column: str) -> None:
    for file in table.files:
        values = pl.read_parquet(file, columns=[column], hive_partitioning=False)[column].unique().to_list()
        assert [f"part_{column}={value}" for value in values] == [Path(file).parent.name]


def _ids(table: Table) -> dict[str, int | None]:
    """Field ids in a table's files, which are those of all of them."""
    found = [ids_in(pq.read_schema(file), NameMapping([])) for file in table.files]
    assert all(ids == found[0] for ids in found)
    return found[0]


@pytest.mark.parametrize("step", STEPS, ids=NAMES)
def test_engines_make_the_same_table(step: Step, tables: dict[str, Table], engine: Engine, tmp_path: Path) -> None:
    by_polars = tables[step.contract.table.partition(".")[2]]
    by_other = run(engine, step, tables, tmp_path)
    key = step.contract.primary_key()
    one, other = (table.scan().collect() for table in (by_polars, by_other))
    assert one.height > 100
    assert one.schema == other.schema == polars_schema(step.contract)
    assert_frame_equal(step.contract.validate(one).sort(key), other.sort(key), rel_tol=1e-9, abs_tol=0)
    assert {pq.read_metadata(file).row_group(0).column(0).compression for file in by_other.files} == {"ZSTD"}
    assert _ids(by_other) == _ids(by_polars)
    assert sorted(filter(None, _ids(by_other).values())) == list(range(1, len(_ids(by_other)) + 1))
    if step.contract.partition_by:
        _assert_one_value_per_file(by_polars, step.contract.partition_by)
        _assert_one_value_per_file(by_other, step.contract.partition_by)


def _verdicts(contract: type[Contract], folder: Path, spark: SparkEngine) -> tuple[Audit, Audit]:
    staged = Staged(contract.table, str(folder), "by hand")
    return audit(contract, staged), spark_audit(spark.session, contract, staged)


@pytest.mark.parametrize("step", STEPS, ids=NAMES)
def test_engines_pass_the_same_staged_files(step: Step, tables: dict[str, Table], spark: SparkEngine) -> None:
    table = tables[step.contract.table.partition(".")[2]]
    folder = next(parent for parent in Path(table.files[0]).parents if parent.name == table.name)
    by_polars, by_spark = _verdicts(step.contract, folder, spark)
    assert by_polars == by_spark == Audit(table.scan().collect().height, {}, [])


@pytest.mark.parametrize("contract", JUDGED, ids=[contract.table for contract in JUDGED])
def test_engines_refuse_the_same_rows_by_every_rule(
    contract: type[Contract], spark: SparkEngine, tmp_path: Path
) -> None:
    unplaced = type(contract.__name__, (contract,), {"partition_by": None})
    rows = broken_rows(contract)
    half = rows.height // 2
    rows[:half].write_parquet(tmp_path / "0.parquet")
    rows[half:].write_parquet(tmp_path / "1.parquet")
    by_polars, by_spark = _verdicts(unplaced, tmp_path, spark)
    assert by_polars == by_spark
    assert (by_spark.rows, len(by_spark.examples)) == (rows.height, 3)
    keyed = {"primary_key"} if contract.primary_key() else set[str]()
    assert by_spark.broken.keys() == {*rules(contract), *keyed}


@pytest.mark.parametrize(
    ("contract", "frame"),
    [
        (People, PEOPLE.cast({"born": pl.Int64})),
        (People, PEOPLE.cast({"nconst": pl.Binary, "born": pl.Float32})),
        (People, PEOPLE.drop("born").with_columns(age=pl.lit(1, pl.Int8))),
        (ops.Runs, broken_rows(ops.Runs).cast({"started_at": pl.Date, "seconds": pl.Float32})),
    ],
)
def test_engines_refuse_the_same_columns(
    contract: type[Contract], frame: pl.DataFrame, spark: SparkEngine, tmp_path: Path
) -> None:
    frame.write_parquet(tmp_path / "0.parquet")
    by_polars, by_spark = _verdicts(contract, tmp_path, spark)
    assert by_polars == by_spark
    assert set(by_spark.broken.values()) == {frame.height}


@pytest.mark.parametrize(
    ("folder", "decades"),
    [
        ("part_decade=1990", [1990, 2000]),
        ("part_decade=1990", [1990, None]),
        ("part_decade=1990", [2000, 2000]),
        ("part_decade=None", [None, None]),
        ("decade=1990", [1990, 1990]),
        ("with a space", [1990, 1990]),
    ],
)
def test_engines_refuse_the_same_files_as_misplaced(
    folder: str, decades: list[int | None], spark: SparkEngine, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    FILMS.head(2).with_columns(pl.Series("decade", decades, pl.Int32)).write_parquet(tmp_path / folder / "0.parquet")
    (tmp_path / "part_decade=2000").mkdir()
    FILMS.filter(decade=2000).write_parquet(tmp_path / "part_decade=2000" / "0.parquet")
    by_polars, by_spark = _verdicts(Films, tmp_path, spark)
    assert by_polars == by_spark
    assert by_spark.broken == {"each file has the partition value that its path names": 3}
    assert by_spark.examples == [str(tmp_path / folder / "0.parquet")]


def test_engines_cannot_judge_the_same_files(spark: SparkEngine, tmp_path: Path) -> None:
    PEOPLE.write_parquet(tmp_path / "0.parquet")
    PEOPLE.cast({"nconst": pl.Binary}).with_columns(nconst=pl.lit(7)).write_parquet(tmp_path / "1.parquet")
    staged = Staged(People.table, str(tmp_path), "by hand")
    words = r"^gold\.people: the files that engine by hand staged .* cannot be read "
    for judged in (lambda: audit(People, staged), lambda: spark_audit(spark.session, People, staged)):
        with pytest.raises(LakeError, match=words):
            judged()


@pytest.mark.parametrize("step", STEPS, ids=NAMES)
def test_no_rows_make_one_readable_file_with_the_schema(
    step: Step, no_rows: dict[str, Table], engine: Engine, tmp_path: Path
) -> None:
    made = [no_rows[step.contract.table.partition(".")[2]], run(engine, step, no_rows, tmp_path)]
    for table in made:
        assert len(table.files) == 1
        assert table.scan().collect().height == 0
        assert table.scan().collect_schema() == polars_schema(step.contract)
        assert None not in _ids(table).values()


def test_spark_without_s3a_says_what_is_missing(tables: dict[str, Table], spark: SparkEngine) -> None:
    step = STEPS[0]
    with pytest.raises(
        EngineError,
        match=r"^Spark cannot read s3:// addresses, because Hadoop's S3A is missing at local\[\*\]\. Add its JARs",
    ):
        spark.run(step.transform, {name: tables[name] for name in step.inputs}, step.contract, "s3://a-bucket/movies")


def test_both_engines_find_the_same_changes_of_ratings(spark: SparkEngine, tmp_path: Path) -> None:
    """A day that comes late between two others, with titles that come, go and change."""
    draw, days = random.Random(3), [date(2026, 1, day) for day in (1, 5, 9)]
    dumps = [
        by_hand.table(
            TitleRatings,
            [
                {
                    "tconst": f"tt{number:07}",
                    "averageRating": draw.randint(10, 100) / 10 if draw.random() < 0.5 else 5.6,
                    "numVotes": draw.choice([0, 5, 6, 2**31 - 1]),
                }
                for number in range(300)
                if draw.random() < 0.8
            ],
        )
        for _ in days
    ]
    history: Table | None = None
    for position in (0, 2, 1):
        later = next((day for day in days[position + 1 :] if position == 1), None)
        inputs = {"title_ratings": _stored(tmp_path / f"{position}.parquet", dumps[position])}
        inputs |= {"rating_history": history} if history else {}
        made: list[pl.DataFrame] = []
        for engine in (PolarsEngine(), spark):
            folder = tmp_path / f"{engine.name} {position}"
            folder.mkdir()
            transform = partial(rating_changes, day=days[position], next_day=later)
            engine.run(transform, inputs, RatingHistory, str(folder))
            files = tuple(str(path) for path in sorted(folder.rglob("*.parquet")))
            changes = Table(RatingHistory.table, 1, files, 0, 0)
            _assert_one_value_per_file(changes, "valid_from")
            made.append(changes.scan().collect().sort("valid_from", "tconst"))
        assert made[0].equals(made[1])
        assert made[0].height > 100
        replaced = [days[position], *([later] if later else [])]
        kept = [history.scan().filter(~pl.col("valid_from").is_in(replaced)).collect()] if history else []
        history = _stored(tmp_path / f"history {position}.parquet", pl.concat([*kept, made[0]]))


def _stored(file: Path, frame: pl.DataFrame) -> Table:
    frame.write_parquet(file)
    return Table("a.table", 1, (str(file),), frame.height, file.stat().st_size)


def test_both_engines_count_the_same_funnel(tables: dict[str, Table], spark: SparkEngine) -> None:
    names = ("title_basics", "title_ratings")
    by_polars = movie_funnel(**{name: nw.from_native(tables[name].scan()) for name in names})
    frames = {name: nw.from_native(spark.session.read.parquet(*tables[name].files)) for name in names}
    one, other = (funnel.collect("polars").to_native().sort("step") for funnel in (by_polars, movie_funnel(**frames)))
    assert one.equals(other)
    assert 0 < one["rows"].min() < one["rows"].max() == tables["title_basics"].rows


@pytest.fixture(scope="module")
def view_inputs(tables: dict[str, Table], spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    """All tables that views read: of the transforms, few people, a line in quarantine, a history. Spark has them."""
    folder = tmp_path_factory.mktemp("for views")
    draw = random.Random(4)
    titles = tables["title_ratings"].scan().select("tconst").unique().sort("tconst").collect()["tconst"].to_list()
    moves = [
        {
            "tconst": tconst,
            "valid_from": date(2026, 1, 1) + timedelta(day),
            "average_rating": draw.randint(10, 100) / 10,
            "num_votes": draw.choice([50, 150, 20_000]),
        }
        for tconst in titles
        for day in (0, 20, 35, 40)
    ]
    changes = pl.DataFrame(moves).with_columns(
        rating_change=pl.col("average_rating").diff().over("tconst").round(1),
        votes_change=pl.col("num_votes").diff().over("tconst"),
    )
    films = tables["movies"].scan().select("tconst").sort("tconst").with_row_index().collect()
    few = pl.format("nm{}", (pl.col("index") % DIRECTORS).cast(pl.String).str.zfill(7))
    directed = films.select("tconst", nconst=few, role=pl.lit("director"))  # so that each has films enough to be placed
    predicted = films.select(
        "tconst",
        regime=pl.lit("pre-release"),
        split=pl.lit("fold"),
        iteration=pl.lit("v11"),
        actual=pl.lit(None, pl.Float64),
        predicted=1.0 + pl.col("index") % 90 / 10,
        lower=pl.lit(1.0),
        upper=pl.lit(10.0),
        model_version=pl.lit("abc"),
        snapshot_id=pl.lit(1),
    )
    written = directed.with_columns(nconst=pl.col("nconst").str.replace("nm0", "nm1"), role=pl.lit("writer"))
    credits_ = pl.concat([directed, written])  # the same two each time
    names = credits_.select("nconst", name="Person " + pl.col("nconst")).unique()
    numbered = tables["episodes"].scan().sort("tconst").with_row_index().collect()
    episodes = numbered.with_columns(
        average_rating=(10 + pl.col("index") * 7 % 91) / 10, num_votes=(20 + pl.col("index") % 50).cast(pl.Int32)
    ).drop("index")
    more = {
        "models.predictions": (models.Predictions, predicted),
        "silver.credits": (silver.Credits, credits_),
        "quarantine.title_basics": (
            quarantine_contract(TitleBasics),
            pl.DataFrame({"line": [7], "raw": ["x"], "reason": ["y"], "file": ["title.basics.tsv.gz"]}),
        ),
        "silver.people": (SilverPeople, names),
        "silver.episodes": (Episodes, episodes),
        RatingHistory.table: (RatingHistory, by_hand.table(RatingHistory, changes.to_dicts())),
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


@pytest.mark.parametrize("name", views.every())
def test_a_view_says_the_same_on_duckdb_and_spark(name: str, view_inputs: list[Table], spark: SparkEngine) -> None:
    contract = views.every()[name].contract
    by_duckdb = over(view_inputs, Path("/")).sql(views.select(name)).pl()
    text = re.sub(r"\b(bronze|models|quarantine|silver)\.", r"\1__", views.select(name, "spark"))
    rows = [row.asDict() for row in spark.session.sql(text).collect()]
    by_spark = pl.DataFrame(rows, schema=polars_schema(contract))
    if "\norder by" not in views.every()[name].text:
        by_duckdb, by_spark = (frame.sort(contract.primary_key()) for frame in (by_duckdb, by_spark))
    assert by_duckdb.height > 1
    assert check.broken(contract, by_duckdb) == {}
    assert_frame_equal(by_duckdb, by_spark, rel_tol=1e-9, abs_tol=1e-12)
