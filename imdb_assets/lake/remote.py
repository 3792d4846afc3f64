"""Files that are not on this machine: what the lake needs of their storage, found by the scheme of an address.

`wiring` registers the storages that the settings name. Nothing here knows any of them.
"""

from pathlib import Path
from typing import Any, Protocol

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.stored import Stored


class Remote(Protocol):
    """A storage of files with addresses of one scheme; an object or a module."""

    def listing(self, prefix: str) -> list[Stored]:
        """All files whose address begins with the prefix, sorted."""
        ...

    def download(self, address: str, path: Path) -> None:
        """Copies a file to this machine."""
        ...

    def upload(self, path: Path, address: str) -> None:
        """Copies a file of this machine to an address, whole or not at all."""
        ...

    def polars_options(self) -> dict[str, Any]:
        """What Polars' own client must be told to read and write here: its `storage_options`."""
        ...

    def polars_reads(self, files: int) -> None:
        """Polars is about to read so many files, with requests of its own that may cost something."""
        ...

    def polars_writes(self, files: int) -> None:
        """Polars has written so many files."""
        ...


_registered: dict[str, Remote] = {}


def register(scheme: str, remote: Remote) -> None:
    """Makes a storage known to this process.

    Args:
        scheme: How its addresses begin, such as `s3://`.
        remote: The storage.
    """
    _registered[scheme] = remote


def remote_of(address: str) -> Remote | None:
    """The storage that an address is of; None for a path of this machine.

    Raises:
        LakeError: Nobody has registered one for this scheme.
    """
    scheme, separator, _ = address.partition("://")
    if not separator:
        return None
    found = _registered.get(f"{scheme}://")
    if found is None:
        raise LakeError(f"{address}: this deployment has no storage for {scheme}:// addresses. Correct IMDB_LAKE.")
    return found
