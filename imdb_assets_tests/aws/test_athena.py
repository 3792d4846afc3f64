"""Athena: rows in their types, what a query scanned and cost, and what is said of a query that fails."""

from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from imdb_assets.aws import athena as module
from imdb_assets.aws.athena import Answer, Athena, AthenaError
from imdb_assets.aws.buckets import BucketHome
from imdb_assets.cli.app import app
from imdb_assets.contracts import silver
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.lake.audit import audit
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import publish, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.settings import Settings
from imdb_assets_tests import tables
from imdb_assets_tests.aws import plain_tables
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.faulty import Fault, faults

PREFIX = "imdb-athena"


@pytest.fixture(scope="module")
def lake(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Films of three decades, published as a run publishes them."""
    lake = Lake(BucketHome(make_buckets(aws, PREFIX)))
    rows = [tables.film(f"tt{number:07d}", 1980 + number, 5.0 + number / 10) for number in range(30)]
    file = tmp_path_factory.mktemp("films") / "films.parquet"
    tables.table(silver.Movies, rows).write_parquet(file)
    prefix = staging_folder(lake, silver.Movies)
    films = Table("silver.films", 1, (str(file),), len(rows), 0)
    PolarsEngine().run(lambda films: films, {"films": films}, silver.Movies, prefix)
    staged = Staged(silver.Movies.table, prefix, "polars")
    assert audit(silver.Movies, staged).passed
    publish(lake, silver.Movies, staged, {})
    return lake


@pytest.fixture(scope="module")
def athena(aws: Emulator, lake: Lake) -> Athena:
    """A workgroup as `imdb deploy` makes it, over the same files."""
    aws.client("athena").create_work_group(
        Name=PREFIX,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": 10 * 2**30,
            "ResultConfiguration": {"OutputLocation": lake.home.location("x.y").partition("/tables")[0] + "/athena/"},
        },
    )
    plain_tables.show(aws, lake.table("silver.movies"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "POLL_SECONDS", 0.05)
        return Athena(Settings(lake="s3", aws_prefix=PREFIX))


def test_rows_come_in_their_types_with_what_was_scanned(athena: Athena) -> None:
    answer = athena.sql(
        "select tconst, start_year, average_rating, average_rating > 6 as good, cast(null as varchar) as nothing "
        "from plain_silver.movies where decade = 1990 order by tconst limit 2"
    )
    assert answer.rows.to_dicts() == [
        {"tconst": "tt0000010", "start_year": 1990, "average_rating": 6.0, "good": False, "nothing": None},
        {"tconst": "tt0000011", "start_year": 1991, "average_rating": 6.1, "good": True, "nothing": None},
    ]
    assert answer.bytes_scanned > 0
    assert answer.metadata == {
        "athena query": answer.query_id,
        "athena bytes scanned": answer.bytes_scanned,
        "athena usd": pytest.approx(0.00005),  # the least that is billed: 10 MB
    }


def test_more_rows_than_a_page_come_in_order(athena: Athena) -> None:
    answer = athena.sql("select range as n from range(2500) order by range")
    assert answer.rows["n"].to_list() == list(range(2500))


@pytest.mark.parametrize(("scanned", "usd"), [(0, 0.0), (1, 0.00005), (10**12, 5.0)])
def test_a_query_costs_by_the_bytes_it_scans(scanned: int, usd: float) -> None:
    assert Answer("q", pl.DataFrame(), scanned, 1.0).usd == pytest.approx(usd)


def test_wrong_sql_says_what_is_wrong(athena: Athena) -> None:
    with pytest.raises(AthenaError, match=r"query [\w-]+ failed: .*no_such_column"):
        athena.sql("select no_such_column from plain_silver.movies")


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("Query cancelled! : Bytes scanned limit was exceeded", "Name the columns and a decade, or raise"),
        ("Access denied when writing to s3://results", "The role needs s3:GetObject"),
        ("", "Athena gives no reason"),
    ],
)
def test_a_query_that_athena_ends_says_what_to_do(
    athena: Athena, monkeypatch: pytest.MonkeyPatch, reason: str, remedy: str
) -> None:
    class Ended:
        def start_query_execution(self, **_: Any) -> dict[str, Any]:
            return {"QueryExecutionId": "q"}

        def get_query_execution(self, **_: Any) -> dict[str, Any]:
            return {"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason": reason}}}

    monkeypatch.setattr(module, "client", lambda _service: Ended())
    with pytest.raises(AthenaError, match=remedy):
        athena.sql("select 1")


def test_a_workgroup_that_is_not_deployed_is_named(athena: Athena) -> None:
    fault = Fault("athena.StartQueryExecution", "InvalidRequestException", 400, "WorkGroup imdb-athena is not found.")
    with (
        faults(fault),
        pytest.raises(AthenaError, match=r"no workgroup imdb-athena .*Create the workgroup with `imdb deploy`"),
    ):
        athena.sql("select 1")


def test_what_else_is_refused_of_a_workgroup_is_said_as_athena_says_it(athena: Athena) -> None:
    fault = Fault("athena.StartQueryExecution", "InvalidRequestException", 400, "WorkGroup imdb-athena is disabled.")
    with faults(fault), pytest.raises(LakeError, match="WorkGroup imdb-athena is disabled") as raised:
        athena.sql("select 1")
    assert "imdb deploy" not in str(raised.value)


def test_the_command_asks_athena_and_says_the_cost_apart_from_the_rows(
    athena: Athena, monkeypatch: pytest.MonkeyPatch
) -> None:
    del athena
    monkeypatch.setenv("IMDB_LAKE", "s3")
    monkeypatch.setenv("IMDB_AWS_PREFIX", PREFIX)
    result = CliRunner().invoke(
        app, ["sql", "--athena", "--format", "csv", "select count(*) as n from plain_silver.movies"]
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == ["n", "30"]
    assert "bytes scanned in" in result.stderr


def test_the_command_refuses_a_lake_in_a_folder() -> None:
    result = CliRunner().invoke(app, ["sql", "--athena", "select 1"])
    assert result.exit_code == 1
    assert "IMDB_LAKE=s3" in result.output
