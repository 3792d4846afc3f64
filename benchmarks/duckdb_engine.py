"""The jobs by DuckDB: the SQL in `sql/duckdb/`, and the settings it does best with."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from benchmarks.jobs import BenchError, Job, largest_first
from benchmarks.sql import genre_flags, statement
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.naming import file_name

CORES = os.cpu_count() or 1

MEMORY_LIMIT = "8GB"
"""As much as Spark's heap, and far more than DuckDB needs for any of the jobs: nothing spills."""

READ_CSV = (
    "read_csv('{path}', delim='\t', quote='', escape='', header=true, nullstr='\\N', auto_detect=false, "
    "columns={{{columns}}}, max_line_size=4194304, ignore_errors=true)"
)
"""No sniffing (`\\N` would mislead it) and no quoting; lines that do not fit the types are skipped, not kept."""


class DuckDBRunner:
    """Runs the jobs in one connection."""

    def __init__(self, dumps: Path, home: Path) -> None:
        """Args: folder of the seven dumps; folder for the tables and for what spills."""
        self.dumps, self.home = dumps, home
        self.connection = duckdb.connect(
            config={
                "threads": CORES,
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(home / "spill"),
                # Rows may come out in any order, so that threads need not wait for each other.
                "preserve_insertion_order": False,
            }
        )

    def run(self, job: Job) -> None:
        """See `Runner.run`."""
        if job.name == "ingest":
            # Unpacking gzip keeps one thread busy: two dumps at a time took a tenth less than one after the other.
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(self._ingest, largest_first(self.dumps)))
            return
        tables = {contract.table.replace(".", "_"): self._scan(contract) for contract in job.inputs}
        (made,) = job.outputs
        self._write(made, statement("duckdb", job.name).format(**tables, genre_flags=genre_flags("list_contains")))

    def files(self, contract: type[Contract]) -> list[Path]:
        """See `Runner.files`."""
        return sorted((self.home / contract.table).glob("*.parquet"))

    def _ingest(self, dump: str) -> None:
        contract = DUMP_CONTRACTS[dump]
        source = READ_CSV.format(path=self.dumps / file_name(dump), columns=_columns(contract))
        self._write(contract, statement("duckdb", f"ingest/{dump}").format(source=source))

    def _scan(self, contract: type[Contract]) -> str:
        return f"read_parquet('{self.home / contract.table}/*.parquet')"

    def _write(self, contract: type[Contract], query: str) -> None:
        folder = self.home / contract.table
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "0.parquet"
        self.connection.cursor().execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        if not target.exists():
            raise BenchError(f"DuckDB wrote no {target}.")


def _columns(contract: type[Contract]) -> str:
    """The dump's columns as DuckDB's `columns` option: numbers typed, lists and texts as text."""
    schema = polars_schema(contract)
    kinds = {"Int32": "INTEGER", "Float64": "DOUBLE"}
    return ", ".join(f"'{name}': '{kinds.get(str(schema[name]), 'VARCHAR')}'" for name in header(contract))
