"""The small tables of `imdb_assets_tests.lakes`, with a list among the columns, and rows of them to break."""

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets_tests import lakes
from imdb_assets_tests.lakes import People


class Films(lakes.Films):
    """Films of a test, with genres."""

    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")


FILMS = pl.DataFrame(
    {
        "tconst": ["tt1", "tt2", "tt3"],
        "decade": [1990, 2000, 1990],
        "rating": [7.5, None, 3.0],
        "genres": [["Drama", None], None, []],
    },
    schema=polars_schema(Films),
)
PEOPLE = pl.DataFrame({"nconst": ["nm1", "nm2"], "born": [1950, None]}, schema=polars_schema(People))
