"""The films that a dashboard counts: all films, or only films of a decade, of a genre, or with enough votes."""

from typing import Annotated
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from imdb_assets.transforms.film_facts import GENRES
from imdb_assets.warehouse.literals import text_literal

OLDEST = 1890
"""First decade that readers can choose; earlier decades have hardly any films."""
VOTES = (100, 1_000, 10_000, 100_000)
"""Minimum numbers of votes that readers can choose."""

_Blank = BeforeValidator(lambda given: given or None)
"""Turns an empty text into None, because a form sends an empty text for a field that is not chosen."""


def _known(genre: str) -> str:
    if genre not in GENRES.values():
        raise ValueError(f"{genre[:40]!r} is not one of {', '.join(sorted(GENRES.values()))}")
    return genre


class Selection(BaseModel):
    """A choice of films, as given in a page's address; all films if nothing is chosen."""

    model_config = ConfigDict(frozen=True)

    decade: Annotated[Annotated[int, Field(ge=1870, le=2200, multiple_of=10)] | None, _Blank] = None
    genre: Annotated[Annotated[str, AfterValidator(_known)] | None, _Blank] = None
    votes: Annotated[Annotated[int, Field(ge=1, le=1_000_000_000)] | None, _Blank] = None
    """Minimum number of votes."""

    @property
    def condition(self) -> str:
        """The choice of films as an SQL condition on silver.movies; empty for all films."""
        conditions = [
            f"decade = {self.decade}" if self.decade else "",
            f"list_contains(genres, {text_literal(self.genre)})" if self.genre else "",
            f"num_votes >= {self.votes}" if self.votes else "",
        ]
        return " and ".join(filter(None, conditions))

    @property
    def words(self) -> str:
        """The choice of films in words for readers, such as `Drama, of the 1980s, with at least 1,000 votes`."""
        parts = [
            self.genre or "",
            f"of the {self.decade}s" if self.decade else "",
            f"with at least {self.votes:,} votes" if self.votes else "",
        ]
        return ", ".join(filter(None, parts))

    @property
    def query(self) -> str:
        """The choice of films as the query part of a page's address; empty for all films."""
        chosen = urlencode(self.model_dump(exclude_none=True))
        return f"?{chosen}" if chosen else ""


ALL_FILMS = Selection()
