"""Point-in-time tables inside a model version, sorted so that a few keys can be read without loading the table.

A key is a word, or a person together with a role. A table has several rows per key. A key has one row for each year in
which it has a film; the row is made from strictly earlier years. One more row, with `year` 9999 (the open row), is
valid for all later years. `bundle` lists the tables; the transforms decide what the records mean for a film.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.gold import OPEN_YEAR

ROWS_A_GROUP = 8_192
"""Rows per row group. The file's metadata have the first and last key of each row group, so a reader decodes only row
groups that may hold the wanted key. Decoding a row group takes less than a millisecond."""
ROWS_A_RANGE = 2_000_000
"""Number of rows sorted at a time; sorting this number of rows takes a few hundred megabytes of memory."""
LOOKED_UP_BY = ("nconst", "word")
"""Key columns for looking up rows; every table of records has exactly one of these two columns."""


def keys_of(contract: type[Contract]) -> list[str]:
    """The key columns of a record, without the year."""
    return [name for name in contract.primary_key() if name != "year"]


def write(contract: type[Contract], rows: pl.LazyFrame, file: Path) -> None:
    """Writes the table's rows sorted by key and year, so that each key's rows are together.

    Sorts one range of keys at a time, to save memory.
    """
    import pyarrow.parquet as pq

    schema = polars_schema(contract)
    order = sorted(keys_of(contract), key=lambda name: name not in LOOKED_UP_BY)
    plain = pl.CompatLevel.oldest()  # the Parquet writer supports no newer level
    with pq.ParquetWriter(file, schema.to_frame().to_arrow(compat_level=plain).schema, compression="zstd") as out:
        for wanted in _ranges(rows, order[0]):
            own = rows.select(schema.names()).filter(wanted).sort(*order, "year").collect().to_arrow(compat_level=plain)
            out.write_table(own, row_group_size=ROWS_A_GROUP)
            del own  # free the memory before the next range


def _ranges(rows: pl.LazyFrame, column: str) -> list[pl.Expr]:
    """Conditions, each of which selects one range of the column's values; the ranges are in ascending order."""
    values = rows.select(column).collect(engine="streaming")[column].sort()
    starts = values.gather_every(ROWS_A_RANGE).unique(maintain_order=True).to_list()
    at_least = [pl.col(column) >= start for start in starts]
    return [mine & ~beyond for mine, beyond in pairwise(at_least)] + at_least[-1:]


def read(
    contract: type[Contract], file: Path, wanted: Mapping[str, Collection[str]], years: Collection[int]
) -> pl.DataFrame:
    """Reads the records that are valid for films of the given years; the result has the table's columns.

    Args:
        contract: The table's contract.
        file: A file that `write` made.
        wanted: Maps each column of `LOOKED_UP_BY` to the values to look up in that column.
        years: Years of the films. For every key, the result has a row for each of the years, and the row that is valid
            for all later years.
    """
    keys = keys_of(contract)
    (column,) = (name for name in keys if name in LOOKED_UP_BY)
    rows = pl.scan_parquet(file, glob=False).filter(pl.col(column).is_in(sorted(wanted[column])))
    return as_of(rows.collect(), keys, years)


def as_of(records: pl.DataFrame, keys: list[str], years: Collection[int]) -> pl.DataFrame:
    """The records that are valid in the given years.

    A key (a word, or a person together with a role) has rows only for years in which it has a film. A row counts only
    films of strictly earlier years. If a key has no row for a year, the key's next later row is valid in that
    year. A key's last row (`year` 9999) is valid for all later years.

    Returns:
        For each key, the row that is valid in each of `years`, and the key's last row. The result has the columns of
        `records`.
    """
    wanted = pl.DataFrame({"year": sorted(set(years))}, schema={"year": records.schema["year"]})
    asked = records.select(keys).unique().join(wanted, how="cross").sort("year")
    later = records.sort("year")
    held = asked.join_asof(later, on="year", by=keys, strategy="forward", check_sortedness=False)  # frames are sorted
    return pl.concat([held.select(records.columns), records.filter(pl.col("year") == OPEN_YEAR)])
