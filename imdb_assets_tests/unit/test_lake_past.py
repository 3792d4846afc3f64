"""History and rollback: what a past snapshot is, and what everyone sees once it is current again."""

import re
from datetime import UTC, datetime
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.lake.agreement import require_agreement
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.past import moment
from imdb_assets.lake.rollback import made_from_others, roll_back
from imdb_assets_tests.lakes import Films, People, before_the_next_commit, films, people, put, rows

NOW = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"


class Renamed(Contract):
    """People with other columns, one of them of the same name and another type."""

    table = "gold.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    born = dy.List(dy.String(nullable=True), nullable=True, description="Years of birth.")
    name = dy.String(nullable=True, description="Name.")


def test_readers_get_the_old_rows_under_the_old_id(lake: Lake) -> None:
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    assert roll_back(lake, "silver.films", first.snapshot_id, by="ann") == first
    assert lake.table("silver.films") == first
    assert rows(lake.table("silver.films")) == films(1).sort("tconst").to_dicts()
    assert Lake(lake.root).table("silver.films", second.snapshot_id) == second
    assert [(item.snapshot_id, item.current) for item in lake.history("silver.films")] == [
        (first.snapshot_id, True),
        (second.snapshot_id, False),
    ]


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "9999-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "²"]
)
def test_what_is_no_point_in_time_is_refused(lake: Lake, text: str) -> None:
    with pytest.raises(LakeError, match=rf"^{re.escape(text)}: not a point in time; expected a date such as 2026-01-"):
        moment(lake, text)


def test_a_point_in_time_is_utc_unless_it_says_otherwise(lake: Lake) -> None:
    ends = {"2026-01-31": (2, 1, 0), "2026-01-31T12:00": (1, 31, 12), "2026-01-31T12:00+02:00": (1, 31, 10)}
    assert {text: moment(lake, text) for text in ends} == {
        text: datetime(2026, month, day, hour, tzinfo=UTC) for text, (month, day, hour) in ends.items()
    }


def test_who_rolled_back_when_is_on_record_and_survives_publishes(lake: Lake) -> None:
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    roll_back(lake, "silver.films", second.snapshot_id, by="bob")
    put(lake, Films, films(3))
    ann, bob = lake.rollbacks("silver.films")
    assert (ann.by, ann.replaced, ann.to) == ("ann", second.snapshot_id, first.snapshot_id)
    assert (bob.by, bob.replaced, bob.to) == ("bob", first.snapshot_id, second.snapshot_id)
    assert re.fullmatch(NOW, ann.at)
    assert lake.rollbacks("gold.people") == []


def test_only_the_latest_rollbacks_are_remembered(lake: Lake) -> None:
    ids = [put(lake, People, people(number)).snapshot_id for number in range(2)]
    for number in range(22):
        roll_back(lake, "gold.people", ids[number % 2], by=str(number))
    assert [entry.by for entry in lake.rollbacks("gold.people")] == [str(number) for number in range(2, 22)]


def test_the_next_publish_replaces_it_like_any_snapshot(lake: Lake) -> None:
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    third = put(lake, Films, films(3))
    assert rows(third) == films(3).sort("tconst").to_dicts()
    assert len(third.files) == 3
    assert [item.snapshot_id for item in lake.history("silver.films")] == [
        table.snapshot_id for table in (first, second, third)
    ]


def test_what_was_made_from_it_agrees_again_and_what_was_not_is_refused(lake: Lake) -> None:
    first = put(lake, Films, films(1))
    from_first = put(lake, People, people(1), **{"silver.films": str(first.snapshot_id)})
    second = put(lake, Films, films(2))
    from_second = put(lake, People, people(2), **{"silver.films": str(second.snapshot_id)})
    assert made_from_others(lake, second) == []
    restored = roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    assert made_from_others(lake, restored) == ["gold.people"]
    with pytest.raises(
        LakeError, match=r"^gold\.people was made from snapshot \d+ of silver\.films, but silver\.films is now"
    ):
        require_agreement([restored, from_second])
    require_agreement([restored, roll_back(lake, "gold.people", from_first.snapshot_id, by="ann")])
    assert made_from_others(lake, restored) == []


@pytest.mark.filterwarnings(
    "ignore:Iceberg scan planning with the polars_iceberg plugin:polars.exceptions.PerformanceWarning"
)
def test_the_schema_goes_back_too_for_every_iceberg_reader_and_comes_again_with_the_next_publish(lake: Lake) -> None:
    before = put(lake, People, people(1))
    renamed = pl.DataFrame([{"nconst": "nm9", "born": ["1999"], "name": "Nine"}], schema=polars_schema(Renamed))
    after = put(lake, Renamed, renamed)
    roll_back(lake, "gold.people", before.snapshot_id, by="ann")
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert iceberg.schema().column_names == ["nconst", "born"]
    assert iceberg.scan().to_arrow().sort_by("nconst").to_pylist() == people(1).to_dicts()
    assert pl.scan_iceberg(iceberg).sort("nconst").collect().to_dicts() == people(1).to_dicts()
    again = put(lake, Renamed, renamed)
    assert rows(again) == rows(after) == renamed.to_dicts()
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert iceberg.scan().to_arrow().to_pylist() == renamed.to_dicts()
    assert rows(lake.table("gold.people", before.snapshot_id)) == people(1).to_dicts()


def test_what_cannot_be_rolled_back_to_is_refused_and_changes_nothing(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"^silver\.films: not in the lake"):
        roll_back(lake, "silver.films", 1, by="ann")
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    with pytest.raises(LakeError) as caught:
        roll_back(lake, "silver.films", 1, by="ann")
    assert str(caught.value) == (
        f"silver.films: no snapshot 1 (it may have expired); the table has {first.snapshot_id}, {second.snapshot_id}."
    )
    with pytest.raises(LakeError, match=r"is the current one already; nothing was changed\.$"):
        roll_back(lake, "silver.films", second.snapshot_id, by="ann")
    Path(first.files[0]).unlink()
    with pytest.raises(LakeError, match=r"cannot be read any more: 1 of .* 3 files are gone, such as .*parquet\."):
        roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    assert lake.table("silver.films") == second
    assert lake.rollbacks("silver.films") == []


def test_a_publish_at_the_same_moment_wins(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    find = Lake.find

    def slow_find(self: Lake, name: str) -> object:
        found = find(self, name)
        monkeypatch.undo()
        put(Lake(lake.root), Films, films(3))
        return found

    table = lake.table("silver.films")
    monkeypatch.setattr(Lake, "table", lambda *_: table)
    monkeypatch.setattr(Lake, "find", slow_find)
    with pytest.raises(LakeError, match=r"^silver\.films: another run published this table meanwhile"):
        roll_back(lake, "silver.films", first.snapshot_id, by="ann")
    current = lake.table("silver.films")
    assert rows(current) == films(3).sort("tconst").to_dicts()
    assert len(lake.history("silver.films")) == 3
    assert second.snapshot_id in {item.snapshot_id for item in lake.history("silver.films")}


def test_a_publish_that_began_before_a_rollback_fails_and_mixes_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = put(lake, Films, films(1)), put(lake, Films, films(2))
    before_the_next_commit(
        lake, monkeypatch, lambda: roll_back(Lake(lake.root), "silver.films", first.snapshot_id, by="ann")
    )
    with pytest.raises(LakeError, match=r"^silver\.films: another run published this table meanwhile"):
        put(lake, Films, films(3))
    assert lake.table("silver.films") == first
    assert second.snapshot_id in {item.snapshot_id for item in lake.history("silver.films")}
