"""The whole graph, models and endpoint included, on S3 and in a folder: equal but for what names the run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from imdb_assets.ml import artifact
from imdb_assets.serving import local
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of, models_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.support import free_port, materialize

PREFIX = "imdb-whole"
LAYERS = ("landing", "bronze", "silver", "gold", "models", "serving")
OF_THE_RUN = {"model_version", "snapshot_id", "features_snapshot", "latency_ms", "seconds"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def both(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Settings]]:
    make_buckets(aws, PREFIX)
    made = [
        Settings(
            data=tmp_path_factory.mktemp(lake),
            lake=lake,
            aws_prefix=PREFIX,
            sample_titles=20_000,
            serving_port=free_port(),
        )
        for lake in ("folder", "s3")
    ]
    try:
        for settings in made:
            assert materialize(settings, *LAYERS).failures == {}
        yield made
    finally:
        for settings in made:
            local.stop(settings)


def test_every_table_is_the_same_but_for_what_names_the_run(both: list[Settings]) -> None:
    lakes = [lake_of(settings) for settings in both]
    names = [table.name for table in lakes[0].tables()]
    assert names == [table.name for table in lakes[1].tables()]
    assert {"models.predictions", "models.iterations", "serving.live_predictions"} <= set(names)
    for name in names:
        one, other = (lake.table(name).scan().collect().drop(OF_THE_RUN, strict=False) for lake in lakes)
        assert_frame_equal(one, other, check_row_order=False, rel_tol=1e-9)


def test_the_model_on_s3_is_the_one_that_serves(both: list[Settings]) -> None:
    records = [artifact.load(Path(models_of(settings).current().path)).record for settings in both]
    assert records[0].regimes == records[1].regimes
    status = local.status(both[1], lake_of(both[1]))
    assert status is not None
    assert status.model_version == records[1].version
