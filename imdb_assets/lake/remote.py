"""The interface of storages on other machines; the scheme of a file's address tells which storage holds the file.

`wiring.py` registers the storages that the settings name. This module itself knows no particular storage.
"""

from pathlib import Path
from typing import Any, Protocol

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.stored import Stored


class Remote(Protocol):
    """A storage of files whose addresses share a scheme; implemented by an object or a module."""

    def listing(self, prefix: str) -> list[Stored]:
        """All files with addresses that begin with the prefix, sorted."""
        ...

    def download(self, address: str, path: Path) -> None:
        """Copies a file to this machine."""
        ...

    def upload(self, path: Path, address: str) -> None:
        """Copies a local file to an address, completely or not at all."""
        ...

    def polars_options(self) -> dict[str, Any]:
        """Polars' `storage_options` for reading and writing in this storage."""
        ...

    def polars_reads(self, files: int) -> None:
        """Counts files that Polars is about to read, because requests to read them may cost money."""
        ...

    def polars_writes(self, files: int) -> None:
        """Counts files that Polars has written."""
        ...


_registered: dict[str, Remote] = {}


def register(scheme: str, remote: Remote) -> None:
    """Registers a storage in this process for all addresses with a given beginning, such as `s3://`."""
    _registered[scheme] = remote


def remote_of(address: str) -> Remote | None:
    """The storage that holds an address; None for a local path.

    Raises:
        LakeError: No storage is registered for this scheme.
    """
    scheme, separator, _ = address.partition("://")
    if not separator:
        return None
    found = _registered.get(f"{scheme}://")
    if found is None:
        raise LakeError(f"{address}: this deployment has no storage for {scheme}:// addresses. Correct IMDB_LAKE.")
    return found
