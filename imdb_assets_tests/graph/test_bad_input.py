"""Bad input on the real graph: the run fails, says what is wrong and what to do, and leaves published tables alone."""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from imdb_assets.contracts.silver import Movies
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.serving.bundle import INPUTS as BUNDLED
from imdb_assets.settings import Settings
from imdb_assets_tests.support import (
    TABLES_TO_GOLD,
    Run,
    folder_settings,
    materialize,
    snapshots,
    tiny_rows,
    write_bytes,
    write_dump,
    write_lines,
    write_tiny_dumps,
)

FILE = "title.ratings.tsv.gz"
HEADER = "tconst\taverageRating\tnumVotes"
CHAIN = ("landing/title_ratings", "bronze/title_ratings", "silver", "gold")
"""What depends on title.ratings, and the dump itself."""


@dataclass(frozen=True)
class Deployment:
    """A lake with everything up to gold, over a folder of dumps that tests may spoil."""

    dumps: Path
    settings: Settings
    lake: Lake
    instance: dg.DagsterInstance

    def run(self, *selection: str) -> Run:
        return materialize(self.settings, *(selection or CHAIN), instance=self.instance)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("bad input")
    settings = folder_settings(write_tiny_dumps(folder / "dumps"), folder / "data", max_bad_share=0.1)
    with dg.DagsterInstance.ephemeral() as instance:
        made = Deployment(folder / "dumps", settings, Lake(settings.lake_folder), instance)
        assert made.run(*TABLES_TO_GOLD).failures == {}
        yield made


@pytest.fixture
def deployment(published: Deployment) -> Iterator[Deployment]:
    """Checks that a bad input published nothing but quarantined lines, and mends the dumps."""
    before = snapshots(published.lake)
    yield published
    after = snapshots(published.lake)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"quarantine.title_ratings"}
    write_tiny_dumps(published.dumps)


def _failure(run: Run, step: str) -> str:
    assert list(run.failures) == [step]
    assert not any(name.startswith(("bronze", "silver", "gold")) for name in run.materialized())
    return run.failures[step]


def test_a_missing_dump(deployment: Deployment) -> None:
    (deployment.dumps / FILE).unlink()
    message = _failure(deployment.run(), "landing/title_ratings")
    others = ", ".join(sorted(path.name for path in deployment.dumps.iterdir()))
    assert message == (
        f"{FILE}: not in the folder {deployment.dumps} (it has {others}). "
        "Put the dumps into the folder, as .tsv.gz or unpacked as .tsv, or set IMDB_SOURCE_FOLDER to a folder that has "
        "all seven dumps."
    )


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (lambda whole: whole[:-20], "the gzip stream is cut off after {size:,} bytes"),
        (
            lambda whole: whole[:-8] + b"\0\0\0\0" + whole[-4:],
            "the gzip stream is corrupt (Error -6 Incorrect checksum found, in the first {size:,} bytes)",
        ),
    ],
    ids=["truncated", "corrupt"],
)
def test_a_damaged_gzip_does_not_land(deployment: Deployment, damage: Callable[[bytes], bytes], cause: str) -> None:
    rows = [f"tt{number:07d}\t5.{number % 10}\t{number * 7919}" for number in range(1, 20_000)]
    damaged = damage(gzip.compress("\n".join([HEADER, *rows, ""]).encode(), mtime=0))
    (deployment.dumps / FILE).write_bytes(damaged)
    current = Landing(deployment.settings.landing_folder).required("title.ratings")
    assert _failure(deployment.run(), "landing/title_ratings") == (
        f"{FILE}: {cause.format(size=len(damaged))}. Get {FILE} again; the current dump stays in use."
    )
    assert Landing(deployment.settings.landing_folder).required("title.ratings") == current


def test_a_dump_damaged_after_landing_is_noticed_by_bronze_and_mended_by_landing(deployment: Deployment) -> None:
    assert deployment.run("landing/title_ratings").failures == {}
    landed = Path(Landing(deployment.settings.landing_folder).required("title.ratings").path)
    good = landed.read_bytes()
    landed.write_bytes(good[:-4])
    assert _failure(deployment.run("bronze/title_ratings"), "bronze/title_ratings") == (
        f"{FILE}: the gzip stream is cut off after {len(good) - 4:,} bytes. "
        "Nothing was published. Get the dump again (re-materialize its landing asset)."
    )
    assert deployment.run("landing/title_ratings").failures == {}
    assert landed.read_bytes() == good


def test_many_malformed_lines(deployment: Deployment) -> None:
    write_dump(deployment.dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad"] * 4)
    before = deployment.lake.table("quarantine.title_ratings")
    assert _failure(deployment.run(), "bronze/title_ratings") == (
        f"{FILE}: 4 of 30 lines cannot be read (13.33%; IMDB_MAX_BAD_SHARE allows 10.00%). "
        "Line 28: expected 3 tab-separated fields, found 1. "
        "bronze.title_ratings is unchanged; the lines are in quarantine.title_ratings."
    )
    after = deployment.lake.table("quarantine.title_ratings")
    assert after.snapshot_id != before.snapshot_id
    assert after.scan().select("line", "raw").collect().rows() == [(line, "bad") for line in (28, 29, 30, 31)]


def test_more_malformed_lines_than_are_kept(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imdb_assets.defs.bronze.dumps.KEEP_REJECTS", 5)
    write_dump(deployment.dumps, "title.ratings", tiny_rows()["title.ratings"], *[b"bad" * 1000] * 20)
    run = deployment.run()
    assert _failure(run, "bronze/title_ratings") == (
        f"{FILE}: more than 5 of 46 lines cannot be read (IMDB_MAX_BAD_SHARE allows 10.00%). "
        "Line 28: expected 3 tab-separated fields, found 1. "
        "bronze.title_ratings is unchanged; the first 5 lines are in quarantine.title_ratings."
    )
    quarantined = deployment.lake.table("quarantine.title_ratings").scan().collect()
    assert quarantined["raw"].to_list() == ["bad" * 1000] * 5  # verbatim, and shortened only where it is shown
    assert len(run.metadata("quarantine/title_ratings")["lines"]) < 5 * 500


def test_all_lines_malformed(deployment: Deployment) -> None:
    write_lines(deployment.dumps, "title.ratings", [b"a,b,c"] * 3)
    assert _failure(deployment.run(), "bronze/title_ratings") == (
        f"{FILE}: 3 of 3 lines cannot be read (100.00%; IMDB_MAX_BAD_SHARE allows 10.00%). "
        "Line 2: expected 3 tab-separated fields, found 1. "
        "bronze.title_ratings is unchanged; the lines are in quarantine.title_ratings."
    )


def test_all_lines_malformed_where_any_share_is_allowed(deployment: Deployment) -> None:
    write_lines(deployment.dumps, "title.ratings", [b"a,b,c"] * 3)
    settings = folder_settings(deployment.dumps, deployment.settings.data, max_bad_share=1)
    message = _failure(materialize(settings, *CHAIN), "bronze/title_ratings")
    assert message.startswith(f"{FILE}: ")
    assert "bronze.title_ratings is unchanged" in message


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_alone(deployment: Deployment, end: str) -> None:
    write_bytes(deployment.dumps, "title.ratings", (HEADER + end).encode())
    assert _failure(deployment.run(), "bronze/title_ratings") == (
        f"{FILE}: has no row that can be read. bronze.title_ratings is unchanged. Get the dump again."
    )


def test_a_source_that_fails_leaves_readers_the_last_dump(deployment: Deployment) -> None:
    (deployment.dumps / FILE).write_bytes(b"")
    assert list(deployment.run("landing/title_ratings").failures) == ["landing/title_ratings"]
    deployment.dumps.rename(deployment.dumps.with_name("away"))
    try:
        rows = deployment.lake.table("silver.movies").scan().collect()
        assert rows["average_rating"].count() == 26
    finally:
        deployment.dumps.with_name("away").rename(deployment.dumps)


def test_few_malformed_lines_are_quarantined_and_the_rest_is_published(tiny_dumps: Path, tmp_path: Path) -> None:
    write_dump(tiny_dumps, "title.ratings", tiny_rows()["title.ratings"], b"bad", b"tt0000099\t99\t1")
    settings = folder_settings(tiny_dumps, tmp_path / "data", max_bad_share=0.1)
    run = materialize(settings, *CHAIN[:2])
    lake = Lake(settings.lake_folder)
    assert run.failures == {}
    assert lake.table("bronze.title_ratings").rows == 26
    assert lake.table("quarantine.title_ratings").scan().select("line", "raw", "reason").collect().rows() == [
        (28, "bad", "expected 3 tab-separated fields, found 1"),
        (29, "tt0000099\t99\t1", "averageRating: '99' is above 10"),
    ]


def test_a_data_folder_that_cannot_be_written(tiny_dumps: Path, tmp_path: Path) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / ("d" * 300))  # a name too long for a folder
    run = materialize(settings, *CHAIN[:2])
    message = _failure(run, "landing/title_ratings")
    assert message.startswith(f"the lake's folder {settings.lake_folder} cannot be used: [Errno")
    assert message.endswith("or set IMDB_DATA to another folder.")


@pytest.mark.parametrize(
    ("asset", "needed"),
    [
        ("silver/movies", ["bronze.title_basics", "bronze.title_ratings"]),
        ("gold/director_reputation", ["silver.movies", "silver.credits"]),
        (
            "gold/movie_features",
            [
                "silver.movies",
                "silver.credits",
                "gold.director_reputation",
                "gold.person_reputation",
                "gold.rating_expectation",
                "gold.residual_reputation",
                "gold.title_word_reputation",
            ],
        ),
        ("models/leak_check", ["silver.movies", "silver.credits"]),
        (
            "models/rating_model",
            [
                "gold.movie_features",
                *(f"models.{table}" for table in ("iterations", "leak_check", "audit", "champion_scores")),
                *BUNDLED,
            ],
        ),
    ],
)
def test_a_table_asked_for_before_what_it_is_made_of(
    tiny_dumps: Path, tmp_path: Path, asset: str, needed: list[str]
) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / "data")
    assert _failure(materialize(settings, asset), asset) in {
        f"{table}: not in the lake at {settings.lake_folder} yet. "
        f"Materialize the asset {table.replace('.', '/')} first "
        f"(`make demo`, or `make materialize ASSETS={table.replace('.', '/')}`)."
        for table in needed
    }
    assert Lake(settings.lake_folder).tables() == []


def test_bronze_asked_for_before_its_dump_has_landed(tiny_dumps: Path, tmp_path: Path) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / "data")
    assert _failure(materialize(settings, "bronze/title_ratings"), "bronze/title_ratings") == (
        f"{FILE}: not in the landing zone {settings.landing_folder} yet. Materialize landing/title_ratings first."
    )


def test_the_endpoint_asked_for_before_there_is_a_model(tiny_dumps: Path, tmp_path: Path) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / "data")
    assert _failure(materialize(settings, "serving/rating_endpoint"), "serving/rating_endpoint") == (
        f"no rating model below {settings.models_folder} yet. Materialize models/rating_model first (`make demo`)."
    )


def test_a_contract_that_does_not_hold_stops_before_the_commit(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Movies.columns()["runtime_minutes"], "max", 100)
    run = deployment.run("silver/movies", "silver/credits", "gold")
    message = _failure(run, "silver/movies")
    assert re.fullmatch(
        r"silver\.movies: 23 rows break 'runtime_minutes\|max' \((tt\d{7}, ){3}…\); "
        r"nothing was published\. The staged rows are kept for a day, in /.+/silver/movies/data/\w+",
        message,
    )
    (check,) = [result for result in run.result.get_asset_check_evaluations() if result.asset_key.path[-1] == "movies"]
    said = message.partition(". The staged")[0]
    assert (check.passed, check.description, check.metadata["rows"].value) == (False, said, 30)


def test_a_dump_that_was_cut_off_and_cleanly_closed(deployment: Deployment) -> None:
    write_dump(deployment.dumps, "title.ratings", tiny_rows()["title.ratings"][:2])
    assert _failure(deployment.run(), "bronze/title_ratings") == (
        f"{FILE}: has 2 lines, but bronze.title_ratings was made from 26 lines of {deployment.dumps / FILE} (92.31% "
        "fewer; IMDB_MAX_DROP allows 5.00%). bronze.title_ratings is unchanged. Get the dump again; if the source has "
        "really removed these lines, run once with IMDB_MAX_DROP=1."
    )
    again = deployment.run("bronze/title_ratings")
    assert "92.31% fewer" in again.failure  # what was refused is not what the next one is measured by


def test_a_dump_that_is_meant_to_be_shorter(tiny_dumps: Path, tmp_path: Path) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / "data")
    assert materialize(settings, *CHAIN[:2]).failures == {}
    write_dump(tiny_dumps, "title.ratings", tiny_rows()["title.ratings"][:2])
    assert materialize(settings.model_copy(update={"max_drop": 1.0}), *CHAIN[:2]).failures == {}
    assert Lake(settings.lake_folder).table("bronze.title_ratings").rows == 2


def test_a_smaller_catalogue_of_another_place_is_no_drop(tiny_dumps: Path, tmp_path: Path) -> None:
    settings = folder_settings(tiny_dumps, tmp_path / "data")
    ratings = ("landing", "bronze/title_ratings")
    assert materialize(settings, *ratings).failures == {}
    smaller = write_tiny_dumps(tmp_path / "smaller")
    write_dump(smaller, "title.ratings", tiny_rows()["title.ratings"][:2])
    assert materialize(folder_settings(smaller, settings.data), *ratings).failures == {}
    assert Lake(settings.lake_folder).table("bronze.title_ratings").rows == 2


def test_a_dump_of_another_catalogue_than_its_siblings(deployment: Deployment, tmp_path: Path) -> None:
    before = Landing(deployment.settings.landing_folder).required("title.ratings")
    elsewhere = folder_settings(write_tiny_dumps(tmp_path / "other"), deployment.settings.data)
    assert _failure(materialize(elsewhere, *CHAIN), "landing/title_ratings") == (
        f"{FILE} is set to come from {tmp_path / 'other'}, but name.basics, title.akas, title.basics, title.crew, "
        f"title.episode, title.principals came from {deployment.dumps}. One id can mean different titles in different "
        "sources, so rows from two sources cannot be joined. Nothing was changed. Set IMDB_SOURCE (and "
        "IMDB_SOURCE_FOLDER) in .env to the "
        "source of the other dumps, because `imdb demo --source` applies to one run only; or materialize "
        "all seven landing assets in one run."
    )
    assert Landing(deployment.settings.landing_folder).required("title.ratings") == before
    sample = Settings(data=deployment.settings.data)
    assert "is set to come from" in materialize(sample, "landing/title_ratings").failure
    assert not sample.samples_folder.exists()  # it was not even generated
