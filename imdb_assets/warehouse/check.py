"""Checks a view's rows by its contract. The rows were just computed, and are so few that they fit in memory."""

import polars as pl

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.publish import wrong_types


def broken(contract: type[Contract], rows: pl.DataFrame) -> dict[str, int]:
    """Rule → number of rows that break it; empty if all rules hold.

    If a column is missing, additional or of another type, every row counts as breaking it.
    """
    wrong = wrong_types(contract, rows.schema)
    if not wrong and rows.columns != contract.column_names():
        wrong = ["columns in the contract's order"]
    if wrong:
        return dict.fromkeys(wrong, rows.height)
    return contract.filter(rows).failure.counts()
