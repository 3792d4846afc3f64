"""A table's schema: what other Iceberg readers see of a contract, and what a changed contract changes."""

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import Contract, description, polars_schema
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.schema import arrow_schema
from imdb_assets_tests.lakes import People, put, rows
from imdb_assets_tests.unit.small_tables import FILMS, PEOPLE, Films


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
    before = put(lake, People, PEOPLE)
    after = put(lake, contract, pl.DataFrame([row], schema=polars_schema(contract)))
    assert rows(after) == [row]
    assert rows(lake.table("gold.people", before.snapshot_id)) == PEOPLE.to_dicts()
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert set(iceberg.schema().column_names) >= set(row)
    assert {field.name for field in iceberg.schema().fields} == set(row)
    assert len(lake.history("gold.people")) == 2


def test_a_change_can_be_taken_back(lake: Lake) -> None:
    for contract in (People, OtherTypes, FewerColumns, MoreColumns, People):
        table = put(lake, contract, pl.DataFrame([{"nconst": "nm9"}], schema=polars_schema(contract)))
        assert rows(table) == [dict.fromkeys(contract.column_names()) | {"nconst": "nm9"}]
    assert len(lake.history("gold.people")) == 5


def test_the_catalog_has_the_descriptions_and_the_partition(lake: Lake) -> None:
    put(lake, Films, FILMS)
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


def test_a_changed_description_reaches_the_catalog(lake: Lake) -> None:
    put(lake, Films, FILMS)

    class Reworded(Films):
        """Other words."""

        rating = dy.Float64(nullable=True, min=1, max=10, description="Other words for a rating.")

    put(lake, Reworded, FILMS)
    iceberg = lake.find("silver.films")
    assert iceberg is not None
    assert iceberg.properties["comment"] == "Other words."
    assert iceberg.schema().find_field("rating").doc == "Other words for a rating."


def test_another_partitioning_is_refused(lake: Lake) -> None:
    put(lake, Films, FILMS)

    class Unpartitioned(Films):
        """Films in one file."""

        partition_by = None

    with pytest.raises(
        LakeError, match=r"silver\.films: is partitioned by \['decade'\], but its contract says nothing"
    ):
        put(lake, Unpartitioned, FILMS)
    assert len(lake.history("silver.films")) == 1


def test_an_arrow_schema_has_the_types_of_the_contract() -> None:
    schema = arrow_schema(Films)
    empty = pl.from_arrow(schema.empty_table())
    assert isinstance(empty, pl.DataFrame)
    assert empty.schema == polars_schema(Films)


@pytest.mark.filterwarnings(
    "ignore:Iceberg scan planning with the polars_iceberg plugin:polars.exceptions.PerformanceWarning"
)
def test_any_iceberg_reader_gets_the_same_rows_and_prunes_partitions(lake: Lake) -> None:
    put(lake, Films, FILMS.head(1))
    table = put(lake, Films, FILMS)
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
    before = put(lake, People, PEOPLE)
    put(lake, MoreColumns, pl.DataFrame([{"nconst": "nm9"}], schema=polars_schema(MoreColumns)))
    iceberg = lake.find("gold.people")
    assert iceberg is not None
    assert (
        pl.scan_iceberg(iceberg, snapshot_id=before.snapshot_id).sort("nconst").collect().to_dicts()
        == PEOPLE.to_dicts()
    )
    assert pl.scan_iceberg(iceberg).collect().to_dicts() == [{"nconst": "nm9", "name": None, "born": None}]
