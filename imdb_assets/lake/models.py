"""The model store: model versions as folders of plain files, and a pointer to the version in service.

This store is a folder; `s3_models.py` keeps the same files on S3.

One file holds both the pointer and the pointer's history (for rollbacks), so one write changes both. A version that was
saved but never promoted is a challenger. `ml/artifact.py` defines the content of a version's folder.
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from filelock import FileLock

from imdb_assets.lake.close_names import advice
from imdb_assets.lake.files import read_sealed, sync_tree, write_sealed
from imdb_assets.lake.lake import LakeError

REMEMBERED = 50
"""The pointer's file records at most this number of promotions and rollbacks, the latest ones."""

A_RUN = "a run"
"""The name that is recorded as the promoter if a run, not a person, promoted a version."""

Status = Literal["in service", "was in service", "challenger"]

Pointer = dict[str, Any]
"""The version in service, and the promotions and rollbacks that led to this version."""


@dataclass(frozen=True)
class ModelVersion:
    """One version of the rating model in the store."""

    version: str
    path: str
    """Folder of the version's files."""


@dataclass(frozen=True)
class Kept:
    """What maintenance needs to know about a saved version."""

    version: str
    place: str
    changed: float
    """Time of saving, in seconds since 1970."""
    files: int
    bytes: int


@dataclass(frozen=True)
class Move:
    """One promotion or rollback, which put a version into service."""

    version: str
    at: str
    """Time of the promotion or rollback, ISO 8601, UTC."""
    by: str
    """Account name of the person who promoted or rolled back, or `a run`."""
    kind: Literal["promote", "rollback"]


@dataclass(frozen=True)
class ModelStore:
    """Model versions below folder `root`, each in `<root>/<version>/`, and their pointer in `<root>/current.json`."""

    root: Path

    @property
    def address(self) -> str:
        """The store's address, for messages."""
        return str(self.root)

    def exists(self) -> bool:
        """Whether a version is in service."""
        return self._pointer.is_file()

    def current(self) -> ModelVersion:
        """The version in service.

        Raises:
            LakeError: No model has been published yet.
        """
        return self._at_hand(self._required()["version"])

    def in_service(self) -> str | None:
        """Name of the version in service, without reading the version's files; None if no version is in service."""
        pointer = self._read()
        return pointer["version"] if pointer else None

    def mark(self) -> object:
        """A value that is quick to read and that changes whenever the pointer moves; None if there is no pointer."""
        try:
            found = self._pointer.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def mark_is_at_hand(self) -> bool:
        """Whether `mark` can answer without a request to another machine."""
        return True

    def version(self, version: str) -> ModelVersion:
        """Handle of a version that has been saved or is about to be saved.

        Raises:
            LakeError: No version can have the given name.
        """
        if not is_plain(version):
            raise LakeError(f"{self.address}: {version[:40]!r} is not the name of a model version.")
        return ModelVersion(version=version, path=str(self.root / version))

    def names(self) -> list[str]:
        """All versions in the store, promoted or not, oldest first. The files of the versions are not read."""
        folders = [path for path in self.root.glob("*") if path.is_dir() and is_plain(path.name)]
        return [path.name for path in sorted(folders, key=lambda path: (path.stat().st_mtime, path.name))]

    def saved(self) -> list[ModelVersion]:
        """Handles of all versions in the store, oldest first.

        Raises:
            LakeError: The files of a version are damaged.
        """
        return [self._at_hand(version) for version in self.names()]

    def moves(self) -> list[Move]:
        """Promotions and rollbacks, oldest first."""
        return _moves(self._read())

    def status(self, version: str) -> Status:
        """The status of a saved version, in words."""
        pointer = self._read()
        if pointer and pointer["version"] == version:
            return "in service"
        return "was in service" if any(move.version == version for move in _moves(pointer)) else "challenger"

    def publish(self, model: ModelVersion, by: str = A_RUN) -> None:
        """Puts a saved version into service."""
        self.keep(model)

        def promoted(pointer: Pointer | None) -> Pointer | None:
            if pointer and pointer["version"] == model.version:
                return None  # training gave the same result as before: there is nothing to promote
            return self._moved(pointer, model, "promote", by)

        self._change(promoted)

    def promote(self, version: str, by: str) -> ModelVersion:
        """Puts a saved version into service.

        Raises:
            LakeError: There is no such version, or the version is already in service.
        """
        model = self.known(version)

        def promoted(pointer: Pointer | None) -> Pointer:
            if pointer and pointer["version"] == version:
                raise LakeError(f"model {version} is in service already; nothing was changed.")
            return self._moved(pointer, model, "promote", by)

        self._change(promoted)
        return model

    def before(self) -> ModelVersion:
        """The version that a rollback would put into service.

        A second rollback undoes one more promotion; it does not undo the first rollback.

        Raises:
            LakeError: There is no earlier version, or the earlier version's files are gone or damaged.
        """
        return self._before(self._required())

    def roll_back(self, by: str) -> ModelVersion:
        """Puts the previous version back into service: the version that was in service before the current version.

        Raises:
            LakeError: See `before`.
        """
        pointer = self._change(
            lambda pointer: self._moved(pointer, self._before(pointer or self._required()), "rollback", by)
        )
        return self._at_hand(pointer["version"])

    def ages(self) -> list[Kept]:
        """All saved versions, oldest first."""
        found: list[Kept] = []
        for version in self.names():
            folder = self.root / version
            files = [path for path in folder.rglob("*") if path.is_file()]
            size = sum(path.lstat().st_size for path in files)
            found.append(Kept(version, str(folder), folder.lstat().st_mtime, len(files), size))
        return found

    def remove(self, version: str) -> None:
        """Removes a version that is not in use. The folder is renamed first, so readers never find half a version."""
        folder = self.root / version
        hidden = folder.with_name(f".{version}.{uuid4().hex}")  # unique: a folder that a crash left has another name
        folder.rename(hidden)
        shutil.rmtree(hidden)

    def keep(self, model: ModelVersion) -> None:
        """Makes sure that the files of a version survive a crash; to be called after the last file is written."""
        sync_tree(Path(model.path), self.root)

    def known(self, version: str) -> ModelVersion:
        """Returns a saved version as `ModelVersion`, even if other versions are damaged.

        Raises:
            LakeError: There is no such version, or the version's files are damaged.
        """
        names = self.names()
        if version not in names:
            raise LakeError(f"no model version {version[:40]!r} below {self.address}; {advice(version, names)}")
        return self._at_hand(version)

    @property
    def _pointer(self) -> Path:
        return self.root / "current.json"

    def _read(self) -> Pointer | None:
        remedy = "Delete the file, and put a version into service: `imdb models list`, `imdb models promote VERSION`."
        return read_sealed(self._pointer, remedy, "version", "moves")

    def _required(self) -> Pointer:
        pointer = self._read()
        if pointer is None:
            raise LakeError(
                f"no rating model below {self.address} yet. Materialize models/rating_model first (`make demo`)."
            )
        return pointer

    def _change(self, change: Callable[[Pointer | None], Pointer | None]) -> Pointer:
        """Moves the pointer unless `change` returns None; returns the pointer.

        A lock is held from reading the old pointer to writing the new pointer, so no other process's change is lost.
        """
        with self._lock():
            pointer = change(self._read())
            if pointer is not None:
                write_sealed(self._pointer, pointer)
            return pointer or self._required()

    def _at_hand(self, version: str) -> ModelVersion:
        """Makes sure that a version's files are on this machine, and returns the version's handle."""
        return self.version(version)

    def _lock(self) -> FileLock:
        """The lock for actions that only one process of this machine may do at a time."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root.with_name(f".{self.root.name}.lock"))

    def _moved(
        self, pointer: Pointer | None, model: ModelVersion, kind: Literal["promote", "rollback"], by: str
    ) -> Pointer:
        move = Move(model.version, datetime.now(UTC).isoformat(timespec="seconds"), by, kind)
        moves = [*(pointer or {}).get("moves", []), asdict(move)][-REMEMBERED:]
        return {"version": model.version, "moves": moves}

    def _before(self, pointer: Pointer) -> ModelVersion:
        current = pointer["version"]
        standing: list[str] = []  # promotions that no rollback has undone
        for move in _moves(pointer):
            if move.kind == "promote":
                standing.append(move.version)
            elif standing:
                standing.pop()
        while standing and standing[-1] == current:
            standing.pop()
        if not standing:
            raise LakeError(
                f"no version was in service before {current}; nothing was changed. `imdb models list` shows all "
                "versions."
            )
        return self.known(standing[-1])


def is_plain(name: str) -> bool:
    """Whether a name is the name of a visible file or folder, not a path. An attacker may have chosen the name."""
    return bool(name) and Path(name).name == name and not name.startswith(".")


def _moves(pointer: Pointer | None) -> list[Move]:
    return [Move(**move) for move in (pointer or {}).get("moves", [])]
