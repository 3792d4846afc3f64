"""The one way to make a table, on assets of a few rows: what is not committed although every rule holds."""

import dagster as dg
import polars as pl
import pytest

from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.table_asset import Made, table_asset
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings
from imdb_assets_tests.lakes import People
from imdb_assets_tests.unit.small_tables import PEOPLE


def _made(lake: Lake, rows: pl.DataFrame, max_drop: float = 0.05) -> list[str]:
    """Materializes gold.people and returns the messages of failed steps."""

    @table_asset(People, {"test"})
    def people() -> Made:
        return Made(rows)

    resources = {"handles": Handles(lake), "settings": Settings(max_drop=max_drop), "lake": lake}
    run = dg.materialize([people], resources=resources, raise_on_error=False)
    return [reason(event) for event in run.get_step_failure_events()]


def test_a_first_table_may_be_empty(lake: Lake) -> None:
    assert _made(lake, PEOPLE.clear()) == []
    assert lake.table("gold.people").rows == 0
    assert _made(lake, PEOPLE.clear()) == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied"), ". Check permissions, disk space and IMDB_DATA."),
        (OSError(28, "No space left on device"), ". Check permissions, disk space and IMDB_DATA."),
        (FileNotFoundError(2, "No such file or directory"), ""),
    ],
)
def test_a_step_that_cannot_write_says_what_to_check(error: OSError, told: str) -> None:
    @dg.asset
    def index() -> None:
        raise error

    run = dg.materialize([index], raise_on_error=False)
    assert [reason(event) for event in run.get_step_failure_events()] == [f"{error}{told}"]


@pytest.mark.parametrize(("max_drop", "left"), [(0.05, 2), (1.0, 0)])
def test_a_table_that_had_rows_is_emptied_only_on_purpose(lake: Lake, max_drop: float, left: int) -> None:
    assert _made(lake, PEOPLE) == []
    before = lake.table("gold.people").snapshot_id
    refused = (
        f"gold.people: would have no rows, but snapshot {before} has 2; nothing was published. Look at the table's "
        "inputs (none) and at the engine's log, then materialize the table again; if the table should be empty, run "
        "once with IMDB_MAX_DROP=1."
    )
    assert _made(lake, PEOPLE.clear(), max_drop) == ([refused] if left else [])
    assert lake.table("gold.people").rows == left
    assert _made(lake, PEOPLE.head(1)) == []
    assert lake.table("gold.people").rows == 1
