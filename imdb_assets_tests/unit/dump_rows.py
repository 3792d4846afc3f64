"""One row each of two dumps, and what the reader makes of a whole dump."""

from pathlib import Path
from typing import Any

import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.dumps.reader import ReadCounts, read_dump

BASICS: dict[str, object] = {
    "tconst": "tt0000001",
    "titleType": "movie",
    "primaryTitle": "A Film",
    "originalTitle": "Un film",
    "isAdult": 0,
    "startYear": 1999,
    "runtimeMinutes": 90,
    "genres": "Drama,War",
}
PRINCIPAL: dict[str, object] = {"tconst": "tt0000001", "ordering": 1, "nconst": "nm0000001", "category": "actor"}


def read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ReadCounts]:
    """Rows, rejects and counts of a dump, read into the folder beside it."""
    name = path.name.removesuffix(".tsv.gz")
    contract = DUMP_CONTRACTS[name]
    rows_to, quarantine_to = path.parent / "rows.parquet", path.parent / "rejects.parquet"
    counts = read_dump(path, contract, rows_to, quarantine_to)
    rows = pl.read_parquet(rows_to)
    assert rows.schema == polars_schema(contract)
    return rows.to_dicts(), pl.read_parquet(quarantine_to).to_dicts(), counts
