"""How one title's rating moved: rows of `silver.rating_history`, which are read for each request."""

import re
from datetime import date

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.contracts.base import TCONST
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.serving.errors import NotReadyError


class Rated(BaseModel):
    """A title's rating from a given day until the day of the next row."""

    model_config = ConfigDict(frozen=True)

    valid_from: date = Field(description="Date of the dump that first had this rating.", examples=["2026-01-31"])
    rating: float | None = Field(description="Rating; null if the title lost its rating on this day.", examples=[9.0])
    votes: int | None = Field(description="Number of votes.", examples=[1_400_000])


def history(lake: Lake, tconst: str) -> list[Rated]:
    """The title's ratings by day, oldest first; empty if the title was never rated.

    Raises:
        NotReadyError: The lake has no history yet, or its files are damaged.
    """
    if not re.fullmatch(TCONST, tconst, re.ASCII):
        return []
    try:
        rows = lake.table(RatingHistory.table).scan().filter(pl.col("tconst") == tconst).sort("valid_from")
    except LakeError as error:
        raise NotReadyError(str(error)) from error
    wanted = rows.select("valid_from", rating="average_rating", votes="num_votes").collect()
    return [Rated(**row) for row in wanted.to_dicts()]
