"""Rows that break every rule of a contract, for tests of the audit."""

import math
from collections.abc import Callable
from typing import Any

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.rules import rules


def broken_rows(contract: type[Contract]) -> pl.DataFrame:
    """A row for each rule of a column, which breaks that rule; rows that share a key; and generated rows that may pass.

    Rules of the whole row are left to chance: dataframely generates rows without them.
    """
    columns = contract.columns()
    wanted = [rule.partition("|") for rule in rules(contract) if "|" in rule]
    generator, height = dy.random.Generator(seed=7), len(wanted) + 60
    frame = pl.DataFrame({name: column.sample(generator, height) for name, column in columns.items()})
    rows = frame.to_dicts()
    for row, (name, _, rule) in zip(rows, wanted, strict=False):
        row[name] = _breaks(columns[name], rule, frame[name].drop_nulls()[0])
    return pl.DataFrame([*rows, rows[-1], rows[-1]], schema=polars_schema(contract))


def _breaks(column: dy.Column, rule: str, good: Any) -> Any:
    declared = vars(column)
    values: dict[str, Callable[[], Any]] = {
        "nullability": lambda: None,
        "min": lambda: declared["min"] - 1,
        "max": lambda: declared["max"] + 1,
        "inf": lambda: -math.inf,
        "nan": lambda: math.nan,
        "regex": lambda: f"{good}\n" if declared["regex"].endswith("$") else "",
        "min_length": list,
        "inner_nullability": lambda: [None],
    }
    return values[rule]()
