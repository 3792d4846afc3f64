"""The benchmark's engines on a small sample: equal rows, and that a difference is noticed. Nothing is timed here."""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from benchmarks.equality import require_equal
from benchmarks.jobs import ENGINES, INGEST_ONLY, JOBS, BenchError, Features, Runner
from benchmarks.worker import make, measure
from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, TitlePrincipals, TitleRatings
from imdb_assets.contracts.gold import DirectorReputation
from imdb_assets.contracts.silver import Movies
from imdb_assets.sources.sample.generator import write_sample

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")

TITLES = 4_000

Files = Mapping[str, list[Path]]


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated dumps with all their flaws: cut lines, wrong numbers, ids that are none, bytes that are not UTF-8."""
    folder = tmp_path_factory.mktemp("dumps")
    write_sample(folder, titles=TITLES, seed=11)
    return folder


@pytest.fixture(scope="module")
def by_platform(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return _run_all(make("platform", dumps, tmp_path_factory.mktemp("platform")))


@pytest.fixture(scope="module")
def by_duckdb(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return _run_all(make("duckdb", dumps, tmp_path_factory.mktemp("duckdb")))


def _run_all(runner: Runner) -> dict[str, list[Path]]:
    for job in JOBS.values():
        runner.run(job)
    return {contract.table: runner.files(contract) for job in JOBS.values() for contract in job.outputs}


CONTRACTS = [contract for job in JOBS.values() for contract in job.outputs]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.table)
def test_duckdb_writes_the_platforms_rows(contract: type[Contract], by_platform: Files, by_duckdb: Files) -> None:
    rows = require_equal(contract, {"platform": by_platform[contract.table], "duckdb": by_duckdb[contract.table]})
    assert rows > 100


def test_clickhouse_writes_the_platforms_rows(dumps: Path, by_platform: Files, tmp_path: Path) -> None:
    pytest.importorskip("chdb", reason="optional: make clickhouse")
    runner = make("clickhouse", dumps, tmp_path)
    runner.run(JOBS["ingest"])
    for contract in JOBS["ingest"].outputs:
        files = {"platform": by_platform[contract.table], "clickhouse": runner.files(contract)}
        assert require_equal(contract, files) > 100


@pytest.fixture(scope="module")
def by_spark(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    pytest.importorskip("pyspark", reason="optional: make spark")
    from benchmarks.spark_engine import SparkRunner

    runner = SparkRunner(dumps, tmp_path_factory.mktemp("spark"))
    yield _run_all(runner)
    runner.stop()
    gc.collect()  # here, so that the filter below sees what it has to say


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # py4j leaves its sockets open
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.table)
def test_spark_writes_the_platforms_rows(contract: type[Contract], by_platform: Files, by_spark: Files) -> None:
    assert require_equal(contract, {"platform": by_platform[contract.table], "spark": by_spark[contract.table]}) > 100


def test_the_sample_has_what_readers_get_wrong(by_platform: Files) -> None:
    principals = pl.read_parquet(by_platform["bronze.title_principals"])
    assert principals["charactersRaw"].count() > 0
    assert principals["characters"].list.eval(pl.element().str.contains('"', literal=True)).list.any().any()
    features = pl.read_parquet(by_platform["gold.movie_features"], hive_partitioning=False)
    assert {"director_mean_rating", "director_career_mean_rating", "writer_is_director"} <= set(features.columns)
    assert not [name for name, nulls in features.null_count().row(0, named=True).items() if nulls == features.height]


Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.mark.parametrize(
    ("contract", "change", "message"),
    [
        (TitleRatings, lambda rows: rows[1:], r"rows \([\d,]+ and [\d,]+\)"),
        (TitleRatings, lambda rows: pl.concat([rows[1:], rows[1:2]]), "differ in tconst"),
        (TitlePrincipals, lambda rows: rows.with_columns(pl.col("job").reverse()), "differ in tconst, ordering"),
        (
            TitlePrincipals,
            lambda rows: rows.with_columns(pl.col("characters").list.reverse()),
            r"differ in characters\.",
        ),
        (
            TitlePrincipals,
            lambda rows: rows.with_columns(pl.col("characters").fill_null([])),
            r"differ in characters\.",
        ),
        (TitleRatings, lambda rows: rows.with_columns(pl.col("numVotes").cast(pl.Int64)), "types .*: numVotes BIGINT"),
        (
            Movies,
            lambda rows: rows.with_columns(genres=pl.col("genres").list.head(1)),
            r"differ in genres \([\d,]+ rows",
        ),
        (DirectorReputation, lambda rows: rows[1:], r"rows \([\d,]+ and [\d,]+\)"),
        (
            DirectorReputation,
            lambda rows: rows.with_columns(
                year=pl.when(pl.col("year") == 9999).then(pl.lit(9998, pl.Int32)).otherwise("year")
            ),
            r"rows \([\d,]+ rows\)",
        ),
        (
            Features,
            lambda rows: rows.with_columns(pl.col("log_votes") * (1 + 1e-8)),
            r"differ in log_votes \([\d,]+ rows",
        ),
        (
            Features,
            lambda rows: rows.with_columns(pl.col("director_mean_rating").fill_null(6.0)),
            r"differ in director_mean_rating \([\d,]+ rows",
        ),
    ],
)
def test_a_difference_is_noticed(
    contract: type[Contract], change: Change, message: str, by_platform: Files, tmp_path: Path
) -> None:
    rows = pl.read_parquet(by_platform[contract.table], hive_partitioning=False)
    change(rows).write_parquet(tmp_path / "0.parquet")
    with pytest.raises(BenchError, match=message):
        require_equal(contract, {"platform": by_platform[contract.table], "duckdb": [tmp_path / "0.parquet"]})


def test_order_files_and_last_bits_do_not_matter(by_platform: Files, tmp_path: Path) -> None:
    rows = pl.read_parquet(by_platform["gold.movie_features"], hive_partitioning=False).reverse()
    rows = rows.with_columns(pl.col("log_votes", "director_mean_rating") * (1 + 1e-12))
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, part in zip(paths, (rows[:100], rows[100:]), strict=True):
        part.write_parquet(path)
    assert require_equal(Features, {"platform": by_platform["gold.movie_features"], "duckdb": paths}) == rows.height
    ratings = pl.read_parquet(by_platform["bronze.title_ratings"])
    ratings.reverse().write_parquet(tmp_path / "c.parquet")
    files = {"platform": by_platform["bronze.title_ratings"], "duckdb": [tmp_path / "c.parquet"]}
    assert require_equal(TitleRatings, files) == ratings.height


def test_a_job_without_its_inputs_names_the_job_that_makes_them(dumps: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"reads bronze.title_basics, which duckdb has not .*: add the job `ingest`"):
        measure("duckdb", JOBS["movies"], dumps, tmp_path)


def test_a_worker_measures_itself(dumps: Path, tmp_path: Path) -> None:
    answer = measure("duckdb", JOBS["ingest"], dumps, tmp_path)
    assert answer.cpu_seconds > 0
    assert answer.seconds > 0
    assert 50e6 < answer.peak_bytes < 20e9
    written = [Path(file) for files in answer.files.values() for file in files]
    assert len(written) == len(DUMP_CONTRACTS)
    assert answer.output_bytes == sum(path.stat().st_size for path in written)


def test_every_engine_has_a_query_for_every_job() -> None:
    folder = Path(__file__).parents[2] / "benchmarks" / "sql"
    ingest, others = (
        {f"ingest/{dump}.sql" for dump in DUMP_CONTRACTS},
        {f"{job}.sql" for job in JOBS if job != "ingest"},
    )
    for engine in list(ENGINES)[1:]:
        names = ingest if engine in INGEST_ONLY else ingest | others
        assert {str(path.relative_to(folder / engine)) for path in (folder / engine).rglob("*.sql")} == names
