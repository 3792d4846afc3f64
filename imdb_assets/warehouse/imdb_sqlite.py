"""The six tables of imdb-sqlite 2.1.0 (https://pypi.org/project/imdb-sqlite), with their names, keys and indexes.

A query for imdb-sqlite's own file gives the same answers on the exported file. The rows come from the bronze tables, so
lines that are in quarantine are missing.
"""

from imdb_assets.warehouse.relations import Relation
from imdb_assets.warehouse.views import tables


def _table(name: str, source: str, columns: str, *, key: str = "", indexed: str = "") -> Relation:
    return Relation(
        name=name,
        query=f"select {columns} from {source}",  # noqa: S608 - of this module
        description=f"{source} as imdb-sqlite's table {name}.",
        columns={},
        key=(key,) if key else (),
        may_repeat=bool(key),  # a dump may have an id twice; imdb-sqlite itself fails on such a dump
        indexes={f"ix_{name}_{column}": column for column in indexed.split()},
    )


RELATIONS = (
    _table(
        "people",
        "bronze.name_basics",
        "nconst as person_id, primaryName as name, birthYear as born, deathYear as died",
        key="person_id",
        indexed="person_id name",
    ),
    _table(
        "titles",
        "bronze.title_basics",
        "tconst as title_id, titleType as type, primaryTitle as primary_title, originalTitle as original_title, "
        "isAdult as is_adult, startYear as premiered, endYear as ended, runtimeMinutes as runtime_minutes, "
        "array_to_string(genres, ',') as genres",
        key="title_id",
        indexed="type primary_title original_title",
    ),
    _table(
        "akas",
        "bronze.title_akas",
        "titleId as title_id, title, region, language, array_to_string(types, chr(2)) as types, "
        "array_to_string(attributes, chr(2)) as attributes, isOriginalTitle as is_original_title",
        indexed="title_id title",
    ),
    _table(
        "crew",
        "bronze.title_principals",
        "tconst as title_id, ordering, nconst as person_id, category, job, "
        "coalesce(charactersRaw, cast(to_json(characters) as varchar)) as characters",
        indexed="title_id person_id category",
    ),
    _table(
        "episodes",
        "bronze.title_episode",
        "tconst as episode_title_id, parentTconst as show_title_id, seasonNumber as season_number, "
        "episodeNumber as episode_number",
        indexed="episode_title_id show_title_id",
    ),
    _table(
        "ratings",
        "bronze.title_ratings",
        "tconst as title_id, averageRating as rating, numVotes as votes",
        key="title_id",
    ),
)
READS = sorted({table for relation in RELATIONS for table in tables(relation.query)})
"""The lake's tables from which the six tables of imdb-sqlite are made."""
