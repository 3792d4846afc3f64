"""Reads single films from the lake fast enough to answer a request.

For each snapshot of a table, an index tells in which file and rows a film is, so that a reader scans no other file. A
reader checks for newer snapshots every few seconds. `predictor` decides what the values mean for a prediction.
"""

import threading
import time
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.lake.files import scan
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.table import Table
from imdb_assets.naming import asset_name
from imdb_assets.serving.errors import NotReadyError

PINNED_SECONDS = 5.0
"""Seconds between look-ups of a table's snapshot: new data appear at the next look-up, and a burst of requests costs
only one look-up."""


@dataclass(frozen=True)
class FilmIndex:
    """A snapshot of a table that has a column `tconst`, and the positions of each film's rows in this snapshot.

    Attributes:
        table: The snapshot.
        numbers: The title ids as numbers, ascending. Together, `numbers`, `files` and `rows` take 10 bytes per row.
        files: For each row, the number of the file that holds the row.
        rows: For each row, its position in the file.
    """

    table: Table
    numbers: NDArray[np.int32]
    files: NDArray[np.uint16]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, table: Table) -> "FilmIndex":
        """Builds the index from all title ids of the table."""
        parts = [
            scan([file]).select(pl.col("tconst").str.slice(2).cast(pl.Int32)).collect()["tconst"].to_numpy()
            for file in table.sound_files()
        ]
        lengths = [len(part) for part in parts]
        numbers = np.concatenate([np.empty(0, np.int32), *parts])
        files = np.repeat(np.arange(len(parts), dtype=np.uint16), lengths)
        rows = np.concatenate([np.empty(0, np.int32), *(np.arange(length, dtype=np.int32) for length in lengths)])
        order = np.argsort(numbers, kind="stable")
        return cls(table, numbers[order], files[order], rows[order])

    def read(self, tconst: str, columns: list[str]) -> pl.DataFrame:
        """The film's rows; empty if the table does not contain the film.

        Raises:
            NotReadyError: The table lacks a column.
        """
        wanted = list(dict.fromkeys(["tconst", *columns]))
        scans = [scan([file]).slice(row, rows).select(wanted) for file, row, rows in self._places(tconst)]
        if not scans:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.Null))
        try:
            found = pl.concat(pl.collect_all(scans))
        except pl.exceptions.ColumnNotFoundError as error:
            name, missing = self.table.name, str(error).splitlines()[0]
            raise NotReadyError(
                f"{name} in the lake was made by another version of the code and lacks a column ({missing}): "
                f"re-materialize {asset_name(name)}."
            ) from error
        return found.filter(pl.col("tconst") == tconst).select(columns)  # ids may share a number: tt0000001, tt00000001

    def _places(self, tconst: str) -> list[tuple[str, int, int]]:
        """Finds the film's rows as runs of consecutive rows; returns the file, first row and length of each run.

        Reading a few consecutive rows takes as long as reading one row, because a whole Parquet page is decoded anyway.
        """
        number = int(tconst[2:])
        first, last = np.searchsorted(self.numbers, [number, number + 1])
        files = self.table.sound_files()
        runs: list[tuple[str, int, int]] = []
        for at in range(first, last):
            file, row = files[self.files[at]], int(self.rows[at])
            if runs and runs[-1][0] == file and runs[-1][1] + runs[-1][2] == row:
                runs[-1] = (file, runs[-1][1], runs[-1][2] + 1)
            else:
                runs.append((file, row, 1))
        return runs


class FilmReader:
    """Rows of single films from the current snapshots of tables; safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        """Reads nothing until the first film is asked for."""
        self._lake = lake
        self._lock = threading.Lock()
        self._indexes: dict[str, FilmIndex] = {}
        self._checked_at: dict[str, float] = {}

    def read(self, table: str, tconst: str, columns: list[str]) -> pl.DataFrame:
        """The film's rows of a table; empty if the table does not contain the film.

        Raises:
            NotReadyError: The table does not exist yet, lacks a column, or has damaged files.
        """
        try:
            return self._index(table).read(tconst, columns)
        except LakeError as error:
            raise NotReadyError(str(error)) from error

    def _index(self, table: str) -> FilmIndex:
        with self._lock:
            now = time.monotonic()
            index = self._indexes.get(table)
            if index and now - self._checked_at.get(table, -PINNED_SECONDS) < PINNED_SECONDS:
                return index
            handle = self._lake.table(table)
            if index is None or index.table.snapshot_id != handle.snapshot_id:
                index = FilmIndex.of(handle)
                self._indexes[table] = index
            self._checked_at[table] = now
            return index
