"""A contract's rules as Narwhals expressions, so that all engines check rows by the same definition.

Contracts declare columns with Dataframely, whose own rules are Polars expressions that only one engine can run. A test
checks that Dataframely's rules and the rules of this module give the same verdicts.
"""

import re
from collections.abc import Iterator
from typing import Any

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import Contract


def rules(contract: type[Contract]) -> dict[str, nw.Expr]:
    """Maps each rule's name to an expression: true if a row keeps the rule, null if the rule does not apply to the row.

    No rule covers the primary key, because a primary key concerns more than one row.
    """
    found = dict(contract.rules)
    for name, column in contract.columns().items():
        found |= {f"{name}|{rule}": keeps for rule, keeps in _column_rules(column, nw.col(name))}
    return found


def _column_rules(column: dy.Column, value: nw.Expr) -> Iterator[tuple[str, nw.Expr]]:
    declared: dict[str, Any] = vars(column)
    if not column.nullable:
        yield "nullability", ~value.is_null()
    if declared.get("min") is not None:
        yield "min", value >= declared["min"]
    if declared.get("max") is not None:
        yield "max", value <= declared["max"]
    if declared.get("allow_inf") is False:
        yield "inf", value.is_finite() | value.is_nan()
    if declared.get("allow_nan") is False:
        yield "nan", ~value.is_nan()
    if declared.get("regex") is not None:
        yield "regex", value.str.contains(_to_the_end(declared["regex"]))
    if declared.get("min_length") is not None:
        yield "min_length", value.list.len() >= declared["min_length"]
    if isinstance(column, dy.List) and not column.inner.nullable:
        yield "inner_nullability", ~value.list.contains(None)


def _to_the_end(pattern: str) -> str:
    r"""Replaces a final `$` by `\z`, because Java's `$`, unlike Rust's, also matches before a line break."""
    return re.sub(r"(?<!\\)\$$", r"\\z", pattern)
