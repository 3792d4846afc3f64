"""People: the silver table with their names, and views that show their films and the people they worked with."""

import dataframely as dy

from imdb_assets.contracts.base import NCONST, TCONST, Contract, source

_PERSON = source("silver.credits.nconst")
_RATING = source("silver.movies.average_rating")
_YEAR = source("silver.movies.start_year")


def _person(column: str) -> dict[str, list[str]]:
    """Metadata of a column that is copied from the dump of people; a person is found in the dump by id."""
    return source("bronze.name_basics.nconst", f"bronze.name_basics.{column}")


class People(Contract):
    """The people in `silver.credits`: one row per person.

    The columns hold what is known today, so no feature may use them. Gold has records of how people's earlier films
    were rated. People without a credit in `silver.credits` are only in `bronze.name_basics`.
    """

    table = "silver.people"

    nconst = dy.String(primary_key=True, regex=NCONST, description="Person id.", metadata=_PERSON)
    name = dy.String(
        nullable=True,
        description="The name most often credited; null for a person who is not in bronze.name_basics.",
        metadata=_person("primaryName"),
    )
    birth_year = dy.Int32(nullable=True, description="Year of birth.", metadata=_person("birthYear"))
    death_year = dy.Int32(nullable=True, description="Year of death.", metadata=_person("deathYear"))
    professions = dy.List(
        dy.String(nullable=True),
        nullable=True,
        description="Up to three professions.",
        metadata=_person("primaryProfession"),
    )
    known_for = dy.List(
        dy.String(nullable=True),
        nullable=True,
        description="Ids of up to four titles that the person is known for.",
        metadata=_person("knownForTitles"),
    )


def _name(description: str = "Name.") -> dy.String:
    return dy.String(nullable=True, description=description, metadata=source("silver.people.name"))


class Filmography(Contract):
    """A person's films by role: one row per person, film and role; films are those of `silver.movies`."""

    table = "warehouse.filmography"
    checked_where = "nconst like '%00'"

    nconst = dy.String(primary_key=True, regex=NCONST, description="Person id.", metadata=_PERSON)
    name = _name()
    role = dy.String(primary_key=True, description="Role.", metadata=source("silver.credits.role"))
    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata=source("silver.credits.tconst")
    )
    primary_title = dy.String(nullable=True, description="Title.", metadata=source("silver.movies.primary_title"))
    start_year = dy.Int32(description="Year of release.", metadata=_YEAR)
    billing_order = dy.Int32(
        nullable=True,
        min=0,
        description="Billing position; null for directors and writers.",
        metadata=source("silver.credits.billing_order"),
    )
    average_rating = dy.Float64(
        nullable=True, min=1, max=10, description="The film's rating; null while unrated.", metadata=_RATING
    )
    num_votes = dy.Int32(
        nullable=True,
        min=1,
        description="Number of votes; null while unrated.",
        metadata=source("silver.movies.num_votes"),
    )


class Pairs(Contract):
    """Pairs who work together: two people who directed, wrote or starred in at least five films together.

    One row per pair. The stars of a film are the first four people of its cast.
    """

    table = "warehouse.pairs"

    nconst = dy.String(
        primary_key=True,
        regex=NCONST,
        description="The lower of the two person ids.",
        metadata=_PERSON,
    )
    name = _name("Name of the person with the lower id.")
    other_nconst = dy.String(
        primary_key=True, regex=NCONST, description="The higher of the two person ids.", metadata=_PERSON
    )
    other_name = _name("Name of the person with the higher id.")
    films = dy.Int64(min=5, description="Number of films that the pair made together.")
    rated_films = dy.Int64(
        min=0, description="Number of films counted in `films` that have a rating.", metadata=_RATING
    )
    mean_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Mean rating of the films that the pair made together.",
        metadata=_RATING,
    )
    first_year = dy.Int32(description="Year of the first film that the pair made together.", metadata=_YEAR)
    last_year = dy.Int32(description="Year of the last film that the pair made together.", metadata=_YEAR)
