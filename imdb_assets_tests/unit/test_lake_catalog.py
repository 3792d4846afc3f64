"""The catalog's file: damaged, lost, locked, made by several at once; and how it is made anew."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from imdb_assets.lake import catalog, recovery
from imdb_assets.lake.lake import Lake, LakeError, local_path
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.publish import publish
from imdb_assets.lake.recovery import recover
from imdb_assets_tests.lakes import NOTHING, Films, People, files_on_disk, films, people, put, rows, stage, stores

REMEDY = r"`imdb recover` rebuilds the catalog from the tables' files and keeps the old catalog's file\.$"

DAMAGES = {
    "lost": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(b"garbage, not a database" * 100),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "garbage in the middle": lambda file: file.write_bytes(
        file.read_bytes()[:4096] + b"\xff" * 4096 + file.read_bytes()[8192:]
    ),
    "another database": lambda file: (file.unlink(), _another_database(file)),
}


def _another_database(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("create table notes (note)")
        database.commit()


@pytest.fixture
def full(lake: Lake) -> Lake:
    """A lake with two tables, closed."""
    put(lake, Films, films(1))
    put(lake, Films, films(2))
    put(lake, People, people(3))
    lake.catalog.close()
    return Lake(lake.root)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_lost_catalog_is_an_error_and_never_replaced_by_an_empty_one(full: Lake, damage: str) -> None:
    file = full.root / "catalog.db"
    DAMAGES[damage](file)
    content, files = file.read_bytes() if file.exists() else None, files_on_disk(full)
    for attempt in (
        lambda: Lake(full.root).tables(),
        lambda: put(Lake(full.root), Films, films(3)),
    ):
        with pytest.raises(LakeError) as caught:
            attempt()
        assert str(caught.value).startswith(f"the catalog {file} is damaged or lost: ")
        assert caught.match(REMEDY)
    assert (file.read_bytes() if file.exists() else None) == content
    assert {path for path in files_on_disk(full) if "data" not in path} == {
        path for path in files if "data" not in path
    }


@pytest.mark.parametrize("damage", DAMAGES)
def test_recover_brings_back_every_table_and_keeps_the_old_file(full: Lake, damage: str) -> None:
    before = {table.name: table for table in full.tables()}
    history = full.history("silver.films")
    full.catalog.close()
    file = full.root / "catalog.db"
    DAMAGES[damage](file)
    damaged = file.read_bytes() if file.exists() else None
    lake = Lake(full.root)
    assert [table.name for table in recover(lake)] == ["gold.people", "silver.films"]
    assert {table.name: table for table in lake.tables()} == before
    assert lake.history("silver.films") == history
    assert rows(put(lake, Films, films(3))) == films(3).sort("tconst").to_dicts()
    kept = [path.read_bytes() for path in lake.root.glob("catalog.db.*")]
    assert kept == ([] if damaged is None else [damaged])


def test_recover_believes_a_catalog_that_can_be_read(full: Lake) -> None:
    before = {table.name: table for table in full.tables()}
    entries = recover(full, force=True)
    assert all(entry.from_catalog for entry in entries)
    assert {table.name: table for table in Lake(full.root).tables()} == before


def test_recover_refuses_a_catalog_that_nothing_is_wrong_with(full: Lake) -> None:
    before, content = {table.name: table for table in full.tables()}, (full.root / "catalog.db").read_bytes()
    with pytest.raises(LakeError) as caught:
        recover(Lake(full.root))
    assert str(caught.value) == (
        f"nothing is wrong with the catalog {full.root / 'catalog.db'}: it has all 2 tables, and their files are "
        "there. `imdb recover --force` rebuilds the catalog anyway; end every run first, because whatever a run "
        "commits during the rebuild is lost."
    )
    assert (full.root / "catalog.db").read_bytes() == content
    assert list(full.root.glob("catalog.db.*")) == []
    assert {table.name: table for table in full.tables()} == before


def test_recover_mends_a_sound_catalog_that_misses_a_table(full: Lake) -> None:
    before = {table.name: table for table in full.tables()}
    full.catalog.close()
    with closing(sqlite3.connect(full.root / "catalog.db")) as database:
        database.execute("delete from iceberg_tables where table_name = 'films'")
        database.commit()
    assert [(entry.name, entry.from_catalog) for entry in recover(Lake(full.root))] == [
        ("gold.people", True),
        ("silver.films", False),
    ]
    assert {table.name: table for table in Lake(full.root).tables()} == before


def test_recover_waits_for_a_commit_and_sees_it(full: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    file = full.root / "catalog.db"
    full.catalog.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")
        monkeypatch.setattr(catalog, "WAIT_SECONDS", 0.2)
        with pytest.raises(LakeError, match="has been locked by another process"):
            recover(Lake(full.root), force=True)
        assert sorted(path.name for path in full.root.glob("catalog.db*")) == ["catalog.db"]


def test_nobody_commits_while_recover_is_at_work(full: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = recovery._newest
    attempts: list[str] = []

    def with_a_commit(name: str, paths: list[Path], known: Path | None) -> recovery.Recovered:
        with closing(sqlite3.connect(full.root / "catalog.db", timeout=0.1)) as other:
            try:
                other.execute("delete from iceberg_tables")
            except sqlite3.OperationalError as error:
                attempts.append(str(error))
        return newest(name, paths, known)

    monkeypatch.setattr(recovery, "_newest", with_a_commit)
    recover(full, force=True)
    assert attempts == ["database is locked"] * 2


def _moved(lake: Lake) -> tuple[Lake, Path]:
    lake.catalog.close()
    home = lake.root
    return Lake(home.rename(home.with_name("moved"))), home


def _copied(lake: Lake) -> tuple[Lake, Path]:
    lake.catalog.close()
    return Lake(Path(shutil.copytree(lake.root, lake.root.with_name("copy")))), lake.root


@pytest.mark.parametrize("displace", [_moved, _copied])
@pytest.mark.parametrize("catalog_lost", [False, True])
def test_a_lake_that_was_moved_or_copied_says_where_it_belongs_and_is_not_written_to(
    full: Lake, displace: Callable[[Lake], tuple[Lake, Path]], *, catalog_lost: bool
) -> None:
    lake, home = displace(full)
    if catalog_lost:
        (lake.root / "catalog.db").unlink()
    before = files_on_disk(lake), files_on_disk(Lake(home))
    attempts: list[Callable[[], object]] = [lambda: recover(lake), lambda: recover(lake, force=True)]
    if not catalog_lost:
        attempts += [
            lake.tables,
            lambda: lake.exists("silver.films"),
            lambda: maintain(stores(lake), NOTHING),
            lambda: publish(lake, Films, stage(lake, Films, films(3)), {}),
        ]
    for attempt in attempts:
        with pytest.raises(LakeError) as caught:
            attempt()
        assert str(caught.value).startswith(f"the lake at {lake.root} was made at {home}: ")
        assert "move it back" in str(caught.value)
    staged = {path for path in files_on_disk(lake) if path not in before[0]}
    assert all("/data/" in path for path in staged)
    assert files_on_disk(lake) - staged == before[0]
    assert files_on_disk(Lake(home)) == before[1]


def test_recover_passes_over_metadata_of_commits_that_never_were(full: Lake) -> None:
    before = full.table("silver.films")
    iceberg = full.find("silver.films")
    assert iceberg is not None
    current = Path(local_path(iceberg.metadata_location))
    full.catalog.close()
    torn = current.with_name("00007-torn.metadata.json")
    torn.write_text(current.read_text()[:100])
    lost_race = current.with_name("00006-00000000-0000-0000-0000-000000000000.metadata.json")
    metadata = json.loads(current.read_text())
    for snapshot in metadata["snapshots"]:
        snapshot["manifest-list"] += ".gone"  # as pyiceberg cleans up after a lost race
    lost_race.write_text(json.dumps(metadata))
    (full.root / "catalog.db").unlink()
    lake = Lake(full.root)
    assert [entry.metadata for entry in recover(lake) if entry.name == "silver.films"] == [current]
    assert lake.table("silver.films") == before


def test_recover_refuses_where_there_is_nothing_whole(full: Lake) -> None:
    with pytest.raises(LakeError, match="has no metadata of any table: there is nothing to recover"):
        recover(Lake(full.root / "elsewhere"))
    full.catalog.close()
    for path in (full.root / "silver" / "films" / "metadata").glob("*.json"):
        path.write_text("{}")
    content = (full.root / "catalog.db").read_bytes()
    with pytest.raises(LakeError, match=r"^silver\.films: each of the table's 2 metadata files"):
        recover(Lake(full.root))
    assert (full.root / "catalog.db").read_bytes() == content


def test_a_catalog_that_points_at_lost_metadata_says_so(full: Lake) -> None:
    iceberg = full.find("silver.films")
    assert iceberg is not None
    metadata = Path(local_path(iceberg.metadata_location))
    metadata.write_text(metadata.read_text()[:1000])
    with pytest.raises(LakeError, match=r"the metadata file of silver\.films is lost or damaged .*imdb recover"):
        full.table("silver.films")
    metadata.unlink()
    with pytest.raises(LakeError, match=r"the metadata file of silver\.films is lost or damaged .*imdb recover"):
        full.table("silver.films")
    assert rows(full.table("gold.people")) == people(3).to_dicts()


def test_a_locked_catalog_is_waited_for_and_then_a_clear_error(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "WAIT_SECONDS", 0.2)
    table = put(lake, People, people(1))
    staged = stage(lake, People, people(2))
    with closing(sqlite3.connect(lake.root / "catalog.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(LakeError) as caught:
            publish(lake, People, staged, {})
        assert str(caught.value).startswith(
            f"the catalog {lake.root / 'catalog.db'} has been locked by another process"
        )
        assert lake.table("gold.people") == table  # readers are not kept out
        other.execute("rollback")
    assert rows(publish(lake, People, staged, {})) == people(2).to_dicts()


def test_a_crash_while_the_catalog_was_made_is_no_obstacle(lake: Lake) -> None:
    lake.root.mkdir()
    (lake.root / ".catalog.db.new").write_bytes(b"half of it")
    assert rows(put(lake, People, people(1))) == people(1).to_dicts()
    assert sorted(path.name for path in lake.root.iterdir()) == ["catalog.db", "checked", "gold", "known"]
