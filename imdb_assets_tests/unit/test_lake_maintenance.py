"""Maintenance: what goes, what stays, and that nothing in use ever goes."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest
from pyiceberg.catalog import MetastoreCatalog

from imdb_assets.contracts.base import Contract
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import Removal, dumps_in_use, maintain
from imdb_assets.lake.models import Kept, ModelStore
from imdb_assets.lake.publish import publish
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.rollback import roll_back
from imdb_assets_tests.lakes import (
    NOTHING,
    Films,
    People,
    age,
    before_the_next_commit,
    files_in_use,
    files_on_disk,
    films,
    people,
    put,
    rows,
    stage,
    stores,
)

DAY = timedelta(days=1)


def _ids(lake: Lake, name: str) -> list[int]:
    return [snapshot.snapshot_id for snapshot in lake.history(name)]


def test_old_snapshots_expire_with_the_files_that_only_they_have(lake: Lake) -> None:
    tables = [put(lake, Films, films(version)) for version in range(4)]
    before = files_on_disk(lake)
    removals = maintain(stores(lake), Policy(snapshots=2, snapshot_age=timedelta(0), file_age=timedelta(0)))
    assert _ids(lake, "silver.films") == [table.snapshot_id for table in tables[2:]]
    assert [rows(lake.table("silver.films", table.snapshot_id)) for table in tables[2:]] == [
        films(version).sort("tconst").to_dicts() for version in (2, 3)
    ]
    assert {removal.name for removal in removals if removal.kind == "snapshot"} == {
        f"silver.films {table.snapshot_id}" for table in tables[:2]
    }
    assert sum(removal.files for removal in removals) == len(before - files_on_disk(lake))
    assert files_on_disk(lake) - files_in_use(lake) == {_newest_metadata(before)}  # the expiry superseded it just now
    with pytest.raises(LakeError, match=r"\(it may have expired\); the table has"):
        lake.table("silver.films", tables[0].snapshot_id)


def _newest_metadata(files: set[str]) -> str:
    return max(path for path in files if path.endswith(".metadata.json"))


def test_a_dry_run_says_the_same_and_changes_nothing(lake: Lake) -> None:
    for version in range(3):
        put(lake, Films, films(version))
    stage(lake, People, people(1))
    before = {path: (lake.root / path).read_bytes() for path in files_on_disk(lake)}
    would = maintain(stores(lake), NOTHING, dry_run=True)
    assert {path: (lake.root / path).read_bytes() for path in files_on_disk(lake)} == before
    assert len(_ids(lake, "silver.films")) == 3
    did = maintain(stores(lake), NOTHING)
    assert did == would
    assert len(before) - len(files_on_disk(lake)) == sum(item.files for item in did) - 1  # the expiry wrote metadata


def test_by_default_a_week_of_snapshots_and_whatever_was_current_lately_stays(lake: Lake) -> None:
    for version in range(9):
        put(lake, People, people(version))
    assert maintain(stores(lake), Policy()) == []
    assert len(_ids(lake, "gold.people")) == 9
    maintain(stores(lake), Policy(snapshot_age=timedelta(0), file_age=timedelta(0)))
    assert len(_ids(lake, "gold.people")) == 7


def test_a_snapshot_that_was_current_until_lately_stays_however_old_it_is(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy(snapshots=1, snapshot_age=timedelta(days=14), file_age=timedelta(0))
    put(lake, People, people(1))
    put(lake, People, people(2))
    later = time.time() + 13 * DAY.total_seconds()
    monkeypatch.setattr("imdb_assets.lake.maintenance.time.time", lambda: later)
    maintain(stores(lake), policy)
    assert len(_ids(lake, "gold.people")) == 2
    monkeypatch.setattr("imdb_assets.lake.maintenance.time.time", lambda: later + 2 * DAY.total_seconds())
    maintain(stores(lake), policy)
    assert len(_ids(lake, "gold.people")) == 1


class Lines(Contract):
    """A bronze table of a test."""

    table = "bronze.lines"

    line = dy.Int64(primary_key=True, description="Line number.")


def test_bronze_keeps_what_was_current_two_days_ago_and_its_dump_and_no_more(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in range(3):
        put(lake, Lines, pl.DataFrame({"line": [version]}), **{"landing.lines": f"dump {version}"})
        put(lake, People, people(version))
    now = time.time()
    monkeypatch.setattr("imdb_assets.lake.maintenance.time.time", lambda: now + 1.9 * DAY.total_seconds())
    maintain(stores(lake), Policy())
    assert len(_ids(lake, "bronze.lines")) == 3
    monkeypatch.setattr("imdb_assets.lake.maintenance.time.time", lambda: now + 2.1 * DAY.total_seconds())
    maintain(stores(lake), Policy())
    assert rows(lake.table("bronze.lines")) == [{"line": 2}]
    assert len(_ids(lake, "bronze.lines")) == 1
    assert dumps_in_use(lake) == {"dump 2"}
    assert len(_ids(lake, "gold.people")) == 3


def test_the_current_snapshot_stays_after_a_rollback_and_newer_ones_may_go(lake: Lake) -> None:
    first, _ = put(lake, Films, films(1)), put(lake, Films, films(2))
    roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    maintain(stores(lake), NOTHING)
    assert _ids(lake, "silver.films") == [first.snapshot_id]
    assert rows(lake.table("silver.films")) == films(1).sort("tconst").to_dicts()
    maintain(stores(lake), NOTHING)  # again, for the metadata file that the expiry superseded
    assert files_on_disk(lake) == files_in_use(lake)
    assert rows(put(lake, Films, films(3))) == films(3).sort("tconst").to_dicts()


def test_an_expiry_does_not_take_what_is_rolled_back_to_at_that_moment(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = put(lake, Films, films(1)), put(lake, Films, films(2))
    before_the_next_commit(
        lake, monkeypatch, lambda: roll_back(Lake(lake.root), "silver.films", first.snapshot_id, by="ann")
    )
    maintain(stores(lake), NOTHING)
    assert lake.table("silver.films") == first
    assert rows(lake.table("silver.films")) == films(1).sort("tconst").to_dicts()


def test_young_files_of_a_publish_in_flight_stay_and_old_leftovers_go(lake: Lake) -> None:
    put(lake, Films, films(1))
    crashed = stage(lake, Films, films(2))
    never_published = stage(lake, People, people(1))
    for staged in (crashed, never_published):
        age(Path(staged.prefix), timedelta(hours=25))
    in_flight, first_in_flight = stage(lake, Films, films(3)), stage(lake, People, people(2))
    removals = maintain(stores(lake), Policy())
    assert removals == [
        Removal("unreferenced", "gold.people", 1, removals[0].bytes),
        Removal("unreferenced", "silver.films", 3, removals[1].bytes),
    ]
    assert not Path(crashed.prefix).exists()
    assert not Path(never_published.prefix).exists()
    assert rows(publish(lake, Films, in_flight, {})) == films(3).sort("tconst").to_dicts()
    assert rows(publish(lake, People, first_in_flight, {})) == people(2).to_dicts()


def test_maintenance_in_the_middle_of_a_commit_takes_nothing_of_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    put(lake, Films, films(1))
    put(lake, Films, films(2))
    policy = Policy(snapshots=1, snapshot_age=timedelta(0))
    before_the_next_commit(lake, monkeypatch, lambda: maintain(stores(Lake(lake.root)), policy))
    table = put(lake, Films, films(3))
    assert rows(lake.table("silver.films")) == rows(table) == films(3).sort("tconst").to_dicts()
    assert len(_ids(lake, "silver.films")) == 2


def test_a_publish_that_loses_to_maintenance_only_tries_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    put(lake, Films, films(1))
    put(lake, Films, films(2))

    write = MetastoreCatalog._write_metadata

    def maintain_first(*arguments: object, **more: object) -> None:
        monkeypatch.undo()
        maintain(stores(Lake(lake.root)), Policy(snapshots=1, snapshot_age=timedelta(0)))
        write(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(MetastoreCatalog, "_write_metadata", staticmethod(maintain_first))
    third = put(lake, Films, films(3))
    assert rows(lake.table("silver.films")) == rows(third) == films(3).sort("tconst").to_dicts()
    assert len(_ids(lake, "silver.films")) == 2
    maintain(stores(lake), NOTHING)
    maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == files_in_use(lake)


def test_staged_files_that_maintenance_took_are_a_clear_error(lake: Lake) -> None:
    table = put(lake, Films, films(1))
    staged = stage(lake, Films, films(2))
    maintain(stores(lake), NOTHING)
    with pytest.raises(LakeError, match=r"^silver\.films: (not published|the engine)"):
        publish(lake, Films, staged, {})
    assert lake.table("silver.films") == table


def test_metadata_that_a_reader_may_be_opening_stays(lake: Lake) -> None:
    put(lake, People, people(1))
    age(lake.root / "gold", timedelta(hours=25))
    put(lake, People, people(2))
    assert maintain(stores(lake), Policy()) == []
    metadata = sorted((lake.root / "gold" / "people" / "metadata").glob("*.json"))
    assert len(metadata) == 2
    age(lake.root / "gold", timedelta(hours=25))
    assert [removal.files for removal in maintain(stores(lake), Policy())] == [1]
    assert not metadata[0].exists()
    assert rows(lake.table("gold.people")) == people(2).to_dicts()


def test_metadata_that_interrupted_maintenance_removed_is_no_obstacle(lake: Lake) -> None:
    for version in range(4):
        put(lake, People, people(version))
    oldest, second, *_ = sorted((lake.root / "gold" / "people" / "metadata").glob("*.json"))
    second.unlink()
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert not oldest.exists()
    assert files_on_disk(lake) == files_in_use(lake)


def test_a_table_that_the_catalog_does_not_have_is_left_alone(lake: Lake) -> None:
    put(lake, Films, films(1))
    other = Lake(lake.root.parent / "other")
    put(other, People, people(1))
    shutil.move(other.root / "gold", lake.root / "gold")
    before = files_on_disk(lake)
    maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == before


def test_a_lake_reached_by_another_path_loses_nothing(lake: Lake) -> None:
    put(lake, Films, films(1))
    alias = lake.root.with_name("alias")
    alias.symlink_to(lake.root)
    maintain(stores(Lake(alias)), NOTHING)
    assert rows(lake.table("silver.films")) == films(1).sort("tconst").to_dicts()


def test_a_lost_file_stops_maintenance_of_its_table(lake: Lake) -> None:
    table = put(lake, Films, films(1))
    stage(lake, Films, films(2))
    Path(table.files[0]).unlink()
    before = files_on_disk(lake)
    with pytest.raises(
        LakeError, match=r"^silver\.films: 1 of the table's files \(such as .*\) are lost, or are not below"
    ):
        maintain(stores(lake), NOTHING)
    assert files_on_disk(lake) == before


def test_a_table_that_lost_a_file_is_maintained_again_once_it_is_made_anew(lake: Lake) -> None:
    lost = put(lake, Films, films(1))
    Path(lost.files[0]).unlink()
    put(lake, Films, films(2))
    assert maintain(stores(lake), Policy()) == []
    assert {one.snapshot_id for one in lake.history("silver.films")} >= {lost.snapshot_id}  # its time has not come
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert rows(lake.table("silver.films")) == films(2).sort("tconst").to_dicts()
    assert files_on_disk(lake) == files_in_use(lake)


def test_a_past_snapshot_that_lost_its_manifest_is_in_nobodys_way(lake: Lake) -> None:
    lost, _ = put(lake, Films, films(1)), put(lake, Films, films(2))
    next(lake.root.glob(f"silver/films/metadata/snap-{lost.snapshot_id}-*.avro")).unlink()
    kept = Policy(snapshots=2, snapshot_age=timedelta(0), models=0, file_age=timedelta(0))
    assert maintain(stores(lake), kept) == []
    assert all(Path(file).exists() for file in lost.files)  # nobody knows that they are of that snapshot
    put(lake, Films, films(3))
    for _ in range(2):
        maintain(stores(lake), NOTHING)
    assert rows(lake.table("silver.films")) == films(3).sort("tconst").to_dicts()
    assert files_on_disk(lake) == files_in_use(lake)


def test_who_makes_a_quarantine_is_named(lake: Lake) -> None:
    class Lines(Films):
        """Lines of a test."""

        table = "quarantine.title_ratings"

    Path(put(lake, Lines, films(1)).files[0]).unlink()
    with pytest.raises(LakeError, match=r", or materialize bronze/title_ratings\.$"):
        maintain(stores(lake), NOTHING)


def test_manifests_do_not_pile_up(lake: Lake) -> None:
    for version in range(5):
        put(lake, Films, films(version))
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    current = iceberg.current_snapshot()
    assert current is not None
    assert len(current.manifests(iceberg.io)) == 2  # the new files, and the ones they replaced


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_models_samples_and_leftovers(lake: Lake) -> None:
    places = stores(lake)
    models = ModelStore(places.models.root)
    for number in range(4):
        folder = models.root / f"v{number}"
        folder.mkdir(parents=True)
        (folder / "model.json").write_text("12345")
        age(folder, (10 - number) * DAY)
    models.publish(models.version("v0"))
    for name, days in (("20000-7-aaa", 3), ("20000-7-bbb", 2), ("20000-8-aaa", 5)):
        folder = places.samples / name
        folder.mkdir(parents=True)
        (folder / "complete").touch()
        age(folder, days * DAY)
    for dump, days in (("title.basics", 2), ("title.crew", 0)):
        incoming = places.landing.root / dump / ".incoming"
        incoming.mkdir(parents=True)
        (incoming / "half.gz").write_bytes(b"123")
        (places.landing.root / dump / ".lock").touch()
        age(incoming / "half.gz", days * DAY)
        age(incoming, days * DAY)
    incoming = places.landing.root / "title.basics" / ".incoming"
    removals = maintain(places, Policy(models=2))
    assert removals == [
        Removal("dump", str(incoming), 1, 3),
        Removal("model", str(models.root / "v1"), 1, 5),
        Removal("sample", str(places.samples / "20000-7-aaa"), 1, 0),
    ]
    assert _names(models.root) == ["current.json", "v0", "v2", "v3"]
    assert _names(places.samples) == ["20000-7-bbb", "20000-8-aaa"]
    assert _names(places.landing.root / "title.basics") == [".lock"]
    assert _names(places.landing.root / "title.crew") == [".incoming", ".lock"]


def test_a_version_that_is_promoted_meanwhile_is_neither_removed_nor_reported(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = stores(lake)
    models = ModelStore(places.models.root)
    for number in range(3):
        folder = models.root / f"v{number}"
        folder.mkdir(parents=True)
        age(folder, (10 - number) * DAY)
    models.publish(models.version("v2"))
    ages = ModelStore.ages

    def slow(store: ModelStore) -> list[Kept]:
        found = ages(store)
        store.promote("v0", "anna")
        return found

    monkeypatch.setattr(ModelStore, "ages", slow)
    removals = maintain(places, Policy(models=0))
    assert [removal.name for removal in removals] == [str(models.root / "v1")]
    assert _names(models.root) == ["current.json", "v0", "v2"]


def test_dumps_that_live_snapshots_were_made_from(lake: Lake) -> None:
    for number in range(3):
        put(lake, People, people(1), **{"landing.name_basics": f"hash {number}"})
    put(lake, Films, films(1), **{"gold.people": "1"})
    assert dumps_in_use(lake) == {"hash 0", "hash 1", "hash 2"}
    maintain(stores(lake), NOTHING)
    assert dumps_in_use(lake) == {"hash 2"}


def test_nothing_to_do_in_an_empty_lake(lake: Lake) -> None:
    assert maintain(stores(lake), NOTHING) == []
