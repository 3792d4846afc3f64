"""Stage, audit, publish: what becomes visible, when, and what is refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Operation

from imdb_assets.contracts.base import Contract, description, polars_schema
from imdb_assets.lake import known
from imdb_assets.lake.agreement import outdated, require_agreement
from imdb_assets.lake.audit import audit
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets.lake.schema import arrow_schema
from imdb_assets.lake.table import Table
from imdb_assets_tests.lakes import People, rows, stage
from imdb_assets_tests.unit.small_tables import FILMS, PEOPLE, Films


def _publish(lake: Lake, contract: type[Contract], frame: pl.DataFrame, **properties: str) -> Table:
    staged = stage(lake, contract, frame)
    assert audit(contract, staged).passed
    return publish(lake, contract, staged, properties)


def test_what_was_published_is_read(lake: Lake) -> None:
    table = _publish(lake, Films, FILMS)
    assert rows(table) == FILMS.to_dicts()
    assert table.scan().collect_schema() == polars_schema(Films)
    assert (table.name, table.rows, len(table.files)) == ("silver.films", 3, 2)
    assert table.bytes == sum(Path(file).stat().st_size for file in table.files)
    assert lake.table("silver.films") == table


def test_a_publish_replaces_everything_in_one_snapshot(lake: Lake) -> None:
    first = _publish(lake, Films, FILMS)
    second = _publish(lake, Films, FILMS.head(1))
    assert rows(second) == FILMS.head(1).to_dicts()
    assert [snapshot.snapshot_id for snapshot in lake.history("silver.films")] == [
        first.snapshot_id,
        second.snapshot_id,
    ]
    assert [snapshot.rows for snapshot in lake.history("silver.films")] == [3, 1]


def test_the_first_snapshot_appends_and_every_later_one_overwrites(lake: Lake) -> None:
    for _ in range(3):
        _publish(lake, Films, FILMS)
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
    first = _publish(lake, Films, FILMS)
    between = publish(lake, People, stage(lake, People, PEOPLE, **{first.name: str(first.snapshot_id)}), {})
    last = replace(between, name="gold.last", provenance=Provenance(inputs={between.name: str(between.snapshot_id)}))
    tables = {first.name: first, between.name: between, last.name: last}
    assert outdated([last.name], tables.get) == []
    tables[first.name] = replace(first, snapshot_id=1)
    assert outdated([last.name], tables.get) == ["gold.people", "gold.last"]


def test_a_past_snapshot_is_read_as_it_was(lake: Lake) -> None:
    first = _publish(lake, Films, FILMS)
    _publish(lake, Films, FILMS.head(1))
    past = lake.table("silver.films", first.snapshot_id)
    assert past == first
    assert rows(past) == FILMS.to_dicts()


def test_a_handle_keeps_its_rows_while_others_publish(lake: Lake) -> None:
    handle = _publish(lake, Films, FILMS)
    lazy = handle.scan()
    _publish(lake, Films, FILMS.clear())
    assert lazy.collect().height == 3
    assert rows(handle) == FILMS.to_dicts()


class MoreColumns(Contract):
    """People with a column more."""

    table = "gold.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    name = dy.String(nullable=True, description="Name.")
    born = dy.Int32(nullable=True, description="Year of birth.")


class FewerColumns(Contract):
    """People with a column less."""

    table = "gold.people"

    nconst = dy.String(primary_key=True, description="Person id.")


class OtherTypes(Contract):
    """People with the year as a list of texts."""

    table = "gold.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    born = dy.List(dy.String(nullable=True), nullable=True, description="Years of birth.")


@pytest.mark.parametrize(
    ("contract", "row"),
    [
        (MoreColumns, {"nconst": "nm9", "name": "Nine", "born": 1999}),
        (FewerColumns, {"nconst": "nm9"}),
        (OtherTypes, {"nconst": "nm9", "born": ["1999"]}),
    ],
)
def test_a_changed_contract_changes_the_table_and_no_past_snapshot(
    lake: Lake, contract: type[Contract], row: dict[str, Any]
) -> None:
    before = _publish(lake, People, PEOPLE)
    after = _publish(lake, contract, pl.DataFrame([row], schema=polars_schema(contract)))
    assert rows(after) == [row]
    assert rows(lake.table("gold.people", before.snapshot_id)) == PEOPLE.to_dicts()
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert set(iceberg.schema().column_names) >= set(row)
    assert {field.name for field in iceberg.schema().fields} == set(row)
    assert len(lake.history("gold.people")) == 2


def test_a_change_can_be_taken_back(lake: Lake) -> None:
    for contract in (People, OtherTypes, FewerColumns, MoreColumns, People):
        table = _publish(lake, contract, pl.DataFrame([{"nconst": "nm9"}], schema=polars_schema(contract)))
        assert rows(table) == [dict.fromkeys(contract.column_names()) | {"nconst": "nm9"}]
    assert len(lake.history("gold.people")) == 5


def test_the_catalog_has_the_descriptions_and_the_partition(lake: Lake) -> None:
    _publish(lake, Films, FILMS)
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    assert iceberg.properties["comment"] == description(Films)
    assert {field.name: field.doc for field in iceberg.schema().fields} == {
        "tconst": "Title id.",
        "decade": "Decade.",
        "rating": "Rating.",
        "genres": "Genres.",
    }
    assert [field.name for field in iceberg.spec().fields] == ["decade"]
    assert not any(field.required for field in iceberg.schema().fields)
    assert iceberg.location() == f"file://{lake.root}/silver/films"


def test_nothing_is_written_outside_the_lake_whatever_its_path_is_called(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "my lake #1 é")
    _publish(lake, Films, FILMS)
    assert rows(_publish(lake, Films, FILMS)) == FILMS.to_dicts()
    assert [path.name for path in tmp_path.iterdir()] == [lake.root.name]


def test_a_changed_description_reaches_the_catalog(lake: Lake) -> None:
    _publish(lake, Films, FILMS)

    class Reworded(Films):
        """Other words."""

        rating = dy.Float64(nullable=True, min=1, max=10, description="Other words for a rating.")

    _publish(lake, Reworded, FILMS)
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    assert iceberg.properties["comment"] == "Other words."
    assert iceberg.schema().find_field("rating").doc == "Other words for a rating."


def test_another_partitioning_is_refused(lake: Lake) -> None:
    _publish(lake, Films, FILMS)

    class Unpartitioned(Films):
        """Films in one file."""

        partition_by = None

    with pytest.raises(
        LakeError, match=r"silver\.films: is partitioned by \['decade'\], but its contract says nothing"
    ):
        _publish(lake, Unpartitioned, FILMS)
    assert len(lake.history("silver.films")) == 1


def test_inputs_made_from_other_snapshots_of_each_other_are_refused(lake: Lake) -> None:
    first = _publish(lake, Films, FILMS)
    made_from = stage(lake, People, PEOPLE, **{first.name: str(first.snapshot_id)})
    derived = publish(lake, People, made_from, {})
    require_agreement([first, derived])
    newer = _publish(lake, Films, FILMS)
    with pytest.raises(LakeError, match="was made from snapshot"):
        require_agreement([newer, derived])


def test_inputs_made_from_dumps_of_two_places_are_refused(lake: Lake) -> None:
    here = publish(lake, Films, stage(lake, Films, FILMS, place="/here"), {})
    unknown = _publish(lake, People, PEOPLE)
    require_agreement([here, unknown])
    there = publish(lake, People, stage(lake, People, PEOPLE, place="/there"), {})
    with pytest.raises(
        LakeError, match=r"silver\.films comes from /here and gold\.people comes from /there\. .* so their rows cannot"
    ):
        require_agreement([here, there])


def test_an_arrow_schema_has_the_types_of_the_contract() -> None:
    schema = arrow_schema(Films)
    empty = pl.from_arrow(schema.empty_table())
    assert isinstance(empty, pl.DataFrame)
    assert empty.schema == polars_schema(Films)


def test_an_empty_table_is_published_and_read(lake: Lake) -> None:
    table = _publish(lake, Films, FILMS.clear())
    assert (table.rows, len(table.files)) == (0, 1)
    assert table.scan().collect().equals(FILMS.clear())
    assert rows(_publish(lake, Films, FILMS)) == FILMS.to_dicts()
    assert _publish(lake, Films, FILMS.clear()).scan().collect().height == 0


def test_staged_files_are_invisible_until_published(lake: Lake) -> None:
    table = _publish(lake, Films, FILMS)
    stage(lake, Films, FILMS.head(1))
    assert lake.table("silver.films") == table
    assert lake.tables() == [table]
    stage(lake, People, PEOPLE)
    assert not lake.exists("gold.people")
    assert lake.tables() == [table]


def test_publishing_a_table_leaves_the_others_alone(lake: Lake) -> None:
    films = _publish(lake, Films, FILMS)
    people = _publish(lake, People, PEOPLE)
    _publish(lake, People, PEOPLE.head(1))
    assert lake.table("silver.films") == films
    assert [table.name for table in lake.tables()] == ["gold.people", "silver.films"]
    assert lake.table("gold.people") != people


def test_a_commit_that_dies_leaves_the_last_snapshot(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    table = _publish(lake, Films, FILMS)
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
    table = _publish(lake, Films, FILMS)
    with pytest.raises(LakeError) as caught:
        lake.table("silver.films", 1)
    assert str(caught.value) == (f"silver.films: no snapshot 1 (or it has expired); the lake has {table.snapshot_id}.")


def test_a_lake_that_cannot_be_made_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lake = Lake(tmp_path / "file" / "lake")
    with pytest.raises(LakeError) as caught:
        lake.table("silver.films")
    text = str(caught.value)
    assert text.startswith(f"the lake's folder {lake.root} cannot be made: ")
    assert text.endswith("Free disk space, or set IMDB_DATA to another folder.")
    with pytest.raises(LakeError) as caught:
        staging_folder(lake, Films)
    text = str(caught.value)
    assert text.startswith(f"silver.films: cannot write below {lake.root}: ")
    assert text.endswith("Check permissions and IMDB_DATA.")


def test_a_lake_is_reopened_by_another_process(lake: Lake) -> None:
    table = _publish(lake, Films, FILMS)
    assert Lake(lake.root).table("silver.films") == table


def test_a_folder_with_quotes_and_blanks_holds_a_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "it's a [lake] *" / "ä#?%20")
    _publish(lake, Films, FILMS)
    assert rows(_publish(lake, Films, FILMS)) == FILMS.to_dicts()
    assert rows(Lake(lake.root).table("silver.films")) == FILMS.to_dicts()


@pytest.mark.filterwarnings(
    "ignore:Iceberg scan planning with the polars_iceberg plugin:polars.exceptions.PerformanceWarning"
)
def test_any_iceberg_reader_gets_the_same_rows_and_prunes_partitions(lake: Lake) -> None:
    _publish(lake, Films, FILMS.head(1))
    table = _publish(lake, Films, FILMS)
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    scan = pl.scan_iceberg(iceberg)
    assert scan.sort("tconst").collect().to_dicts() == FILMS.to_dicts()
    (other,) = [file for file in table.files if "part_decade=2000" in file]
    Path(other).unlink()
    assert scan.filter(pl.col("decade") == 1990).sort("tconst").collect()["tconst"].to_list() == ["tt1", "tt3"]
    assert [task.file.partition[0] for task in iceberg.scan("decade = 1990").plan_files()] == [1990]


@pytest.mark.filterwarnings(
    "ignore:Iceberg scan planning with the polars_iceberg plugin:polars.exceptions.PerformanceWarning"
)
def test_any_iceberg_reader_can_go_back_past_a_schema_change(lake: Lake) -> None:
    before = _publish(lake, People, PEOPLE)
    _publish(lake, MoreColumns, pl.DataFrame([{"nconst": "nm9"}], schema=polars_schema(MoreColumns)))
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert (
        pl.scan_iceberg(iceberg, snapshot_id=before.snapshot_id).sort("nconst").collect().to_dicts()
        == PEOPLE.to_dicts()
    )
    assert pl.scan_iceberg(iceberg).collect().to_dicts() == [{"nconst": "nm9", "name": None, "born": None}]


def test_files_of_a_lost_folder_are_missed_only_when_read(lake: Lake) -> None:
    table = _publish(lake, People, PEOPLE)
    shutil.rmtree(Path(table.files[0]).parent)
    assert lake.table("gold.people").rows == 2
    with pytest.raises(LakeError, match=r"0\.parquet of snapshot \d+ is lost"):
        table.scan().collect()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (PEOPLE.cast({"born": pl.String}), "column born is Int32, found String"),
        (PEOPLE.drop("born"), "column born is Int32, found None"),
        (PEOPLE.with_columns(age=1), "column age is not in the contract"),
    ],
)
def test_one_file_of_another_shape_is_not_published(lake: Lake, other: pl.DataFrame, words: str) -> None:
    staged = stage(lake, People, PEOPLE)
    other.write_parquet(Path(staged.prefix, "1.parquet"))
    with pytest.raises(LakeError, match=rf"^gold\.people: .*/1\.parquet is unlike the other staged files \({words}\)"):
        publish(lake, People, staged, {})
    assert not lake.exists(People.table)
