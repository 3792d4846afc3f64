"""Gold: people's point-in-time records.

A person's record for year Y is computed from that person's rated films from years strictly before Y. Sums are integers
(ratings in tenths, log votes in millionths), so every run and every engine gives exactly the same values.
"""

import dataframely as dy

from imdb_assets.contracts.base import NCONST, Contract, one_of
from imdb_assets.contracts.silver import MIN_YEAR

OPEN_YEAR = 9999
"""Value of `year` in the open row, which sums up all known films of a person (or word) and is valid for later years."""

CREDITED = [
    "silver.movies.tconst",
    "silver.movies.start_year",
    "silver.credits.tconst",
    "silver.credits.nconst",
    "silver.credits.role",
]
"""Columns that decide which films of earlier years belong to a person's record in a role."""

_RATING = ["silver.movies.average_rating", *CREDITED]
_VOTES = ["silver.movies.num_votes", *CREDITED]


def person_of_record() -> dy.String:
    """Declares the column with the id of the person whom a record describes."""
    return dy.String(
        primary_key=True,
        regex=NCONST,
        description="Person id.",
        metadata={"source": ["silver.credits.nconst", "silver.credits.role"]},
    )


def year_of_record() -> dy.Int32:
    """Declares the year of a record: features of films that were released in this year use the record."""
    return dy.Int32(
        primary_key=True,
        min=MIN_YEAR,
        max=OPEN_YEAR,
        description="Release year of the films whose features are computed from this row; "
        f"{OPEN_YEAR} stands for every year after the person's last film.",
        metadata={"source": ["silver.movies.start_year", "silver.movies.tconst", "silver.credits.tconst"]},
    )


class _Reputation(Contract):
    nconst = person_of_record()
    year = year_of_record()
    film_count = dy.Int32(min=0, description="Number of rated films before `year`.", metadata={"source": _RATING})
    rating_tenths_sum = dy.Int64(
        min=0, description="Sum of the ratings of films before `year`, in tenths.", metadata={"source": _RATING}
    )
    rating_tenths_sq_sum = dy.Int64(
        min=0,
        description="Sum of the squared ratings of films before `year`, in hundredths.",
        metadata={"source": _RATING},
    )
    rating_tenths_max = dy.Int32(
        nullable=True,
        min=10,
        max=100,
        description="Highest rating of a film before `year`, in tenths.",
        metadata={"source": _RATING},
    )
    rating_tenths_min = dy.Int32(
        nullable=True,
        min=10,
        max=100,
        description="Lowest rating of a film before `year`, in tenths.",
        metadata={"source": _RATING},
    )
    log_votes_micro_sum = dy.Int64(
        min=0,
        description="Sum of ln(votes) of the rated films before `year`, in millionths.",
        metadata={"source": _VOTES},
    )
    first_year = dy.Int32(
        nullable=True, description="Earliest year before `year` with a rated film.", metadata={"source": _RATING}
    )
    last_year = dy.Int32(
        nullable=True, description="Latest year before `year` with a rated film.", metadata={"source": _RATING}
    )


class DirectorReputation(_Reputation):
    """Ratings of directors' earlier films.

    One row per director for each year in which the director has a film. The row is computed from films of strictly
    earlier years. Each director also has a row with `year` 9999 (the open row), which sums up all of the director's
    rated films. The row with `year` 9999 is valid for all years after the director's last film.
    """

    table = "gold.director_reputation"


class PersonReputation(_Reputation):
    """Ratings of the earlier films of writers and cast.

    One row per person and role for each year in which the person has a film in that role. The row is computed from
    films of strictly earlier years. Each person and role also has a row with `year` 9999 (the open row), which sums up
    all of the person's rated films in the role. The row with `year` 9999 is valid for all years after the person's last
    film in the role.
    """

    table = "gold.person_reputation"
    independent_by = "nconst"

    role = dy.String(
        primary_key=True,
        regex=one_of("writer", "cast"),
        description="Role.",
        metadata={"source": ["silver.credits.role"]},
    )
