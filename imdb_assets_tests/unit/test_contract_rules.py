"""A contract's rules in Narwhals: those of dataframely, which declares the columns, to the row."""

import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.contracts.rules import rules
from imdb_assets.warehouse import check
from imdb_assets_tests.broken_rows import broken_rows

EVERY = [*CONTRACTS.values(), *VIEWS.values()]


@pytest.mark.parametrize("contract", EVERY, ids=[contract.table for contract in EVERY])
def test_every_rule_is_broken_by_the_rows_that_dataframely_says(contract: type[Contract]) -> None:
    rows = broken_rows(contract)
    unplaced = type(contract.__name__, (contract,), {"partition_by": None})
    broken = check.broken(unplaced, rows)
    own = {rule: broken.pop(rule) for rule in contract.rules}
    assert broken == contract.filter(rows).failure.counts()
    keyed = {"primary_key"} if contract.primary_key() else set[str]()
    assert {*broken, *own} == {*rules(contract), *keyed}


@pytest.mark.parametrize(
    ("table", "rule", "keeps", "breaks"),
    [
        ("silver.movies", "rating_comes_with_votes", {"average_rating": 7.0, "num_votes": 5}, {"num_votes": None}),
        ("silver.movies", "rating_comes_with_votes", {"average_rating": None, "num_votes": None}, {"num_votes": 5}),
        ("silver.movies", "decade_of_year", {"start_year": 1999, "decade": 1990}, {"start_year": 2000}),
        (
            "models.predictions",
            "prediction_in_its_interval",
            {"lower": 5.0, "predicted": 5.0, "upper": 6.0},
            {"predicted": 6.5},
        ),
    ],
)
def test_rules_of_a_row(table: str, rule: str, keeps: dict[str, object], breaks: dict[str, object]) -> None:
    contract = CONTRACTS[table]
    (row,) = contract.sample(1).to_dicts()
    unplaced = type(contract.__name__, (contract,), {"partition_by": None})
    good, bad = (pl.DataFrame([row | keeps | more], schema=polars_schema(contract)) for more in ({}, breaks))
    assert rule not in check.broken(unplaced, good)
    assert check.broken(unplaced, bad)[rule] == 1
