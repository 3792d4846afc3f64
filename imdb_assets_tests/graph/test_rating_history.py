"""The history of ratings in a lake: one partition and one commit a day, whatever order the days come in."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from imdb_assets.contracts.bronze import TitleRatings
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.defs.automation import when_ratings_are_new
from imdb_assets.defs.landing.dumps import landing_assets
from imdb_assets.defs.ops.run_log import reason
from imdb_assets.defs.resources import resources_of
from imdb_assets.defs.silver.rating_history import rating_history
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.rollback import roll_back
from imdb_assets_tests.lakes import put
from imdb_assets_tests.rating_days import Ratings, Row, plain
from imdb_assets_tests.support import QUIET, definitions, folder_settings, write_dump
from imdb_assets_tests.tables import table

FIRST = date(2026, 1, 1)
ONE: Ratings = {"tt0000001": (5.0, 10), "tt0000002": (6.1, 20)}
TWO: Ratings = {"tt0000001": (5.0, 11), "tt0000002": (6.1, 20)}
THREE: Ratings = {"tt0000002": (6.2, 20), "tt0000003": (9.9, 5)}


def on(number: int) -> date:
    return FIRST + timedelta(number)


@dataclass
class History:
    """A lake that has only the history, with a folder of dated dumps and one of today's."""

    folder: Path
    instance: DagsterInstance
    dumps: dict[date, Ratings] = field(default_factory=dict[date, Ratings])
    """The days that have been made."""
    max_drop: float = 1

    @property
    def settings(self):
        return folder_settings(
            self.folder / "today",
            self.folder / "data",
            dated_dumps=self.folder / "dated",
            max_drop=self.max_drop,
        )

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_folder)

    def write(self, number: int, ratings: Ratings, *more_lines: bytes, where: str | None = None) -> Path:
        folder = self.folder / (where or f"dated/{on(number)}")
        rows = [{"tconst": title, "averageRating": a, "numVotes": n} for title, (a, n) in ratings.items()]
        return write_dump(folder, "title.ratings", rows, *more_lines)

    def make(self, *numbers: int, **tags: str) -> dg.ExecuteInProcessResult:
        """One run, of one day or from the first to the last of two."""
        first, last = (on(number).isoformat() for number in (numbers[0], numbers[-1]))
        edges = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        return dg.materialize(
            [rating_history],
            resources=resources_of(self.settings),
            instance=self.instance,
            run_config=QUIET,
            raise_on_error=False,
            partition_key=first if len(numbers) == 1 else None,
            tags=tags if len(numbers) == 1 else {**edges, **tags},
        )

    def arrives(self, number: int, ratings: Ratings) -> None:
        """A day's dump comes, and the day is made."""
        self.write(number, ratings)
        assert self.make(number).success
        self.dumps[on(number)] = ratings

    def refusal(self, result: dg.ExecuteInProcessResult) -> str:
        (event,) = result.get_step_failure_events()
        return reason(event)

    def rows(self) -> list[Row]:
        return self.lake.table(RatingHistory.table).scan().collect().sort("valid_from", "tconst").rows()

    def days(self) -> list[str]:
        """Folders of the partitions of the current snapshot."""
        return [Path(file).parent.name for file in sorted(self.lake.table(RatingHistory.table).files, key=_partition)]


def _partition(file: str) -> str:
    return Path(file).parent.name


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield History(tmp_path, instance)


def test_days_in_order_late_again_and_without_changes(history: History) -> None:
    for number, ratings in ((3, ONE), (5, THREE), (6, THREE), (0, TWO), (4, TWO), (3, THREE), (5, ONE), (3, THREE)):
        history.arrives(number, ratings)
        assert history.rows() == plain(history.dumps), f"after day {number}"
    assert history.days() == [f"part_valid_from={on(number)}" for number in (0, 3, 4, 5, 6)]
    assert len(history.lake.history(RatingHistory.table)) == 8
    assert history.instance.get_materialized_partitions(rating_history.key) == {str(day) for day in history.dumps}


def test_a_day_writes_only_its_own_file_and_that_of_the_next_day(history: History) -> None:
    for number, ratings in ((0, ONE), (2, THREE), (4, ONE)):
        history.arrives(number, ratings)
    before = {_partition(file): file for file in history.lake.table(RatingHistory.table).files}
    history.arrives(1, TWO)
    after = {_partition(file): file for file in history.lake.table(RatingHistory.table).files}
    assert {name for name in before if after[name] != before[name]} == {f"part_valid_from={on(2)}"}
    iceberg = history.lake.find(RatingHistory.table)
    snapshot = iceberg and iceberg.current_snapshot()
    assert iceberg
    assert snapshot
    assert len(snapshot.manifests(iceberg.io)) == 3  # added, removed, kept
    assert history.lake.table(RatingHistory.table).hashes != ()


def test_a_range_is_one_run_and_marks_each_day(history: History) -> None:
    dumps = dict(zip((0, 1, 2), (ONE, TWO, THREE), strict=True))
    for number, ratings in dumps.items():
        history.write(number, ratings)
    result = history.make(0, 2)
    assert result.success
    assert history.rows() == plain({on(number): ratings for number, ratings in dumps.items()})
    shown = {
        event.partition: event.materialization.metadata["changes"].value
        for event in result.get_asset_materialization_events()
    }
    assert shown == {"2026-01-01": 2, "2026-01-02": 1, "2026-01-03": 3}


def test_after_a_rollback_the_next_day_follows_the_day_that_is_current(history: History) -> None:
    for number, ratings in ((0, ONE), (1, TWO), (2, THREE)):
        history.arrives(number, ratings)
    snapshots = history.lake.history(RatingHistory.table)
    roll_back(history.lake, RatingHistory.table, snapshots[1].snapshot_id, "a test")
    late = history.dumps.pop(on(2))
    assert history.rows() == plain(history.dumps)
    history.arrives(3, ONE)
    assert history.rows() == plain(history.dumps)
    history.arrives(2, late)
    assert history.rows() == plain(history.dumps)


def test_a_day_without_dumps_is_refused_in_words_and_nothing_changes(history: History) -> None:
    history.arrives(0, ONE)
    words = history.refusal(history.make(0, 2))
    assert words.startswith("title.ratings.tsv.gz: the landing zone ")
    assert " has no dump of 2026-01-02, 2026-01-03 (it has none)" in words
    assert f", and {history.folder / 'dated'} has none of the missing dumps either. Nothing was published." in words
    assert "as 2026-01-02/title.ratings.tsv.gz and set IMDB_DATED_DUMPS to that folder" in words
    assert history.rows() == plain(history.dumps)


def test_a_run_of_no_day_is_refused(history: History) -> None:
    result = dg.materialize(
        [rating_history],
        resources=resources_of(history.settings),
        instance=history.instance,
        run_config=QUIET,
        raise_on_error=False,
    )
    assert "is made day by day, but this run names no day" in history.refusal(result)


def test_a_dump_that_lost_many_titles_is_refused(history: History) -> None:
    many: Ratings = {f"tt{number:07}": (5.0, 10) for number in range(10)}
    history.arrives(0, many)
    history.max_drop = 0.2
    history.write(1, dict(list(many.items())[:7]))
    words = history.refusal(history.make(1))
    assert "lacks 3 of the titles that had a rating before (30.00%; IMDB_MAX_DROP allows 20.00%)" in words
    history.write(1, ONE, b"bad", b"worse")
    assert "2 of 4 lines" in history.refusal(history.make(1))
    assert history.rows() == plain(history.dumps)


def test_an_unattended_run_keeps_a_day_that_it_made_last(history: History) -> None:
    history.arrives(0, ONE)
    assert history.make(0, **MAY_KEEP).success
    assert len(history.lake.history(RatingHistory.table)) == 1
    history.write(0, TWO)
    assert history.make(0, **MAY_KEEP).success
    assert history.rows() == plain({on(0): TWO})


def _landed(history: History, number: int, ratings: Ratings) -> None:
    """The dump of a day lands, as the daily run does it."""
    file = history.write(number, ratings, where="today")
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(number)
    os.utime(file, (noon.timestamp(), noon.timestamp()))
    (ratings_of_today,) = [one for one in landing_assets if one.key.path[-1] == "title_ratings"]
    run = dg.materialize(
        [ratings_of_today], resources=resources_of(history.settings), instance=history.instance, run_config=QUIET
    )
    assert run.success


def test_landed_dumps_are_of_the_day_of_their_last_change_and_past_ones_count(history: History) -> None:
    for number, ratings in ((0, ONE), (1, TWO)):
        _landed(history, number, ratings)
    assert history.make(1).success
    assert history.make(0).success
    assert history.rows() == plain({on(0): ONE, on(1): TWO})
    table = history.lake.table(RatingHistory.table)
    assert table.provenance.place == str(history.folder / "today")


def test_dumps_from_another_place_are_not_of_this_history(history: History, tmp_path: Path) -> None:
    _landed(history, 0, ONE)
    assert history.make(0).success
    file = history.write(1, TWO, where="elsewhere")
    settings = history.settings.model_copy(update={"source_folder": tmp_path / "elsewhere"})
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()
    os.utime(file, (noon, noon))
    (ratings_of_today,) = [one for one in landing_assets if one.key.path[-1] == "title_ratings"]
    dg.materialize([ratings_of_today], resources=resources_of(settings), instance=history.instance, run_config=QUIET)
    assert f"(it has 2026-01-01 from {tmp_path / 'today'})" in history.refusal(history.make(1))


def test_nothing_that_a_model_learns_from_reads_the_history_or_people_as_known_today() -> None:
    graph = definitions().resolve_asset_graph()
    today = {dg.AssetKey(["silver", name]) for name in ("rating_history", "people", "series", "episodes")}
    judged = dg.AssetKey(["models", "live_accuracy"])  # compares the history with what had been predicted without it
    for key in graph.executable_asset_keys - {judged}:
        if key.path[0] in {"gold", "models", "serving"}:
            assert not today & graph.get_ancestor_asset_keys(key), key
    assert today & graph.get_ancestor_asset_keys(judged) == {dg.AssetKey(["silver", "rating_history"])}


def _asked(history: History) -> dg.RunRequest | dg.SkipReason:
    resources = {name: resources_of(history.settings)[name] for name in ("lake", "landing", "settings")}
    with dg.build_sensor_context(instance=history.instance, resources=resources) as context:
        return when_ratings_are_new(context)


def test_a_sensor_asks_for_the_day_of_the_dump_behind_bronze_once_for_each_dump(history: History) -> None:
    assert isinstance(_asked(history), dg.SkipReason)
    _landed(history, 0, ONE)
    assert isinstance(_asked(history), dg.SkipReason)  # bronze may yet refuse it
    landed = Landing(history.settings.landing_folder).required("title.ratings")
    put(history.lake, TitleRatings, table(TitleRatings, []), **{"landing.title_ratings": landed.sha256})
    _landed(history, 1, TWO)
    asked = _asked(history)
    assert isinstance(asked, dg.RunRequest)
    assert (asked.partition_key, asked.run_key) == ("2026-01-01", landed.sha256)
    assert asked.tags.items() >= MAY_KEEP.items()
