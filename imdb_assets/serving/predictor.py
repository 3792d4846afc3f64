"""The one place that answers: a film by its id, or rows of features, from the model version in service.

Serving is honest: the model in service learned from all rated films but its showcase, so for a film it learned from the
answer is the stored out-of-fold prediction. HTTP is in `app`, the reading of single films in `films`.
"""

import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import TCONST
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.ml import artifact
from imdb_assets.ml.iterations import REGIMES, Regime, feature_metadata
from imdb_assets.ml.training import TARGET
from imdb_assets.serving import rows
from imdb_assets.serving.answers import Answer, Batch, Health
from imdb_assets.serving.errors import NotReadyError, UnknownFilm
from imdb_assets.serving.films import FilmReader

FEATURES, TITLES, STORED = "gold.movie_features", "silver.movies", "models.predictions"
"""Tables that one answer may need."""
RETRY_SECONDS = 5.0
"""Before a model version that could not be loaded is tried again: it may be repaired, requests must not wait."""
UNREADABLE = (LakeError, OSError, ValueError, KeyError, TypeError)
"""What a pointer or an artifact raises that is missing, half there or damaged (XGBoostError is a ValueError)."""


@dataclass(frozen=True)
class _InService:
    """A model version and what is looked up in it for every request; replaced as a whole."""

    version: ModelVersion
    model: artifact.LoadedModel
    features: dict[Regime, list[str]]
    showcase: frozenset[str]

    @classmethod
    def load(cls, version: ModelVersion) -> "_InService":
        model = artifact.load(Path(version.path))
        features: dict[Regime, list[str]] = {regime: model.record.regimes[regime].features for regime in REGIMES}
        unknown = sorted({name for names in features.values() for name in names} - feature_metadata().keys())
        if unknown:
            raise ValueError(f"it reads features this code does not know ({', '.join(unknown[: rows.NAMED])})")
        return cls(version, model, features, frozenset(model.record.showcase))

    def iteration(self, regime: Regime) -> str:
        return self.model.record.regimes[regime].iteration


class Predictor:
    """Answers from the current model version; safe to share between threads.

    A newly published version is picked up by the next request. While it is being loaded, and if it cannot be, the
    version before keeps answering.
    """

    def __init__(self, lake: Lake, store: ModelStore) -> None:
        """Nothing is loaded before the first question.

        Args:
            lake: Holds features, titles and stored predictions.
            store: Holds model versions.
        """
        self._lake = lake
        self._store = store
        self._films = FilmReader(lake)
        self._loading = threading.Lock()
        self._in_service: _InService | None = None
        self._problem: str | None = None
        self._failed: tuple[str, float] = ("", 0.0)  # version, when it may be tried again

    def predict_film(self, tconst: str) -> Answer:
        """The predicted rating of a film of `silver.movies`, by a model that has not seen its rating.

        Raises:
            UnknownFilm: No such film.
            NotReadyError: No model, or a table is missing.
        """
        if not re.fullmatch(TCONST, tconst, re.ASCII):
            raise UnknownFilm(
                f"{tconst[:40]!r} is no title id; one looks like tt0108052: tt and 7 or 8 digits, "
                "as in the address of the film's page on imdb.com."
            )
        service = self._current()
        facts = self._films.read(FEATURES, tconst, ["start_year", TARGET, "num_votes"])
        if facts.is_empty():
            raise UnknownFilm(
                f"{tconst}: not among the films of the lake; it holds titles of type movie with year, genres and a "
                "runtime of 40-400 minutes. Check the id, or load newer dumps (`make demo`)."
            )
        start_year, actual, votes = facts.row(0)
        regime: Regime = "pre-release" if votes is None else "with votes"
        live = actual is None or tconst in service.showcase
        iteration, predicted = self._live(service, tconst, regime) if live else self._stored(tconst, regime)
        titles = self._films.read(TITLES, tconst, ["primary_title"])["primary_title"]
        return Answer(
            tconst=tconst,
            title=titles[0] if len(titles) else None,
            start_year=start_year,
            regime=regime,
            actual=actual,
            predicted=predicted,
            basis="live" if live else "out-of-fold",
            iteration=iteration,
            model_version=service.version.version,
        )

    def predict_rows(self, records: Sequence[rows.Record] | pl.DataFrame, regime: Regime | None = None) -> Batch:
        """Predicted ratings of rows that name their features, in their order.

        Args:
            records: Feature → number or null, all features of the regime.
            regime: Which model answers; without it, `with votes` if the first row mentions a feature of votes.

        Raises:
            BadRequestError: A feature is missing or no number.
            TooLargeError: More than `rows.MAX_ROWS` rows.
            NotReadyError: No model.
        """
        service = self._current()
        if isinstance(records, pl.DataFrame):
            records = records.to_dicts()
        return _batch(service, *rows.from_records(records, service.features, regime))

    def predict_values(self, values: Sequence[rows.Values], regime: Regime | None = None) -> Batch:
        """The same for rows of bare numbers in the model's feature order (`features`); their width tells the regime.

        Raises:
            BadRequestError: The width fits no regime or both.
            TooLargeError: More than `rows.MAX_ROWS` rows.
            NotReadyError: No model.
        """
        service = self._current()
        return _batch(service, *rows.from_values(values, service.features, regime))

    def features(self) -> dict[Regime, list[str]]:
        """Regime → features of the model in service, in its order.

        Raises:
            NotReadyError: No model.
        """
        return self._current().features

    def health(self) -> Health:
        """Which version answers, and what stands in the way of it or of a newer one."""
        try:
            service = self._current()
        except NotReadyError:
            service = None
        return Health(
            model_version=service.version.version if service else None,
            iterations={regime: service.iteration(regime) for regime in REGIMES} if service else {},
            problem=self._problem,
            pid=os.getpid(),
            lake=str(self._lake.root.resolve()),
        )

    def _current(self) -> _InService:
        """The version to answer with; loads a new one unless another thread is at it."""
        service = self._in_service
        try:
            if service and self._store.current() == service.version:
                self._problem = None
                return service
        except UNREADABLE:
            pass  # `_load` meets the same error and notes it
        if self._loading.acquire(blocking=service is None):
            try:
                self._load()
            finally:
                self._loading.release()
        if self._in_service is None:
            raise NotReadyError(self._problem or "no model is in service.")
        return self._in_service

    def _load(self) -> None:
        """Puts the store's current version into service, or notes why not."""
        name = "the current model"
        try:
            version = self._store.current()
            if self._in_service and self._in_service.version == version:
                return
            failed, retry_at = self._failed
            if failed == version.version and time.monotonic() < retry_at:
                return
            name = f"model {version.version}"
            self._failed = (version.version, time.monotonic() + RETRY_SECONDS)
            self._in_service = _InService.load(version)
        except LakeError as error:
            self._problem = str(error)
        except UNREADABLE as error:
            self._problem = f"{name} cannot be loaded: {error}"
        else:
            self._problem, self._failed = None, ("", 0.0)
            self._films.renew(FEATURES, TITLES, STORED)

    def _live(self, service: _InService, tconst: str, regime: Regime) -> tuple[str, float]:
        features = self._films.read(FEATURES, tconst, service.features[regime])
        return service.iteration(regime), float(service.model.predict(regime, features)[0])

    def _stored(self, tconst: str, regime: Regime) -> tuple[str, float]:
        found = self._films.read(STORED, tconst, ["regime", "split", "iteration", "predicted"])
        found = found.filter(pl.col("regime") == regime, pl.col("split") == "fold") if found.height else found
        if found.is_empty():
            raise NotReadyError(
                f"{tconst}: rated, but models.predictions has no out-of-fold prediction of it (regime {regime}), and "
                "the model in service may have seen its rating; re-materialize models/predictions."
            )
        _, _, iteration, predicted = found.row(0)
        return iteration, predicted


def _batch(service: _InService, regime: Regime, matrix: NDArray[np.float32]) -> Batch:
    return Batch(
        predictions=service.model.predict(regime, matrix).tolist(),
        regime=regime,
        iteration=service.iteration(regime),
        model_version=service.version.version,
    )
