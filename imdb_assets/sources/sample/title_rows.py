"""Rows of title.basics, title.ratings, title.crew and title.episode, as in the dumps, for consecutive titles."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.sources.sample.catalogue import Catalogue
from imdb_assets.sources.sample.credits import draw_credits
from imdb_assets.sources.sample.genres import NAMES
from imdb_assets.sources.sample.houses import EPISODE, KINDS
from imdb_assets.sources.sample.ids import format_some_ids
from imdb_assets.sources.sample.titles import draw_titles, write_titles

ORPHANS_PER_FILE = 4  # rows whose title is not in title.basics, because IMDb does not make all dumps at the same moment
EPISODES_PER_LOST_SERIES = 1_500  # title.basics lacks the series of every 1,500th episode


def optional(values: NDArray[np.integer]) -> pl.Series:
    """Turns -1 into null."""
    series = pl.Series(values)
    return series.set(series < 0, None)


def with_orphans(rows: pl.DataFrame, catalogue: Catalogue, start: int, stop: int, *, offset: int = 0) -> pl.DataFrame:
    """Adds rows for ids that title.basics lacks, between the ids of titles `start` and `stop`; sorts all rows by id."""
    low = catalogue.title_ids(start, start + 1)[0] if start else ""
    high = catalogue.title_ids(stop, stop + 1)[0] if stop < catalogue.count else "tu"
    orphans = catalogue.unused_title_ids[offset : offset + ORPHANS_PER_FILE]
    orphans = [name for name in orphans if low <= name < high]
    if not orphans or rows.is_empty():
        return rows
    id_column = rows.columns[0]
    copies = rows[: len(orphans)].with_columns(pl.Series(id_column, orphans[: min(len(orphans), rows.height)]))
    return pl.concat([rows, copies]).sort(id_column, maintain_order=True)


def title_basics(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.basics for a run of consecutive titles: one per title."""
    titles = draw_titles(catalogue, start, stop)
    texts = write_titles(catalogue, titles)
    names = pl.Series([*NAMES.tolist(), None], dtype=pl.String)
    sets = np.where(titles.genre_sets < 0, len(NAMES), titles.genre_sets).astype(np.uint32)
    rows = pl.DataFrame(
        {
            "tconst": titles.ids,
            "titleType": pl.Series(KINDS).gather(titles.kind),
            "primaryTitle": texts["primary"],
            "originalTitle": texts["original"],
            "isAdult": titles.is_adult,
            "startYear": optional(titles.year),
            "endYear": optional(titles.end_year),
            "runtimeMinutes": optional(titles.runtime_minutes),
            "first": names.gather(sets[:, 0]),
            "second": names.gather(sets[:, 1]),
            "third": names.gather(sets[:, 2]),
        }
    )
    listed = pl.concat_str("first", "second", "third", separator=",", ignore_nulls=True)
    genres = pl.when(pl.col("first").is_not_null()).then(listed).alias("genres")
    return rows.with_columns(genres).drop("first", "second", "third")


def title_ratings(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.ratings for a run of consecutive titles: one per rated title."""
    titles = draw_titles(catalogue, start, stop)
    rated = np.flatnonzero(titles.votes > 0)
    rows = pl.DataFrame(
        {
            "tconst": titles.ids.gather(rated),
            "averageRating": titles.rating_tenths[rated] / 10,
            "numVotes": titles.votes[rated],
        }
    )
    return with_orphans(rows, catalogue, start, stop)


def title_crew(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.crew: one per title, even if the title has neither directors nor writers."""
    titles = draw_titles(catalogue, start, stop)
    drawn = draw_credits(catalogue, titles)
    columns = {"title": drawn.crew_title, "person": drawn.crew_person, "is_director": drawn.crew_is_director}
    crew = pl.DataFrame(columns).unique(maintain_order=True)
    rows = pl.DataFrame({"title": np.arange(titles.count, dtype=np.int32), "tconst": titles.ids})
    for name, side in (("directors", pl.col("is_director")), ("writers", ~pl.col("is_director"))):
        some = crew.filter(side)
        ids = format_some_ids("nm", catalogue.name_numbers[some["person"].to_numpy()]).alias(name)
        lists = some.select("title", ids).group_by("title", maintain_order=True).agg(name)
        lists = lists.with_columns(pl.col(name).list.join(","))  # joining the texts here is faster than in `agg`
        rows = rows.join(lists, on="title", how="left", maintain_order="left")
    rows = rows.drop("title")
    return with_orphans(rows, catalogue, start, stop, offset=1)


def title_episode(catalogue: Catalogue, start: int, stop: int) -> pl.DataFrame:
    """The rows of title.episode, one per episode. A few episodes name a series that title.basics lacks."""
    titles = draw_titles(catalogue, start, stop)
    episodes = np.flatnonzero(titles.kind == EPISODE)
    parents = format_some_ids("tt", catalogue.title_numbers[catalogue.houses.title[titles.house[episodes]]])
    places = start + episodes
    lost = places % EPISODES_PER_LOST_SERIES == places[:1] % EPISODES_PER_LOST_SERIES
    return pl.DataFrame(
        {
            "tconst": titles.ids.gather(episodes),
            "parentTconst": parents.set(pl.Series(lost), catalogue.unused_title_ids[-1]),
            "seasonNumber": optional(titles.season[episodes]),
            "episodeNumber": optional(titles.episode[episodes]),
        }
    )
