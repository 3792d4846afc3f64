"""Stage, audit, publish: what becomes visible, when, and what is refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Operation

from imdb_assets.contracts.base import polars_schema
from imdb_assets.lake import known
from imdb_assets.lake.agreement import outdated, require_agreement
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets_tests.lakes import People, put, rows, stage
from imdb_assets_tests.unit.small_tables import FILMS, PEOPLE, Films


def test_what_was_published_is_read(lake: Lake) -> None:
    table = put(lake, Films, FILMS)
    assert rows(table) == FILMS.to_dicts()
    assert table.scan().collect_schema() == polars_schema(Films)
    assert (table.name, table.rows, len(table.files)) == ("silver.films", 3, 2)
    assert table.bytes == sum(Path(file).stat().st_size for file in table.files)
    assert lake.table("silver.films") == table


def test_a_publish_replaces_everything_in_one_snapshot(lake: Lake) -> None:
    first = put(lake, Films, FILMS)
    second = put(lake, Films, FILMS.head(1))
    assert rows(second) == FILMS.head(1).to_dicts()
    assert [snapshot.snapshot_id for snapshot in lake.history("silver.films")] == [
        first.snapshot_id,
        second.snapshot_id,
    ]
    assert [snapshot.rows for snapshot in lake.history("silver.films")] == [3, 1]


def test_the_first_snapshot_appends_and_every_later_one_overwrites(lake: Lake) -> None:
    for _ in range(3):
        put(lake, Films, FILMS)
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    operations = [snapshot.summary.operation.value for snapshot in iceberg.snapshots() if snapshot.summary]
    assert operations == ["append", "overwrite", "overwrite"]  # an overwrite that removes nothing is named append


def test_a_snapshot_says_who_published_it_from_what(lake: Lake) -> None:
    staged = stage(lake, People, PEOPLE, **{"bronze.name_basics": "42", "landing.x": "etag"})
    table = publish(lake, People, staged, {"imdb.run-id": "run 1", "imdb.code-version": "abc"})
    (snapshot,) = lake.history("gold.people")
    assert json.loads(snapshot.properties.pop("imdb.sha256")).keys() == {"/".join(Path(table.files[0]).parts[-2:])}
    assert snapshot.properties == {
        "imdb.run-id": "run 1",
        "imdb.code-version": "abc",
        "imdb.engine": "by hand",
        "imdb.inputs": json.dumps({"bronze.name_basics": "42", "landing.x": "etag"}),
    }
    assert table.inputs == {"bronze.name_basics": "42", "landing.x": "etag"}


def test_provenance_is_that_of_the_pinned_snapshot(lake: Lake) -> None:
    first = publish(lake, People, stage(lake, People, PEOPLE, source="1"), {})
    second = publish(lake, People, stage(lake, People, PEOPLE, source="2"), {})
    assert (first.inputs, second.inputs) == ({"source": "1"}, {"source": "2"})


def test_a_compaction_keeps_the_snapshot_that_made_the_rows(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    made = publish(lake, People, stage(lake, People, PEOPLE, source="1"), {"imdb.code-version": "abc"})
    compacted = publish(lake, People, stage(lake, People, PEOPLE), {})
    find = Lake.find

    def by_another_tool(self: Lake, name: str) -> IcebergTable | None:
        iceberg = find(self, name)
        snapshot = iceberg and iceberg.snapshot_by_id(compacted.snapshot_id)
        assert snapshot
        assert snapshot.summary
        object.__setattr__(snapshot.summary, "operation", Operation.REPLACE)  # pyiceberg cannot write one
        return iceberg

    monkeypatch.setattr(Lake, "find", by_another_tool)
    (lake.root / known.FOLDER / "gold.people.json").unlink()
    table = lake.table("gold.people")
    assert (table.snapshot_id, table.provenance) == (made.snapshot_id, made.provenance)
    assert table.files == compacted.files


def test_what_has_to_be_made_again_comes_in_the_order_in_which_it_is_made(lake: Lake) -> None:
    first = put(lake, Films, FILMS)
    between = publish(lake, People, stage(lake, People, PEOPLE, **{first.name: str(first.snapshot_id)}), {})
    last = replace(between, name="gold.last", provenance=Provenance(inputs={between.name: str(between.snapshot_id)}))
    tables = {first.name: first, between.name: between, last.name: last}
    assert outdated([last.name], tables.get) == []
    tables[first.name] = replace(first, snapshot_id=1)
    assert outdated([last.name], tables.get) == ["gold.people", "gold.last"]


def test_a_past_snapshot_is_read_as_it_was(lake: Lake) -> None:
    first = put(lake, Films, FILMS)
    put(lake, Films, FILMS.head(1))
    past = lake.table("silver.films", first.snapshot_id)
    assert past == first
    assert rows(past) == FILMS.to_dicts()


def test_a_handle_keeps_its_rows_while_others_publish(lake: Lake) -> None:
    handle = put(lake, Films, FILMS)
    lazy = handle.scan()
    put(lake, Films, FILMS.clear())
    assert lazy.collect().height == 3
    assert rows(handle) == FILMS.to_dicts()


def test_inputs_made_from_other_snapshots_of_each_other_are_refused(lake: Lake) -> None:
    first = put(lake, Films, FILMS)
    made_from = stage(lake, People, PEOPLE, **{first.name: str(first.snapshot_id)})
    derived = publish(lake, People, made_from, {})
    require_agreement([first, derived])
    newer = put(lake, Films, FILMS)
    with pytest.raises(LakeError, match="was made from snapshot"):
        require_agreement([newer, derived])


def test_inputs_made_from_dumps_of_two_places_are_refused(lake: Lake) -> None:
    here = publish(lake, Films, stage(lake, Films, FILMS, place="/here"), {})
    unknown = put(lake, People, PEOPLE)
    require_agreement([here, unknown])
    there = publish(lake, People, stage(lake, People, PEOPLE, place="/there"), {})
    with pytest.raises(
        LakeError,
        match=r"silver\.films comes from /here and gold\.people comes from /there\. .* tables from two sources cannot",
    ):
        require_agreement([here, there])


def test_an_empty_table_is_published_and_read(lake: Lake) -> None:
    table = put(lake, Films, FILMS.clear())
    assert (table.rows, len(table.files)) == (0, 1)
    assert table.scan().collect().equals(FILMS.clear())
    assert rows(put(lake, Films, FILMS)) == FILMS.to_dicts()
    assert put(lake, Films, FILMS.clear()).scan().collect().height == 0


def test_staged_files_are_invisible_until_published(lake: Lake) -> None:
    table = put(lake, Films, FILMS)
    stage(lake, Films, FILMS.head(1))
    assert lake.table("silver.films") == table
    assert lake.tables() == [table]
    stage(lake, People, PEOPLE)
    assert not lake.exists("gold.people")
    assert lake.tables() == [table]


def test_publishing_a_table_leaves_the_others_alone(lake: Lake) -> None:
    films = put(lake, Films, FILMS)
    people = put(lake, People, PEOPLE)
    put(lake, People, PEOPLE.head(1))
    assert lake.table("silver.films") == films
    assert [table.name for table in lake.tables()] == ["gold.people", "silver.films"]
    assert lake.table("gold.people") != people


def test_a_commit_that_dies_leaves_the_last_snapshot(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    table = put(lake, Films, FILMS)
    staged = stage(lake, Films, FILMS.head(1))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(lake.catalog), "commit_table", die)
    with pytest.raises(KeyboardInterrupt):
        publish(lake, Films, staged, {})
    monkeypatch.undo()
    reopened = Lake(lake.root)
    assert reopened.table("silver.films") == table
    assert len(reopened.history("silver.films")) == 1
    assert rows(publish(reopened, Films, staged, {})) == FILMS.head(1).to_dicts()


def test_a_missing_table_is_an_error_with_the_remedy(lake: Lake) -> None:
    with pytest.raises(LakeError) as caught:
        lake.table("silver.movies")
    assert str(caught.value) == (
        f"silver.movies: not in the lake at {lake.root} yet. Materialize the asset silver/movies first "
        "(`make demo`, or `make materialize ASSETS=silver/movies`)."
    )
    assert (lake.exists("silver.films"), lake.history("silver.films"), lake.tables()) == (False, [], [])


def test_an_unknown_snapshot_is_an_error_that_lists_the_known_ones(lake: Lake) -> None:
    table = put(lake, Films, FILMS)
    with pytest.raises(LakeError) as caught:
        lake.table("silver.films", 1)
    assert str(caught.value) == f"silver.films: no snapshot 1 (it may have expired); the table has {table.snapshot_id}."


def test_a_lake_that_cannot_be_made_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lake = Lake(tmp_path / "file" / "lake")
    with pytest.raises(LakeError) as caught:
        lake.table("silver.films")
    text = str(caught.value)
    assert text.startswith(f"the lake's folder {lake.root} cannot be used: ")
    assert text.endswith("Make room on the disk, or set IMDB_DATA to another folder.")
    with pytest.raises(LakeError) as caught:
        staging_folder(lake, Films)
    text = str(caught.value)
    assert text.startswith(f"silver.films: cannot write below {lake.root}: ")
    assert text.endswith(f"Check disk space and permissions below {lake.root}, then try again.")


def test_a_folder_with_quotes_and_blanks_holds_a_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "it's a [lake] *" / "ä#?%20")
    put(lake, Films, FILMS)
    assert rows(put(lake, Films, FILMS)) == FILMS.to_dicts()
    assert rows(Lake(lake.root).table("silver.films")) == FILMS.to_dicts()
    assert [*tmp_path.iterdir(), *lake.root.parent.iterdir()] == [lake.root.parent, lake.root]
    assert (lake.root / "catalog.db").stat().st_size > 0


def test_files_of_a_lost_folder_are_missed_only_when_read(lake: Lake) -> None:
    table = put(lake, People, PEOPLE)
    shutil.rmtree(Path(table.files[0]).parent)
    assert lake.table("gold.people").rows == 2
    with pytest.raises(LakeError, match=r"0\.parquet of snapshot \d+ is lost"):
        table.scan().collect()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (PEOPLE.cast({"born": pl.String}), "born must be Int32, found String"),
        (PEOPLE.drop("born"), "born must be Int32, found None"),
        (PEOPLE.with_columns(age=1), "column age is not in the contract"),
    ],
)
def test_one_file_of_another_shape_is_not_published(lake: Lake, other: pl.DataFrame, words: str) -> None:
    staged = stage(lake, People, PEOPLE)
    other.write_parquet(Path(staged.prefix, "1.parquet"))
    with pytest.raises(LakeError, match=rf"^gold\.people: .*/1\.parquet breaks the contract \({words}\)"):
        publish(lake, People, staged, {})
    assert not lake.exists(People.table)
