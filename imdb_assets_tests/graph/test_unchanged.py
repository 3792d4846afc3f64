"""What is current, on which Dagster and the lake must agree, and what a run that may keep results makes again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from imdb_assets.defs.inputs import pinned
from imdb_assets.defs.policies import asset_key
from imdb_assets.defs.told import report_moved
from imdb_assets.defs.unchanged import MAY_KEEP, is_unchanged
from imdb_assets.lake import known
from imdb_assets.lake.agreement import OutdatedError, require_agreement
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.table import Table
from imdb_assets.naming import dump_of
from imdb_assets.settings import Settings
from imdb_assets_tests.lakes import stores
from imdb_assets_tests.staleness import stale
from imdb_assets_tests.support import (
    TABLES_TO_GOLD,
    Run,
    definitions,
    folder_settings,
    materialize,
    snapshots,
    tiny_rows,
    write_dump,
    write_tiny_dumps,
)

# Every gold and silver table hangs on title.ratings or title.basics; releases, credits and people through movies.
OF_AKAS = {"bronze.title_akas", "quarantine.title_akas", "silver.releases"}


LAYERS = ("bronze", "silver", "gold")
AFTER_MOVIES = {
    "silver.credits",
    "silver.releases",
    "gold.director_reputation",
    "gold.person_reputation",
    "gold.expectation_coefficients",
    "gold.rating_expectation",
    "gold.residual_reputation",
    "gold.title_word_reputation",
    "gold.movie_features",
}
"""Tables that read `silver.movies`."""
OF_TITLES = {"silver.movies", "silver.series", "silver.episodes"}
"""Tables that read `bronze.title_basics` and `bronze.title_ratings`."""
JOIN_MOVIES = {
    "gold.director_reputation",
    "gold.person_reputation",
    "gold.rating_expectation",
    "gold.residual_reputation",
    "gold.title_word_reputation",
    "gold.movie_features",
}
"""Those of them that read another of them beside it."""

TO_DIRECTORS = (
    "landing/title_ratings",
    "bronze/title_ratings",
    "silver/movies",
    "silver/credits",
    "gold/director_reputation",
)
"""The assets from one dump to one table of gold."""


class Deployment:
    """A tiny deployment that was run once, with Dagster's memory of it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.dumps = write_tiny_dumps(folder / "dumps")
        self.settings: Settings = folder_settings(self.dumps, folder / "data")
        self.lake = Lake(self.settings.lake_folder)
        self.landing = Landing(self.settings.landing_folder)
        self.instance = instance

    def run(self, *, keep: bool) -> Run:
        """Everything up to gold, as a schedule or as a person starts it."""
        run = materialize(self.settings, *TABLES_TO_GOLD, instance=self.instance, tags=MAY_KEEP if keep else None)
        assert run.failures == {}
        return run

    def keep(self, *assets: str) -> Run:
        """Some assets alone, as a schedule starts them."""
        return materialize(self.settings, *assets, instance=self.instance, tags=MAY_KEEP)

    def make(self, *assets: str) -> Run:
        """Some assets alone, as a person starts them."""
        return materialize(self.settings, *assets, instance=self.instance)

    def roll_back(self, name: str, snapshot_id: int) -> None:
        """As `imdb rollback`."""
        restored = roll_back(self.lake, name, snapshot_id, by="ann")
        assert report_moved(self.instance, [restored]) == [name]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with dg.DagsterInstance.ephemeral() as instance:
        made = Deployment(tmp_path_factory.mktemp("deployment"), instance)
        made.run(keep=True)
        yield made


@pytest.fixture
def deployment(shared: Deployment) -> Iterator[Deployment]:
    """Up to date; what a test does to it is taken back by rollbacks."""
    was = {table.name: table.snapshot_id for table in shared.lake.tables()}
    dumps = shared.landing.versions()
    yield shared
    write_tiny_dumps(shared.dumps)
    if shared.landing.versions() != dumps:
        assert shared.make("landing").failures == {}
    for table in shared.lake.tables():
        if table.snapshot_id != was[table.name]:
            shared.roll_back(table.name, was[table.name])


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


def test_a_scheduled_run_on_unchanged_dumps_publishes_nothing_and_reads_no_metadata(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, recall, looked_up, read = snapshots(deployment.lake), known.recall, list[str](), list[object]()

    def counted(root: Path, name: str, metadata: Path) -> Any:
        looked_up.append(name)
        return recall(root, name, metadata)

    def opened(*what: object) -> None:
        read.append(what)
        raise AssertionError(what)

    monkeypatch.setattr(known, "recall", counted)
    monkeypatch.setattr(Lake, "find", opened)
    monkeypatch.setattr("pyiceberg.table.snapshots.Snapshot.manifests", opened)
    run = deployment.run(keep=True)
    monkeypatch.undo()
    assert sorted(looked_up) == sorted(name for name in before if not name.startswith("quarantine."))
    assert len(looked_up) == 20
    assert read == []
    assert snapshots(deployment.lake) == before
    assert run.metadata("gold/movie_features")["unchanged"] is True
    assert run.metadata("gold/movie_features")["dagster/row_count"] == 30


def test_its_checks_say_what_they_said_before_without_looking_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _checks(deployment.run(keep=True))

    def look(*_: object) -> None:
        raise AssertionError("a check looked at a table or dump again")

    monkeypatch.setattr("imdb_assets.lake.table.Table.scan", look)
    monkeypatch.setattr("imdb_assets.lake.landing.sha256", look)
    after = _checks(deployment.run(keep=True))
    assert after == before
    assert after["bronze/title_principals", "ids_are_known"][0]
    assert after["bronze/title_basics", "keys_are_unique"][1]["repeated keys"] == 0


def test_a_person_always_gets_everything_made_anew(shared: Deployment) -> None:
    before = snapshots(shared.lake)
    shared.run(keep=False)
    assert _new(before, snapshots(shared.lake)) == set(before)


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
    old = deployment.lake.table("gold.person_reputation").snapshot_id

    def of_older_code(self: Lake, name: str) -> Table | None:
        table = published(self, name)
        older = table and table.snapshot_id == old
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
        run = deployment.keep(*TO_DIRECTORS)
    assert set(run.failures) == {"gold/director_reputation"}
    assert deployment.keep(*TO_DIRECTORS).failures == {}
    assert "gold.director_reputation" in _new(before, snapshots(deployment.lake))
    assert snapshots(deployment.lake)["silver.movies"] == [
        *before["silver.movies"],
        deployment.lake.table("silver.movies").snapshot_id,
    ]


def _outdated(deployment: Deployment, project: dg.Definitions) -> set[str]:
    """Tables that the lake would not keep."""
    graph, lake = project.resolve_asset_graph(), deployment.lake
    outdated: set[str] = set()
    for table in lake.tables():
        if table.name.startswith(LAYERS):
            read = {
                name: deployment.landing.required(dump) if (dump := dump_of(name)) else lake.table(name)
                for name in table.inputs
                if name != PLACE
            }
            code = graph.get(asset_key(table.name)).code_version or ""
            if not is_unchanged(table.provenance, code, pinned(read)):
                outdated.add(table.name)
    return outdated


def _refused(deployment: Deployment) -> set[str]:
    """Tables whose inputs the lake says do not belong together."""
    refused: set[str] = set()
    for table in deployment.lake.tables():
        tables = [deployment.lake.table(name) for name in table.inputs if name.startswith(LAYERS)]
        try:
            require_agreement(tables)
        except OutdatedError:
            refused.add(table.name)
    return refused


def _agree(
    deployment: Deployment, outdated: set[str], refused: set[str], project: dg.Definitions | None = None
) -> None:
    """Dagster and the lake give the same answer, which is this one."""
    project = project or definitions()
    assert stale(deployment.instance, project, *LAYERS) == outdated
    assert _outdated(deployment, project) == outdated
    assert _refused(deployment) == refused


def test_fresh_and_kept_tables_are_current(deployment: Deployment) -> None:
    _agree(deployment, set(), set())
    deployment.run(keep=True)
    _agree(deployment, set(), set())
    assert stale(deployment.instance, definitions(), "landing") == set()


def test_one_table_alone_outdates_what_reads_it_and_one_command_repairs_it(deployment: Deployment) -> None:
    assert deployment.make("silver/movies").failures == {}
    _agree(deployment, AFTER_MOVIES, JOIN_MOVIES)
    with pytest.MonkeyPatch.context() as work:
        work.delattr("imdb_assets.engines.polars.PolarsEngine.run")
        message = deployment.make("gold/movie_features").failure
    old, new = deployment.lake.table("silver.credits").inputs["silver.movies"], deployment.lake.table("silver.movies")
    assert message.startswith(
        f"gold.movie_features: not made. silver.credits was made from snapshot {old} of silver.movies, but "
        f"silver.movies is now at snapshot {new.snapshot_id} (published or rolled back since), so the two "
        "tables do not belong together. To make the outdated tables and the asset: make materialize ASSETS="
    )
    again = message.rpartition("ASSETS=")[2].split(",")
    assert {name.replace("/", ".") for name in again} == AFTER_MOVIES - {"silver.releases"}
    assert deployment.make(*again).failures == {}
    _agree(deployment, {"silver.releases", "silver.people"}, set())


def test_a_table_two_levels_up_outdates_only_what_reads_it(deployment: Deployment) -> None:
    assert deployment.make("bronze/title_basics").failures == {}
    _agree(deployment, OF_TITLES, set())


def test_a_rollback_outdates_what_was_made_from_the_newer_snapshot_and_going_forward_again_does_not(
    deployment: Deployment,
) -> None:
    first = deployment.lake.table("silver.movies").snapshot_id
    again = ("silver/movies", "silver/people", *(name.replace(".", "/") for name in AFTER_MOVIES))
    assert deployment.make(*again).failures == {}
    second = deployment.lake.table("silver.movies").snapshot_id
    _agree(deployment, set(), set())
    deployment.roll_back("silver.movies", first)
    _agree(deployment, AFTER_MOVIES, JOIN_MOVIES)
    deployment.roll_back("silver.movies", second)
    _agree(deployment, set(), set())
    assert report_moved(deployment.instance, deployment.lake.tables()) == []


def test_maintenance_changes_nothing(deployment: Deployment) -> None:
    maintain(stores(deployment.lake), Policy(snapshots=2, snapshot_age=timedelta(0)))
    _agree(deployment, set(), set())


def test_another_engine_outdates_nothing(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imdb_assets.engines.polars.PolarsEngine.name", "another")
    assert deployment.make("gold/title_word_reputation", "gold/movie_features").failures == {}
    assert deployment.lake.table("gold.movie_features").provenance.engine == "another"
    monkeypatch.undo()
    _agree(deployment, set(), set())


def test_other_code_outdates_what_it_makes(deployment: Deployment) -> None:
    changed, project = asset_key("gold.person_reputation"), definitions()
    assets = [one for one in project.assets or [] if isinstance(one, dg.AssetsDefinition | dg.AssetSpec)]
    newer = dg.map_asset_specs(
        lambda spec: spec.replace_attributes(code_version="newer") if spec.key == changed else spec, assets
    )
    project = dg.Definitions(assets=newer, resources=project.resources)
    _agree(deployment, {"gold.person_reputation"}, set(), project)


def test_other_dumps_outdate_what_is_read_from_them(deployment: Deployment) -> None:
    write_dump(deployment.dumps, "title.ratings", tiny_rows()["title.ratings"][1:])
    assert deployment.make("landing/title_ratings").failures == {}
    _agree(deployment, {"bronze.title_ratings"}, set())
    assert deployment.make("bronze/title_ratings").failures == {}
    _agree(deployment, OF_TITLES, set())


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
