"""The one place that answers: a film by its id, or rows of features, from the model version in service.

Serving is honest: the model in service learned from all rated films but its showcase, so for a film it learned from the
answer is the stored out-of-fold prediction. Model and stored predictions belong together and enter service together.
HTTP is in `app`, the reading of single films in `films`.
"""

import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError

from imdb_assets.contracts.base import TCONST
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact
from imdb_assets.ml.iterations import REGIMES, Regime, feature_metadata
from imdb_assets.ml.training import TARGET
from imdb_assets.serving import films, rows
from imdb_assets.serving.answers import Answer, Batch, Health
from imdb_assets.serving.bundle import Bundle
from imdb_assets.serving.descriptions import Description, as_tables
from imdb_assets.serving.errors import BadRequestError, NotReadyError, TooLargeError, UnknownFilm
from imdb_assets.serving.search import Film, Person
from imdb_assets.serving.source import fingerprint

FEATURES, TITLES, STORED = "gold.movie_features", "silver.movies", "models.predictions"
"""Tables that one answer may need."""
MODEL = "models.rating_model"
"""How the provenance of `STORED` calls the model whose champions made it."""
MAX_DESCRIPTIONS = 100
"""In one request: their features are made anew, half a second for so many."""
RETRY_SECONDS = 5.0
"""Before a model version that could not be loaded is tried again: it may be repaired, requests must not wait."""
WAIT_SECONDS = 0.5
"""The same for one whose predictions are not published yet: they are being made, and looking takes milliseconds."""
UNREADABLE = (LakeError, SQLAlchemyError, OSError, ValueError, KeyError, TypeError)
"""What a pointer, an artifact or the catalog raises that is missing, half there or damaged (XGBoostError is a
ValueError)."""


class _WaitingError(Exception):
    """The current model version has no out-of-fold predictions yet."""


@dataclass(frozen=True)
class _InService:
    """A model version, its stored predictions and what is looked up in it for every request; replaced as a whole."""

    version: ModelVersion
    model: artifact.LoadedModel
    bundle: Bundle
    features: dict[Regime, list[str]]
    showcase: frozenset[str]
    stored: films.FilmIndex

    @classmethod
    def load(cls, version: ModelVersion, stored: Table) -> "_InService":
        model = artifact.load(Path(version.path))
        features: dict[Regime, list[str]] = {regime: model.record.regimes[regime].features for regime in REGIMES}
        unknown = sorted({name for names in features.values() for name in names} - feature_metadata().keys())
        if unknown:
            raise ValueError(f"it reads features this code does not know ({', '.join(unknown[: rows.NAMED])})")
        showcase, bundle = frozenset(model.record.showcase), Bundle.open(Path(version.path))
        return cls(version, model, bundle, features, showcase, films.FilmIndex.of(stored))

    def iteration(self, regime: Regime) -> str:
        return self.model.record.regimes[regime].iteration


class Predictor:
    """Answers from the current model version; safe to share between threads.

    A newly published version is picked up as soon as `models.predictions` are its own. Until then, while it is being
    loaded, and if it cannot be, the version before keeps answering, with the predictions that belong to it.
    """

    def __init__(self, lake: Lake, store: ModelStore) -> None:
        """Nothing is loaded before the first question.

        Args:
            lake: Holds features, titles and stored predictions.
            store: Holds model versions.
        """
        self._lake = lake
        self._store = store
        self._code = fingerprint()
        self._films = films.FilmReader(lake)
        self._loading = threading.Lock()
        self._in_service: _InService | None = None
        self._problem: str | None = None
        self._waiting = False
        self._looked_at: tuple[ModelVersion | None, float] = (None, 0.0)  # pointer, when to look again

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
        unseen = actual is not None and tconst in service.showcase
        stored = None if unseen else _out_of_fold(service, tconst, regime)
        if stored:
            regime, iteration, predicted = stored
        elif unseen or actual is None:
            iteration, predicted = self._live(service, tconst, regime)
        else:
            raise NotReadyError(
                f"{tconst}: rated, but models.predictions has no out-of-fold prediction of it, and the model in "
                "service may have seen its rating; re-materialize models/predictions."
            )
        titles = self._films.read(TITLES, tconst, ["primary_title"])["primary_title"]
        return Answer(
            tconst=tconst,
            title=titles[0] if len(titles) else None,
            start_year=start_year,
            regime=regime,
            actual=actual,
            predicted=predicted,
            basis="out-of-fold" if stored else "live",
            iteration=iteration,
            model_version=service.version.version,
        )

    def predict_described(self, descriptions: Sequence[Description], regime: Regime | None = None) -> list[Answer]:
        """The predicted ratings of films that need not exist, from the features that such films would have.

        Args:
            descriptions: One to `MAX_DESCRIPTIONS` films.
            regime: Which model answers; without it, `with votes` for films whose votes are given.

        Raises:
            BadRequestError: No film, or one without votes for the regime that needs them.
            TooLargeError: Too many films.
            NotReadyError: No model.
        """
        if not descriptions:
            raise BadRequestError("the request describes no film; send at least one.")
        if len(descriptions) > MAX_DESCRIPTIONS:
            raise TooLargeError(
                f"the request describes {len(descriptions):,} films, at most {MAX_DESCRIPTIONS} are allowed; "
                "send several requests."
            )
        service = self._current()
        described = as_tables(descriptions, service.bundle.search)
        features = service.bundle.features(described.movies, described.credits)
        answers: list[Answer] = []
        for number, (film, notes) in enumerate(zip(descriptions, described.notes, strict=True)):
            if regime == "with votes" and film.votes is None:
                raise BadRequestError(f"film {number + 1}: has no votes, and regime=with votes needs them; give votes.")
            asked: Regime = regime or ("pre-release" if film.votes is None else "with votes")
            answers.append(
                Answer(
                    tconst=None,
                    title=film.title,
                    start_year=film.year,
                    regime=asked,
                    actual=None,
                    predicted=float(service.model.predict(asked, features[number])[0]),
                    basis="live",
                    iteration=service.iteration(asked),
                    model_version=service.version.version,
                    notes=notes,
                )
            )
        return answers

    def people(self, typed: str) -> list[Person]:
        """People whose name has words that start with what was typed, best known first.

        Raises:
            NotReadyError: No model.
        """
        return self._current().bundle.search.people(typed)

    def films(self, typed: str) -> list[Film]:
        """Films whose title has words that start with what was typed, most votes first.

        Raises:
            NotReadyError: No model.
        """
        return self._current().bundle.search.films(typed)

    def predict_rows(self, records: Sequence[rows.Record], regime: Regime | None = None) -> Batch:
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
            waiting=self._waiting,
            pid=os.getpid(),
            lake=str(self._lake.root.resolve()),
            code=self._code,
        )

    def _current(self) -> _InService:
        """The version to answer with; looks for a new one, or new predictions, unless another thread is at it."""
        if self._is_due() and self._loading.acquire(blocking=self._in_service is None):
            try:
                if self._is_due():
                    self._look()
            finally:
                self._loading.release()
        if self._in_service is None:
            raise NotReadyError(self._problem or "no model is in service.")
        return self._in_service

    def _is_due(self) -> bool:
        """Whether the pointer has moved since the last look, or that was long ago."""
        pointer, look_again_at = self._looked_at
        if time.monotonic() >= look_again_at:
            return True
        try:
            return self._store.current() != pointer
        except UNREADABLE:
            return pointer is not None

    def _look(self) -> None:
        """Puts the store's current version and its predictions into service, or notes why not."""
        name, pointer, pause, before = "the current model", None, RETRY_SECONDS, self._in_service
        self._waiting = False
        try:
            pointer = self._store.current()
            name = f"model {pointer.version}"
            self._in_service = self._found(pointer)
        except _WaitingError as error:
            self._problem, self._waiting, pause = str(error), True, WAIT_SECONDS
        except LakeError as error:
            self._problem = str(error)
        except UNREADABLE as error:
            self._problem = f"{name} cannot be loaded: {error}"
        else:
            self._problem = None
        self._looked_at = pointer, time.monotonic() + pause
        if self._in_service is not before:
            self._films.renew(FEATURES, TITLES)

    def _found(self, version: ModelVersion) -> _InService:
        """That version with the current predictions; what has not changed is not loaded again."""
        if not self._lake.exists(STORED):
            raise _WaitingError(
                f"model {version.version} waits for its out-of-fold predictions. {STORED}: not in the lake yet. "
                "Materialize the asset models/predictions."
            )
        stored = self._lake.table(STORED)
        made_by = self._lake.provenance(stored).get(MODEL, "unknown")
        if made_by != version.version:
            raise _WaitingError(
                f"model {version.version} waits for its out-of-fold predictions: {STORED} are those of model "
                f"{made_by}; materialize models/predictions."
            )
        service = self._in_service
        if service is None or service.version != version:
            return _InService.load(version, stored)
        if service.stored.table.snapshot_id != stored.snapshot_id:
            return replace(service, stored=films.FilmIndex.of(stored))
        return service

    def _live(self, service: _InService, tconst: str, regime: Regime) -> tuple[str, float]:
        features = self._films.read(FEATURES, tconst, service.features[regime])
        return service.iteration(regime), float(service.model.predict(regime, features)[0])


def _out_of_fold(service: _InService, tconst: str, regime: Regime) -> tuple[Regime, str, float] | None:
    """Regime, iteration and stored prediction of a film that had a rating when the model was trained; else None.

    A film that has lost its votes since may have a prediction of the other regime alone.
    """
    found = service.stored.read(tconst, ["regime", "iteration", "predicted", "split"])
    by_regime = {row[0]: row[:3] for row in found.iter_rows() if row[3] == "fold"}
    return by_regime.get(regime) or next(iter(by_regime.values()), None)


def _batch(service: _InService, regime: Regime, matrix: NDArray[np.float32]) -> Batch:
    return Batch(
        predictions=service.model.predict(regime, matrix).tolist(),
        regime=regime,
        iteration=service.iteration(regime),
        model_version=service.version.version,
    )
