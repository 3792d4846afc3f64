"""Stage, audit, publish: what becomes visible, when, and what is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, description, polars_schema
from imdb_assets.lake import publish as lake_publish
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.publish import audit, publish, staging_folder
from imdb_assets.lake.schema import arrow_schema
from imdb_assets.lake.table import Staged, Table
from imdb_assets_tests.lakes import rows, stage

KEEPS = "nothing was published"


class Films(Contract):
    """Films of a test."""

    table = "silver.films"
    partition_by = "decade"

    tconst = dy.String(primary_key=True, regex="^tt", description="Title id.")
    decade = dy.Int32(min=1900, description="Decade.")
    rating = dy.Float64(nullable=True, max=10, description="Rating.")
    genres = dy.List(dy.String(nullable=True), nullable=True, description="Genres.")

    @dy.rule()
    def decade_is_round(cls) -> pl.Expr:  # noqa: N805 - dataframely's form
        """A decade ends in zero."""
        return pl.col("decade") % 10 == 0


class People(Contract):
    """People of a test: not partitioned."""

    table = "silver.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    born = dy.Int32(nullable=True, description="Year of birth.")


FILMS = pl.DataFrame(
    {
        "tconst": ["tt1", "tt2", "tt3"],
        "decade": [1990, 2000, 1990],
        "rating": [7.5, None, 3.0],
        "genres": [["Drama", None], None, []],
    },
    schema=polars_schema(Films),
)
PEOPLE = pl.DataFrame({"nconst": ["nm1", "nm2"], "born": [1950, None]}, schema=polars_schema(People))


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
    (snapshot,) = lake.history("silver.people")
    assert snapshot.properties == {
        "imdb.run-id": "run 1",
        "imdb.code-version": "abc",
        "imdb.engine": "by hand",
        "imdb.inputs": json.dumps({"bronze.name_basics": "42", "landing.x": "etag"}),
    }
    assert lake.provenance(table) == {"bronze.name_basics": "42", "landing.x": "etag"}


def test_provenance_is_that_of_the_pinned_snapshot(lake: Lake) -> None:
    first = publish(lake, People, stage(lake, People, PEOPLE, source="1"), {})
    second = publish(lake, People, stage(lake, People, PEOPLE, source="2"), {})
    assert (lake.provenance(first), lake.provenance(second)) == ({"source": "1"}, {"source": "2"})


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

    table = "silver.people"

    nconst = dy.String(primary_key=True, description="Person id.")
    name = dy.String(nullable=True, description="Name.")
    born = dy.Int32(nullable=True, description="Year of birth.")


class FewerColumns(Contract):
    """People with a column less."""

    table = "silver.people"

    nconst = dy.String(primary_key=True, description="Person id.")


class OtherTypes(Contract):
    """People with the year as a list of texts."""

    table = "silver.people"

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
    assert rows(lake.table("silver.people", before.snapshot_id)) == PEOPLE.to_dicts()
    iceberg = lake.find("silver.people")
    assert iceberg is not None
    assert set(iceberg.schema().column_names) >= set(row)
    assert {field.name for field in iceberg.schema().fields} == set(row)
    assert len(lake.history("silver.people")) == 2


def test_a_change_can_be_taken_back(lake: Lake) -> None:
    for contract in (People, OtherTypes, FewerColumns, MoreColumns, People):
        table = _publish(lake, contract, pl.DataFrame([{"nconst": "nm9"}], schema=polars_schema(contract)))
        assert rows(table) == [dict.fromkeys(contract.column_names()) | {"nconst": "nm9"}]
    assert len(lake.history("silver.people")) == 5


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
    assert iceberg.location() == str(lake.root / "silver" / "films")


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

    with pytest.raises(LakeError, match=r"silver\.films: partitioned by \['decade'\], and its contract says nothing"):
        _publish(lake, Unpartitioned, FILMS)
    assert len(lake.history("silver.films")) == 1


def test_inputs_made_from_other_snapshots_of_each_other_are_refused(lake: Lake) -> None:
    first = _publish(lake, Films, FILMS)
    made_from = stage(lake, People, PEOPLE, **{first.name: str(first.snapshot_id)})
    derived = publish(lake, People, made_from, {})
    lake.require_agreement([first, derived])
    newer = _publish(lake, Films, FILMS)
    with pytest.raises(LakeError, match="was made from snapshot"):
        lake.require_agreement([newer, derived])


def test_inputs_made_from_dumps_of_two_places_are_refused(lake: Lake) -> None:
    here = publish(lake, Films, stage(lake, Films, FILMS, place="/here"), {})
    unknown = _publish(lake, People, PEOPLE)
    lake.require_agreement([here, unknown])
    there = publish(lake, People, stage(lake, People, PEOPLE, place="/there"), {})
    with pytest.raises(LakeError, match=r"silver\.films is of /here and silver\.people is of /there: rows of"):
        lake.require_agreement([here, there])


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
    assert not lake.exists("silver.people")
    assert lake.tables() == [table]


def test_publishing_a_table_leaves_the_others_alone(lake: Lake) -> None:
    films = _publish(lake, Films, FILMS)
    people = _publish(lake, People, PEOPLE)
    _publish(lake, People, PEOPLE.head(1))
    assert lake.table("silver.films") == films
    assert [table.name for table in lake.tables()] == ["silver.films", "silver.people"]
    assert lake.table("silver.people") != people


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


def _refusal(lake: Lake, contract: type[Contract], staged: Staged) -> str:
    """The audit's words; an audit that fails touches nothing."""
    result = audit(contract, staged)
    assert not result.passed
    assert not lake.exists(contract.table)
    return result.summary(contract.table)


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        ({"tconst": [None, "tt2", "tt3"]}, "1 row breaks 'tconst|nullability' (None)"),
        ({"tconst": ["nm1", "tt2", "tt3"]}, "1 row breaks 'tconst|regex' (nm1)"),
        ({"tconst": ["tt1", "tt2", "tt1"]}, "2 rows break 'primary_key' (tt1, tt1)"),
        ({"rating": [10.5, None, 3.0]}, "1 row breaks 'rating|max' (tt1)"),
        ({"decade": [1995, 2000, 1990]}, "1 row breaks 'decade_is_round' (tt1)"),
        ({"decade": [1890, 1880, 1870]}, "3 rows break 'decade|min' (tt3, tt2, tt1, …)"),
        (
            {"rating": [11.0, 12.0, 3.0], "decade": [1990, 2000, 1991]},
            "1 row breaks 'decade_is_round', 2 rows break 'rating|max' (tt1, tt3, tt2, …)",
        ),
    ],
)
def test_a_broken_rule_is_named_with_keys(lake: Lake, change: dict[str, list[Any]], summary: str) -> None:
    frame = FILMS.with_columns(pl.Series(name, values, FILMS.schema[name]) for name, values in change.items())
    assert _refusal(lake, Films, stage(lake, Films, frame)) == f"silver.films: {summary}; {KEEPS}"


@pytest.mark.parametrize(
    ("frame", "summary"),
    [
        (PEOPLE.cast({"born": pl.Int64}), "2 rows break 'column born is Int32, have Int64'"),
        (PEOPLE.drop("born"), "2 rows break 'column born is Int32, have None'"),
        (PEOPLE.with_columns(age=pl.lit(1)), "2 rows break 'column age is not in the contract'"),
        (PEOPLE.clear().cast({"nconst": pl.Int8}), "0 rows break 'column nconst is String, have Int8'"),
    ],
)
def test_another_shape_than_the_contracts_is_refused(lake: Lake, frame: pl.DataFrame, summary: str) -> None:
    assert _refusal(lake, People, stage(lake, People, frame)) == f"silver.people: {summary}; {KEEPS}"


def test_an_audit_that_fails_holds_few_of_the_rows_that_do(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pl.concat([FILMS.with_columns(rating=pl.lit(11.0))] * 1000)
    staged = stage(lake, Films, many)
    collect, heights = pl.LazyFrame.collect, list[int]()

    def counted(frame: pl.LazyFrame, **options: Any) -> pl.DataFrame:
        made = collect(frame, **options)
        heights.append(made.height)
        return made

    monkeypatch.setattr(pl.LazyFrame, "collect", counted)
    result = audit(Films, staged)
    assert result.broken == {"primary_key": 3000, "rating|max": 3000}
    assert len(result.examples) == 3
    assert max(heights) <= 3


def test_what_is_not_valid_does_not_pass_though_no_rule_says_why(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_publish, "_at_a_glance", lambda *_: (True, False))
    assert _refusal(lake, Films, stage(lake, Films, FILMS)) == (
        f"silver.films: 3 rows break 'some rule, but no row was found that does'; {KEEPS}"
    )


def test_keys_that_differ_pass_though_their_hashes_are_one(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl.Expr, "hash", lambda _: pl.lit(0, pl.UInt64))
    assert audit(Films, stage(lake, Films, FILMS)).passed


def test_a_good_table_says_so(lake: Lake) -> None:
    result = audit(Films, stage(lake, Films, FILMS))
    assert (result.passed, result.rows, result.broken, result.examples) == (True, 3, {}, [])
    assert result.summary("silver.films") == "silver.films: 3 rows keep the contract"


@pytest.mark.parametrize(
    ("folder", "decades"),
    [
        ("part_decade=1990", [1990, 2000]),
        ("part_decade=1990", [1990, None]),
        ("part_decade=1990", [2000, 2000]),
        ("part_decade=None", [None, None]),
        ("decade=1990", [1990, 1990]),
        ("", [1990, 1990]),
    ],
    ids=["two values", "a value and null", "another value than its folder's", "null", "wrong folder name", "no folder"],
)
def test_a_file_that_is_not_one_partition_is_refused(lake: Lake, folder: str, decades: list[int | None]) -> None:
    place = Path(staging_folder(lake, Films))
    (place / folder).mkdir(exist_ok=True)
    frame = FILMS.head(2).with_columns(pl.Series("decade", decades, pl.Int32))
    frame.write_parquet(place / folder / "0.parquet")
    staged = Staged(Films.table, str(place), "by hand")
    assert _refusal(lake, Films, staged) == (
        "silver.films: 2 rows break 'each file holds one partition value, its path's' "
        f"({place / folder / '0.parquet'}); {KEEPS}"
    )


def test_nothing_staged_is_an_error_that_names_the_engine(lake: Lake) -> None:
    staged = Staged(Films.table, staging_folder(lake, Films), "by hand")
    with pytest.raises(
        LakeError, match=f"^silver.films: the engine by hand staged no Parquet file below {staged.prefix}.$"
    ):
        audit(Films, staged)


def test_staged_files_that_cannot_be_read_are_an_error_with_the_remedy(lake: Lake) -> None:
    staged = stage(lake, People, PEOPLE)
    file = Path(staged.prefix, "0.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[:-40] + b"\xff" * 32 + whole[-8:])  # a footer that is none
    with pytest.raises(
        LakeError, match=r"^silver\.people: what the engine by hand staged .* cannot be read "
    ) as caught:
        audit(People, staged)
    assert str(caught.value).endswith("Nothing was published. Materialize silver/people again.")
    assert not lake.exists(People.table)


def test_a_missing_table_is_an_error_with_the_remedy(lake: Lake) -> None:
    with pytest.raises(LakeError) as caught:
        lake.table("silver.films")
    assert str(caught.value) == (
        f"silver.films: not in the lake at {lake.root} yet. Materialize the asset silver/films first "
        "(`make demo`, or `make materialize ASSETS=silver/films`)."
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
    assert text.endswith("Free space, or set IMDB_DATA to another one.")
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
    iceberg = lake.find("silver.people")
    assert iceberg is not None
    assert (
        pl.scan_iceberg(iceberg, snapshot_id=before.snapshot_id).sort("nconst").collect().to_dicts()
        == PEOPLE.to_dicts()
    )
    assert pl.scan_iceberg(iceberg).collect().to_dicts() == [{"nconst": "nm9", "name": None, "born": None}]


def test_files_of_a_lost_folder_are_missed_only_when_read(lake: Lake) -> None:
    table = _publish(lake, People, PEOPLE)
    shutil.rmtree(Path(table.files[0]).parent)
    assert lake.table("silver.people").rows == 2
    with pytest.raises(FileNotFoundError, match=r"0\.parquet"):
        table.scan().collect()
