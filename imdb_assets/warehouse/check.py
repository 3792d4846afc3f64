"""Do the rows of a view keep its contract? Rows that were just computed, and so few that they are in memory."""

import polars as pl

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.publish import wrong_types


def broken(contract: type[Contract], rows: pl.DataFrame) -> dict[str, int]:
    """Rule → rows that break it; empty if the contract is kept.

    Columns of another type, or others than the contract's, count as broken by every row.
    """
    wrong = wrong_types(contract, rows.schema)
    if not wrong and rows.columns != contract.column_names():
        wrong = ["columns in the contract's order"]
    if wrong:
        return dict.fromkeys(wrong, rows.height)
    return contract.filter(rows).failure.counts()
