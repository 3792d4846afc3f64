"""The Spark engine through Spark Connect: a real server with a token makes and audits the tables that Polars makes."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock, Mock

import dataframely as dy
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from pyiceberg.table.name_mapping import NameMapping

from benchmarks.steps import NAMES, STEPS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.schema import ids_in
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.made_tables import lake_of
from imdb_assets_tests.support import free_port

pytest.importorskip("pyspark", reason="optional: make spark")

from benchmarks.spark_cluster import run_tables
from imdb_assets.engines import spark
from imdb_assets.engines.base import EngineError
from imdb_assets_tests.integration.connect import connect_server

pytestmark = pytest.mark.spark
IMPORT = "from imdb_assets.engines.spark import SparkEngine"
WITH_LISTS = {
    step.contract.table
    for step in STEPS
    if any(isinstance(column, dy.List) for column in step.contract.columns().values())
}
"""Tables whose files get no field ids through Spark Connect."""


@pytest.mark.slow
def test_a_server_makes_and_audits_the_tables_that_polars_makes(tmp_path: Path) -> None:
    (tmp_path / "polars").mkdir()
    by_polars = lake_of(tmp_path / "polars", awkward_bronze())
    bronze = {name: by_polars[name].files for name in awkward_bronze()}
    no_rows = {
        name: [_written(tmp_path / f"{name}.parquet", frame.clear())] for name, frame in awkward_bronze().items()
    }
    with connect_server(tmp_path / "server") as server:
        work = {"address": server.address(), "bronze": bronze, "lake": str(tmp_path / "shared with a space")}
        said = run_tables(work, server.environment)
        empty = {"address": server.address(), "bronze": no_rows, "lake": str(tmp_path / "empty"), "tables": NAMES[:1]}
        (nothing,) = run_tables(empty, server.environment)
        refused = subprocess.run(
            [sys.executable, "-c", f"{IMPORT}; SparkEngine({server.address('another')!r}).session"],
            capture_output=True,
            text=True,
            check=False,
            env=dict(server.environment),
            timeout=60,
        )
    assert [one["table"] for one in said] == NAMES
    by_spark = Lake(Path(str(work["lake"])))
    for step, one in zip(STEPS, said, strict=True):
        name, key = step.contract.table, step.contract.primary_key()
        tables = by_spark.table(name), by_polars[name.partition(".")[2]]
        rows, expected = (table.scan().collect().sort(key) for table in tables)
        assert_frame_equal(rows, expected, rel_tol=1e-9, abs_tol=0)
        assert one["audited"] == one["published"] == expected.height > 100
        of_spark, of_polars = (ids_in(pq.read_schema(table.files[0]), NameMapping([])) for table in tables)
        assert set(of_spark.values()) == {None} if name in WITH_LISTS else of_spark == of_polars
    assert (nothing["table"], nothing["audited"], nothing["published"]) == ("silver.movies", 0, 0)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        f"imdb_assets.engines.base.EngineError: no Spark answers at sc://127.0.0.1:{server.port} "
        "(Invalid authentication token). Start Spark, or correct IMDB_SPARK."
    )


def _written(file: Path, frame: pl.DataFrame) -> str:
    frame.write_parquet(file)
    return str(file)


@pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning")  # pyspark's
def test_an_address_that_nothing_answers_at_is_an_error_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "ANSWER_SECONDS", 0.2)
    address = f"sc://127.0.0.1:{free_port()}"
    with pytest.raises(
        EngineError, match=rf"^no Spark answers at {address} \(no answer within 0\.2 s; .* IMDB_SPARK\.$"
    ):
        _ = spark.SparkEngine(f"{address}/;token=secret").session


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "An error occurred.\n: org.apache.spark.SparkException: Could not parse\n\tat org.apache",
            "org.apache.spark.SparkException: Could not parse",
        ),
        (
            "o\n: java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext.\nThis",
            "the master does not answer",
        ),
        (
            '<_InactiveRpcError of RPC with:\n\tdetails = "Invalid token"\n\tdebug_error_string = "U"\n>',
            "Invalid token",
        ),
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited.", "[JAVA_GATEWAY_EXITED] Java gateway process exited"),
    ],
)
def test_an_error_says_in_one_line_why_spark_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, said: str, why: str
) -> None:
    monkeypatch.setattr("dagster_pyspark.LazyPySparkResource.spark_session", property(Mock(side_effect=OSError(said))))
    with pytest.raises(EngineError) as raised:
        _ = spark.SparkEngine("spark://host:7077").session
    assert str(raised.value) == f"no Spark answers at spark://host:7077 ({why}). Start Spark, or correct IMDB_SPARK."


def test_a_session_without_a_master_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session = MagicMock()
    session.sparkContext._jsc.sc().isStopped.return_value = True
    monkeypatch.setattr("dagster_pyspark.LazyPySparkResource.spark_session", session)
    with pytest.raises(EngineError, match=r"^no Spark answers at spark://host:7077 \(the master does not answer\)\. "):
        _ = spark.SparkEngine("spark://host:7077").session


def test_spark_connect_names_the_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ModuleNotFoundError,
        match=r"^The Spark engine needs pandas. Run `make spark` to install it, or set IMDB_ENGINE=",
    ):
        _ = spark.SparkEngine("sc://127.0.0.1").session
