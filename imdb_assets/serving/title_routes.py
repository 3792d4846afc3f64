"""The endpoint's routes for titles and people of the whole catalogue."""

from typing import Annotated

from fastapi import FastAPI, Query

from imdb_assets.lake.lake import Lake
from imdb_assets.serving.errors import BadRequestError
from imdb_assets.serving.predictor import Predictor
from imdb_assets.serving.rating_history import Rated, history
from imdb_assets.serving.titles import (
    CANDIDATES,
    MAX_IDS,
    Episode,
    Predicted,
    Title,
    Titles,
    WholePerson,
    WholeTitle,
    unknown,
)

Typed = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="Words of a title; the last word may be incomplete.",
        examples=["schindler"],
    ),
]
Ids = Annotated[
    list[str] | None, Query(max_length=MAX_IDS, description="Title ids instead of words.", examples=[["tt0108052"]])
]
Kind = Annotated[
    str | None, Query(pattern="^[A-Za-z]{1,40}$", description="Only titles of the given kind.", examples=["movie"])
]
Year = Annotated[int | None, Query(ge=1800, le=2200, description="Only titles of the given year.", examples=[1993])]


def add_titles(app: FastAPI, titles: Titles, predictor: Predictor, lake: Lake) -> None:
    """Adds the routes.

    Args:
        app: The endpoint.
        titles: The index of titles and people.
        predictor: Looks up stored predictions.
        lake: The lake with the history of ratings.
    """

    @app.get("/titles", summary="Titles of any kind, by words (most votes first) or by ids (in the order of the ids)")
    def many(
        q: Typed = None,
        id: Ids = None,  # noqa: A002 - the parameter's name in the query
        kind: Kind = None,
        year: Year = None,
        limit: Annotated[int, Query(ge=1, le=CANDIDATES, description="Largest number of titles to return.")] = 10,
    ) -> list[Title]:
        if (q is None) == (id is None):
            raise BadRequestError("send either words (q=...) or ids (id=tt0108052&id=...), and not both.")
        return titles.titles(id) if id is not None else titles.search(q or "", kind, year, limit)

    @app.get("/titles/{tconst}", summary="A title by its id; a film comes with its predicted rating, if there is one")
    def one(tconst: str) -> WholeTitle:
        found = titles.title(tconst)
        stored = predictor.stored(tconst, rated=found.votes is not None) if found.kind == "movie" else None
        if stored is None:
            return found
        predicted = Predicted(rating=stored["predicted"], **{name: stored[name] for name in _KEPT})
        return found.model_copy(update={"predicted": predicted})

    @app.get("/titles/{tconst}/episodes", summary="The episodes of a series, by season and number")
    def episodes(
        tconst: str,
        season: Annotated[int | None, Query(ge=0, description="Only the given season.", examples=[1])] = None,
    ) -> list[Episode]:
        return titles.episodes(tconst, season)

    @app.get("/titles/{tconst}/history", summary="How a title's rating and votes moved, day by day")
    def moved(tconst: str) -> list[Rated]:
        if not titles.titles([tconst]):
            raise unknown(tconst)
        return history(lake, tconst)

    @app.get("/people/{nconst}", summary="A person, with the titles they are known for and their films by role")
    def person(nconst: str) -> WholePerson:
        return titles.person(nconst)


_KEPT = ("lower", "upper", "model_version")
