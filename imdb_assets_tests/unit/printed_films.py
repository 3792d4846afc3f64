"""A small table with what is awkward to print: quotes, a comma, nulls and a list."""

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish
from imdb_assets_tests.lakes import stage


class Films(Contract):
    """Films of a test."""

    table = "silver.films"

    tconst = dy.String(primary_key=True, description="Title id.")
    title = dy.String(nullable=True, description="Title.")
    rating = dy.Float64(nullable=True, description="Rating.")
    genres = dy.List(dy.String(), nullable=True, description="Genres.")


FILMS = pl.DataFrame(
    [("tt1", 'A "film", quoted', 7.5, ["Drama", "War"]), ("tt2", None, None, None)],
    schema=polars_schema(Films),
    orient="row",
)


def publish_films(lake: Lake) -> None:
    """Publishes these films."""
    publish(lake, Films, stage(lake, Films, FILMS), {})
