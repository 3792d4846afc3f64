"""The model store on S3, with a copy on this machine of each version that is asked for.

`<prefix>/<version>/` has a version's files, `<prefix>/<version>.json` their hashes, and is written last; `current.json`
is the pointer, which moves only from where it was read.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock

from imdb_assets.lake import s3
from imdb_assets.lake.buckets import Buckets
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.files import sync_tree
from imdb_assets.lake.models import Kept, ModelStore, ModelVersion, Pointer
from imdb_assets.lake.stored import Stored

ATTEMPTS = 5
"""Of a move that meets another one."""
MARK_SECONDS = 10.0
"""How long a look at the pointer counts: each is a request that costs time and money."""
POINTER = "current.json"


@dataclass
class _Mark:
    value: object = None
    until: float = 0.0


@dataclass(frozen=True)
class S3ModelStore(ModelStore):
    """Model versions in a bucket; `root` is the folder of the copies."""

    buckets: Buckets
    _mark: _Mark = field(default_factory=_Mark, compare=False, repr=False)

    @property
    def address(self) -> str:
        """Where versions are kept."""
        return f"{self.buckets.of('features')}/models"

    def exists(self) -> bool:
        """Whether a version is in service."""
        return s3.head(f"{self.address}/{POINTER}") is not None

    def mark(self) -> object:
        """Changes within some seconds after the pointer has moved; S3 that does not answer is asked no more often.

        Raises:
            LakeError: The pointer cannot be looked at.
        """
        if not self.mark_is_at_hand():
            try:
                found = s3.head(f"{self.address}/{POINTER}")
                self._mark.value = found and found["ETag"]
            finally:
                self._mark.until = time.monotonic() + MARK_SECONDS
        return self._mark.value

    def mark_is_at_hand(self) -> bool:
        """Whether the last look still counts."""
        return time.monotonic() < self._mark.until

    def saved(self) -> list[ModelVersion]:
        """All versions in the store, oldest first; those that are not here yet are copied."""
        found = sorted(self._listed(), key=lambda one: (one.changed, one.address))
        return [self._copied(one.address.rpartition("/")[2].removesuffix(".json")) for one in found]

    def keep(self, model: ModelVersion) -> None:
        """Uploads the version's files, then the list of them."""
        folder = Path(model.path)
        files = _hashes(folder)
        listed = {"files": files}
        if s3.read_json(self._list(model.version)) == listed:
            return
        for name in files:
            s3.upload(folder / name, f"{self._address(model)}/{name}")
        s3.write_json(self._list(model.version), listed)

    def ages(self) -> list[Kept]:
        """All versions in the store, oldest first; nothing is copied."""
        found: list[Kept] = []
        for one in sorted(self._listed(), key=lambda one: (one.changed, one.address)):
            version = one.address.rpartition("/")[2].removesuffix(".json")
            files = s3.listing(f"{self.address}/{version}/")
            found.append(
                Kept(version, f"{self.address}/{version}", one.changed, len(files), sum(file.bytes for file in files))
            )
        return found

    def remove(self, version: str) -> None:
        """Removes a version, its list of files first: without it, the rest is none."""
        s3.remove([self._list(version)])
        s3.remove(one.address for one in s3.listing(f"{self.address}/{version}/"))
        shutil.rmtree(self.root / version, ignore_errors=True)

    def _listed(self) -> list[Stored]:
        depth = self.address.count("/") + 1
        return [
            one
            for one in s3.listing(f"{self.address}/")
            if one.address.count("/") == depth and not one.address.endswith(f"/{POINTER}")
        ]

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
                continue  # somebody else has moved it: decide again by where it is now
            self._mark.until = 0.0
            return pointer
        raise LakeError(f"{address} is moved by others again and again; nothing was changed. Run again later.")

    def _address(self, model: ModelVersion) -> str:
        return f"{self.address}/{model.version}"

    def _in_service(self, pointer: Pointer) -> ModelVersion:
        return self._copied(pointer["version"])

    def _copied(self, version: str) -> ModelVersion:
        """The version's handle; its files are on this machine then, all of them or none."""
        model = self.version(version)
        folder = Path(model.path)
        listed: dict[str, Any] | None = s3.read_json(self._list(version))
        if listed is None:
            raise LakeError(
                f"model {version}: its files are not all below {self.address}. Materialize models/rating_model."
            )
        if _hashes(folder) == listed["files"]:
            return model
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / f".{version}.lock"):  # one copier; whoever waited finds it done
            if _hashes(folder) == listed["files"]:
                return model
            coming = self.root / f".{version}.{uuid4().hex}"
            coming.mkdir()
            try:
                for name in listed["files"]:
                    s3.download(f"{self.address}/{version}/{name}", coming / name)
                if _hashes(coming) != listed["files"]:
                    raise LakeError(
                        f"model {version}: the files below {self.address}/{version} are not those that were put there. "
                        "Restore their versions (the bucket is versioned), or materialize models/rating_model."
                    )
                sync_tree(coming, self.root)
                shutil.rmtree(folder, ignore_errors=True)
                coming.rename(folder)
            finally:
                shutil.rmtree(coming, ignore_errors=True)
        return model


def _hashes(folder: Path) -> dict[str, str]:
    """File → sha256, of all files in a folder; none if there is no folder."""
    if not folder.is_dir():
        return {}
    known = [(path, path.stat()) for path in sorted(folder.iterdir())]
    return {path.name: _hash(path, found.st_size, found.st_mtime_ns) for path, found in known}


@lru_cache(maxsize=1000)
def _hash(path: Path, _bytes: int, _changed: int) -> str:
    """Of a file as it was then: it is read again when that has changed."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
