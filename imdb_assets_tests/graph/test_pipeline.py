"""Landing to gold on the tiny catalogue, with the real graph, engine and lake: what lies there after a run."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import polars as pl
import pyarrow.parquet as pq
import pytest
from pyiceberg.table.name_mapping import NameMapping

from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.schema import ids_in, ids_of
from imdb_assets.settings import Settings
from imdb_assets_tests.support import (
    FILMS,
    TABLES_TO_GOLD,
    Run,
    film_row,
    folder_settings,
    materialize,
    snapshots,
    tiny_rows,
    write_dump,
    write_tiny_dumps,
)

BAD_LINES = [b"tt0000200\tonly two", b"\xff\xfe", b"nm1\t5.0\t10"]
"""Appended to title.ratings, after the header and 26 rows."""


@dataclass(frozen=True)
class Published:
    """The lake after one run of everything up to gold, of dumps in which one film stands twice, far apart."""

    settings: Settings
    run: Run
    lake: Lake

    def rows(self, table: str) -> pl.DataFrame:
        frame = self.lake.table(table).scan().collect()
        return frame.sort([name for name, dtype in frame.schema.items() if dtype != pl.List(pl.String)])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("pipeline")
    dumps = write_tiny_dumps(folder / "dumps")
    rows = tiny_rows()
    write_dump(dumps, "title.basics", [*rows["title.basics"], rows["title.basics"][0]])
    write_dump(dumps, "title.ratings", rows["title.ratings"], *BAD_LINES)
    settings = folder_settings(dumps, folder / "data", max_bad_share=0.2)
    return Published(settings, materialize(settings, *TABLES_TO_GOLD), Lake(settings.lake_folder))


def _tables(*layers: str) -> set[str]:
    """Tables that are made in one run; the others are made day by day."""
    return {name for name, one in CONTRACTS.items() if name.startswith(layers) and not one.incremental}


def test_everything_up_to_gold_is_published(published: Published) -> None:
    assert published.run.failures == {}
    assert set(snapshots(published.lake)) == _tables("bronze", "quarantine", "silver", "gold")
    assert {len(ids) for ids in snapshots(published.lake).values()} == {1}
    checks = published.run.result.get_asset_check_evaluations()
    failed = {check.asset_check_key.to_user_string(): check.description for check in checks if not check.passed}
    assert failed == {
        "bronze/title_basics:keys_are_unique": (
            "1 of 39 rows have the same tconst as an earlier row; up to 0.1% is normal."
        )
    }


def test_films_are_exactly_those_of_the_catalogue(published: Published) -> None:
    assert published.rows("silver.movies").to_dicts() == [film_row(film) for film in FILMS]


def test_every_column_of_every_data_file_has_its_field_id(published: Published) -> None:
    tables = published.lake.tables()
    assert len(tables) == len(snapshots(published.lake))
    for table in tables:
        iceberg = published.lake.find(table.name)
        assert iceberg is not None
        for file in table.files:
            assert ids_in(pq.read_schema(file), NameMapping([])) == ids_of(iceberg.schema()), file


def test_films_lie_in_one_file_per_decade(published: Published) -> None:
    folders = [Path(file).parent.name for file in published.lake.table("silver.movies").files]
    assert folders == ["part_decade=1990", "part_decade=2000", "part_decade=2010"]


def test_the_funnel_counts_what_each_rule_leaves(published: Published) -> None:
    metadata = published.run.metadata("silver/movies")
    lines = [[cell.strip() for cell in line.strip("|").split("|")][1:3] for line in metadata["funnel"].splitlines()[2:]]
    assert lines == [
        ["all titles", "39"],
        ["is of type movie", "36"],
        ["is not an adult title", "35"],
        ["has a year of release", "34"],
        ["has at least one genre", "33"],
        ["has a runtime", "32"],
        ["runs 40-400 minutes", "31"],
        ["is listed once", "30"],
        ["is rated (clean films)", "26"],
    ]
    assert metadata["clean films"] == 26


def test_the_ui_gets_rows_size_place_preview_and_lineage(published: Published) -> None:
    table = published.lake.table("silver.movies")
    metadata = published.run.metadata("silver/movies")
    assert (metadata["dagster/row_count"], metadata["bytes"], metadata["files"]) == (30, table.bytes, 3)
    assert metadata["snapshot_id"] == str(table.snapshot_id)
    assert metadata["dagster/table_name"] == "silver.movies"
    assert metadata["dagster/uri"] == str(published.lake.root / "silver" / "movies")
    assert metadata["engine"] == "polars"
    assert metadata["preview"].splitlines()[0].startswith("| tconst | primary_title | original_title |")
    assert len(metadata["preview"].splitlines()) == 7
    assert metadata["dagster/column_lineage"].deps_by_column["start_year"] == [
        dg.TableColumnDep(asset_key=dg.AssetKey(["bronze", "title_basics"]), column_name="startYear")
    ]


def test_bronze_keeps_every_row_of_the_dump(published: Published) -> None:
    assert published.lake.table("bronze.title_basics").rows == 39
    odd = published.rows("bronze.title_basics").filter(pl.col("tconst").is_in(["tt0000004", "tt0000108"]))
    assert odd.select("primaryTitle", "runtimeMinutes").rows() == [('"Quote Unclosed', 89), ("No Film", 51_420)]
    characters = published.rows("bronze.title_principals").select("characters", "charactersRaw").unique().rows()
    assert characters == [(["Self"], None)]


def test_quarantine_has_the_unreadable_lines(published: Published) -> None:
    assert published.rows("quarantine.title_ratings").to_dicts() == [
        {
            "line": line,
            "raw": raw,
            "reason": reason,
            "file": "title.ratings.tsv.gz",
        }
        for line, raw, reason in (
            (28, "tt0000200\tonly two", "expected 3 tab-separated fields, found 2"),
            (29, "\\xff\\xfe", "not UTF-8: invalid start byte at byte 0"),
            (30, "nm1\t5.0\t10", "tconst: 'nm1' does not match ^tt[0-9]{7,8}$"),
        )
    ]
    assert published.lake.table("quarantine.title_basics").rows == 0
    metadata = published.run.metadata("bronze/title_ratings")
    assert (metadata["quarantined"], metadata["bad share"]) == (3, pytest.approx(3 / 29))
    assert (
        "| 28 | expected 3 tab-separated fields, found 2 |"
        in published.run.metadata("quarantine/title_ratings")["lines"]
    )


def test_credits_are_those_of_the_crew_lists_and_the_cast(published: Published) -> None:
    expected = {
        (film.tconst, person, role, order)
        for film in FILMS
        for role, people, order in (
            ("director", film.directors, None),
            ("writer", film.writers, None),
            ("cast", film.cast, 1),
        )
        for person in (people or "").split(",")
        if person
    }
    assert set(published.rows("silver.credits").select("tconst", "nconst", "role", "billing_order").rows()) == expected
    assert published.lake.table("silver.credits").rows == len(expected)


def test_features_cover_every_film_and_know_the_directors_past(published: Published) -> None:
    features = published.rows("gold.movie_features").sort("tconst")
    assert features["tconst"].to_list() == [film.tconst for film in FILMS]
    assert features["average_rating"].to_list() == [film.average_rating for film in FILMS]
    (second,) = features.filter(tconst="tt0000005").to_dicts()
    assert (second["director_film_count"], second["director_mean_rating"]) == (1, FILMS[0].average_rating)
    (nobody,) = features.filter(tconst="tt0000008").to_dicts()
    assert (nobody["director_film_count"], nobody["director_count"]) == (None, None)
    (two,) = features.filter(tconst="tt0000006").to_dicts()
    assert two["director_count"] == 2


def test_unrated_films_make_the_completeness_check_speak_of_rated_ones_only(published: Published) -> None:
    (check,) = [
        result
        for result in published.run.result.get_asset_check_evaluations()
        if result.check_name == "critical_columns_complete"
    ]
    assert (check.passed, check.description) == (True, "Lowest: 100.00%.")


def test_every_contract_check_was_recorded_with_its_rows(published: Published) -> None:
    checks = {
        result.asset_key.to_user_string(): result
        for result in published.run.result.get_asset_check_evaluations()
        if result.check_name == "contract"
    }
    assert set(checks) == {name.replace(".", "/") for name in _tables("bronze", "silver", "gold")}
    assert checks["silver/movies"].description == "silver.movies: 30 rows satisfy the contract"


def test_a_snapshot_names_run_code_engine_and_the_snapshots_it_was_made_from(published: Published) -> None:
    lake = published.lake
    made_from = {name: str(lake.table(name).snapshot_id) for name in ("bronze.title_basics", "bronze.title_ratings")}
    movies = lake.table("silver.movies")
    place = {"place": Landing(published.settings.landing_folder).place()}
    assert movies.inputs == {**made_from, **place}
    (snapshot,) = lake.history("silver.movies")
    assert snapshot.properties["imdb.run-id"] == published.run.result.run_id
    assert snapshot.properties["imdb.engine"] == "polars"
    assert len(snapshot.properties["imdb.code-version"]) == 12
    assert lake.table("gold.director_reputation").inputs == {
        "silver.movies": str(movies.snapshot_id),
        "silver.credits": str(lake.table("silver.credits").snapshot_id),
        **place,
    }


def test_bronze_names_the_dump_it_was_read_from(published: Published) -> None:
    dump = Landing(published.settings.landing_folder).required("title.ratings")
    made_from = {"landing.title_ratings": dump.sha256, "place": dump.place}
    assert published.lake.table("bronze.title_ratings").inputs == made_from
    assert published.lake.table("quarantine.title_ratings").inputs == made_from
    metadata = published.run.metadata("landing/title_ratings")
    assert (metadata["sha256"], metadata["bytes"], metadata["dagster/uri"]) == (dump.sha256, dump.bytes, dump.path)
    assert metadata["etag"] == "none (not served over HTTP)"
    (event,) = [
        event
        for event in published.run.result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(["landing", "title_ratings"])
    ]
    assert (event.materialization.tags or {})["dagster/data_version"] == dump.sha256


def test_the_set_is_of_the_date_of_its_newest_dump(published: Published) -> None:
    landing = Landing(published.settings.landing_folder)
    newest = max(landing.required(dump).last_modified for dump in DUMP_CONTRACTS)
    assert landing.dumped_on().isoformat() == newest[:10]
    assert landing.versions() == {dump: landing.required(dump).sha256 for dump in DUMP_CONTRACTS}


def test_rematerializing_one_table_adds_one_snapshot_to_it_alone(published: Published) -> None:
    before = snapshots(published.lake)
    rows = published.rows("silver.movies")
    run = materialize(published.settings, "silver/movies")
    after = snapshots(published.lake)
    assert run.failures == {}
    assert run.materialized() == {"silver/movies"}
    assert {name for name in after if after[name] != before[name]} == {"silver.movies"}
    assert after["silver.movies"][:-1] == before["silver.movies"]
    assert len(after["silver.movies"]) == len(before["silver.movies"]) + 1
    assert published.rows("silver.movies").equals(rows)
