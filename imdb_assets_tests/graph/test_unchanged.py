"""What a run that may keep results makes anew, and what it leaves alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table
from imdb_assets.settings import Settings
from imdb_assets_tests.support import (
    TABLES_TO_GOLD,
    Run,
    folder_settings,
    materialize,
    snapshots,
    tiny_rows,
    write_dump,
    write_tiny_dumps,
)

# Every gold and silver table hangs on title.ratings or title.basics; releases and credits only through movies.
OF_AKAS = {"bronze.title_akas", "quarantine.title_akas", "silver.releases"}


class Deployment:
    """A tiny deployment that was run once, with Dagster's memory of it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.dumps = write_tiny_dumps(folder / "dumps")
        self.settings: Settings = folder_settings(self.dumps, folder / "data")
        self.lake = Lake(self.settings.lake_folder)
        self._instance = instance

    def run(self, *, keep: bool) -> Run:
        """Everything up to gold, as a schedule or as a person starts it."""
        run = materialize(self.settings, *TABLES_TO_GOLD, instance=self._instance, tags=MAY_KEEP if keep else None)
        assert run.failures == {}
        return run


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with dg.DagsterInstance.ephemeral() as instance:
        made = Deployment(tmp_path, instance)
        made.run(keep=True)
        yield made


def _new(before: dict[str, list[int]], after: dict[str, list[int]]) -> set[str]:
    return {table for table in after if after[table] != before.get(table)}


def _checks(run: Run) -> dict[tuple[str, str], tuple[bool, dict[str, Any]]]:
    return {
        (check.asset_key.to_user_string(), check.check_name): (
            check.passed,
            {name: value.value for name, value in check.metadata.items()},
        )
        for check in run.result.get_asset_check_evaluations()
    }


def test_a_scheduled_run_on_unchanged_dumps_publishes_nothing(deployment: Deployment) -> None:
    before = snapshots(deployment.lake)
    run = deployment.run(keep=True)
    assert snapshots(deployment.lake) == before
    assert run.metadata("gold/movie_features")["unchanged"] is True
    assert run.metadata("gold/movie_features")["dagster/row_count"] == 30


def test_its_checks_say_what_they_said_before_without_looking_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _checks(deployment.run(keep=True))

    def look(*_: object) -> None:
        raise AssertionError("a check looked at a table again")

    monkeypatch.setattr("imdb_assets.lake.table.Table.scan", look)
    after = _checks(deployment.run(keep=True))
    assert after == before
    assert after["bronze/title_principals", "ids_are_known"][0]
    assert after["bronze/title_basics", "keys_are_unique"][1]["repeated keys"] == 0


def test_a_person_always_gets_everything_made_anew(deployment: Deployment) -> None:
    before = snapshots(deployment.lake)
    deployment.run(keep=False)
    assert _new(before, snapshots(deployment.lake)) == set(before)


def test_one_changed_dump_rebuilds_just_what_depends_on_it(deployment: Deployment) -> None:
    before = snapshots(deployment.lake)
    write_dump(deployment.dumps, "title.akas", tiny_rows()["title.akas"][1:])
    deployment.run(keep=True)
    assert _new(before, snapshots(deployment.lake)) == OF_AKAS
    assert deployment.lake.table("silver.releases").rows == 29


def test_changed_code_makes_anew_what_it_makes_and_what_hangs_on_it(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, published = snapshots(deployment.lake), Lake.published

    def of_older_code(self: Lake, name: str) -> Table | None:
        table = published(self, name)
        older = table and name == "gold.person_reputation" and table.snapshot_id == before[name][-1]
        return replace(table, provenance=replace(table.provenance, code_version="older")) if table and older else table

    monkeypatch.setattr(Lake, "published", of_older_code)
    deployment.run(keep=True)
    assert _new(before, snapshots(deployment.lake)) == {"gold.person_reputation", "gold.movie_features"}


def test_a_run_that_failed_halfway_is_finished_by_the_next(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dump(deployment.dumps, "title.ratings", tiny_rows()["title.ratings"][1:])
    before = snapshots(deployment.lake)
    with monkeypatch.context() as broken:
        broken.setattr("imdb_assets.transforms.reputation.SUMS", ())
        run = materialize(deployment.settings, *TABLES_TO_GOLD, tags=MAY_KEEP)
    assert run.failures
    deployment.run(keep=True)
    assert "gold.movie_features" in _new(before, snapshots(deployment.lake))
    assert snapshots(deployment.lake)["silver.movies"] == [
        *before["silver.movies"],
        deployment.lake.table("silver.movies").snapshot_id,
    ]


def test_bronze_with_more_bad_lines_than_are_allowed_by_now_is_not_kept(tmp_path: Path) -> None:
    dumps = write_tiny_dumps(tmp_path / "dumps")
    write_dump(dumps, "title.ratings", tiny_rows()["title.ratings"], b"bad")
    settings = folder_settings(dumps, tmp_path / "data", max_bad_share=0.1)
    ratings = ("landing/title_ratings", "bronze/title_ratings")
    assert materialize(settings, *ratings, tags=MAY_KEEP).failures == {}
    kept = materialize(settings, *ratings, tags=MAY_KEEP)
    assert kept.metadata("bronze/title_ratings")["unchanged"] is True
    stricter = materialize(settings.model_copy(update={"max_bad_share": 0.01}), *ratings, tags=MAY_KEEP)
    assert "1 of 27 lines cannot be read (3.70%; IMDB_MAX_BAD_SHARE allows 1.00%)" in stricter.failure
