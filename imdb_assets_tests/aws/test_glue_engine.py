"""Heavy transforms by Glue's job API and the job's own script on a real Spark: the tables that Polars makes."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.aws import client as aws_client
from imdb_assets.aws import glue as glue_engine
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.glue_jobs import LocalGlue, make_job
from imdb_assets_tests.support import Run, folder_settings, materialize, write_tiny_dumps

PREFIX = "imdb-glue"
HEAVY = [
    "silver.movies",
    "silver.credits",
    "gold.director_reputation",
    "gold.person_reputation",
    "gold.movie_features",
]
"""Those of the setting's default, and others that may become heavy."""

pytestmark = pytest.mark.spark
pytest.importorskip("pyspark", reason="optional: make spark")


class Deployed(NamedTuple):
    """A lake on S3 with all that heavy transforms read, made by Polars, and a Glue job that really runs."""

    settings: Settings
    lake: Lake
    glue: LocalGlue
    by_polars: dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def deployed(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    base = tmp_path_factory.mktemp("glue")
    make_buckets(aws, PREFIX)
    make_job(aws, PREFIX)
    dumps = write_tiny_dumps(base / "dumps")
    settings = folder_settings(dumps, base / "data", lake="s3", aws_prefix=PREFIX)
    assert materialize(settings, "landing", "bronze", "silver", "gold").failures == {}
    lake = lake_of(settings)
    by_polars = {table: lake.table(table).scan().collect() for table in HEAVY}
    local = LocalGlue(aws, aws.client("glue"), base)
    real = aws_client.client
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glue_engine, "client", lambda service: local if service == "glue" else real(service))
        patch.setattr(glue_engine, "POLL_SECONDS", 0.2)
        by_glue = settings.model_copy(update={"engine": "glue", "glue_tables": ",".join(HEAVY)})
        yield Deployed(by_glue, lake, local, by_polars)
    for run_id in local.processes:
        local.end(run_id)


def assert_made_by_glue(deployed: Deployed, run: Run, table: str) -> None:
    """That the table is the one Polars made, and that the asset says what Glue did."""
    made, before = deployed.lake.table(table).scan().collect(), deployed.by_polars[table]
    key = CONTRACTS[table].primary_key()
    assert made.schema == before.schema
    assert_frame_equal(made.sort(key), before.sort(key), rel_tol=1e-9, abs_tol=0)
    snapshot = deployed.lake.history(table)[-1]
    assert snapshot.properties["imdb.engine"] == "glue"
    metadata = run.metadata(table.replace(".", "/"))
    assert (metadata["engine"], metadata["glue rows"]) == ("glue", made.height)
    published = deployed.lake.table(table)
    assert (metadata["glue files"], metadata["glue bytes"]) == (len(published.files), published.bytes)
    assert metadata["glue seconds"] > 0, "of the transform, as the job has measured it"
    assert metadata["glue billed seconds"] >= 0, "as Glue says"
    assert f"#/job/{PREFIX}-transform/run/" in metadata["glue run"]


def test_a_job_makes_the_table_that_polars_makes(deployed: Deployed) -> None:
    run = materialize(deployed.settings, "silver/movies")
    assert run.failures == {}, [deployed.glue.log(run_id) for run_id in deployed.glue.processes]
    assert_made_by_glue(deployed, run, "silver.movies")


@pytest.mark.slow
def test_all_heavy_tables_of_a_run_are_those_that_polars_makes(deployed: Deployed) -> None:
    started = len(deployed.glue.processes)
    run = materialize(deployed.settings, "silver", "gold")
    assert run.failures == {}, [deployed.glue.log(run_id) for run_id in deployed.glue.processes]
    assert len(deployed.glue.processes) == started + len(HEAVY)
    for table in HEAVY:
        assert_made_by_glue(deployed, run, table)


def test_the_default_is_a_part_of_what_is_compared() -> None:
    assert set(Settings().glue_tables.split(",")) <= set(HEAVY)


def test_light_tables_are_made_in_process(deployed: Deployed) -> None:
    started = len(deployed.glue.processes)
    assert materialize(deployed.settings, "silver/releases").failures == {}
    assert len(deployed.glue.processes) == started
    assert deployed.lake.history("silver.releases")[-1].properties["imdb.engine"] == "polars"
