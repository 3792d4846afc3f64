"""Which model version answers: the store's current one, once it is loaded; until then the one before.

A promotion, a rollback or a new champion moves the store's pointer, and the next request sees it. A current version
that is damaged is refused, and the one before it goes on answering. What a version says of a film is decided in
`predictor`.
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
"""Before a model version that could not be loaded is tried again: it may be repaired, requests must not wait."""
_NOTHING = object()
"""Seen before the first look; no mark of a store equals it."""
UNREADABLE = (LakeError, OSError, ValueError, KeyError, TypeError)
"""What a pointer or an artifact raises that is missing, half there or damaged (XGBoostError is a ValueError)."""


@dataclass(frozen=True)
class Service:
    """A loaded model version and what is looked up in it for every request; replaced as a whole."""

    version: ModelVersion
    model: artifact.LoadedModel
    bundle: Bundle
    features: dict[Regime, list[str]]
    showcase: frozenset[str]

    @classmethod
    def load(cls, version: ModelVersion) -> "Service":
        """Loads and verifies a version.

        Raises:
            ValueError: It cannot be served by this code.
        """
        folder = Path(version.path)
        model = artifact.load(folder)
        if model.record.version != version.version:
            raise ValueError(
                f"{folder / artifact.RECORD_FILE} is of model {model.record.version}; put back the folder of "
                f"{version.version}, or {artifact.REMEDY}"
            )
        features: dict[Regime, list[str]] = {regime: model.record.regimes[regime].features for regime in REGIMES}
        unknown = sorted({name for names in features.values() for name in names} - feature_metadata().keys())
        if unknown:
            raise ValueError(f"it reads features this code does not know ({', '.join(unknown[: rows.NAMED])})")
        return cls(version, model, Bundle.open(folder), features, frozenset(model.record.showcase))

    def iteration(self, regime: Regime) -> str:
        """The champion of the regime."""
        return self.model.record.regimes[regime].iteration


class Services:
    """The version in service, as the store's pointer moves; safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Nothing is loaded before the first question.

        Args:
            store: Holds model versions.
        """
        self._store = store
        self._loading = threading.Lock()
        self._in_service: Service | None = None
        self._seen: object = _NOTHING
        self._retry_at = float("inf")
        self.problem: str | None = None
        """Why there is no model, or why the current one is not served; else None."""

    def current(self) -> Service:
        """The version to answer with. Whoever finds that the pointer has moved loads; others get the version before.

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
        """Whether the next question may have to load a version, which takes a second; told in microseconds."""
        if time.monotonic() >= self._retry_at or not self._store.mark_is_at_hand():
            return True
        return self._store.mark() != self._seen

    def _look(self) -> None:
        """Puts the store's current version into service, or notes why not."""
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
        """The version that a rollback would put into service; None if there is none, or it is damaged too."""
        try:
            return Service.load(self._store.before())
        except UNREADABLE:
            return None
