"""Checks a view's rows against its contract. The view's rows have just been computed, and fit in memory."""

import narwhals as nw
import polars as pl

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.audit import judge


def broken(contract: type[Contract], rows: pl.DataFrame) -> dict[str, int]:
    """Maps each broken rule to the number of rows that break it; empty if all rules hold.

    If a column is missing, unexpected or of the wrong type, all rows count as rows that break a rule.
    """
    found = judge(contract, nw.from_native(rows.lazy())).broken
    if not found and rows.columns != contract.column_names():
        return {"columns in the contract's order": rows.height}
    return found
