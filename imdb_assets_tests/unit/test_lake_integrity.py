"""A bit that flips on the disk: every reader refuses the file, other tables stay usable, and the way back works."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.lake import integrity
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.maintenance import maintain
from imdb_assets.lake.recovery import recover
from imdb_assets.lake.retention import Policy
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.table import Table
from imdb_assets.lake.verification import verify
from imdb_assets.serving.errors import NotReadyError
from imdb_assets.serving.films import FilmReader
from imdb_assets.warehouse.duckdb import connect
from imdb_assets_tests.commands import Command
from imdb_assets_tests.lakes import Films, People, films, people, put, rows, stores

PLACES = 16
ONE_FILE = films(1).with_columns(decade=pl.lit(1990, pl.Int32), rating=pl.Series([number / 7 for number in range(30)]))


class Sorts(Films):
    """Another table, which comes after it."""

    table = "silver.sorts"


def _flip(file: Path, at: int, bit: int = 1) -> None:
    """Changes one bit, as a disk would, but for the time of change, which it would leave."""
    content = bytearray(file.read_bytes())
    content[at] ^= bit
    file.write_bytes(content)


def _in_ratings(file: Path) -> list[int]:
    """Places spread over the compressed data page of the ratings."""
    metadata = pq.read_metadata(file)
    column = metadata.row_group(0).column(metadata.schema.names.index("rating"))
    end = (column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size
    return [end - 1 - place * (column.total_compressed_size // 2) // PLACES for place in range(PLACES)]


def _scan(lake: Lake) -> object:
    return rows(lake.table("silver.films"))


def _sql(lake: Lake) -> object:
    return connect(lake).sql("select * from silver.films order by tconst").fetchall()


def _spark(lake: Lake) -> object:
    return lake.table("silver.films").sound_files()


def _film(lake: Lake) -> object:
    return FilmReader(lake).read("silver.films", "tt0", ["rating"]).to_dicts()


def _open_film_reader(lake: Lake) -> Callable[[], object]:
    reader = FilmReader(lake)
    reader.read("silver.films", "tt0", ["rating"])
    return lambda: reader.read("silver.films", "tt0", ["rating"]).to_dicts()


def test_one_bit_anywhere_in_a_page_is_refused_by_every_reader_until_it_is_put_right(lake: Lake) -> None:
    table = put(lake, Films, ONE_FILE)
    put(lake, People, people(2))
    (file,) = map(Path, table.files)
    sound = file.read_bytes()
    readers = {"scan": _scan, "sql": _sql, "spark": _spark, "film": _film}
    before = {name: read(lake) for name, read in readers.items()}
    opened = _open_film_reader(lake)
    for place in _in_ratings(file):
        _flip(file, place)
        for read in readers.values():
            with pytest.raises((LakeError, duckdb.CatalogException, NotReadyError)) as caught:
                read(lake)
            assert f"silver.films: {file} of snapshot {table.snapshot_id} is not what was published" in str(
                caught.value
            )
        with pytest.raises(NotReadyError, match="is not what was published"):
            opened()
        assert rows(lake.table("gold.people")) == people(2).to_dicts()
        assert connect(lake).sql("select count(*) from gold.people").fetchall() == [(3,)]
        file.write_bytes(sound)
        assert {name: read(lake) for name, read in readers.items()} == before
        assert opened() == before["film"]


def test_the_error_says_the_way_back_and_it_works(lake: Lake) -> None:
    first, second = put(lake, People, people(1)), put(lake, People, people(2))
    (file,) = map(Path, second.files)
    _flip(file, 10)
    with pytest.raises(LakeError) as caught:
        second.scan()
    assert str(caught.value) == (
        f"gold.people: {file} of snapshot {second.snapshot_id} is not what was published: its SHA-256 differs, so "
        "bytes have changed on the disk. The file was not read. `imdb verify gold.people` says which snapshots are "
        "sound: roll back to one (`imdb rollback gold.people --to SNAPSHOT`), or materialize gold/people. "
        "Other tables are not affected."
    )
    assert rows(roll_back(lake, "gold.people", first.snapshot_id, by="ann")) == people(1).to_dicts()
    with pytest.raises(LakeError, match="is not what was published"):
        roll_back(lake, "gold.people", second.snapshot_id, by="ann")
    assert rows(put(lake, People, people(3))) == people(3).to_dicts()


@pytest.mark.parametrize("with_hashes", [True, False])
def test_one_lost_file_of_several_is_refused_by_every_reader(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, *, with_hashes: bool
) -> None:
    table = put(lake, Films, films(1)) if with_hashes else _without_hashes(lake, monkeypatch, Films, films(1))
    Path(table.files[-1]).unlink()
    for read in (_scan, _sql, _spark, _film):
        with pytest.raises((LakeError, NotReadyError, duckdb.Error)) as caught:
            read(lake)
        assert str(caught.value).startswith(
            f"silver.films: {table.files[-1]} of snapshot {table.snapshot_id} is lost. `imdb verify silver.films` says "
            "which snapshots are sound: roll back to one (`imdb rollback silver.films --to SNAPSHOT`), or materialize "
        )


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files that were hashed, in order."""
    found: list[str] = []
    sha256 = integrity.sha256

    def counting(file: str) -> str:
        found.append(file)
        return sha256(file)

    monkeypatch.setattr(integrity, "sha256", counting)
    return found


def test_a_file_is_hashed_when_it_is_published_and_again_only_when_it_has_changed(
    lake: Lake, hashed: list[str]
) -> None:
    table = put(lake, People, people(2))
    for _ in range(3):
        assert rows(Lake(lake.root).table("gold.people")) == people(2).to_dicts()
    assert hashed == [*table.files]
    os.utime(table.files[0], (1, 1))
    for _ in range(3):
        rows(table)
    assert hashed == [*table.files] * 2


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', "null"])
def test_without_its_notes_a_file_is_hashed_again(lake: Lake, hashed: list[str], content: str) -> None:
    table = put(lake, People, people(2))
    (lake.root / integrity.CHECKED / "gold.people.json").write_text(content)
    assert rows(table) == rows(table) == people(2).to_dicts()
    assert hashed == [*table.files] * 2


def test_notes_of_files_that_are_gone_go_too(lake: Lake) -> None:
    first = put(lake, People, people(1))
    Path(first.files[0]).unlink()
    second = put(lake, People, people(2))
    assert json.loads((lake.root / integrity.CHECKED / "gold.people.json").read_text()).keys() == {*second.files}


def _silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that changes bytes leaves size and times as they were."""
    monkeypatch.setattr(integrity, "state", lambda _file: (1, 1, 1))


def test_what_changes_without_a_trace_is_found_by_verification_and_refused_since(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    _silent(monkeypatch)
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    _flip(Path(second.files[0]), 10)
    second.scan()
    verdicts = list(verify(lake, "silver.films"))
    assert [(one.snapshot_id, one.current, one.verified, one.damaged) for one in verdicts] == [
        (second.snapshot_id, True, True, second.files[:1]),
        (first.snapshot_id, False, True, ()),
    ]
    with pytest.raises(LakeError, match="is not what was published"):
        second.scan()
    assert rows(first) == films(1).sort("tconst").to_dicts()


def test_maintenance_verifies_what_readers_get(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    _silent(monkeypatch)
    put(lake, People, people(1))
    table = put(lake, Films, films(1))
    assert maintain(stores(lake), Policy()) == []
    _flip(Path(table.files[0]), 10)
    assert maintain(stores(lake), Policy(), dry_run=True) == []
    with pytest.raises(LakeError, match=rf"^silver\.films: {table.files[0]} of snapshot {table.snapshot_id} is not"):
        maintain(stores(lake), Policy())
    put(lake, Films, films(2))
    assert maintain(stores(lake), Policy()) == []  # a damaged past is in nobody's way


def _without_hashes(
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    contract: type[Contract] = People,
    frame: pl.DataFrame = people(1),  # noqa: B008 - not changed
) -> Table:
    """A table as older versions published it."""
    with monkeypatch.context() as patch:
        patch.setattr("imdb_assets.lake.publish.HASHES", "imdb.another")
        return put(lake, contract, frame)


def test_snapshots_of_older_versions_are_read_and_called_not_verified(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _without_hashes(lake, monkeypatch)
    table = lake.table(table.name)
    assert table.hashes == ()
    assert rows(table) == people(1).to_dicts()
    assert [(one.verified, one.damaged) for one in verify(lake, "gold.people")] == [(False, ())]
    maintain(stores(lake), Policy())
    Path(table.files[0]).unlink()
    assert [(one.verified, one.damaged) for one in verify(lake, "gold.people")] == [(False, table.files)]


def test_hashes_outlive_the_catalog(lake: Lake) -> None:
    table = put(lake, People, people(1))
    recover(lake, force=True)
    again = Lake(lake.root).table("gold.people")
    assert again == table
    assert len(again.hashes) == 1
    _flip(Path(again.files[0]), 10)
    with pytest.raises(LakeError, match="is not what was published"):
        again.scan()


def test_the_command_names_the_damaged_and_the_sound(imdb: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(imdb.data / "lake")
    _without_hashes(lake, monkeypatch)
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    ended = imdb("verify")
    assert (ended.code, ended.out.splitlines()) == (
        0,
        [
            "not verified gold.people: 0 files hashed, in 0 of 1 snapshots",
            "sound        silver.films: 6 files hashed, in 2 of 2 snapshots",
        ],
    )
    _flip(Path(second.files[1]), 10)
    Path(first.files[0]).unlink()
    ended = imdb("verify", "silver.films")
    way_back = (
        "Readers get a damaged snapshot: go back to a sound snapshot (`imdb rollback silver.films --to SNAPSHOT`), or "
        "materialize silver/films."
    )
    assert (ended.code, ended.out.splitlines()) == (
        1,
        [
            "damaged      silver.films: 6 files hashed, in 2 of 2 snapshots",
            f"  snapshot {second.snapshot_id} (current): damaged: {second.files[1]}",
            f"  snapshot {first.snapshot_id}: damaged: {first.files[0]}",
            f"  {way_back}",
        ],
    )
    put(lake, Films, films(3))
    assert imdb("verify", "silver.films").out.splitlines()[-1] == (
        "  Readers get a sound snapshot. `imdb maintain` removes the damaged snapshots when they expire."
    )
    ended = imdb("verify", "silver.nope")
    assert ended.code == 1
    assert "silver.nope: not in the lake" in ended.err


def test_the_command_does_not_call_an_empty_lake_sound(imdb: Command) -> None:
    ended = imdb("verify")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"The lake at {imdb.data / 'lake'} is empty. Run `make demo` first, or correct IMDB_DATA.\n"


@pytest.mark.parametrize("current", [True, False])
def test_the_command_goes_on_after_a_lost_manifest(imdb: Command, *, current: bool) -> None:
    lake = Lake(imdb.data / "lake")
    snapshots = [put(lake, Films, films(version)).snapshot_id for version in (1, 2)]
    put(lake, Sorts, films(1))
    lost = snapshots[current]
    next(lake.root.glob(f"silver/films/metadata/snap-{lost}-*.avro")).unlink()
    ended = imdb("verify")
    lines = ended.out.splitlines()
    assert (ended.code, lines[0]) == (1, "damaged      silver.films: 3 files hashed, in 1 of 2 snapshots")
    assert lines[2 - current].startswith(
        f"  snapshot {lost}{' (current)' * current}: damaged: silver.films: a manifest of snapshot {lost} is "
        "damaged or lost ("
    )
    assert ("Go back to an earlier snapshot" in lines[2 - current]) == current
    assert ("other snapshots are not affected" in lines[2 - current]) != current
    assert lines[1 + current] == f"  snapshot {snapshots[not current]}{' (current)' * (not current)}: sound"
    assert lines[-1] == "sound        silver.sorts: 3 files hashed, in 1 of 1 snapshots"


def test_an_empty_table_has_a_hash_too(lake: Lake) -> None:
    table = put(lake, People, pl.DataFrame(schema=polars_schema(People)))
    assert len(table.hashes) == len(table.files) == 1
