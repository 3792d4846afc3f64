"""Do the rows of a view keep its contract? Rows that were just computed, and so few that they are in memory."""

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema


def broken(contract: type[Contract], rows: pl.DataFrame) -> dict[str, int]:
    """Rule → rows that break it; empty if the contract is kept.

    Columns of another type, or others than the contract's, count as broken by every row.
    """
    have, want = dict(rows.schema), dict(polars_schema(contract))
    if list(have.items()) != list(want.items()):
        wrong = [f"column {name} is {dtype}, have {have.get(name)}" for name, dtype in want.items()]
        wrong = [words for words, name in zip(wrong, want, strict=True) if have.get(name) != want[name]]
        wrong += [f"column {name} is not in the contract" for name in have if name not in want]
        return dict.fromkeys(wrong or ["columns in the contract's order"], rows.height)
    return contract.filter(rows).failure.counts()
