"""The data dictionary is complete, refers to what exists, and means the same in Polars, Iceberg and the UI."""

import re
from typing import get_args

import dataframely as dy
import polars as pl
import pytest

from imdb_assets.contracts.base import (
    NCONST,
    TCONST,
    Contract,
    constraints,
    description,
    lineage,
    polars_schema,
)
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header, quarantine_contract
from imdb_assets.contracts.features import Family, MovieFeatures
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.ml.iterations import feature_metadata
from imdb_assets.naming import schema
from imdb_assets_tests.lakes import put

IMDB_COLUMNS = {
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "title.crew": "tconst directors writers",
    "title.episode": "tconst parentTconst seasonNumber episodeNumber",
    "title.principals": "tconst ordering nconst category job characters",
    "title.ratings": "tconst averageRating numVotes",
}
"""From IMDb's dataset page."""

every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)


def test_there_is_one_contract_per_table() -> None:
    assert list(CONTRACTS) == [contract.table for contract in CONTRACTS.values()]
    assert {name.partition(".")[0] for name in CONTRACTS} == {
        "bronze",
        "quarantine",
        "silver",
        "gold",
        "models",
        "serving",
        "ops",
    }


@every_contract
def test_a_table_says_what_it_holds(contract: type[Contract]) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z][a-z_]*", contract.table)
    assert description(contract).endswith((".", "!"))
    assert description(contract) != description(Contract)


@every_contract
def test_every_column_says_what_it_holds(contract: type[Contract]) -> None:
    undescribed = [name for name, column in contract.columns().items() if not (column.description or "").strip()]
    assert undescribed == []


@every_contract
def test_names_are_snake_case_from_silver_on(contract: type[Contract]) -> None:
    if schema(contract.table) != "bronze":
        assert [name for name in contract.column_names() if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


@every_contract
def test_lineage_names_tables_and_columns_that_exist(contract: type[Contract]) -> None:
    unknown = [
        (name, table, column)
        for name, sources in lineage(contract).items()
        for table, column in sources
        if table not in CONTRACTS or column not in CONTRACTS[table].column_names()
    ]
    assert unknown == []


@pytest.mark.parametrize("table", ["silver.movies", "silver.credits", "silver.releases", "gold.movie_features"])
def test_every_column_of_silver_and_features_has_a_source(table: str) -> None:
    assert [name for name, sources in lineage(CONTRACTS[table]).items() if not sources] == []


@every_contract
def test_a_partition_column_is_a_column_and_never_null(contract: type[Contract]) -> None:
    if contract.partition_by is not None:
        assert not contract.columns()[contract.partition_by].nullable


def test_silver_and_gold_tables_have_keys() -> None:
    keyless = [name for name, contract in CONTRACTS.items() if not contract.primary_key()]
    assert all(name.startswith(("bronze.", "quarantine.")) for name in keyless)
    assert CONTRACTS["silver.movies"].primary_key() == ["tconst"]
    assert sorted(CONTRACTS["silver.credits"].primary_key()) == ["nconst", "role", "tconst"]
    assert sorted(CONTRACTS["gold.person_reputation"].primary_key()) == ["nconst", "role", "year"]


@pytest.mark.parametrize("dump", DUMP_CONTRACTS)
def test_a_bronze_table_has_imdbs_columns_in_imdbs_order(dump: str) -> None:
    contract = DUMP_CONTRACTS[dump]
    assert header(contract) == IMDB_COLUMNS[dump].split()
    assert contract.table == f"bronze.{dump.replace('.', '_')}"
    quarantine = quarantine_contract(contract)
    assert quarantine.table == f"quarantine.{dump.replace('.', '_')}"
    assert quarantine.column_names() == ["line", "raw", "reason", "file"]


def test_there_are_seven_dumps() -> None:
    assert set(DUMP_CONTRACTS) == set(IMDB_COLUMNS)


@every_contract
def test_a_table_comes_back_from_iceberg_in_the_contracts_types(contract: type[Contract], lake: Lake) -> None:
    table = put(lake, contract, pl.DataFrame(schema=polars_schema(contract)))
    assert table.scan().collect_schema() == polars_schema(contract)
    iceberg = lake.find(contract.table)
    assert iceberg is not None
    read = pl.from_arrow(iceberg.scan().to_arrow())
    assert isinstance(read, pl.DataFrame)
    assert read.schema == polars_schema(contract)
    assert {field.name: field.doc for field in iceberg.schema().fields} == {
        name: column.description for name, column in contract.columns().items()
    }


@every_contract
def test_numbers_have_the_width_that_every_engine_writes(contract: type[Contract]) -> None:
    times = (pl.Date, pl.Datetime("us", "UTC"))
    allowed = (pl.Int32, pl.Int64, pl.Float64, pl.String, pl.Boolean, pl.List(pl.String), *times)
    assert {dtype for dtype in polars_schema(contract).dtypes() if dtype not in allowed} == set()


def test_every_feature_has_a_group_a_family_and_a_regime() -> None:
    columns = MovieFeatures.columns()
    without = [
        name
        for name, column in columns.items()
        if name not in {"tconst", "average_rating"}
        and not {"group", "family", "regime", "source"} <= set(column.metadata or {})
    ]
    assert without == []
    assert {metadata["family"] for metadata in feature_metadata().values()} == set(get_args(Family))
    assert {metadata["regime"] for metadata in feature_metadata().values()} == {"pre-release", "with votes", "leaky"}


def test_features_of_a_regime_come_from_what_it_may_know() -> None:
    sources = lineage(MovieFeatures)
    for name, metadata in feature_metadata().items():
        own = {f"{table}.{column}" for table, column in sources[name]} & {
            "silver.movies.average_rating",
            "silver.movies.num_votes",
            "gold.rating_expectation.e1",
        }
        of_votes = {"silver.movies.num_votes"} if metadata["group"] == "votes" else {"gold.rating_expectation.e1"}
        assert own == (of_votes if metadata["regime"] == "with votes" else set()), name


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            TCONST,
            ["tt0000001", "tt12345678"],
            ["tt1", "nm0000001", "tt123456789", "tt000000٣", " tt0000001", "tt0000001\n", "TT0000001"],
        ),
        (
            NCONST,
            ["nm0000001", "nm12345678"],
            ["nm1", "tt0000001", "nm123456789", "nm000000٣", "nm0000001 ", "nm0000001\n"],
        ),
    ],
)
def test_ids_are_two_letters_and_seven_or_eight_ascii_digits(pattern: str, good: list[str], bad: list[str]) -> None:
    assert pl.Series(good).str.contains(pattern).all()
    assert not pl.Series(bad).str.contains(pattern).any()
    assert all(re.fullmatch(pattern, name) for name in good)
    assert not any(re.fullmatch(pattern, name) for name in bad)


def test_bounds_are_told_in_words() -> None:
    assert constraints(dy.Float64(min=1, max=10)) == ["≥ 1", "≤ 10"]
    assert constraints(dy.String(regex="^tt")) == ["matches ^tt"]
    assert constraints(dy.Bool()) == []
