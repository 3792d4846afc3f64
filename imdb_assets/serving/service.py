"""Keeps the model version that answers: the store's current version or, while that version loads, the previous version.

A promotion, a rollback or a new champion moves the store's pointer, and the next request follows the pointer. A damaged
current version is refused, and the previous version continues to answer. `predictor` makes the answers.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from imdb_assets.lake.lake import LakeError
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.ml import artifact
from imdb_assets.ml.iterations import REGIMES, Regime, feature_metadata
from imdb_assets.serving import rows
from imdb_assets.serving.bundle import Bundle
from imdb_assets.serving.errors import NotReadyError

RETRY_SECONDS = 5.0
"""Seconds between attempts to load a damaged model version. Somebody may repair the version, but each attempt to
load the version delays a request."""
_NOTHING = object()
"""Placeholder for `ModelStore.mark` until the store has been read; no mark is equal to this object."""
UNREADABLE = (LakeError, OSError, ValueError, KeyError, TypeError)
"""Errors raised when a pointer or a model's file is missing, incomplete or damaged (XGBoostError is a ValueError)."""


@dataclass(frozen=True)
class Service:
    """A loaded model version and the parts of it that every request needs; a new version replaces the whole object."""

    version: ModelVersion
    model: artifact.LoadedModel
    bundle: Bundle
    features: dict[Regime, list[str]]
    showcase: frozenset[str]

    @classmethod
    def load(cls, version: ModelVersion) -> "Service":
        """Loads and verifies a version.

        Raises:
            ValueError: This code cannot serve the version.
        """
        folder = Path(version.path)
        model = artifact.load(folder)
        if model.record.version != version.version:
            raise ValueError(
                f"{folder / artifact.RECORD_FILE} belongs to model {model.record.version}; put back the folder of "
                f"{version.version}, or {artifact.REMEDY}"
            )
        features: dict[Regime, list[str]] = {regime: model.record.regimes[regime].features for regime in REGIMES}
        unknown = sorted({name for names in features.values() for name in names} - feature_metadata().keys())
        if unknown:
            raise ValueError(
                f"the model reads features that this code does not know ({', '.join(unknown[: rows.NAMED])})"
            )
        return cls(version, model, Bundle.open(folder), features, frozenset(model.record.showcase))

    def iteration(self, regime: Regime) -> str:
        """Name of the iteration that is the regime's champion."""
        return self.model.record.regimes[regime].iteration


class Services:
    """Follows the store's pointer to the version in service; safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Loads nothing yet; a model version is loaded at the first question."""
        self._store = store
        self._loading = threading.Lock()
        self._in_service: Service | None = None
        self._seen: object = _NOTHING
        self._retry_at = float("inf")
        self.problem: str | None = None
        """Why there is no model, or why the store's current model is not served; None if that model is served."""

    def current(self) -> Service:
        """The model version that answers requests. The first caller after the pointer has moved loads the new version.

        While the new version is being loaded, other callers get the previous version.

        Raises:
            NotReadyError: No version could be loaded.
        """
        if self.is_due() and self._loading.acquire(blocking=self._in_service is None):
            try:
                if self.is_due():
                    self._look()
            finally:
                self._loading.release()
        if self._in_service is None:
            raise NotReadyError(self.problem or "no model is in service.")
        return self._in_service

    def is_due(self) -> bool:
        """Whether the next call of `current` may load a model. Loading takes a second; `is_due` takes microseconds."""
        if time.monotonic() >= self._retry_at or not self._store.mark_is_at_hand():
            return True
        return self._store.mark() != self._seen

    def _look(self) -> None:
        """Puts the store's current version into service, or records why the version cannot serve."""
        seen, name = self._seen, "the current model"
        try:
            seen = self._store.mark()
            if seen == self._seen and self.problem is None:
                return
            pointer = self._store.current()
            name = f"model {pointer.version}"
            if self._in_service is None or self._in_service.version != pointer:
                self._in_service = Service.load(pointer)
        except LakeError as error:
            self.problem = str(error)
        except UNREADABLE as error:
            self.problem = f"{name} cannot be loaded: {error}"
        else:
            self.problem = None
        if self.problem and self._in_service is None:
            self._in_service = self._before()
        self._retry_at = time.monotonic() + RETRY_SECONDS if self.problem else float("inf")
        self._seen = seen

    def _before(self) -> Service | None:
        """The version that a rollback would put into service; None if no such version can be loaded."""
        try:
            return Service.load(self._store.before())
        except UNREADABLE:
            return None
