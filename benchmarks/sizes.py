"""How large tables are: as text, packed as served, and as the Parquet files each engine made of them."""

from pathlib import Path

import duckdb

from benchmarks.dumps import raw_bytes
from benchmarks.measure import Run
from benchmarks.results import Size
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.silver import Movies
from imdb_assets.naming import file_name


def table_sizes(dumps: Path, run: Run) -> list[Size]:
    """Sizes of those tables of bronze that the run wrote, and of its movies table."""
    sizes: list[Size] = []
    for dump, contract in DUMP_CONTRACTS.items():
        if contract.table in run.files:
            path = dumps / file_name(dump)
            sizes.append(_size(contract, run, raw_bytes(path), path.stat().st_size))
    if Movies.table in run.files:
        files = next(iter(run.files[Movies.table].values()))
        sizes.append(_size(Movies, run, _text_bytes(Movies, files), None))
    return sizes


def _size(contract: type[Contract], run: Run, text: int, gz: int | None) -> Size:
    parquet = {
        engine: sum(file.stat().st_size for file in files) for engine, files in run.files[contract.table].items()
    }
    return Size(contract.table, run.rows[contract.table], text, gz, parquet)


def _text_bytes(contract: type[Contract], files: list[Path]) -> int:
    r"""Size of a table written as IMDb writes its dumps: tab-separated, lists with commas, `\N` for null, no header."""
    schema = polars_schema(contract)
    texts = [
        f"coalesce({f'array_to_string({name}, chr(44))' if schema[name].is_nested() else name}::VARCHAR, '\\N')"
        for name in schema
    ]
    names = ", ".join(f"'{file}'" for file in files)
    query = f"SELECT sum(strlen(concat_ws(chr(9), {', '.join(texts)})) + 1) FROM read_parquet([{names}])"  # noqa: S608
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row and row[0] else 0
