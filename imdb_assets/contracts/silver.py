"""Silver: films, their credits and their releases, cleaned, typed and deduplicated; column names are in snake_case."""

from typing import ClassVar

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import NCONST, TCONST, Contract
from imdb_assets.contracts.ratings import RATED, average_rating_of_title, num_votes_of_title

MIN_RUNTIME, MAX_RUNTIME = 40, 400
"""Minutes. The Academy counts a film of less than 40 minutes as a short film. Nearly all titles above 400 minutes are
art installations, or series that IMDb lists as films."""

MIN_YEAR, MAX_YEAR = 1870, 2200
"""The first films were made in the 1870s, and IMDb lists titles announced for years up to 2115. A year before 1870
or after 2200 is a typing error."""

_PRINCIPAL = ["bronze.title_principals.tconst", "bronze.title_principals.nconst", "bronze.title_principals.category"]
"""Columns that decide which rows of `bronze.title_principals` become credits."""


class Movies(Contract):
    """Every non-adult title of type movie with a year, genres and a runtime of 40-400 minutes.

    The rating and the number of votes are null until IMDb publishes a rating. In this project, films that have a rating
    are called *clean films*.
    """

    table = "silver.movies"
    partition_by = "decade"
    rules: ClassVar = {
        **RATED,
        "decade_of_year": nw.col("decade") == nw.col("start_year") // 10 * 10,
    }

    tconst = dy.String(
        primary_key=True,
        regex=TCONST,
        description="Title id.",
        metadata={
            "source": [
                "bronze.title_basics.tconst",
                "bronze.title_basics.titleType",
                "bronze.title_basics.isAdult",
                "bronze.title_basics.startYear",
                "bronze.title_basics.genres",
                "bronze.title_basics.runtimeMinutes",
            ]
        },
    )
    primary_title = dy.String(
        nullable=True,
        description="The title used on promotional material.",
        metadata={"source": ["bronze.title_basics.primaryTitle"]},
    )
    original_title = dy.String(
        nullable=True,
        description="The title in the original language.",
        metadata={"source": ["bronze.title_basics.originalTitle"]},
    )
    start_year = dy.Int32(
        min=MIN_YEAR,
        max=MAX_YEAR,
        description="Year of release.",
        metadata={"source": ["bronze.title_basics.startYear"]},
    )
    decade = dy.Int32(
        min=MIN_YEAR,
        max=MAX_YEAR,
        description="First year of the decade of release.",
        metadata={"source": ["bronze.title_basics.startYear"]},
    )
    runtime_minutes = dy.Int32(
        min=MIN_RUNTIME,
        max=MAX_RUNTIME,
        description="Runtime in minutes.",
        metadata={"source": ["bronze.title_basics.runtimeMinutes"]},
    )
    genres = dy.List(
        dy.String(),
        min_length=1,
        description="One to three genres.",
        metadata={"source": ["bronze.title_basics.genres"]},
    )
    average_rating = average_rating_of_title()
    num_votes = num_votes_of_title()


class Credits(Contract):
    """Who did what in the films of `silver.movies`: one row per film, person and role.

    Directors and writers come from the dump `title.crew`. The cast and everyone else come from `title.principals`.
    """

    table = "silver.credits"

    tconst = dy.String(
        primary_key=True,
        regex=TCONST,
        description="Title id.",
        metadata={"source": ["bronze.title_crew.tconst", "bronze.title_principals.tconst", "silver.movies.tconst"]},
    )
    nconst = dy.String(
        primary_key=True,
        regex=NCONST,
        description="Person id; some of these ids have no row in bronze.name_basics.",
        metadata={
            "source": ["bronze.title_crew.directors", "bronze.title_crew.writers", "bronze.title_principals.nconst"]
        },
    )
    role = dy.String(
        primary_key=True,
        description="director, writer, cast (which combines actor, actress and self), or IMDb's category for "
        "everyone else.",
        metadata={
            "source": ["bronze.title_crew.directors", "bronze.title_crew.writers", "bronze.title_principals.category"]
        },
    )
    billing_order = dy.Int32(
        nullable=True,
        min=0,
        description="Best billing position of this person in this role; 1 is the top. "
        "The position is null for directors and writers.",
        metadata={"source": [*_PRINCIPAL, "bronze.title_principals.ordering"]},
    )


class Releases(Contract):
    """Regions, languages and localized titles of the films of `silver.movies`: one row per film and localized title."""

    table = "silver.releases"

    tconst = dy.String(
        primary_key=True,
        regex=TCONST,
        description="Title id.",
        metadata={"source": ["bronze.title_akas.titleId", "silver.movies.tconst"]},
    )
    ordering = dy.Int32(
        primary_key=True,
        min=0,
        description="Number of the row within the title, from 1.",
        metadata={"source": ["bronze.title_akas.ordering"]},
    )
    title = dy.String(
        nullable=True, description="The localized title.", metadata={"source": ["bronze.title_akas.title"]}
    )
    region = dy.String(nullable=True, description="Region code.", metadata={"source": ["bronze.title_akas.region"]})
    language = dy.String(
        nullable=True, description="Language code.", metadata={"source": ["bronze.title_akas.language"]}
    )
    types = dy.List(
        dy.String(nullable=True),
        nullable=True,
        description="Kinds of this title, such as imdbDisplay, original or alternative.",
        metadata={"source": ["bronze.title_akas.types"]},
    )
    is_original_title = dy.Bool(
        description="Whether the title of the row is the original title.",
        metadata={"source": ["bronze.title_akas.isOriginalTitle"]},
    )
