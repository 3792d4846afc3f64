"""Dumps written by hand, settings over a temporary folder, and runs of the real asset graph on them."""

import gzip
import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.definitions import defs
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.ops.tables import alerts, metrics, runs
from imdb_assets.defs.resources import resources_of
from imdb_assets.lake.lake import Lake
from imdb_assets.settings import Settings

TABLES_TO_GOLD = ("landing", "bronze", "silver", "gold")

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Rows = Sequence[Mapping[str, object]]


def write_dump(folder: Path, name: str, rows: Rows, *more_lines: bytes) -> Path:
    r"""Writes `<name>.tsv.gz` with IMDb's header; columns that a row leaves out, or that are None, are `\N`.

    `more_lines` come last, as they are: the place for lines that no writer of rows would write.
    """
    columns = header(DUMP_CONTRACTS[name])
    lines = ["\t".join(_text(row.get(column)) for column in columns).encode() for row in rows]
    return write_lines(folder, name, [*lines, *more_lines])


def write_lines(folder: Path, name: str, lines: Iterable[bytes], end: bytes = b"\n") -> Path:
    """Writes `<name>.tsv.gz` with IMDb's header and these lines; `end` ends the last one."""
    first = "\t".join(header(DUMP_CONTRACTS[name])).encode()
    return write_bytes(folder, name, b"\n".join([first, *lines]) + end)


def write_bytes(folder: Path, name: str, content: bytes) -> Path:
    """Writes `<name>.tsv.gz` with this content, equal for equal content."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tsv.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    return path


def _text(value: object) -> str:
    return r"\N" if value is None else str(value)


class Film(NamedTuple):
    """A film of the tiny catalogue: what its dumps say, by the names of `silver.movies`."""

    tconst: str
    primary_title: str
    original_title: str
    start_year: int
    runtime_minutes: int
    genres: str
    average_rating: float | None
    num_votes: int | None
    directors: str | None
    writers: str | None
    cast: str


def _films() -> list[Film]:
    genres = ("Drama", "Comedy,Drama", "Action,Adventure,Sci-Fi", "Documentary", "Horror,Thriller", "Drama,Romance,War")
    films: list[Film] = []
    for number in range(30):
        rated = number < 26
        films.append(
            Film(
                tconst=f"tt{number + 1:07d}",
                primary_title='"Quote Unclosed' if number == 3 else f"Film {number + 1}",
                original_title="Été à Čáslav" if number == 4 else f"Film {number + 1}",
                start_year=1990 + number,
                runtime_minutes=80 + 3 * number,
                genres=genres[number % len(genres)],
                average_rating=(40 + 7 * number % 50) / 10 if rated else None,
                num_votes=5 + number * number * 100 if rated else None,
                directors=None
                if number == 7
                else "nm0000001,nm0000002"
                if number % 10 == 5
                else f"nm000000{number % 4 + 1}",
                writers=None if number % 5 == 0 else f"nm00000{number % 3 + 11}",
                cast=f"nm00000{number % 6 + 21}",
            )
        )
    return films


FILMS = _films()
"""Thirty films from 1990 to 2019: the last four unrated, three with two directors, one with none known."""

NO_FILMS: list[dict[str, object]] = [
    {
        "tconst": "tt0000101",
        "titleType": "short",
        "isAdult": 0,
        "startYear": 1999,
        "runtimeMinutes": 7,
        "genres": "Short",
    },
    {
        "tconst": "tt0000102",
        "titleType": "tvSeries",
        "isAdult": 0,
        "startYear": 1999,
        "endYear": 2003,
        "genres": "Drama",
    },
    {
        "tconst": "tt0000103",
        "titleType": "tvEpisode",
        "isAdult": 0,
        "startYear": 1999,
        "runtimeMinutes": 45,
        "genres": "Drama",
    },
    {
        "tconst": "tt0000104",
        "titleType": "movie",
        "isAdult": 1,
        "startYear": 1999,
        "runtimeMinutes": 90,
        "genres": "Adult",
    },
    {"tconst": "tt0000105", "titleType": "movie", "isAdult": 0, "runtimeMinutes": 90, "genres": "Drama"},
    {"tconst": "tt0000106", "titleType": "movie", "isAdult": 0, "startYear": 1999, "runtimeMinutes": 90},
    {"tconst": "tt0000107", "titleType": "movie", "isAdult": 0, "startYear": 1999, "genres": "Drama"},
    {
        "tconst": "tt0000108",
        "titleType": "movie",
        "isAdult": 0,
        "startYear": 2006,
        "runtimeMinutes": 51_420,
        "genres": "Documentary",
    },
]
"""One title for each rule that keeps titles out of `silver.movies`, and two more that are no movies."""


def film_row(film: Film) -> dict[str, Any]:
    """The row of `silver.movies` that this film must become."""
    return {
        "tconst": film.tconst,
        "primary_title": film.primary_title,
        "original_title": film.original_title,
        "start_year": film.start_year,
        "decade": film.start_year // 10 * 10,
        "runtime_minutes": film.runtime_minutes,
        "genres": film.genres.split(","),
        "average_rating": film.average_rating,
        "num_votes": film.num_votes,
    }


def tiny_rows() -> dict[str, list[dict[str, object]]]:
    """The rows of the seven dumps of the tiny catalogue, each key once."""
    basics = [
        {
            "tconst": film.tconst,
            "titleType": "movie",
            "primaryTitle": film.primary_title,
            "originalTitle": film.original_title,
            "isAdult": 0,
            "startYear": film.start_year,
            "runtimeMinutes": film.runtime_minutes,
            "genres": film.genres,
        }
        for film in FILMS
    ]
    no_films = [{"primaryTitle": "No Film", "originalTitle": "No Film", **row} for row in NO_FILMS]
    people = sorted({person for film in FILMS for person in _people(film)})
    return {
        "title.basics": [*basics, *no_films],
        "title.ratings": [
            {"tconst": film.tconst, "averageRating": film.average_rating, "numVotes": film.num_votes}
            for film in FILMS
            if film.average_rating is not None
        ],
        "title.crew": [{"tconst": film.tconst, "directors": film.directors, "writers": film.writers} for film in FILMS],
        "title.principals": [
            {"tconst": film.tconst, "ordering": 1, "nconst": film.cast, "category": "actor", "characters": '["Self"]'}
            for film in FILMS
        ],
        "title.akas": [
            {
                "titleId": film.tconst,
                "ordering": 1,
                "title": film.original_title,
                "isOriginalTitle": 1,
                "types": "original",
            }
            for film in FILMS
        ],
        "title.episode": [
            {"tconst": "tt0000103", "parentTconst": "tt0000102", "seasonNumber": 1, "episodeNumber": 1},
        ],
        "name.basics": [{"nconst": person, "primaryName": f"Person {person}"} for person in people],
    }


def _people(film: Film) -> list[str]:
    return [person for text in (film.directors, film.writers, film.cast) if text for person in text.split(",")]


def write_tiny_dumps(folder: Path) -> Path:
    """Writes the seven dumps of the tiny catalogue."""
    for name, rows in tiny_rows().items():
        write_dump(folder, name, rows)
    return folder


def folder_settings(dumps: Path, data: Path, **more: Any) -> Settings:
    """Settings of a deployment that reads a folder of dumps."""
    return Settings(source="folder", source_folder=dumps, data=data, **more)


@cache
def definitions() -> dg.Definitions:
    """The project's definitions, loaded once per test process."""
    return defs()


@lru_cache(maxsize=2)
def _everything(settings: Settings) -> dg.JobDefinition:
    """A job of all assets. A deployment that is run several times keeps it: to resolve it is a third of a short run."""
    project = definitions()
    return dg.Definitions(
        assets=project.assets,
        asset_checks=project.asset_checks,
        resources=resources_of(settings),
        executor=dg.in_process_executor,
    ).resolve_implicit_global_asset_job_def()


@dataclass(frozen=True)
class Run:
    """How a run of some assets ended."""

    result: dg.ExecuteInProcessResult
    failures: dict[str, str]
    """Step → what a person is told of its failure."""

    @property
    def failure(self) -> str:
        """The message of the one step that failed."""
        assert len(self.failures) == 1, self.failures
        return next(iter(self.failures.values()))

    def metadata(self, asset: str) -> dict[str, Any]:
        """Values of an asset's materialization metadata."""
        key = dg.AssetKey(asset.split("/"))
        (event,) = [event for event in self.result.get_asset_materialization_events() if event.asset_key == key]
        return {name: entry.value for name, entry in event.materialization.metadata.items()}

    def materialized(self) -> set[str]:
        """Keys of all assets that the run materialized."""
        return {
            event.materialization.asset_key.to_user_string() for event in self.result.get_asset_materialization_events()
        }


def materialize(
    settings: Settings,
    *selection: str,
    instance: dg.DagsterInstance | None = None,
    tags: Mapping[str, str] | None = None,
    partition: str | None = None,
) -> Run:
    """Runs assets of the real graph in this process; `selection` are asset keys or layers, such as `bronze`.

    A layer is without its partitioned assets and what is made from them: they need a `partition`. An instance that is
    given stays open, and knows its earlier runs; `tags` are the run's.
    """
    job = _everything(settings)  # pyright: ignore[reportArgumentType] - frozen, so it has a hash
    graph = job.asset_layer.asset_graph
    whole = graph.executable_asset_keys - _of_days(graph)
    keys = [key for key in graph.executable_asset_keys if key.to_user_string() in selection]
    keys += [key for key in whole if key.path[0] in selection]
    assert keys, f"no asset is called {selection}"
    with nullcontext(instance) if instance else dg.DagsterInstance.ephemeral() as used:
        result = job.execute_in_process(
            asset_selection=keys,
            instance=used,
            raise_on_error=False,
            run_config=QUIET,
            tags=dict(tags or {}),
            partition_key=partition,
        )
    failures = {(event.step_key or "").replace("__", "/"): reason(event) for event in result.get_step_failure_events()}
    return Run(result=result, failures=failures)


def _of_days(graph: Any) -> set[dg.AssetKey]:
    """The partitioned assets of an asset graph, and what is made from them."""
    parts = {key for key in graph.executable_asset_keys if graph.get(key).is_partitioned}
    return {key for key in graph.executable_asset_keys if key in parts or parts & graph.get_ancestor_asset_keys(key)}


def look(settings: Settings, instance: dg.DagsterInstance, *more: Any) -> dg.ExecuteInProcessResult:
    """What the job `monitoring` does after runs, with further assets of it."""
    assets: Any = [runs, metrics, alerts, *more]
    return dg.materialize(
        assets, resources=resources_of(settings), instance=instance, run_config=QUIET, raise_on_error=False
    )


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def snapshots(lake: Lake) -> dict[str, list[int]]:
    """Table → ids of all its snapshots, oldest first."""
    return {table.name: [snapshot.snapshot_id for snapshot in lake.history(table.name)] for table in lake.tables()}
