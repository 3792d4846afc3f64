"""The model store: model versions as folders of plain files, and a pointer to the one in service.

The pointer holds its own past, so that a rollback knows where to go and one write moves both. A version that is saved
but was never promoted is a challenger. What is inside a version's folder is the business of `ml/artifact.py`.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from imdb_assets.lake.files import read_json, sync_tree, write_json
from imdb_assets.lake.lake import LakeError

REMEMBERED = 50
"""Moves of the pointer that are kept."""

A_RUN = "a run"
"""Who promotes a version, unless a person does."""

Status = Literal["in service", "was in service", "challenger"]


@dataclass(frozen=True)
class ModelVersion:
    """One version of the rating model in the store."""

    version: str
    path: str
    """Folder of the artifact's files."""


@dataclass(frozen=True)
class Move:
    """The pointer was moved to a version."""

    version: str
    at: str
    """ISO 8601, UTC."""
    by: str
    """Name of a person's account, or `a run`."""
    kind: Literal["promote", "rollback"]


@dataclass(frozen=True)
class ModelStore:
    """Model versions below folder `root`: `<root>/<version>/`, and `<root>/current.json`."""

    root: Path

    def exists(self) -> bool:
        """Whether a version is in service."""
        return self._pointer.is_file()

    def current(self) -> ModelVersion:
        """The version in service.

        Raises:
            LakeError: No model has been published yet.
        """
        pointer = self._read()
        if pointer is None:
            raise LakeError(
                f"no rating model below {self.root} yet. Materialize models/rating_model first (`make demo`)."
            )
        return ModelVersion(version=pointer["version"], path=pointer["path"])

    def mark(self) -> object:
        """Changes whenever the pointer moves; cheaper than reading it. None without a pointer."""
        try:
            found = self._pointer.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def version(self, version: str) -> ModelVersion:
        """Handle of a version, saved or about to be."""
        return ModelVersion(version=version, path=str(self.root / version))

    def saved(self) -> list[ModelVersion]:
        """All versions in the store, those never promoted too, oldest first."""
        folders = [path for path in self.root.glob("*") if path.is_dir() and not path.name.startswith(".")]
        return [self.version(path.name) for path in sorted(folders, key=lambda path: (path.stat().st_mtime, path.name))]

    def moves(self) -> list[Move]:
        """How the pointer got where it is, oldest first."""
        return [Move(**move) for move in (self._read() or {}).get("moves", [])]

    def status(self, version: str) -> Status:
        """What a saved version is to readers."""
        if self.exists() and self.current().version == version:
            return "in service"
        return "was in service" if any(move.version == version for move in self.moves()) else "challenger"

    def publish(self, model: ModelVersion, by: str = A_RUN) -> None:
        """Makes the version the one in service.

        Args:
            model: Saved.
            by: Who promotes it.
        """
        with self._lock():
            if self.exists() and self.current() == model:
                return  # made anew and found to be the same: nobody was promoted
            self._move(model, "promote", by)

    def promote(self, version: str, by: str) -> ModelVersion:
        """Makes a saved version the one in service.

        Raises:
            LakeError: No such version, or it is in service already.
        """
        model = self.known(version)
        with self._lock():
            if self.exists() and self.current().version == version:
                raise LakeError(f"model {version} is in service already; nothing was changed.")
            self._move(model, "promote", by)
        return model

    def before(self) -> ModelVersion:
        """The version that a rollback would put into service.

        Rolling back twice goes back two promotions: what a rollback left is not where the next one goes.

        Raises:
            LakeError: No version was in service before the current one, or its files are gone.
        """
        current = self.current().version
        standing: list[str] = []  # promotions that no rollback has taken back
        for move in self.moves():
            if move.kind == "promote":
                standing.append(move.version)
            elif standing:
                standing.pop()
        while standing and standing[-1] == current:
            standing.pop()
        if not standing:
            raise LakeError(
                f"no version was in service before {current}; nothing was changed. `imdb models list` shows all."
            )
        return self.known(standing[-1])

    def roll_back(self, by: str) -> ModelVersion:
        """Makes the version that was in service before the current one the one in service again.

        Raises:
            LakeError: As `before`.
        """
        with self._lock():
            model = self.before()
            self._move(model, "rollback", by)
        return model

    def known(self, version: str) -> ModelVersion:
        """Handle of a saved version.

        Raises:
            LakeError: No such version.
        """
        saved = {one.version: one for one in self.saved()}
        if version not in saved:
            raise LakeError(f"no model version {version[:40]!r} below {self.root}; there are: {', '.join(saved)}.")
        return saved[version]

    @property
    def _pointer(self) -> Path:
        return self.root / "current.json"

    def _lock(self) -> FileLock:
        """For one mover at a time: what is written depends on what is read, and a move must not be forgotten."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root.with_name(f".{self.root.name}.lock"))

    def _read(self) -> dict[str, Any] | None:
        return read_json(self._pointer)

    def _move(self, model: ModelVersion, kind: Literal["promote", "rollback"], by: str) -> None:
        sync_tree(Path(model.path), self.root)
        move = Move(model.version, datetime.now(UTC).isoformat(timespec="seconds"), by, kind)
        moves = [*self.moves(), move][-REMEMBERED:]
        write_json(self._pointer, {**asdict(model), "moves": [asdict(one) for one in moves]})
