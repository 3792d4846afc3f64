"""Makes the answers of the model version in service, for a film's id or description, or for rows of features.

Serving is honest. The model in service was trained on all rated films except the films of its showcase (about 1 %, held
out from training). For a film that the model in service was trained on, the answer is the stored prediction of a model
that was not trained on the film. The answer names the model version of the stored prediction; after a rollback, that
version differs from the version in service. `service` decides which version is in service, `films` reads single films,
and `app` handles HTTP.
"""

import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import TCONST
from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml import training
from imdb_assets.ml.iterations import REGIMES, Regime
from imdb_assets.ml.training import TARGET
from imdb_assets.serving import comparables, films, rows
from imdb_assets.serving.answers import Answer, Batch, Health, Reason
from imdb_assets.serving.descriptions import Description, as_tables
from imdb_assets.serving.errors import BadRequestError, NotReadyError, TooLargeError, UnknownIdError
from imdb_assets.serving.fingerprint import fingerprint
from imdb_assets.serving.lake_search import LakeSearch
from imdb_assets.serving.search import Film, Person, Search
from imdb_assets.serving.service import Service, Services

FEATURES, TITLES, STORED = "gold.movie_features", "silver.movies", "models.predictions"
"""Tables that one answer may need."""
STORED_COLUMNS = ["regime", "iteration", "split", "predicted", "lower", "upper", "model_version"]
SPLITS = ("fold", "temporal", "unrated")
"""Values of `split` in the stored predictions; the most useful predictions come first. The split `fold` is best,
because its models learn from films of all years, as the model in service does."""
MAX_DESCRIPTIONS = 100
"""Largest number of descriptions in one request; making the features of that many films takes half a second."""
SEEN_REASONS = (
    "The model in service was trained on this film, so the prediction comes from a model that was not trained on this "
    "film; the reasons come from the model in service."
)


class Predictor:
    """Answers from the model version in service; safe to share between threads."""

    def __init__(self, lake: Lake, store: ModelStore) -> None:
        """Loads nothing before the first question."""
        self.lake = lake
        self._code = fingerprint()
        self._films = films.FilmReader(lake)
        self._services = Services(store)
        self._lake_search = LakeSearch(lake)

    def is_due(self) -> bool:
        """Whether the next answer takes about a second longer, because a model has to be loaded first."""
        return self._services.is_due()

    def predict_film(self, tconst: str) -> Answer:
        """The predicted rating of a film in the lake, from a model that has not seen the film's rating.

        Raises:
            UnknownIdError: There is no such film.
            NotReadyError: There is no model, or a table is missing.
        """
        if not re.fullmatch(TCONST, tconst, re.ASCII):
            raise UnknownIdError(
                f"{tconst[:40]!r} is not a title id; a title id looks like tt0108052: tt and 7 or 8 digits, "
                "as in the address of the film's page on imdb.com."
            )
        service = self._services.current()
        facts = self._films.read(FEATURES, tconst, ["start_year", TARGET, "num_votes"])
        if facts.is_empty():
            raise UnknownIdError(
                f"{tconst}: not among the films of the lake, which are the titles of type movie with a year, genres "
                "and a runtime of 40-400 minutes. Check the id, or load newer dumps (`make demo`)."
            )
        start_year, actual, votes = facts.row(0)
        regime: Regime = "pre-release" if votes is None else "with votes"
        titles = self._films.read(TITLES, tconst, ["primary_title"])["primary_title"]
        title = titles[0] if len(titles) else None
        unseen = actual is not None and tconst in service.showcase
        stored = None if unseen else self._out_of_sample(tconst, regime, rated=actual is not None)
        if not unseen and stored is None and actual is not None:
            raise NotReadyError(
                f"{tconst}: the model in service may have learned from this film's rating, so the answer must be "
                f"a prediction by another model, but {STORED} has no such prediction; materialize models/predictions."
            )
        if stored:
            regime = stored["regime"]
        wanted = ["tconst", *dict.fromkeys([*service.features[regime], *comparables.COLUMNS])]
        features = self._films.read(FEATURES, tconst, wanted)
        about = {"tconst": tconst, "title": title, "start_year": start_year, "actual": actual, "regime": regime}
        live = _live(service, regime, features, [about])[0]
        if stored is None:
            return live
        return live.model_copy(update={**stored, "basis": "out-of-sample", "notes": [SEEN_REASONS]})

    def predict_described(self, descriptions: Sequence[Description], regime: Regime | None = None) -> list[Answer]:
        """Predicts the ratings of described films, real or invented; their features are computed from the descriptions.

        Args:
            descriptions: One to `MAX_DESCRIPTIONS` films.
            regime: The regime to use; by default `with votes` for films whose votes are given, else `pre-release`.

        Raises:
            BadRequestError: `descriptions` is empty, or a film lacks the votes that the regime needs.
            TooLargeError: There are too many films.
            NotReadyError: There is no model.
        """
        if not descriptions:
            raise BadRequestError("the request describes no film; send at least one.")
        if len(descriptions) > MAX_DESCRIPTIONS:
            raise TooLargeError(
                f"the request describes {len(descriptions):,} films, but at most {MAX_DESCRIPTIONS} are allowed; "
                "send several requests."
            )
        for number, film in enumerate(descriptions, 1):
            if regime == "with votes" and film.votes is None:
                raise BadRequestError(f"film {number}: has no votes, and regime=with votes needs them; give votes.")
        service = self._services.current()
        described = as_tables(descriptions, service.bundle.search)
        features = service.bundle.features(described.movies, described.credits)
        answers: dict[int, Answer] = {}
        for asked in REGIMES:
            chosen = [
                number
                for number, film in enumerate(descriptions)
                if (regime or ("pre-release" if film.votes is None else "with votes")) == asked
            ]
            about = [
                {
                    "title": descriptions[number].title,
                    "start_year": descriptions[number].year,
                    "notes": described.notes[number],
                }
                for number in chosen
            ]
            if chosen:
                answers |= zip(chosen, _live(service, asked, features[chosen], about), strict=True)
        return [answers[number] for number in range(len(descriptions))]

    def stored(self, tconst: str, *, rated: bool) -> dict[str, Any] | None:
        """The stored prediction for a film, from a model that had not seen the film's rating; None if there is none.

        Returns:
            Maps each of `STORED_COLUMNS` except `split` to its value.
        """
        try:
            return self._out_of_sample(tconst, "with votes" if rated else "pre-release", rated=True)
        except NotReadyError:
            return None

    def people(self, typed: str) -> list[Person]:
        """People whose name has words that start with the typed words, best known first.

        Raises:
            NotReadyError: There is neither a model nor a lake with films.
        """
        return self._search().people(typed)

    def films(self, typed: str | None) -> list[Film]:
        """Films whose title has words that start with the typed words; the best known films if nothing is typed.

        Films with the most votes come first.

        Raises:
            NotReadyError: There is neither a model nor a lake with films.
        """
        return self._search().best_known() if typed is None else self._search().films(typed)

    def predict_rows(self, records: Sequence[rows.Record], regime: Regime | None = None) -> Batch:
        """Predicted ratings of rows that name their features, in the order of the rows.

        Args:
            records: Rows. Each row maps every feature of the regime to a number or null.
            regime: The regime to use; by default `with votes` if the first row mentions a vote feature.

        Raises:
            BadRequestError: A feature is missing, or is not a number.
            TooLargeError: There are more than `rows.MAX_ROWS` rows.
            NotReadyError: There is no model.
        """
        service = self._services.current()
        return _batch(service, *rows.from_records(records, service.features, regime))

    def predict_values(self, values: Sequence[rows.Values], regime: Regime | None = None) -> Batch:
        """Predicts ratings for rows of values in the order of the features; the number of values implies the regime.

        Raises:
            BadRequestError: The number of columns fits neither regime, or fits both.
            TooLargeError: There are more than `rows.MAX_ROWS` rows.
            NotReadyError: There is no model.
        """
        service = self._services.current()
        return _batch(service, *rows.from_values(values, service.features, regime))

    def features(self) -> dict[Regime, list[str]]:
        """Maps each regime to the features that the model in service reads, in the model's order.

        Raises:
            NotReadyError: There is no model.
        """
        return self._services.current().features

    def place(self) -> str:
        """Folder or address of the model's dumps or, if no model serves, of the lake's dumps; empty if unknown."""
        try:
            return self._services.current().model.record.place
        except NotReadyError:
            return self.lake.table(TITLES).provenance.place if self.lake.exists(TITLES) else ""

    def health(self) -> Health:
        """The version in service. `problem` says why no model, or why not the store's current model, is served."""
        try:
            service = self._services.current()
        except NotReadyError:
            service = None
        return Health(
            model_version=service.version.version if service else None,
            iterations={regime: service.iteration(regime) for regime in REGIMES} if service else {},
            problem=self._services.problem,
            pid=os.getpid(),
            lake=self.lake.home.address,
            code=self._code,
        )

    def _search(self) -> Search:
        """The index for looking up names: the model's own index, or an index of the lake if no model is in service."""
        try:
            return self._services.current().bundle.search
        except NotReadyError:
            pass
        try:
            return self._lake_search.current()
        except LakeError as error:
            raise NotReadyError(str(error)) from error

    def _out_of_sample(self, tconst: str, regime: Regime, *, rated: bool) -> dict[str, Any] | None:
        """The stored prediction from a model that had not seen the film's rating; None if no prediction is usable.

        If no stored prediction of the film has this `regime`, a prediction of the other regime is used. For
        example, the film may have lost its votes since predictions were stored. The split `unrated` has the films that
        had no rating when predictions were stored. If `rated` is false, predictions of the split `unrated` are not
        used, because the model in service can predict the film's rating.
        """
        found = self._films.read(STORED, tconst, STORED_COLUMNS)
        if not rated:
            found = found.filter(pl.col("split") != "unrated")
        order = sorted(found.to_dicts(), key=lambda row: (row["regime"] != regime, SPLITS.index(row["split"])))
        return {name: value for name, value in order[0].items() if name != "split"} if order else None


def _live(service: Service, regime: Regime, features: pl.DataFrame, about: Sequence[dict[str, Any]]) -> list[Answer]:
    """The answers of the model in service for the given films, with intervals and reasons."""
    matrix = training.matrix(features, service.features[regime])
    predicted = service.model.predict(regime, matrix)
    lower, upper = service.model.interval(regime, matrix, predicted)
    reasons = service.model.reasons(regime, matrix)
    known: dict[str, Any] = {
        "tconst": None,
        "actual": None,
        "regime": regime,
        "basis": "live",
        "iteration": service.iteration(regime),
        "model_version": service.version.version,
    }
    return [
        Answer(
            **{**known, **film},
            predicted=float(predicted[number]),
            lower=float(lower[number]),
            upper=float(upper[number]),
            base=float(reasons.base[number]),
            reasons=[
                Reason(family=reason.family, points=round(reason.contribution, 4)) for reason in reasons.of(number)
            ],
            comparable=service.bundle.comparables.of(features[number]),
        )
        for number, film in enumerate(about)
    ]


def _batch(service: Service, regime: Regime, matrix: NDArray[np.float32]) -> Batch:
    predicted = service.model.predict(regime, matrix)
    lower, upper = service.model.interval(regime, matrix, predicted)
    return Batch(
        predictions=predicted.tolist(),
        lower=lower.tolist(),
        upper=upper.tolist(),
        regime=regime,
        iteration=service.iteration(regime),
        model_version=service.version.version,
    )
