"""Point-in-time tables that a model version carries: written sorted, read for a few keys without loading the table.

A table here has a row per key (a person and role, a word) and year, made of strictly earlier years, and an open row for
the future. Which tables there are is in `bundle`; what the records mean for a film is decided by the transforms.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.transforms.parts import ROWS_AT_A_TIME

ROWS_A_GROUP = 8_192
"""Of a file: a key's rows are found by the groups' bounds, and a group is unpacked in under a millisecond."""
LOOKED_UP_BY = ("nconst", "word")
"""Columns that rows are looked up by; every table here has one of them."""


def keys_of(contract: type[Contract]) -> list[str]:
    """What a record belongs to, but for its year."""
    return [name for name in contract.primary_key() if name != "year"]


def write(contract: type[Contract], rows: pl.LazyFrame, file: Path) -> None:
    """Writes the table's rows sorted by key and year, so that each key's are together; a range of keys at a time."""
    import pyarrow.parquet as pq

    schema = polars_schema(contract)
    order = sorted(keys_of(contract), key=lambda name: name not in LOOKED_UP_BY)
    plain = pl.CompatLevel.oldest()  # Parquet knows no newer ones
    with pq.ParquetWriter(file, schema.to_frame().to_arrow(compat_level=plain).schema, compression="zstd") as out:
        for part in _ranges(rows.select(schema.names()), order[0]):
            own = part.sort(*order, "year").collect()
            out.write_table(own.to_arrow(compat_level=plain), row_group_size=ROWS_A_GROUP)


def _ranges(rows: pl.LazyFrame, column: str) -> Iterator[pl.LazyFrame]:
    """All rows, in ranges of the column's values with about `ROWS_AT_A_TIME` each, in order."""
    values = rows.select(column).collect(engine="streaming")[column].sort()
    starts = values.gather_every(ROWS_AT_A_TIME).unique(maintain_order=True).to_list()
    value = pl.col(column)
    for first, next_one in zip_longest(starts, starts[1:]):
        yield rows.filter(value >= first if next_one is None else (value >= first) & (value < next_one))


def read(
    contract: type[Contract], file: Path, wanted: Mapping[str, Collection[str]], years: Collection[int]
) -> pl.DataFrame:
    """Records that hold for films of these years, in the table's own columns.

    Args:
        contract: The table.
        file: From `write`.
        wanted: Column of `LOOKED_UP_BY` → the values to look up.
        years: Of films; every key gets a row for each, and its open row.
    """
    keys = keys_of(contract)
    (column,) = (name for name in keys if name in LOOKED_UP_BY)
    rows = pl.scan_parquet(file, glob=False).filter(pl.col(column).is_in(sorted(wanted[column])))
    return as_of(rows.collect(), keys, years)


def as_of(records: pl.DataFrame, keys: list[str], years: Collection[int]) -> pl.DataFrame:
    """The records that hold in these years.

    A key has rows only for years in which it has a film, and a row knows strictly earlier years. So nothing happened
    between a year without a row and the next year that has one: that year's row holds, at the end the open row.

    Args:
        records: All rows of some keys.
        keys: Columns that with `year` name a row.
        years: Wanted, all below `OPEN_YEAR`.

    Returns:
        For each key one row per wanted year, named by that year, and its open row. Columns as given.
    """
    wanted = pl.DataFrame({"year": sorted(set(years))}, schema={"year": records.schema["year"]})
    asked = records.select(keys).unique().join(wanted, how="cross").sort("year")
    later = records.sort("year")
    held = asked.join_asof(later, on="year", by=keys, strategy="forward", check_sortedness=False)  # both are sorted
    return pl.concat([held.select(records.columns), records.filter(pl.col("year") == OPEN_YEAR)])
