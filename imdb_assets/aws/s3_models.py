"""The model store on S3, with a local copy of each version that is used.

`<prefix>/<version>/` has a version's files; `<prefix>/<version>.json` has their hashes and is written last.
`current.json` is the pointer to the version in service; no process overwrites a change by another process.
"""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from pydantic import BaseModel, Field

from imdb_assets.aws import s3
from imdb_assets.aws.buckets import Buckets
from imdb_assets.lake.errors import DamagedError, LakeError, disk_errors
from imdb_assets.lake.files import sync_tree
from imdb_assets.lake.integrity import sha256
from imdb_assets.lake.models import Kept, ModelStore, ModelVersion, Pointer, is_plain

ATTEMPTS = 5
"""Number of attempts to move the pointer if another process moves it at the same time."""
MARK_SECONDS = 10.0
"""Minimum number of seconds between two readings of the pointer; each reading is a request that costs time and money.
"""
POINTER = "current.json"
_REMEDY = "Restore the files' earlier versions, which the bucket keeps, or materialize models/rating_model."


@dataclass
class _Mark:
    value: object = None
    until: float = 0.0


@dataclass(frozen=True)
class S3ModelStore(ModelStore):
    """Model versions in a bucket; `root` is the folder of the local copies."""

    buckets: Buckets
    _mark: _Mark = field(default_factory=_Mark, compare=False, repr=False)

    @property
    def address(self) -> str:
        """Address below which the versions are kept."""
        return f"{self.buckets.of('features')}/models"

    def exists(self) -> bool:
        """Whether a version is in service."""
        return s3.head(f"{self.address}/{POINTER}") is not None

    def mark(self) -> object:
        """The ETag of the pointer to the version in service; None if there is no pointer.

        If `mark` returns another value than before, callers load the model again. The pointer's ETag is requested at
        most once in `MARK_SECONDS`, even if a request fails.

        Raises:
            LakeError: The pointer to the version in service cannot be read.
        """
        if not self.mark_is_at_hand():
            try:
                found = s3.head(f"{self.address}/{POINTER}")
                self._mark.value = found and found["ETag"]
            finally:
                self._mark.until = time.monotonic() + MARK_SECONDS
        return self._mark.value

    def mark_is_at_hand(self) -> bool:
        """Whether the pointer was read so recently that `mark` sends no request."""
        return time.monotonic() < self._mark.until

    def names(self) -> list[str]:
        """All versions in the store, oldest first. This call copies no files to this machine."""
        return [version for version, _ in self._listed()]

    def keep(self, model: ModelVersion) -> None:
        """Uploads the version's files, then the list of files; repairs files that are lost or truncated on S3."""
        folder, address = Path(model.path), f"{self.address}/{model.version}"
        files = _hashes(folder)
        listed = s3.as_json({"files": files})
        found = s3.get(self._list(model.version))
        if found and found[0] == listed:
            sizes = {one.address: one.bytes for one in s3.listing(f"{address}/")}
            if all(sizes.get(f"{address}/{name}") == (folder / name).stat().st_size for name in files):
                return
        for name in files:
            s3.upload(folder / name, f"{address}/{name}")
        s3.put(self._list(model.version), listed)

    def ages(self) -> list[Kept]:
        """All versions in the store, oldest first. This call copies no files to this machine."""
        found: list[Kept] = []
        for version, changed in self._listed():
            address = f"{self.address}/{version}"
            files = s3.listing(f"{address}/")
            found.append(Kept(version, address, changed, len(files), sum(file.bytes for file in files)))
        return found

    def remove(self, version: str) -> None:
        """Removes a version, its list of files first, because files without a list do not count as a version."""
        s3.remove([self._list(version)])
        s3.remove(one.address for one in s3.listing(f"{self.address}/{version}/"))
        if (self.root / version).is_dir():
            super().remove(version)  # removes the local copy

    def _listed(self) -> list[tuple[str, float]]:
        """Versions and their times of saving, oldest first."""
        found = [(one.changed, one.address.removeprefix(f"{self.address}/")) for one in s3.listing(f"{self.address}/")]
        lists = [one for one in sorted(found) if one[1].endswith(".json") and is_plain(one[1]) and one[1] != POINTER]
        return [(name.removesuffix(".json"), changed) for changed, name in lists]

    def _list(self, version: str) -> str:
        return f"{self.address}/{version}.json"

    def _read(self) -> Pointer | None:
        return s3.read_json(f"{self.address}/{POINTER}")

    def _change(self, change: Callable[[Pointer | None], Pointer | None]) -> Pointer:
        address = f"{self.address}/{POINTER}"
        for _ in range(ATTEMPTS):
            found = s3.get(address)
            pointer = change(json.loads(found[0]) if found else None)
            if pointer is None:
                return self._required()
            try:
                s3.put(address, s3.as_json(pointer), absent=found is None, etag=found[1] if found else None)
            except s3.ConflictError:
                continue  # another process has moved the pointer: decide again from the new position
            self._mark.until = 0.0
            return pointer
        raise LakeError(f"other processes keep changing {address}, so this process changed nothing. Try again later.")

    def _at_hand(self, version: str) -> ModelVersion:
        """Copies a version's files to this machine and returns the version's handle. No incomplete copy stays behind.

        Raises:
            DamagedError: Files on S3 are lost or truncated.
            LakeError: The files cannot be copied.
        """
        model = self.version(version)
        folder, files = Path(model.path), self._files(version)
        if _hashes(folder) == files:
            return model
        with disk_errors(f"model {version}: not copied from {self.address}", self.root), self._lock():
            if _hashes(folder) == files:
                return model  # copied by another process while we waited
            coming = self.root / f".{version}.{uuid4().hex}"
            coming.mkdir(parents=True)
            try:
                address = f"{self.address}/{version}"
                for one in s3.listing(f"{address}/"):
                    if (name := one.address.removeprefix(f"{address}/")) in files:
                        s3.download(one.address, coming / name)
                if _hashes(coming) != files:
                    raise DamagedError(
                        f"model {version}: the files below {address} differ from the files that were saved. {_REMEDY}"
                    )
                sync_tree(coming, self.root)
                if folder.is_dir():
                    super().remove(version)  # in one step, so that no reader finds an incomplete version
                coming.rename(folder)
            finally:
                shutil.rmtree(coming, ignore_errors=True)
        return model

    def _files(self, version: str) -> dict[str, str]:
        """Maps each file of a version to its SHA-256, as recorded when the version was uploaded."""
        address = self._list(version)
        found = s3.get(address)
        if found is None:
            raise DamagedError(
                f"model {version}: some of its files are missing below {self.address}. Materialize models/rating_model."
            )
        try:
            listed = _Listed.model_validate_json(found[0])
        except ValueError as error:
            raise DamagedError(f"model {version}: {address} is not a list of files and hashes. {_REMEDY}") from error
        return listed.files


_Name = Annotated[str, Field(pattern="^[^./][^/]*$")]  # so a forged list cannot name a file outside the folder
_Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Listed(BaseModel):
    """The content of `<version>.json`."""

    files: Annotated[dict[_Name, _Sha256], Field(min_length=1)]


def _hashes(folder: Path) -> dict[str, str]:
    """Maps each file in a folder to its SHA-256; empty if the folder does not exist or is being removed."""
    try:
        known = [(path, path.stat()) for path in sorted(folder.iterdir())]
        return {path.name: _hash(path, found.st_size, found.st_mtime_ns) for path, found in known}
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=1000)
def _hash(path: Path, _bytes: int, _changed: int) -> str:
    """A file's hash, cached by size and modification time: the file is read again only if size or time has changed."""
    return sha256(path)
