"""The index of all titles and people, by id and by words: one SQLite file, made from one snapshot of each table.

Ids are stored as numbers that keep all their digits (`tt0108052` as 10108052). Titles are numbered by votes, most voted
first, so that a search can stop after a few rows. An index file is complete before the pointer file (`current.json`)
names it. The pointer file also has the index file's hash and the snapshots that the index was made from. The previous
index file is removed, but a server that has the file open can still read it.

Rows go to SQLite as Arrow batches through ADBC's driver. ADBC makes no Python objects, and takes only a third of the
processor time that the standard library's `executemany` takes.
"""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import narwhals as nw
import polars as pl
from filelock import FileLock

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import read_sealed, state, sync, write_sealed
from imdb_assets.lake.integrity import sha256
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving.search import folded
from imdb_assets.transforms.ratings import one_per_title

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

READS = (
    "bronze.title_basics",
    "bronze.title_ratings",
    "bronze.title_episode",
    "bronze.name_basics",
    "silver.credits",
)
"""The tables that the index is made from."""
FIRST_YEAR, FIRST_KIND = 0xE000, 0xF000
"""The characters that stand for the year 0 and for the first kind of title, from Unicode's private-use area."""
YEARS = range(FIRST_KIND - FIRST_YEAR)
"""The years that a search can ask for; a dump may contain wrong years outside the range."""
COMMON = 0.01
"""A word is common if more than this share of all titles has the word (see `titles.Titles.search`)."""
REMEDY = "Materialize serving/title_index: make materialize ASSETS=serving/title_index"
_POINTER = "current.json"
_BATCH = 250_000
_FAST = ("pragma journal_mode = off", "pragma synchronous = off")
"""Pragmas for writing a new file without a journal; if writing fails, the file is removed."""
_TABLES = """
create table titles (id integer primary key, tconst integer not null, kind text, title text, original_title text,
                     start_year integer, end_year integer, runtime_minutes integer, genres text,
                     rating real, votes integer);
create unique index titles_tconst on titles (tconst);
create table episodes (tconst integer primary key, series integer not null, season integer, number integer);
create table people (nconst integer primary key, name text, birth_year integer, death_year integer, professions text,
                     known_for text);
create table credits (nconst integer, tconst integer, role text, billing integer, primary key (nconst, tconst, role))
                     without rowid;
create table kinds (kind text primary key, letter text not null) without rowid;
create virtual table words using fts5(text, content='', detail=none, columnsize=0, prefix='1 2 3 4 5 6 7 8 9 10',
                                      tokenize="unicode61 remove_diacritics 0");
insert into words (words, rank) values ('hashsize', 67108864);
"""
_END = f"""
insert into words (words) values ('optimize');
create index credits_tconst on credits (tconst);
create index episodes_series on episodes (series, season, number);
create virtual table vocabulary using fts5vocab(words, row);
create table common (word text primary key, titles integer not null) without rowid;
insert into common select term, doc from vocabulary where doc > {COMMON} * (select count(*) from titles);
drop table vocabulary;
"""  # noqa: S608 - a constant of our own


@dataclass(frozen=True)
class Published:
    """The index that the pointer file names."""

    file: Path
    sha256: str
    state: tuple[int, ...]
    """The file's size and times at its publication (`files.state`); empty if an old release published the file."""
    made_from: Provenance


def write(file: Path, tables: Mapping[str, pl.LazyFrame]) -> dict[str, int]:
    """Writes an index.

    Args:
        file: Must not exist.
        tables: Maps each name in `READS` to its table.

    Returns:
        Maps each table of the index to its number of rows.
    """
    import adbc_driver_sqlite.dbapi as adbc

    with closing(sqlite3.connect(file)) as index:
        index.executescript(_TABLES)
    with _ended_by_ctrl_c(), adbc.connect(str(file), autocommit=True) as index, index.cursor() as cursor:
        for statement in (*_FAST, "begin"):
            cursor.execute(statement)
        letters: dict[str, str] = {}
        for batch in _titles(tables["bronze.title_basics"], tables["bronze.title_ratings"]):
            _insert(cursor, "titles", batch)
            _insert(cursor, "words (rowid, text)", _words(batch, letters))
        _insert(cursor, "kinds", pl.DataFrame({"kind": [*letters], "letter": [*letters.values()]}))
        _fill(cursor, "episodes", _episodes(tables["bronze.title_episode"]))
        _fill(cursor, "people", _people(tables["bronze.name_basics"]))
        _fill(cursor, "credits", _credits(tables["silver.credits"]))
        cursor.execute("commit")
    with closing(sqlite3.connect(file)) as index:
        index.executescript(";".join((*_FAST, _END)))
        counts = {name: f"select count(*) from {name}" for name in ("titles", "episodes", "people", "credits")}  # noqa: S608
        return {name: index.execute(query).fetchone()[0] for name, query in counts.items()}


def publish(folder: Path, tables: Mapping[str, pl.LazyFrame], made_from: Provenance) -> dict[str, int]:
    """Writes an index, and makes readers open this index. If writing fails, readers keep the previous index.

    A second writer waits for the first writer, because each writer removes all index files except its own.

    Returns:
        See `write`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{uuid4().hex}.sqlite"
    with FileLock(folder / ".lock"):
        try:
            rows = write(file, tables)
            sync(file)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        pointer = {"file": file.name, "sha256": sha256(file), "state": state(str(file))}
        record = {**pointer, "code": made_from.code_version, "inputs": dict(made_from.inputs)}
        write_sealed(folder / _POINTER, record)
        for other in folder.glob("*.sqlite"):  # including unfinished files of processes that were killed
            if other != file:
                other.unlink(missing_ok=True)
    return rows


def published(folder: Path) -> Published | None:
    """The index in use; None if no index is published yet.

    Raises:
        DamagedError: The pointer is damaged.
    """
    pointer = read_sealed(folder / _POINTER, f"Delete the file. {REMEDY}.", "file", "sha256", "code", "inputs")
    if pointer is None:
        return None
    made_from = Provenance(code_version=pointer["code"], inputs=pointer["inputs"])
    return Published(folder / pointer["file"], pointer["sha256"], tuple(pointer.get("state", ())), made_from)


def mark(folder: Path) -> object:
    """A value that changes whenever another index is published; None if there is no index."""
    try:
        found = (folder / _POINTER).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def sound(folder: Path, *, again: bool = False) -> Published:
    """The index in use, after a check that its file has not changed since publication.

    Args:
        folder: The folder that indexes are published in.
        again: Whether to hash the file even if its size and times have not changed since its publication. For all of
            IMDb, hashing takes seconds, during which no request is answered.

    Raises:
        LakeError: No index is published, the pointer is damaged, the index's file is missing, or the file has changed.
    """
    index = published(folder)
    if index is None:
        raise LakeError(f"no index of titles in {folder} yet. {REMEDY}.")
    try:
        same = (state(str(index.file)) == index.state and not again) or sha256(index.file) == index.sha256
    except FileNotFoundError as error:
        raise LakeError(f"{index.file} is missing. {REMEDY}.") from error
    if not same:
        raise LakeError(f"{index.file} has changed on the disk since it was published. {REMEDY}.")
    return index


def number(text_id: str) -> int:
    """Converts `tt0108052` to 10108052, a 1 followed by the id's digits, so that leading zeros are kept."""
    return int(f"1{text_id[2:]}")


def text_id(prefix: str, stored: int) -> str:
    """Converts 10108052 to `tt0108052`; the reverse of `number`."""
    return f"{prefix}{str(stored)[1:]}"


def facet(letter: str, year: int | None) -> str:
    """Makes the search word that finds all titles of a kind and year: one letter for the kind, one letter for the year.

    A typed word never contains the letters that stand for kinds and years. A search for a kind in any year looks for
    search words that begin with the kind's letter. Longer words would enlarge the index, which has a row for each
    prefix of a title's words.

    Args:
        letter: The letter that stands for the kind of title; empty if the kind is unknown or does not matter.
        year: None if the year is unknown or does not matter. A year that is not in `YEARS` counts as unknown.
    """
    return letter + (chr(FIRST_YEAR + year) if year is not None and year in YEARS else "")


def _number(column: str) -> pl.Expr:
    return (pl.lit("1") + pl.col(column).str.slice(2)).cast(pl.Int64).alias(column)


def _titles(basics: pl.LazyFrame, ratings: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows of `titles`: the rated titles, most votes first, then all others."""
    known = one_per_title(nw.from_native(ratings)).to_native().collect(engine="streaming")
    none = basics.join(known.lazy(), on="tconst").clear().collect()
    rated = pl.concat([none, *_joined(basics, known, "inner")]).sort("num_votes", "tconst", descending=[True, False])
    no_rating = pl.lit(None, pl.Float64).alias("average_rating"), pl.lit(None, pl.Int32).alias("num_votes")
    others = (batch.with_columns(no_rating) for batch in _joined(basics, known, "anti"))
    first = 1
    for batch in chain(rated.iter_slices(_BATCH), others):
        yield batch.with_row_index("id", first).select(
            "id",
            _number("tconst"),
            kind="titleType",
            title="primaryTitle",
            original_title=pl.when(pl.col("originalTitle").ne_missing(pl.col("primaryTitle"))).then("originalTitle"),
            start_year="startYear",
            end_year="endYear",
            runtime_minutes="runtimeMinutes",
            genres=pl.col("genres").list.join(","),
            rating="average_rating",
            votes="num_votes",
        )
        first += batch.height


def _joined(basics: pl.LazyFrame, ratings: pl.DataFrame, how: Literal["inner", "anti"]) -> Iterator[pl.DataFrame]:
    """Batches of `basics`, each joined to the ratings; a join of whole tables would hold all titles in memory."""
    for batch in _batches(basics):
        first, last = pl.lit(batch["tconst"].min()), pl.lit(batch["tconst"].max())
        yield batch.join(ratings.filter(pl.col("tconst").is_between(first, last)), on="tconst", how=how)


def _batches(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    yield from rows.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming")


def _words(batch: pl.DataFrame, letters: dict[str, str]) -> pl.DataFrame:
    """The searchable text of each title: the title's words in ASCII, and the search words of `facet` for kind and year.

    Args:
        batch: Rows of `_titles`.
        letters: Maps each kind, in lower case, to its letter. A kind that is not yet in the map gets the next letter.
    """
    kinds = batch["kind"].drop_nulls().unique().sort()
    years = batch["start_year"].drop_nulls().unique()
    letter_of = {kind: letters.setdefault(kind.lower(), chr(FIRST_KIND + len(letters))) for kind in kinds}
    letter = pl.col("kind").replace_strict(letter_of, default="", return_dtype=pl.String)
    year = pl.col("start_year").replace_strict(
        {year: facet("", year) for year in years}, default="", return_dtype=pl.String
    )
    titles = pl.concat_str("title", "original_title", separator=" ", ignore_nulls=True)
    texts = batch.select("id", words=titles, facets=pl.concat_str(letter + year, year, separator=" "))
    in_ascii = pl.col("words").str.len_bytes() == pl.col("words").str.len_chars()
    folding = pl.col("words").map_elements(folded, return_dtype=pl.String)
    of_ascii, of_others = texts.filter(in_ascii), texts.filter(~in_ascii).with_columns(words=folding)
    text = pl.concat_str("words", "facets", separator=" ")
    return pl.concat([of_ascii, of_others]).sort("id").select("id", text=text)


def _episodes(episodes: pl.LazyFrame) -> pl.LazyFrame:
    return episodes.select(_number("tconst"), _number("parentTconst"), "seasonNumber", "episodeNumber")


def _people(names: pl.LazyFrame) -> pl.LazyFrame:
    lists = (pl.col(name).list.join(",") for name in ("primaryProfession", "knownForTitles"))
    return names.select(_number("nconst"), "primaryName", "birthYear", "deathYear", *lists)


def _credits(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Credits sorted by their key, because SQLite inserts sorted rows four times as fast as unsorted rows."""
    return rows.select(_number("nconst"), _number("tconst"), "role", "billing_order").sort("nconst", "tconst", "role")


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Raises SIGINT again after Ctrl-C, because ADBC's driver for SQLite turns Ctrl-C into its own error."""
    import adbc_driver_sqlite.dbapi as adbc

    try:
        yield
    except adbc.Error as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise


def _fill(cursor: Cursor, table: str, rows: pl.LazyFrame) -> None:
    for batch in _batches(rows):
        _insert(cursor, table, batch)


def _insert(cursor: Cursor, table: str, batch: pl.DataFrame) -> None:
    """Inserts rows. If several rows of bronze have the same key, only the first row is inserted."""
    slots = ", ".join("?" * batch.width)
    rows = batch.to_arrow(compat_level=pl.CompatLevel.oldest())
    cursor.executemany(f"insert or ignore into {table} values ({slots})", rows)  # noqa: S608 - a table of our own
