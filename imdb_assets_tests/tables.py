"""Small tables for tests of transforms: rows written by hand, results as Polars frames that keep their contract."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.engines.base import Transform, conform

Rows = list[dict[str, Any]]


def table(contract: type[Contract], rows: Rows) -> pl.DataFrame:
    """The rows as the contract's table; columns that a row leaves out are null. Not validated."""
    schema = polars_schema(contract)
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, f"{contract.table} has no column {sorted(unknown)}"
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def run(transform: Transform, contract: type[Contract], inputs: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """What the transform makes of the inputs on Polars, validated, sorted by its first columns."""
    frames = {name: nw.from_native(frame.lazy()) for name, frame in inputs.items()}
    made: pl.LazyFrame = conform(transform(**frames), contract).to_native()
    keys = contract.primary_key() or contract.column_names()[:1]
    return contract.validate(made.collect()).sort(keys)


def film(tconst: str, year: int, rating: float | None = None, votes: int = 1000, **more: Any) -> dict[str, Any]:
    """A row of `silver.movies`: a drama of 100 minutes unless `more` says otherwise."""
    return {
        "tconst": tconst,
        "primary_title": "A Film",
        "original_title": "A Film",
        "start_year": year,
        "decade": year // 10 * 10,
        "runtime_minutes": 100,
        "genres": ["Drama"],
        "average_rating": rating,
        "num_votes": None if rating is None else votes,
        **more,
    }


def credit(tconst: str, nconst: str, role: str = "director", billing_order: int | None = None) -> dict[str, Any]:
    """A row of `silver.credits`."""
    return {"tconst": tconst, "nconst": nconst, "role": role, "billing_order": billing_order}


def by_key(frame: pl.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Rows by the value, or tuple of values, of the key columns."""
    rows = frame.to_dicts()
    return {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in rows}
