"""A film described by a person: the allowed fields, and their conversion to rows of `silver.movies` and `credits`.

The error about an invalid description names up to five problems. A person with an unknown name counts as a beginner,
and the answer says so. If nobody has exactly the name in the description, but several people have similar names, the
description is refused. The error message lists these people.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from imdb_assets.contracts.base import NCONST, polars_schema
from imdb_assets.contracts.silver import MAX_RUNTIME, MAX_YEAR, MIN_RUNTIME, MIN_YEAR, Credits, Movies
from imdb_assets.serving.errors import InvalidError
from imdb_assets.serving.search import Person, Search, folded, is_spelt
from imdb_assets.transforms.film_facts import GENRES

MAX_PEOPLE = 50
"""Largest number of people that a description may list in one role. From a cast, the model reads only the first six."""
OTHER_GENRES = ("Adult", "Game-Show", "News", "Reality-TV", "Short", "Talk-Show")
"""Genres of IMDb that a description may name, although the model has no features for these genres."""
ALL_GENRES = tuple(sorted({*GENRES.values(), *OTHER_GENRES}))
MOST_VOTES = 100_000_000
NAMED = 3
"""Largest number of people to list in one message about an ambiguous name."""


def _genre(given: str) -> str:
    """IMDb's spelling of a genre that was given in any mixture of upper and lower case."""
    known = {genre.casefold(): genre for genre in ALL_GENRES}
    wanted = given.strip().casefold()
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, n=1)
    meant = f"did you mean {known[near[0]]}? " if near else ""
    raise ValueError(f"{given[:40]!r} is not a genre of IMDb; {meant}the genres are {', '.join(ALL_GENRES)}")


def _once(values: list[str]) -> list[str]:
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        raise ValueError(f"{twice[:40]!r} is listed twice")
    return values


_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Title = Annotated[str, StringConstraints(pattern=r"\S", max_length=500)]
_Genre = Annotated[str, StringConstraints(max_length=40), AfterValidator(_genre)]
_People = Annotated[list[_Name], Field(max_length=MAX_PEOPLE), AfterValidator(_once)]


class Description(BaseModel):
    """A film, real or invented, as a person describes it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "title": "The Long Winter",
                    "year": 2027,
                    "genres": ["Drama", "War"],
                    "runtime_minutes": 128,
                    "directors": ["Steven Spielberg"],
                    "writers": ["Tony Kushner"],
                    "cast": ["nm0000158", "Somebody New"],
                }
            ]
        },
    )

    title: _Title = Field(description="Primary title.")
    year: int = Field(ge=MIN_YEAR, le=MAX_YEAR, description="Year of release.")
    genres: Annotated[list[_Genre], Field(min_length=1, max_length=3), AfterValidator(_once)] = Field(
        description=f"One to three of {', '.join(ALL_GENRES)}."
    )
    runtime_minutes: int = Field(ge=MIN_RUNTIME, le=MAX_RUNTIME, description="Runtime in minutes.")
    original_title: _Title | None = Field(default=None, description="Title in the original language, if different.")
    directors: _People = Field(default=[], description="Names or person ids.")
    writers: _People = Field(default=[], description="Names or person ids.")
    cast: _People = Field(default=[], description="Names or person ids, in order of billing; the first six are used.")
    votes: int | None = Field(
        default=None,
        ge=1,
        le=MOST_VOTES,
        description="Number of votes. If votes are given, the model of the regime `with votes` answers.",
    )


@dataclass
class Described:
    """Descriptions converted to tables, with the notes to put into the answers.

    Attributes:
        movies: Rows of `silver.movies`, one per description, in the order of the descriptions.
        credits: Rows of `silver.credits`.
        notes: For each description, the notes to put into the answer about it.
    """

    movies: pl.DataFrame
    credits: pl.DataFrame
    notes: list[list[str]]


def as_tables(descriptions: Sequence[Description], search: Search) -> Described:
    """Converts the films and their makers to rows with the columns of the lake's tables.

    Raises:
        InvalidError: Nobody has exactly the name in a description, but several people have similar names.
    """
    films: list[dict[str, Any]] = []
    credit_rows: list[dict[str, Any]] = []
    notes: list[list[str]] = []
    for number, film in enumerate(descriptions, 1):
        tconst = f"described {number}"  # not a valid title id, so that no film has this id
        films.append(
            {
                "tconst": tconst,
                "primary_title": film.title,
                "original_title": film.original_title or film.title,
                "start_year": film.year,
                "decade": film.year // 10 * 10,
                "runtime_minutes": film.runtime_minutes,
                "genres": film.genres,
                "average_rating": None,
                "num_votes": film.votes,
            }
        )
        remarks: dict[str, None] = {}
        for role, asked in (("director", film.directors), ("writer", film.writers), ("cast", film.cast)):
            # one person may be given both by name and by id
            ids = dict.fromkeys(_who(number, name, search, remarks) for name in asked)
            credit_rows += [
                {"tconst": tconst, "nconst": nconst, "role": role, "billing_order": place if role == "cast" else None}
                for place, nconst in enumerate(ids, 1)
            ]
        notes.append(list(remarks))
    return Described(
        movies=pl.DataFrame(films, schema=polars_schema(Movies)),
        credits=pl.DataFrame(credit_rows, schema=polars_schema(Credits)),
        notes=notes,
    )


def _who(film: int, asked: str, search: Search, remarks: dict[str, None]) -> str:
    """Returns the id for a person's records, which is invented for an unknown name. Adds notes to `remarks`.

    Raises:
        InvalidError: Nobody has exactly the name in a description, but several people have similar names.
    """
    if re.fullmatch(NCONST, asked, re.ASCII):
        if search.person(asked) is None:
            remarks[f"{asked}: no rated film lists this person, so the person counts as a beginner."] = None
        return asked
    namesakes = search.namesakes(asked)
    if not namesakes:
        remarks[f"{asked}: no rated film lists anyone with this name, so the person counts as a beginner."] = None
        return f"named {folded(asked)}"
    person = namesakes[0]
    as_spelt = is_spelt(person.name, asked)
    if len(namesakes) > 1 and not as_spelt:
        several = " or ".join(_told_apart(one) for one in namesakes[:NAMED])
        more = f", or one of {len(namesakes) - NAMED} others" if len(namesakes) > NAMED else ""
        raise InvalidError(f"film {film}: nobody is called {asked}; did you mean {several}{more}? Give the id.")
    if len(namesakes) > 1:
        remarks[
            f"{asked} is the name of {len(namesakes)} people; the answer assumes {person.nconst}"
            f"{f', known for {person.known_for}' if person.known_for else ''}. To choose another person, give the id."
        ] = None
    elif not as_spelt:
        remarks[f"{asked}: the answer assumes {_told_apart(person)}."] = None
    return person.nconst


def _told_apart(person: Person) -> str:
    known_for = f", known for {person.known_for}" if person.known_for else ""
    return f"{person.name} ({person.nconst}{known_for})"
