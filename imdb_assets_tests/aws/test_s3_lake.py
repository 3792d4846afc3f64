"""The whole graph on S3 with Glue's catalog, and the same in a folder: equal table by table."""

from typing import NamedTuple

import pytest
from polars.testing import assert_frame_equal

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.rollback import roll_back
from imdb_assets.settings import Settings
from imdb_assets.warehouse.duckdb import connect
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.support import TABLES_TO_GOLD, Run, folder_settings, materialize, write_tiny_dumps

PREFIX = "imdb-lake"


class Published(NamedTuple):
    """One run of the graph, and where it published."""

    settings: Settings
    lake: Lake
    run: Run


@pytest.fixture(scope="module")
def both(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, Published]:
    """The graph up to features, in a folder and on S3, from the same dumps."""
    make_buckets(aws, PREFIX)
    base = tmp_path_factory.mktemp("both")
    dumps = write_tiny_dumps(base / "dumps")
    published: list[Published] = []
    for kind in ("folder", "s3"):
        settings = folder_settings(dumps, base / kind, lake=kind, aws_prefix=PREFIX)
        run = materialize(settings, *TABLES_TO_GOLD)
        assert run.failures == {}
        published.append(Published(settings, lake_of(settings), run))
    return published[0], published[1]


def test_every_table_is_the_same_on_s3_and_in_a_folder(both: tuple[Published, Published]) -> None:
    folder, bucket = both
    names = [table.name for table in folder.lake.tables()]
    assert names == [table.name for table in bucket.lake.tables()]
    assert set(names) == {
        name
        for name, contract in CONTRACTS.items()
        if name.startswith(("bronze", "quarantine", "silver", "gold")) and not contract.incremental
    }
    for name in names:
        one, other = (published.lake.table(name).scan().collect() for published in both)
        assert_frame_equal(one, other, check_row_order=False)
        assert folder.lake.table(name).rows == bucket.lake.table(name).rows


def test_nothing_of_the_lake_is_kept_on_this_machine(both: tuple[Published, Published]) -> None:
    _, bucket = both
    left = [path for path in bucket.settings.data.rglob("*") if path.is_file() and path.name != ".lock"]
    assert left == []


def test_a_table_is_rematerialized_rolled_back_and_traced_on_s3(both: tuple[Published, Published]) -> None:
    _, bucket = both
    before = bucket.lake.table("silver.movies")
    run = materialize(bucket.settings, "silver/movies")
    assert run.failures == {}
    after = bucket.lake.table("silver.movies")
    assert [snapshot.snapshot_id for snapshot in bucket.lake.history("silver.movies")] == [
        before.snapshot_id,
        after.snapshot_id,
    ]
    assert after.inputs == before.inputs
    assert roll_back(bucket.lake, "silver.movies", before.snapshot_id, "anna") == before
    assert [rollback.by for rollback in bucket.lake.rollbacks("silver.movies")] == ["anna"]


def test_an_unattended_run_of_unchanged_dumps_keeps_all(both: tuple[Published, Published]) -> None:
    _, bucket = both
    snapshots = {table.name: table.snapshot_id for table in bucket.lake.tables()}
    assert materialize(bucket.settings, "landing", "bronze", tags=MAY_KEEP).failures == {}
    assert {table.name: table.snapshot_id for table in bucket.lake.tables()} == snapshots


def test_tables_of_other_owners_in_the_catalog_are_no_matter(both: tuple[Published, Published], aws: Emulator) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "silver"})
    glue.create_table(
        DatabaseName="imdb_lake_silver", TableInput={"Name": "csv", "Parameters": {"classification": "csv"}}
    )
    assert "silver.csv" not in [table.name for table in both[1].lake.tables()]
    assert both[1].lake.find("silver.csv") is None


def test_a_decade_is_read_from_its_own_files_only(both: tuple[Published, Published]) -> None:
    iceberg = both[1].lake.find("silver.movies")
    assert iceberg is not None
    files = [task.file.file_path for task in iceberg.scan(row_filter="decade = 1990").plan_files()]
    assert len(files) == 1 < len(list(iceberg.scan().plan_files()))
    assert "/part_decade=1990/" in files[0]


def test_sql_reads_tables_on_s3(both: tuple[Published, Published]) -> None:
    question = "select decade, count(*) from silver.movies where start_year > 1995 group by decade order by decade"
    one, other = (connect(published.lake).sql(question).fetchall() for published in both)
    assert one == other == [(1990, 4), (2000, 10), (2010, 10)]
