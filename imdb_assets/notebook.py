"""Reads the lake in notebooks, by `imdb_assets.open()`.

Every table stays at the snapshot that was current when the lake was opened.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.lake import past
from imdb_assets.lake.close_names import advice
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.table import Table
from imdb_assets.ml import iterations, splits, training
from imdb_assets.ml.iterations import Iteration, Regime
from imdb_assets.settings import load_settings
from imdb_assets.warehouse.duckdb import over
from imdb_assets.wiring import lake_of


class OpenLake:
    """The tables of a lake, pinned to their snapshots."""

    def __init__(
        self, address: str, folder: Path | None, tables: Mapping[str, Table], lost: Mapping[str, LakeError]
    ) -> None:
        """Not to be called directly: use `imdb_assets.open`."""
        self.address = address
        """Where the lake is."""
        self._folder, self._tables, self._lost = folder, tables, lost

    @property
    def snapshots(self) -> dict[str, int]:
        """Maps each table to its pinned snapshot. `imdb history TABLE` shows each snapshot's date and inputs."""
        return {name: table.snapshot_id for name, table in self._tables.items()}

    def table(self, name: str) -> pl.LazyFrame:
        """All rows and columns of a table, as a lazy frame.

        Args:
            name: `silver.movies` or another table in `snapshots`; the data dictionary describes all tables' columns.

        Raises:
            LakeError: There is no such table, or it cannot be read.
        """
        if name in self._lost:
            raise self._lost[name]
        if name not in self._tables:
            raise LakeError(f"{name}: not in the lake at {self.address}; {advice(name, sorted(self._tables))}")
        return self._tables[name].scan()

    def features(self) -> pl.DataFrame:
        """Features and target of every rated film, ordered by `tconst`.

        Returns:
            Columns of `gold.movie_features`: `tconst`, the target `average_rating`, and the features as 32-bit numbers.
            `iterations.features(self.champion())` lists the features that the champion model uses.

        Raises:
            LakeError: As for `table`.
        """
        return splits.clean(training.films_of(self.table(MovieFeatures.table)))

    def champion(self, regime: Regime = "pre-release") -> Iteration:
        """The champion's recipe: the leak-free iteration that scored best in the temporal test on IMDb's films.

        Args:
            regime: Whether the model may use the film's own votes.

        Raises:
            ValueError: There is no such regime.
        """
        if regime not in iterations.CHAMPIONS:
            raise ValueError(f"{regime!r}: not a regime; the regimes are {', '.join(map(repr, iterations.CHAMPIONS))}")
        return iterations.iteration(iterations.CHAMPIONS[regime])

    def sql(self, query: str) -> pl.DataFrame:
        """The rows of a query in DuckDB's SQL. The query may use the tables, and the views that `imdb views` lists.

        Raises:
            duckdb.Error: Invalid SQL, a missing or damaged table, or a statement other than SELECT.
        """
        warehouse = over(list(self._tables.values()), self._folder, damaged=self._lost)
        try:
            return warehouse.sql(query).pl()
        finally:
            warehouse.close()


def open_lake(data: str | Path | None = None, at: str | int | date | None = None) -> OpenLake:
    """See `imdb_assets.open`."""
    settings = load_settings()
    if data is not None:
        settings = settings.model_copy(update={"data": Path(data).expanduser().resolve(), "lake": "folder"})
    lake = lake_of(settings)
    there = lake.folder is None or lake.folder.exists()  # reading a lake that does not exist would create it
    if not there:
        tables, lost = [], {}
    else:
        tables, lost = lake.survey() if at is None else past.survey(lake, past.moment(lake, str(at)))
    if not tables and not lost:
        raise LakeError(
            f"The lake at {lake.home.address} does not exist or is empty. Run `imdb demo`, or name another lake's "
            "folder, with imdb_assets.open('path/to/.data') or in IMDB_DATA."
        )
    return OpenLake(lake.home.address, lake.folder, {table.name: table for table in tables}, lost)
