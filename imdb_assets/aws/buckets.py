"""A lake on S3: three buckets, and the Glue Data Catalog, which Athena, Spark and Redshift can read, too.

Bucket `raw` has the unchanged dumps, `features` has models and the tables that models are made from, and `processed`
has all other tables. A training job needs access to `features`, but not to `raw` and `processed`.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from imdb_assets.aws import s3
from imdb_assets.aws.client import (
    account,
    aws_errors,
    bucket_name,
    client,
    database_name,
    polars_errors,
    region,
    require_sdk,
)
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.stored import Stored
from imdb_assets.naming import asset_name, lake_name, schema

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

SCHEMAS = set(map(schema, CONTRACTS))
"""Schemas of the lake. Each schema is a Glue database; the account's catalog may have other databases, too."""


@dataclass(frozen=True)
class Buckets:
    """The buckets of one deployment; a bucket's name is made from prefix, account, region and use."""

    prefix: str
    """IMDB_AWS_PREFIX."""

    def __post_init__(self) -> None:
        """Fails if AWS's SDK is missing; sends no request.

        Raises:
            LakeError: AWS's SDK is not installed.
        """
        require_sdk("a lake on S3 (IMDB_LAKE=s3)")

    def name(self, use: str) -> str:
        """Name of the bucket for a use, such as `raw`.

        Raises:
            LakeError: AWS does not accept our credentials, or no region is set.
        """
        return bucket_name(self.prefix, account(), region(), use)

    def of(self, use: str) -> str:
        """Address of the bucket for a use, such as `raw`; raises the same errors as the method `name`."""
        return f"{s3.REMOTE}{self.name(use)}"

    def make_database(self, schema: str) -> None:
        """Creates a schema's Glue database unless it exists.

        The address of a database shows which deployment owns the database. The database is looked up first, so that a
        role that may not create databases can use existing databases.

        Raises:
            LakeError: A database of this name belongs to another deployment, AWS refused the request, or AWS could not
                be reached.
        """
        glue, name = client("glue"), database_name(self.prefix, schema)
        location = f"{self.of('processed')}/tables/{schema}"
        with aws_errors(f"Glue database {name} cannot be made"):
            try:
                found = glue.get_database(Name=name)["Database"].get("LocationUri", "no address")
            except glue.exceptions.EntityNotFoundException:
                with suppress(glue.exceptions.AlreadyExistsException):
                    glue.create_database(DatabaseInput={"Name": name, "LocationUri": location})
                return
        if found.rstrip("/") != location:
            raise LakeError(
                f"Glue database {name} keeps its tables at {found}, but this deployment keeps tables at {location}. "
                "Remove the database if nobody needs it, or deploy with another IMDB_AWS_PREFIX."
            )


class BucketHome:
    """Keeps a lake in buckets, with the Glue Data Catalog of the account and region as its catalog."""

    def __init__(self, buckets: Buckets) -> None:
        """Sends no request to AWS before the lake is first used."""
        self._buckets = buckets

    @property
    def address(self) -> str:
        """Address of the buckets, with `*` in place of each bucket's use."""
        return self._buckets.of("*")

    @property
    def folder(self) -> Path:
        """Raises an error: a lake on S3 has no folder."""
        raise LakeError(
            f"the lake at {self.address} is on S3, and this command works only on a lake in a folder. On S3, Glue "
            "keeps the catalog, which needs no recovery, and the buckets keep earlier versions of files."
        )

    def open_catalog(self) -> Catalog:
        """Glue's catalog."""
        glue = client("glue")
        from imdb_assets.aws.glue_catalog import PrefixedCatalog

        return PrefixedCatalog(self._buckets.prefix, glue)

    def close(self, catalog: Catalog) -> None:
        """Does nothing: the client of Glue's catalog stays open, because the whole process shares the client."""

    def current(self) -> None:
        """Returns None, because the metadata files are on S3, not on this machine."""

    def has_namespace(self, name: str) -> bool:
        """Whether a contract uses the given namespace."""
        return name in SCHEMAS

    def make_namespace(self, catalog: Catalog, name: str) -> None:  # noqa: ARG002 - of a protocol
        """Creates a Glue database."""
        self._buckets.make_database(name)

    def location(self, table: str) -> str:
        """`s3://<bucket>/tables/<schema>/<table>`."""
        return f"{self._buckets.of(bucket_of(table))}/tables/{asset_name(table)}"

    def uri(self, address: str) -> str:
        """Returns the address unchanged, because it already has a scheme."""
        return address

    def staging(self, table: str) -> str:
        """Prefix for staged files. Nothing needs to be created for the prefix, since S3 has no folders."""
        return f"{self.location(table)}/data/{uuid4().hex}"

    def settle(self, prefix: str) -> None:
        """Does nothing, because S3 keeps every object whose write it has acknowledged."""

    def lost(self, files: Collection[str]) -> list[str]:
        """The given files that do not exist. S3 lists existing files, with one request per thousand files."""
        prefixes = {f"{file.rpartition('/')[0]}/" for file in files}
        there = {one.address for prefix in prefixes for one in s3.listing(prefix)}
        return [file for file in files if file not in there]

    def tables(self) -> list[str]:
        """Names of all tables that have files; the names are read from the prefixes of the files' keys."""
        prefixes = [f"{self._buckets.of(use)}/tables/" for use in ("processed", "features")]
        return sorted(
            {
                lake_name(one.address.removeprefix(prefix).split("/")[:2])
                for prefix in prefixes
                for one in s3.listing(prefix)
            }
        )

    def files(self, table: str) -> list[Stored]:
        """Lists the table's files, with one request for each thousand files."""
        return s3.listing(f"{self.location(table)}/")

    def canonical(self, address: str) -> str:
        """Returns the address unchanged, because each object has only one address."""
        return address

    def remove(self, addresses: Collection[str]) -> None:
        """Removes files, with one request for each thousand files."""
        s3.remove(addresses)

    def old_folders(self, table: str, before: float) -> list[str]:  # noqa: ARG002 - of a protocol
        """Returns an empty list, because S3 has no folders."""
        return []

    def tidy(self, folders: Collection[str]) -> None:
        """Does nothing, because S3 has no folders."""

    @contextmanager
    def errors(self, what: str) -> Generator[None]:
        """Converts AWS's errors, raised by boto3 or by Polars, to `LakeError`."""
        with aws_errors(what), polars_errors(what):
            yield

    def damaged(self, why: str) -> LakeError:
        """The error for a catalog that does not match its files; S3 loses no files, so somebody removed a file."""
        return LakeError(
            f"the Glue catalog does not match the buckets of {self.address}: {why}. If objects were removed, restore "
            "their versions (the buckets are versioned); otherwise delete the table in Glue and materialize it again."
        )


def bucket_of(table: str) -> str:
    """Returns `features` for inputs and outputs of models, and `processed` for all other tables."""
    return "features" if table.startswith("models.") or table == "gold.movie_features" else "processed"
