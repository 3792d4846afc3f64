"""Finds any title or person by id, and titles by words, in the newest index (`title_index.py`)."""

import re
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.contracts.base import NCONST, TCONST
from imdb_assets.lake.errors import LakeError
from imdb_assets.serving import title_index
from imdb_assets.serving.errors import NotReadyError, UnknownIdError
from imdb_assets.serving.search import words
from imdb_assets.serving.title_index import facet, number, text_id

MAX_IDS = 100
"""Largest number of titles that one request can ask for by their ids."""
CANDIDATES = 50
"""Largest number of titles that one query of the index returns."""
MAX_CREDITS = 500
"""Largest number of credits in the answer about a person; credits for the most voted titles come first."""

_FACTS = "kind, title, original_title, start_year, end_year, runtime_minutes, genres, rating, votes"
_TITLE = f"t.tconst, {_FACTS}"


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True)


class Title(_Found):
    """One title of the catalogue, of any kind."""

    tconst: str = Field(description="Title id.", examples=["tt0108052"])
    kind: str | None = Field(description="movie, tvSeries, tvEpisode, short, videoGame, …", examples=["movie"])
    title: str | None = Field(description="Primary title.", examples=["Schindler's List"])
    original_title: str | None = Field(
        description="Original title, if it differs from the primary title; otherwise null.", examples=[None]
    )
    start_year: int | None = Field(description="Year of release; for a series, the first year.", examples=[1993])
    end_year: int | None = Field(description="Last year of a series.", examples=[None])
    runtime_minutes: int | None = Field(description="Runtime in minutes.", examples=[195])
    genres: list[str] = Field(description="Up to three genres.", examples=[["Biography", "Drama", "History"]])
    rating: float | None = Field(description="Rating on IMDb; null while unrated.", examples=[9.0])
    votes: int | None = Field(description="Number of votes; null while unrated.", examples=[1_400_000])


class Episode(Title):
    """An episode, and its place in the series."""

    season: int | None = Field(
        description="Season of the episode; null if IMDb does not know the season.", examples=[1]
    )
    number: int | None = Field(
        description="Number of the episode within its season; null if IMDb does not know the number.", examples=[3]
    )


class Place(_Found):
    """The place of an episode in its series."""

    series: str = Field(description="Title id of the series.", examples=["tt0903747"])
    series_title: str | None = Field(description="Title of the series; null if the dumps lack the title.")
    season: int | None = Field(
        description="Season of the episode; null if IMDb does not know the season.", examples=[1]
    )
    number: int | None = Field(
        description="Number of the episode within its season; null if IMDb does not know the number.", examples=[3]
    )


class Predicted(_Found):
    """The stored prediction for a film, from a model that had not seen the film's rating."""

    rating: float = Field(description="Predicted rating, 1-10.", examples=[8.1])
    lower: float = Field(description="Lower end of the 90 % prediction interval.", examples=[7.2])
    upper: float = Field(description="Upper end of the 90 % prediction interval.", examples=[8.8])
    model_version: str = Field(description="The model version.", examples=["0f3a9c21b7de"])


class Worker(_Found):
    """A person who worked on a title."""

    nconst: str = Field(description="IMDb's id of the person.", examples=["nm0000229"])
    name: str | None = Field(
        description="The person's name; null if the dumps lack the name.", examples=["Steven Spielberg"]
    )
    role: str = Field(
        description="The person's role: director, writer, cast, or another category of IMDb's.", examples=["director"]
    )


class WholeTitle(Title):
    """One title, with its people, its place in a series, its number of episodes and its predicted rating."""

    people: list[Worker] = Field(
        description="Directors, writers, cast by billing, then others; empty unless silver.movies has the title."
    )

    episode: Place | None = Field(description="Place of an episode in its series; null for other titles.")
    episodes: int = Field(description="Number of episodes; 0 unless the title is a series.", examples=[0])
    predicted: Predicted | None = Field(description="The stored prediction; null unless silver.movies has the title.")


class Credit(Title):
    """A title that a person worked on."""

    role: str = Field(
        description="The person's role: director, writer, cast, or another category of IMDb's.", examples=["director"]
    )


class WholePerson(_Found):
    """One person of the catalogue."""

    nconst: str = Field(description="IMDb's id of the person.", examples=["nm0000229"])
    name: str | None = Field(description="The name most often credited.", examples=["Steven Spielberg"])
    birth_year: int | None = Field(description="Year of birth.", examples=[1946])
    death_year: int | None = Field(description="Year of death.", examples=[None])
    professions: list[str] = Field(description="Up to three professions.", examples=[["producer", "director"]])
    known_for: list[Title] = Field(description="Titles that IMDb says the person is known for.")
    credits: list[Credit] = Field(description="Films of the lake by role, most votes first, at most 500.")


class Titles:
    """The newest index, opened at the first question and again after each publish; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Opens nothing.

        Args:
            folder: The folder that indexes are published in.
        """
        self._folder = folder
        self._lock = threading.Lock()
        self._index: sqlite3.Connection | None = None
        self._seen: object = None
        self._common: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        self._close: Callable[[], object] = lambda: None

    def title(self, tconst: str) -> WholeTitle:
        """A title by its id, without a prediction.

        Raises:
            UnknownIdError: There is no such title.
            NotReadyError: No index is published, or the index is damaged.
        """
        found = self.titles([tconst])
        if not found:
            raise unknown(tconst)
        key = number(tconst)
        place = self._rows(
            "select e.series, s.title, e.season, e.number from episodes e left join titles s on s.tconst = e.series"
            " where e.tconst = ?",
            key,
        )
        workers = self._rows(
            "select nconst, p.name, role from credits c left join people p using (nconst) where c.tconst = ? order by"
            " instr('cast writer director', role) desc, billing is null, billing, nconst",
            key,
        )
        counted = self._rows("select count(*) from episodes where series = ?", key)
        return WholeTitle(
            **found[0].model_dump(),
            people=[Worker(nconst=text_id("nm", nconst), name=name, role=role) for nconst, name, role in workers],
            episode=Place(
                series=text_id("tt", place[0][0]), series_title=place[0][1], season=place[0][2], number=place[0][3]
            )
            if place
            else None,
            episodes=counted[0][0],
            predicted=None,
        )

    def titles(self, ids: Sequence[str]) -> list[Title]:
        """Finds titles by id, in the order of `ids`; an id that belongs to no title is left out.

        Raises:
            UnknownIdError: One of the texts is not a title id.
            NotReadyError: No index is published, or the index is damaged.
        """
        for wrong in (one for one in ids if not re.fullmatch(TCONST, one, re.ASCII)):
            raise unknown(wrong)
        keys = [number(one) for one in ids]
        slots = ", ".join("?" * len(keys))
        rows = self._rows(f"select {_TITLE} from titles t where tconst in ({slots})", *keys)  # noqa: S608
        known = {row[0]: _title(row) for row in rows}
        return [Title(**known[key]) for key in keys if key in known]

    def search(self, typed: str, kind: str | None = None, year: int | None = None, limit: int = 10) -> list[Title]:
        """Titles with the typed words, most votes first. The last word may be incomplete.

        Titles with all typed words come first, then titles that lack only common words, such as "the". If all words
        before the last word are common, a title must have the rarest of these common words.

        Args:
            typed: The typed words, or a title id.
            kind: Only titles of this kind, as in `Title.kind`.
            year: Only titles of this year.
            limit: Largest number of titles to return; at most `CANDIDATES`.

        Raises:
            NotReadyError: No index is published, or the index is damaged.
        """
        if re.fullmatch(TCONST, typed.strip(), re.ASCII):
            return self.titles([typed.strip()])
        wanted = words(typed)
        if not wanted:
            return []
        with self._lock:
            self._opened()
            common, kinds = self._common, self._kinds
        letter = kinds.get(kind.lower()) if kind else ""
        if letter is None:
            return []
        facets = f' "{facet(letter, year)}"' + ("*" if year is None else "") if letter or year is not None else ""
        before, last = wanted[:-1], f'"{wanted[-1]}"*{facets}'
        rare = [word for word in before if word not in common] or sorted(before, key=common.__getitem__)[:1]
        found = self._candidates(rare, last)
        whole = [one for one in found if _has(one, wanted)]
        if rare != before and len(found) == CANDIDATES and len(whole) < limit:
            # `found` has only `CANDIDATES` titles, so it may lack titles that have all typed words but fewer votes
            whole = self._candidates(before, last)
        return list({one.tconst: one for one in (*whole, *found)}.values())[:limit]

    def _candidates(self, required: list[str], last: str) -> list[Title]:
        """Titles that have all `required` words and match the FTS5 expression `last`, most votes first."""
        rows = self._rows(
            f"select {_TITLE} from titles t where id in (select rowid from words where words match ? order by rowid"  # noqa: S608
            " limit ?) order by id",
            " ".join([*(f'"{word}"' for word in required), last]),
            CANDIDATES,
        )
        return [Title(**_title(row)) for row in rows]

    def episodes(self, tconst: str, season: int | None = None) -> list[Episode]:
        """The episodes of a series, sorted by season and number; episodes without season or number come last.

        If the dumps lack the title of an episode, the answer has only the episode's id, season and number.

        Raises:
            UnknownIdError: There is no such title.
            NotReadyError: No index is published, or the index is damaged.
        """
        if not self.titles([tconst]):
            raise unknown(tconst)
        rows = self._rows(
            f"select e.tconst, {_FACTS}, e.season, e.number from episodes e left join titles t on t.tconst = e.tconst"  # noqa: S608
            " where e.series = ?1 and (?2 is null or e.season = ?2)"
            " order by e.season is null, e.season, e.number is null, e.number, e.tconst",
            number(tconst),
            season,
        )
        return [Episode(**_title(row), season=row[-2], number=row[-1]) for row in rows]

    def person(self, nconst: str) -> WholePerson:
        """A person by id.

        Raises:
            UnknownIdError: There is no such person.
            NotReadyError: No index is published, or the index is damaged.
        """
        known_form = re.fullmatch(NCONST, nconst, re.ASCII)
        rows = self._rows("select * from people where nconst = ?", number(nconst)) if known_form else []
        if not rows:
            raise UnknownIdError(
                f"{nconst[:40]!r}: nobody has this id; a person id looks like nm0000229: nm and 7 or 8 digits."
            )
        _, name, born, died, professions, known_for = rows[0]
        credited = self._rows(
            f"select {_TITLE}, c.role from credits c join titles t on t.tconst = c.tconst where c.nconst = ?"  # noqa: S608
            " order by t.id, c.role limit ?",
            number(nconst),
            MAX_CREDITS,
        )
        return WholePerson(
            nconst=nconst,
            name=name,
            birth_year=born,
            death_year=died,
            professions=_list(professions),
            known_for=self.titles(_list(known_for)),
            credits=[Credit(**_title(row), role=row[-1]) for row in credited],
        )

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            index = self._opened()
            try:
                return index.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise NotReadyError(_unreadable(error)) from error

    def _opened(self) -> sqlite3.Connection:
        """The newest index, or the previous index if the newest one is damaged and the previous one is still open."""
        seen = title_index.mark(self._folder)
        if seen == self._seen and self._index is not None:
            return self._index
        try:
            address = f"{title_index.sound(self._folder).file.resolve().as_uri()}?mode=ro&immutable=1"
            newest = sqlite3.connect(address, uri=True, check_same_thread=False)
            common = dict(newest.execute("select word, titles from common"))
            kinds = dict(newest.execute("select kind, letter from kinds"))
        except (LakeError, sqlite3.Error) as error:  # sqlite3.Error: a newer index has replaced the file
            if self._index is None:
                raise NotReadyError(str(error) if isinstance(error, LakeError) else _unreadable(error)) from error
            self._seen = seen
            return self._index
        self._close()  # while a removed file is open, it takes up disk space
        self._close = weakref.finalize(self, newest.close)
        self._index, self._common, self._kinds, self._seen = newest, common, kinds, seen
        return newest


def _unreadable(error: sqlite3.Error) -> str:
    return f"the index of titles cannot be read ({error}). {title_index.REMEDY}."


def _title(row: Any) -> dict[str, Any]:
    values = dict(zip(Title.model_fields, row, strict=False))
    return {**values, "tconst": text_id("tt", row[0]), "genres": _list(values["genres"])}


def _list(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []


def _has(title: Title, wanted: list[str]) -> bool:
    held = words(f"{title.title or ''} {title.original_title or ''}", most=None)
    return set(wanted[:-1]) <= set(held) and any(word.startswith(wanted[-1]) for word in held)


def unknown(tconst: str) -> UnknownIdError:
    """The error for an id that belongs to no title."""
    return UnknownIdError(
        f"{tconst[:40]!r}: no title has this id; a title id looks like tt0108052: tt and 7 or 8 digits, as in the "
        "address of the title's page on imdb.com. A title that is new on IMDb appears after the next dumps are loaded."
    )
