"""The heavy tables by Polars and by the script of the Glue job, compared on a generated sample; prints Markdown.

python -m imdb_assets_tests.aws.glue_parity --titles 50000
"""

import argparse
import tempfile
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.aws import client
from imdb_assets.aws import glue as glue_engine
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.glue_jobs import LocalGlue, make_job
from imdb_assets_tests.aws.test_glue_engine import HEAVY
from imdb_assets_tests.support import materialize

PREFIX = "imdb-parity"


def compared(titles: int, folder: Path) -> list[str]:
    """A line for each heavy table of a sample of so many titles.

    Raises:
        AssertionError: A run failed, or a table is another one.
    """
    with emulators.ministack(folder) as ministack, led_to(ministack.environment), pytest.MonkeyPatch.context() as patch:
        make_buckets(ministack, PREFIX)
        make_job(ministack, PREFIX)
        settings = Settings(data=folder / "data", lake="s3", aws_prefix=PREFIX, sample_titles=titles)
        assert materialize(settings, "landing", "bronze", "silver", "gold").failures == {}
        lake = lake_of(settings)
        by_polars = {table: lake.table(table).scan().collect() for table in HEAVY}
        local, real = LocalGlue(ministack, ministack.client("glue"), folder), client.client
        patch.setattr(glue_engine, "client", lambda service: local if service == "glue" else real(service))
        by_glue = settings.model_copy(update={"engine": "glue", "glue_tables": ",".join(HEAVY)})
        assert materialize(by_glue, "silver", "gold").failures == {}
        for table in HEAVY:
            assert lake.history(table)[-1].properties["imdb.engine"] == "glue"
        return [_line(table, by_polars[table], lake.table(table).scan().collect()) for table in HEAVY]


def _line(table: str, polars: pl.DataFrame, glue: pl.DataFrame) -> str:
    assert polars.schema == glue.schema
    key = CONTRACTS[table].primary_key()
    one, other = polars.sort(key), glue.sort(key)
    assert_frame_equal(one, other, rel_tol=1e-9, abs_tol=0)
    about = [f"`{name}`" for name in one.columns if not one[name].equals(other[name])]
    equal = f"all but {', '.join(about)}, which are to 1e-9" if about else "all"
    return f"| `{table}` | {polars.height:,} | {glue.height:,} | {one.width} | {equal} |"


def main() -> None:
    """Compares, prints."""
    parser = argparse.ArgumentParser(prog="python -m imdb_assets_tests.aws.glue_parity", description=__doc__)
    parser.add_argument("--titles", type=int, default=50_000, help="of the generated sample")
    with tempfile.TemporaryDirectory(prefix="parity-") as folder:
        lines = compared(parser.parse_args().titles, Path(folder))
    print("| table | rows by Polars | rows by Glue's script | columns | equal to the bit |\n|---|---:|---:|---:|---|")  # noqa: T201
    print("\n".join(lines))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
