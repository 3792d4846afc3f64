"""A lake on S3: three buckets, and the Glue Data Catalog, which Athena, Spark and Redshift read as well.

`raw` has dumps as served, `processed` tables, `features` what models are made of and are: one can be given to a
training job without the others.
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

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

SCHEMAS = {name.partition(".")[0] for name in CONTRACTS}
"""Each is a Glue database of the deployment's; an account's catalog has others as well."""


@dataclass(frozen=True)
class Buckets:
    """The buckets of one deployment, as `imdb deploy` names them: prefix, account, region and use."""

    prefix: str
    """IMDB_AWS_PREFIX."""

    def __post_init__(self) -> None:
        """Fails where AWS's SDK is missing; asks AWS nothing.

        Raises:
            LakeError: It is not installed.
        """
        require_sdk("a lake on S3 (IMDB_LAKE=s3)")

    def name(self, use: str) -> str:
        """Name of one of them.

        Raises:
            LakeError: AWS does not know us, or no region is set.
        """
        return bucket_name(self.prefix, account(), region(), use)

    def of(self, use: str) -> str:
        """Address of one of them; raises as `name` does."""
        return f"{s3.REMOTE}{self.name(use)}"

    def make_database(self, schema: str) -> None:
        """Makes a schema's Glue database, unless it is there; its address tells whose it is.

        Looks first: a role that may not make databases can do without, once they are there.

        Raises:
            LakeError: One of this name is somebody else's, or AWS refused, or could not be reached.
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
                f"Glue database {name} is not this deployment's: its tables are at {found}, ours at {location}. Remove "
                "it if nobody needs it, or deploy with another IMDB_AWS_PREFIX."
            )


class BucketHome:
    """Buckets, with the Glue Data Catalog of the account and region."""

    def __init__(self, buckets: Buckets) -> None:
        """Nothing is asked before the first use."""
        self._buckets = buckets

    @property
    def address(self) -> str:
        """The name that the buckets share."""
        return self._buckets.of("*")

    @property
    def folder(self) -> Path:
        """There is none."""
        raise LakeError(
            f"the lake at {self.address} is on S3, and this works on a lake in a folder only. Its catalog and files "
            "are kept by AWS: buckets are versioned, and Glue needs no recovery."
        )

    def open_catalog(self) -> Catalog:
        """Glue's."""
        glue = client("glue")
        from imdb_assets.aws.glue_catalog import PrefixedCatalog

        return PrefixedCatalog(self._buckets.prefix, glue)

    def close(self, catalog: Catalog) -> None:
        """Holds nothing: the client is the process's."""

    def has_namespace(self, name: str) -> bool:
        """Those that contracts name."""
        return name in SCHEMAS

    def make_namespace(self, catalog: Catalog, name: str) -> None:  # noqa: ARG002 - of a protocol
        """A database of Glue's."""
        self._buckets.make_database(name)

    def location(self, table: str) -> str:
        """`s3://<bucket>/tables/<schema>/<table>`."""
        return f"{self._buckets.of(bucket_of(table))}/tables/{table.replace('.', '/')}"

    def staging(self, table: str) -> str:
        """Needs not be made: S3 has no folders."""
        return f"{self.location(table)}/data/{uuid4().hex}"

    def settle(self, prefix: str) -> None:
        """What S3 has acknowledged is kept."""

    def lost(self, files: Collection[str]) -> list[str]:
        """Looks at what is there: one request a thousand files."""
        there = {one.address for prefix in {_parent(file) for file in files} for one in s3.listing(prefix)}
        return [file for file in files if file not in there]

    def tables(self) -> list[str]:
        """By the beginning of keys."""
        prefixes = [f"{self._buckets.of(use)}/tables/" for use in ("processed", "features")]
        return sorted(
            {
                ".".join(one.address.removeprefix(prefix).split("/")[:2])
                for prefix in prefixes
                for one in s3.listing(prefix)
            }
        )

    def files(self, table: str) -> list[Stored]:
        """One request a thousand files."""
        return s3.listing(f"{self.location(table)}/")

    def canonical(self, address: str) -> str:
        """Objects have one address."""
        return address

    def remove(self, addresses: Collection[str]) -> None:
        """One request a thousand files."""
        s3.remove(addresses)

    def old_folders(self, table: str, before: float) -> list[str]:  # noqa: ARG002 - of a protocol
        """S3 has none."""
        return []

    def tidy(self, folders: Collection[str]) -> None:
        """S3 has none."""

    @contextmanager
    def errors(self, what: str) -> Generator[None]:
        """Errors of AWS, however they reach us."""
        with aws_errors(what), polars_errors(what):
            yield

    def damaged(self, why: str) -> LakeError:
        """AWS keeps both: somebody has removed a file."""
        return LakeError(
            f"the Glue catalog is at odds with the buckets of {self.address}: {why}. If objects were removed, restore "
            "their versions (the buckets are versioned); else delete the table in Glue and materialize it."
        )


def bucket_of(table: str) -> str:
    """Use of the bucket that has a table: what models learn from and say is apart from the rest."""
    return "features" if table.startswith("models.") or table == "gold.movie_features" else "processed"


def _parent(address: str) -> str:
    return address.rpartition("/")[0] + "/"
