"""Runs SQL on Athena, reports what each query scanned and cost, and creates the analytical views in Athena.

`imdb deploy` makes the workgroup. The workgroup sets where results are stored, and how many bytes a query may scan
before Athena ends the query. Tables need no registration, because Glue's catalog lists every published table.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from imdb_assets.aws.billing import prices
from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.client import aws_errors, client, database_name
from imdb_assets.naming import parameter, schema
from imdb_assets.settings import Settings
from imdb_assets.warehouse.views import View, translate

BILLED_AT_LEAST = 10_000_000
"""Minimum number of bytes billed for a query that reads a table."""
POLL_SECONDS = 0.5
TIMEOUT_SECONDS = 600.0
PAGE = 1000  # rows in one answer; Athena allows no more

_TYPES: dict[str, Any] = {
    "boolean": pl.Boolean,
    "tinyint": pl.Int8,
    "smallint": pl.Int16,
    "integer": pl.Int32,
    "bigint": pl.Int64,
    "float": pl.Float32,
    "real": pl.Float32,
    "double": pl.Float64,
    "date": pl.Date,
}


_NO_WORKGROUP = re.compile(r"work ?group\b.*\bnot found", re.IGNORECASE)
"""Recognizes a missing workgroup by Athena's message, because every refusal has the code `InvalidRequestException`."""


class AthenaError(Exception):
    """A query failed; the message says why and what to do."""


@dataclass(frozen=True)
class Answer:
    """The result of a query, and the resources that it used."""

    query_id: str
    rows: pl.DataFrame
    bytes_scanned: int
    seconds: float

    @property
    def usd(self) -> float:
        """Cost of the query, US dollars."""
        billed = max(self.bytes_scanned, BILLED_AT_LEAST) if self.bytes_scanned else 0
        return prices.prices()["athena_scan"].of(billed)

    @property
    def metadata(self) -> dict[str, Any]:
        """The query's usage, as metadata of an asset; the cost in `ops.costs` is computed from the bytes scanned."""
        return {"athena query": self.query_id, "athena bytes scanned": self.bytes_scanned, "athena usd": self.usd}


class Athena:
    """The workgroup of one deployment."""

    def __init__(self, settings: Settings) -> None:
        """Sends no request before the first query."""
        self._workgroup = settings.aws_prefix
        self._buckets = Buckets(settings.aws_prefix)

    def sql(self, query: str) -> Answer:
        """Runs one statement and waits for it.

        Args:
            query: SQL in Trino's dialect; tables are named `<prefix>_schema.table`.

        Raises:
            AthenaError: The SQL is invalid, or the query scans more bytes than the workgroup allows or takes too long.
            LakeError: AWS refused the request or could not be reached.
        """
        athena = client("athena")
        with aws_errors("Athena cannot be queried"):
            # boto3 adds a token to the request, so a request repeated after a lost answer starts no second query
            try:
                query_id = athena.start_query_execution(QueryString=query, WorkGroup=self._workgroup)[
                    "QueryExecutionId"
                ]
            except athena.exceptions.InvalidRequestException as error:
                if not _NO_WORKGROUP.search(str(error)):
                    raise
                raise AthenaError(
                    f"there is no workgroup {self._workgroup} ({error}). Create the workgroup with `imdb deploy`, or "
                    "correct IMDB_AWS_PREFIX."
                ) from error
            found = self._waited(query_id)
            statistics = found.get("Statistics", {})
            return Answer(
                query_id=query_id,
                rows=_frame(athena, query_id),
                bytes_scanned=int(statistics.get("DataScannedInBytes", 0)),
                seconds=statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
            )

    def create_view(self, view: View) -> None:
        """Creates or replaces a view; the view's query is translated to Trino's dialect.

        A view is replaced even if its SQL is unchanged, because Athena refuses a view that reads a column whose type
        has changed.

        Args:
            view: One of `views.every()`.

        Raises:
            AthenaError: See `sql`.
            LakeError: See `sql`.
        """
        self._buckets.make_database(schema(view.name))
        prefix = database_name(self._buckets.prefix, "")
        self.sql(f"CREATE OR REPLACE VIEW {self._named(view)} AS\n{translate(view.text, 'trino', prefix)}")

    def try_view(self, view: View) -> dict[str, Any]:
        """Creates a view and reads it once.

        Returns:
            Metadata for an asset: the view's number of rows, the bytes scanned, and the cost of the query.

        Raises:
            AthenaError: See `sql`.
            LakeError: See `sql`.
        """
        self.create_view(view)
        answer = self.sql(f"SELECT count(*) AS counted FROM {self._named(view)}")  # noqa: S608 - a name of our own
        return {"athena rows": int(answer.rows.item()), **answer.metadata}

    def _named(self, view: View) -> str:
        return f'"{database_name(self._buckets.prefix, schema(view.name))}"."{parameter(view.name)}"'

    def _waited(self, query_id: str) -> dict[str, Any]:
        athena, deadline = client("athena"), time.monotonic() + TIMEOUT_SECONDS
        while True:
            found = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            state = found["Status"]["State"]
            if state == "SUCCEEDED":
                return found
            if state in {"FAILED", "CANCELLED"}:
                raise AthenaError(_reason(query_id, found["Status"].get("StateChangeReason", ""), self._workgroup))
            if time.monotonic() > deadline:
                athena.stop_query_execution(QueryExecutionId=query_id)
                raise AthenaError(
                    f"query {query_id} took longer than {TIMEOUT_SECONDS:.0f} s and was cancelled. Query fewer "
                    "columns, or fewer decades."
                )
            time.sleep(POLL_SECONDS)


def _reason(query_id: str, said: str, workgroup: str) -> str:
    if "bytes scanned limit" in said.lower():
        return (
            f"query {query_id} was ended: it would have scanned more than the workgroup {workgroup} allows "
            f"({said.rstrip('.')}). Name the columns and a decade, or raise BytesScannedCutoff and `imdb deploy`."
        )
    if "access denied" in said.lower() or "accessdenied" in said.lower():
        return f"query {query_id} was refused: {said.rstrip('.')}. The role needs s3:GetObject on the tables' buckets."
    return f"query {query_id} failed: {said or 'Athena gives no reason'}"


def _frame(athena: Any, query_id: str) -> pl.DataFrame:
    """All rows of a query's result.

    Athena sends every value as text. This function converts the texts of booleans, numbers, dates and times; decimals
    and lists stay texts.
    """
    names: list[str] = []
    types: list[str] = []
    rows: list[list[str | None]] = []
    for page in _pages(athena, query_id):
        columns = page["ResultSetMetadata"]["ColumnInfo"]
        if not names:
            names, types = [column["Name"] for column in columns], [column["Type"] for column in columns]
        rows += [[datum.get("VarCharValue") for datum in row.get("Data", [])] for row in page["Rows"]]
    if rows and rows[0] == names:
        rows = rows[1:]  # the first row of a SELECT is a header
    texts = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return texts.select(_typed(name, kind) for name, kind in zip(names, types, strict=True))


def _pages(athena: Any, query_id: str) -> Iterator[dict[str, Any]]:
    paginator = athena.get_paginator("get_query_results")
    for page in paginator.paginate(QueryExecutionId=query_id, PaginationConfig={"PageSize": PAGE}):
        yield page["ResultSet"]


def _typed(name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    if kind == "boolean":
        return column == "true"
    if kind.startswith("timestamp"):
        return column.str.to_datetime(strict=False)
    return column.cast(_TYPES[kind]) if kind in _TYPES else column
