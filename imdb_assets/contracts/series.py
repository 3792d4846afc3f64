"""Series and their episodes: the tables in silver, and the views over them."""

from typing import ClassVar

import dataframely as dy

from imdb_assets.contracts.base import TCONST, Contract, one_of, source
from imdb_assets.contracts.ratings import RATED, average_rating_of_title, num_votes_of_title

_EPISODE = ("bronze.title_episode.tconst", "bronze.title_basics.tconst", "bronze.title_basics.isAdult")
"""Columns that decide which rows of the dump of episodes are kept."""


class Series(Contract):
    """Every non-adult title of type tvSeries or tvMiniSeries."""

    table = "silver.series"
    rules: ClassVar = RATED

    tconst = dy.String(
        primary_key=True,
        regex=TCONST,
        description="Title id.",
        metadata=source("bronze.title_basics.tconst", "bronze.title_basics.titleType", "bronze.title_basics.isAdult"),
    )
    kind = dy.String(
        regex=one_of("tvSeries", "tvMiniSeries"),
        description="IMDb's type of the title.",
        metadata=source("bronze.title_basics.titleType"),
    )
    primary_title = dy.String(
        nullable=True,
        description="The title used on promotional material.",
        metadata=source("bronze.title_basics.primaryTitle"),
    )
    original_title = dy.String(
        nullable=True,
        description="The title in the original language.",
        metadata=source("bronze.title_basics.originalTitle"),
    )
    start_year = dy.Int32(
        nullable=True, description="Year of the first episode.", metadata=source("bronze.title_basics.startYear")
    )
    end_year = dy.Int32(
        nullable=True,
        description="Year of the last episode; null while the series is running.",
        metadata=source("bronze.title_basics.endYear"),
    )
    runtime_minutes = dy.Int32(
        nullable=True,
        min=0,
        description="Runtime of an episode in minutes.",
        metadata=source("bronze.title_basics.runtimeMinutes"),
    )
    genres = dy.List(
        dy.String(nullable=True),
        nullable=True,
        description="Up to three genres.",
        metadata=source("bronze.title_basics.genres"),
    )
    average_rating = average_rating_of_title()
    num_votes = num_votes_of_title()


class Episodes(Contract):
    """Every non-adult title that `title.episode` places in a series.

    An episode is kept even if its own title or its series is missing from the dump of titles, or if its season is
    unknown. The check `episodes_have_series` counts the episodes whose series is missing.
    """

    table = "silver.episodes"
    rules: ClassVar = RATED
    independent_by = "tconst"

    tconst = dy.String(primary_key=True, regex=TCONST, description="Title id.", metadata=source(*_EPISODE))
    series_tconst = dy.String(
        regex=TCONST,
        description="Title id of the series; some of these ids are not in silver.series.",
        metadata=source("bronze.title_episode.parentTconst"),
    )
    season_number = dy.Int32(
        nullable=True,
        description="Season; null if IMDb does not know the season.",
        metadata=source("bronze.title_episode.seasonNumber"),
    )
    episode_number = dy.Int32(
        nullable=True,
        description="Number of the episode within the season; null if IMDb does not know the number.",
        metadata=source("bronze.title_episode.episodeNumber"),
    )
    primary_title = dy.String(
        nullable=True,
        description="The title used on promotional material; null for an episode that is not in bronze.title_basics.",
        metadata=source("bronze.title_basics.tconst", "bronze.title_basics.primaryTitle"),
    )
    start_year = dy.Int32(
        nullable=True,
        description="Year of release.",
        metadata=source("bronze.title_basics.tconst", "bronze.title_basics.startYear"),
    )
    average_rating = average_rating_of_title()
    num_votes = num_votes_of_title()


def _episode(*columns: str) -> dict[str, list[str]]:
    """Metadata of a column that is computed from the given columns of `silver.episodes`."""
    return source(*(f"silver.episodes.{column}" for column in columns))


def _series_title() -> dy.String:
    return dy.String(nullable=True, description="Title of the series.", metadata=source("silver.series.primary_title"))


class Seasons(Contract):
    """Seasons of series: the number of episodes, the number of rated episodes, and their mean rating.

    One row per series and season. A series' episodes of unknown season share one row, in which the season is null.
    """

    table = "warehouse.seasons"

    series_tconst = dy.String(regex=TCONST, description="Title id of the series.", metadata=_episode("series_tconst"))
    series_title = _series_title()
    season_number = dy.Int32(nullable=True, description="Season; null if unknown.", metadata=_episode("season_number"))
    episodes = dy.Int64(min=1, description="Number of episodes.")
    rated_episodes = dy.Int64(
        min=0, description="Number of episodes with a rating.", metadata=_episode("average_rating")
    )
    mean_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Mean rating of the rated episodes.",
        metadata=_episode("average_rating"),
    )
    votes = dy.Int64(min=0, description="Total number of votes on all episodes.", metadata=_episode("num_votes"))
    first_year = dy.Int32(nullable=True, description="Year of the earliest episode.", metadata=_episode("start_year"))
    last_year = dy.Int32(nullable=True, description="Year of the latest episode.", metadata=_episode("start_year"))


_RANKED = _episode("series_tconst", "tconst", "average_rating", "num_votes")


class BestAndWorstEpisodes(Contract):
    """Best and worst episodes: for each series, the three highest-rated and the three lowest-rated episodes.

    Only series that have at least 10 episodes with at least 20 votes each are included.
    """

    table = "warehouse.best_and_worst_episodes"

    series_tconst = dy.String(
        primary_key=True,
        regex=TCONST,
        description="Title id of the series.",
        metadata=_episode("series_tconst"),
    )
    series_title = _series_title()
    side = dy.String(
        primary_key=True,
        regex=one_of("best", "worst"),
        description="Whether the episode is among the best or the worst of its series.",
        metadata=_RANKED,
    )
    place = dy.Int64(
        primary_key=True,
        min=1,
        max=3,
        description="Position among the best or the worst episodes of the series; 1 is the best or the worst episode.",
        metadata=_RANKED,
    )
    tconst = dy.String(regex=TCONST, description="Title id of the episode.", metadata=_episode("tconst"))
    season_number = dy.Int32(nullable=True, description="Season.", metadata=_episode("season_number"))
    episode_number = dy.Int32(
        nullable=True, description="Number of the episode within the season.", metadata=_episode("episode_number")
    )
    primary_title = dy.String(nullable=True, description="Title.", metadata=_episode("primary_title"))
    start_year = dy.Int32(nullable=True, description="Year of release.", metadata=_episode("start_year"))
    average_rating = dy.Float64(min=1, max=10, description="The episode's rating.", metadata=_episode("average_rating"))
    num_votes = dy.Int32(min=20, description="Number of votes.", metadata=_episode("num_votes"))
