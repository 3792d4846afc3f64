"""Rows of title.basics, title.ratings, title.crew and title.episode for a run of titles, as in the dumps.

Each function takes the catalogue and the numbers of the first title and of the one after the last, so that
a larger sample can be written in pieces.
"""

import numpy as np
import polars as pl

from imdb_assets.sources.sample.catalogue import EPISODE, KINDS, Catalogue
from imdb_assets.sources.sample.credits import Credits
from imdb_assets.sources.sample.genres import NAMES, Ints

ORPHANS_PER_FILE = 4  # rows whose title is not in title.basics: the dumps are not from one instant

EPISODES_PER_LOST_SERIES = 1_500  # one episode in so many names a series that is not in title.basics


def optional(values: Ints) -> pl.Series:
    """Turns -1 into null."""
    series = pl.Series(values)
    return series.set(series < 0, None)


def with_orphans(rows: pl.DataFrame, catalogue: Catalogue, start: int, stop: int, *, offset: int = 0) -> pl.DataFrame:
    """Adds rows of titles unknown to title.basics, each in its place by id, if that is in this run."""
    low = catalogue.title_ids[start] if start else ""
    high = catalogue.title_ids[stop] if stop < catalogue.count else "tu"
    orphans = catalogue.unused_title_ids[offset : offset + ORPHANS_PER_FILE]
    orphans = [name for name in orphans if low <= name < high]
    if not orphans or rows.is_empty():
        return rows
    id_column = rows.columns[0]
    copies = rows[: len(orphans)].with_columns(pl.Series(id_column, orphans[: min(len(orphans), rows.height)]))
    return pl.concat([rows, copies]).sort(id_column, maintain_order=True)


def title_basics(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """One row per title."""
    run = slice(start, stop)
    names = pl.Series([*NAMES.tolist(), None], dtype=pl.String)
    sets = np.where(catalogue.genre_sets[run] < 0, len(NAMES), catalogue.genre_sets[run]).astype(np.uint32)
    rows = pl.DataFrame(
        {
            "tconst": catalogue.title_ids[run],
            "titleType": pl.Series(KINDS).gather(catalogue.kind[run]),
            "primaryTitle": catalogue.titles["primary"][run],
            "originalTitle": catalogue.titles["original"][run],
            "isAdult": catalogue.is_adult[run],
            "startYear": optional(catalogue.year[run]),
            "endYear": optional(catalogue.end_year[run]),
            "runtimeMinutes": optional(catalogue.runtime_minutes[run]),
            "first": names.gather(sets[:, 0]),
            "second": names.gather(sets[:, 1]),
            "third": names.gather(sets[:, 2]),
        }
    )
    listed = pl.concat_str("first", "second", "third", separator=",", ignore_nulls=True)
    genres = pl.when(pl.col("first").is_not_null()).then(listed).alias("genres")
    return rows.with_columns(genres).drop("first", "second", "third")


def title_ratings(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """One row per rated title."""
    rated = start + np.flatnonzero(catalogue.votes[start:stop] > 0)
    rows = pl.DataFrame(
        {
            "tconst": catalogue.title_ids.gather(rated),
            "averageRating": catalogue.rating_tenths[rated] / 10,
            "numVotes": catalogue.votes[rated],
        }
    )
    return with_orphans(rows, catalogue, start, stop)


def title_crew(catalogue: Catalogue, drawn: Credits, start: int, stop: int) -> pl.DataFrame:
    """One row per title, with or without directors and writers."""
    low, high = np.searchsorted(drawn.crew_title, [start, stop])
    long = pl.DataFrame(
        {
            "title": drawn.crew_title[low:high],
            "nconst": catalogue.name_ids.gather(drawn.crew_person[low:high]),
            "is_director": drawn.crew_is_director[low:high],
        }
    )
    listed = long.group_by("title").agg(
        pl.col("nconst").filter(side).unique(maintain_order=True).str.join(",").replace("", None).alias(name)
        for name, side in (("directors", pl.col("is_director")), ("writers", ~pl.col("is_director")))
    )
    titles = pl.DataFrame({"title": np.arange(start, stop, dtype=np.int32), "tconst": catalogue.title_ids[start:stop]})
    rows = titles.join(listed, on="title", how="left", maintain_order="left").drop("title")
    return with_orphans(rows, catalogue, start, stop, offset=1)


def title_episode(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """One row per episode; a few name a series that no dump knows."""
    episodes = start + np.flatnonzero(catalogue.kind[start:stop] == EPISODE)
    parents = catalogue.title_ids.gather(catalogue.parent[episodes])
    lost = episodes % EPISODES_PER_LOST_SERIES == episodes[:1] % EPISODES_PER_LOST_SERIES
    parents = parents.set(pl.Series(lost), catalogue.unused_title_ids[-1])
    return pl.DataFrame(
        {
            "tconst": catalogue.title_ids.gather(episodes),
            "parentTconst": parents,
            "seasonNumber": optional(catalogue.season[episodes]),
            "episodeNumber": optional(catalogue.episode[episodes]),
        }
    )
