"""What was read from a table's metadata is not read again until one of the files that it was read from changes."""

import json
import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from imdb_assets.lake import known
from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.files import read_sealed, write_sealed
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.rollback import roll_back
from imdb_assets.lake.table import Snapshot, Table
from imdb_assets_tests.lakes import Films, People, films, people, put

NAME = "gold.people"


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tables whose metadata is read from now on."""
    find, names = Lake.find, list[str]()

    def counted(self: Lake, name: str) -> Any:
        names.append(name)
        return find(self, name)

    monkeypatch.setattr(Lake, "find", counted)
    return names


@pytest.fixture
def table(lake: Lake) -> Table:
    put(lake, People, people(1))
    return put(lake, People, people(2), **{"silver.films": "7"})


def _record(lake: Lake) -> Path:
    return lake.root / known.FOLDER / f"{NAME}.json"


def _read(lake: Lake) -> list[Path]:
    """The files that the record was read from."""
    return [Path(file) for file in json.loads(_record(lake).read_bytes())["files"]]


def _others(lake: Lake) -> Iterator[Lake]:
    yield lake
    yield Lake(lake.root)


def test_a_reader_of_what_was_published_reads_no_metadata(lake: Lake, table: Table, looked_up: list[str]) -> None:
    more, published = put(lake, Films, films(1)), list(looked_up)
    for reader in _others(lake):
        assert reader.published(NAME) == reader.table(NAME) == table
        assert reader.tables() == [table, more]
        assert [(one.rows, one.current, dict(one.inputs)) for one in reader.history(NAME)] == [
            (2, False, {}),
            (3, True, {"silver.films": "7"}),
        ]
        assert reader.published("silver.nothing") is None
    assert looked_up == published


def test_a_record_says_what_the_metadata_says(lake: Lake, table: Table, looked_up: list[str]) -> None:
    history = lake.history(NAME)
    assert looked_up == []
    _record(lake).unlink()
    assert lake.history(NAME) == history
    assert lake.table(NAME) == table
    assert looked_up == [NAME, NAME]
    assert (lake.table(NAME), lake.history(NAME)) == (table, history)
    assert looked_up == [NAME, NAME]


def test_an_older_record_counts_for_nothing(lake: Lake, table: Table, looked_up: list[str]) -> None:
    older = _record(lake).read_bytes()
    newer = put(lake, People, people(5))
    _record(lake).write_bytes(older)
    looked_up.clear()
    assert lake.table(NAME) == newer != table
    assert len(lake.history(NAME)) == 3
    assert looked_up == [NAME]


def test_a_rollback_is_seen(lake: Lake, table: Table) -> None:
    first = lake.history(NAME)[0].snapshot_id
    roll_back(lake, NAME, first, by="ann")
    for reader in _others(lake):
        assert (reader.table(NAME).snapshot_id, reader.table(NAME).rows) == (first, 2)
        assert [one.current for one in reader.history(NAME)] == [True, False]


def test_a_changed_file_is_read_again(lake: Lake, table: Table, looked_up: list[str]) -> None:
    assert sorted(file.suffix for file in _read(lake)) == [".avro"] * 3 + [".json"]  # added, removed, their list
    for file in _read(lake):
        looked_up.clear()
        os.utime(file)
        assert lake.table(NAME) == table
        assert lake.table(NAME) == table
        assert looked_up == [NAME]


def test_a_damaged_manifest_is_still_an_error_and_its_history_can_be_read(lake: Lake, table: Table) -> None:
    history = lake.history(NAME)
    for file in (file for file in _read(lake) if file.suffix == ".avro"):
        content = file.read_bytes()
        file.write_bytes(content[:40])
        reader = Lake(lake.root)
        with pytest.raises(DamagedError, match=r"^gold\.people: a manifest of snapshot"):
            reader.table(NAME)
        assert reader.history(NAME) == history
        file.write_bytes(content)
        assert reader.table(NAME) == table


@pytest.mark.parametrize("content", ["", "[]", "{}", "\xff", '{"metadata": 1}'])
def test_a_damaged_record_is_made_again(lake: Lake, table: Table, looked_up: list[str], content: str) -> None:
    _record(lake).write_text(content, encoding="latin-1")
    assert lake.table(NAME) == table
    assert lake.table(NAME) == table
    assert looked_up == [NAME]


def test_a_changed_byte_in_a_record_is_noticed(lake: Lake, table: Table) -> None:
    record = _record(lake)
    record.write_text(record.read_text().replace('"rows": 3', '"rows": 4'))
    assert lake.table(NAME) == table


def test_a_lake_that_cannot_be_written_is_read(lake: Lake, table: Table, looked_up: list[str]) -> None:
    _record(lake).unlink()
    _record(lake).parent.rmdir()
    _record(lake).parent.touch()  # no folder can be made there
    assert lake.table(NAME) == table
    assert lake.table(NAME) == table
    assert looked_up == [NAME, NAME]


def test_another_format_of_records_has_another_number() -> None:
    assert known.FORMAT == 1
    assert [one.name for one in fields(Table)] == [
        *("name", "snapshot_id", "files", "rows", "bytes", "provenance", "hashes")
    ]
    assert [one.name for one in fields(Snapshot)] == ["snapshot_id", "published_at", "rows", "current", "properties"]


@pytest.mark.parametrize("change", [{"table": {}}, {"table": None}, {"history": [{}]}, {"files": None}, {"files": [1]}])
def test_a_whole_record_of_another_form_is_made_again(
    lake: Lake, table: Table, looked_up: list[str], change: dict[str, Any]
) -> None:
    before = read_sealed(_record(lake), "")
    assert before
    write_sealed(_record(lake), before | change)
    assert Lake(lake.root).table(NAME) == table
    assert looked_up == [NAME]
    assert read_sealed(_record(lake), "") == before
