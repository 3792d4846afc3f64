"""Tables that a contract lets be made in parts: the same rows as at once, in the lake and in the leak check."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from benchmarks.steps import STEPS, Step
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.table import Table
from imdb_assets.ml import leakage
from imdb_assets.transforms import parts
from imdb_assets_tests.integration.awkward import awkward_bronze
from imdb_assets_tests.integration.made_tables import lake_of, run

IN_PARTS = [step for step in STEPS if step.contract.independent_by]
ROWS_OF_A_PART = 50


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """All tables, made at once."""
    return lake_of(tmp_path_factory.mktemp("lake"), awkward_bronze())


def test_no_table_in_parts_is_missing_here() -> None:
    declared = {contract.table for contract in CONTRACTS.values() if contract.independent_by}
    assert declared == {step.contract.table for step in IN_PARTS}


@pytest.mark.parametrize("step", IN_PARTS, ids=[step.contract.table for step in IN_PARTS])
def test_parts_make_the_table(
    step: Step, tables: dict[str, Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_A_TIME", ROWS_OF_A_PART)
    made = run(PolarsEngine(), step, tables, tmp_path)
    assert len({Path(file).name for file in made.files}) > 5
    at_once, key = tables[step.contract.table.partition(".")[2]], step.contract.primary_key()
    assert at_once.scan().collect().height > 100
    in_order = (table.scan().collect().sort(key) for table in (at_once, made))
    assert_frame_equal(*in_order, rel_tol=1e-9, abs_tol=0)


def test_the_leak_check_rebuilds_the_same_in_parts(tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_A_TIME", ROWS_OF_A_PART)
    rebuilt = leakage.rebuild_features(tables["movies"].scan(), tables["credits"].scan())
    assert leakage.differences_from_lake(tables["movie_features"].scan().collect(), rebuilt) == []
