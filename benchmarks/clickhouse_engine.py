"""The ingest job by ClickHouse within this process (chdb): the SQL in `sql/clickhouse/`, and its best settings."""

import os
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from benchmarks.jobs import Job, largest_first
from benchmarks.sql import statement
from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.naming import file_name

SETTINGS = (
    "input_format_tsv_skip_first_lines = 1, "
    "input_format_allow_errors_ratio = 1, "  # skips lines that do not fit the types
    "output_format_parquet_compression_method = 'zstd', "
    "prefer_column_name_to_alias = 1"
)

AT_A_TIME = os.cpu_count() or 1
"""Dumps read at a time: with as many as there are cores, unpacking gzip keeps neither waiting."""


class ClickHouseRunner:
    """Runs ingest in one session."""

    def __init__(self, dumps: Path, home: Path) -> None:
        """Args: folder of the seven dumps; folder for the tables and for the session's own files."""
        chdb = import_module("chdb.session")  # not installed where types are checked
        self.dumps, self.home = dumps, home
        self.session = chdb.Session(str(home / "session"))

    def run(self, job: Job) -> None:
        """See `Runner.run`."""
        assert job.name == "ingest"
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(self._ingest, largest_first(self.dumps)))

    def files(self, contract: type[Contract]) -> list[Path]:
        """See `Runner.files`."""
        return sorted((self.home / contract.table).glob("*.parquet"))

    def _ingest(self, dump: str) -> None:
        contract = DUMP_CONTRACTS[dump]
        folder = self.home / contract.table
        folder.mkdir(parents=True, exist_ok=True)
        schema = polars_schema(contract)
        texts = [name for name in header(contract) if str(schema[name]) not in {"Int32", "Float64"}]
        # Raw: IMDb escapes nothing, so a backslash is one.
        lines = f"file('{self.dumps / file_name(dump)}', TSVRaw, '{_columns(contract)}')"
        readable = " AND ".join(f"isValidUTF8(ifNull({name}, ''))" for name in texts)
        source = f"(SELECT * FROM {lines} WHERE {readable})"  # noqa: S608 - names of ours
        query = statement("clickhouse", f"ingest/{dump}").format(source=source)
        target = f"file('{folder / '0.parquet'}', Parquet)"
        self.session.query(f"INSERT INTO FUNCTION {target} {query} SETTINGS {SETTINGS}")


def _columns(contract: type[Contract]) -> str:
    """The dump's columns with their types: numbers typed, lists and texts as text."""
    schema = polars_schema(contract)
    kinds = {"Int32": "Int32", "Float64": "Float64"}
    return ", ".join(f"{name} Nullable({kinds.get(str(schema[name]), 'String')})" for name in header(contract))
