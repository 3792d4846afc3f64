"""Two small tables for the tests of a lake: one partitioned, one not."""

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema


class Films(Contract):
    """Films of a test."""

    table = "silver.films"
    partition_by = "decade"

    tconst = dy.String(primary_key=True, regex="^tt", description="Title id.")
    decade = dy.Int32(min=1900, description="Decade.")
    rating = dy.Float64(nullable=True, max=10, description="Rating.")
    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")

    @dy.rule()
    def decade_is_round(cls) -> pl.Expr:  # noqa: N805 - dataframely's form
        """A decade ends in zero."""
        return pl.col("decade") % 10 == 0


class People(Contract):
    """People of a test: not partitioned."""

    table = "silver.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    born = dy.Int32(nullable=True, description="Year of birth.")


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
