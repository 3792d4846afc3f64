"""Searches people and films while there is no model, in an index that is made from the lake's current tables."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table
from imdb_assets.serving.search import Search, write

MOVIES, CREDITS, NAMES = "silver.movies", "silver.credits", "bronze.name_basics"


class LakeSearch:
    """The search index of the lake's current tables; safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        """Reads nothing before the first search.

        Args:
            lake: The lake with the tables.
        """
        self._lake = lake
        self._one_at_a_time = threading.Lock()
        self._made: tuple[Table, Search] | None = None

    def current(self) -> Search:
        """The index, which is made at the first search, and made again after a new `silver.movies` has been published.

        Raises:
            LakeError: A table does not exist yet.
        """
        with self._one_at_a_time:
            movies = self._lake.table(MOVIES)
            if self._made is None or self._made[0].snapshot_id != movies.snapshot_id:
                credit_rows, names = (self._lake.table(name).scan() for name in (CREDITS, NAMES))
                with TemporaryDirectory(prefix="imdb-search-") as folder:
                    file = Path(folder, "search.sqlite")
                    write(file, movies=movies.scan(), credits=credit_rows, names=names)
                    self._made = movies, Search(file)  # the open file can still be read after its folder is removed
            return self._made[1]
