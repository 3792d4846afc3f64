"""The one place that answers: a film by its id or description, or rows of features, from the version in service.

Serving is honest: the model in service learned from all rated films but its showcase, so for a film it learned from the
answer is the stored prediction of a model that did not, under that model's own version: after a rollback the two
differ. Which version is in service is decided in `service`, the reading of single films in `films`; HTTP is in `app`.
"""

import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import TCONST
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml import training
from imdb_assets.ml.iterations import REGIMES, Regime
from imdb_assets.ml.training import TARGET
from imdb_assets.serving import comparables, films, rows
from imdb_assets.serving.answers import Answer, Batch, Health, Reason
from imdb_assets.serving.descriptions import Description, as_tables
from imdb_assets.serving.errors import BadRequestError, NotReadyError, TooLargeError, UnknownFilm
from imdb_assets.serving.fingerprint import fingerprint
from imdb_assets.serving.search import Film, Person
from imdb_assets.serving.service import Service, Services

FEATURES, TITLES, STORED = "gold.movie_features", "silver.movies", "models.predictions"
"""Tables that one answer may need."""
STORED_COLUMNS = ["regime", "iteration", "split", "predicted", "lower", "upper", "model_version"]
SPLITS = ("fold", "temporal", "unrated")
"""Of stored predictions, the one to give first: by a model that learned from all years, as the one in service did."""
MAX_DESCRIPTIONS = 100
"""In one request: their features are made anew, half a second for so many."""
SEEN_REASONS = (
    "The model in service learned from this film's rating, so the prediction is that of one that did not; the reasons "
    "are the model in service's."
)


class Predictor:
    """Answers from the model version in service; safe to share between threads."""

    def __init__(self, lake: Lake, store: ModelStore) -> None:
        """Nothing is loaded before the first question.

        Args:
            lake: Holds features, titles and stored predictions of films asked for by id.
            store: Holds model versions.
        """
        self._lake = lake
        self._code = fingerprint()
        self._films = films.FilmReader(lake)
        self._services = Services(store)

    def is_due(self) -> bool:
        """Whether the next answer takes a second, because a model has to be loaded first."""
        return self._services.is_due()

    def predict_film(self, tconst: str) -> Answer:
        """The predicted rating of a film of the lake, by a model that has not seen its rating.

        Raises:
            UnknownFilm: No such film.
            NotReadyError: No model, or a table is missing.
        """
        if not re.fullmatch(TCONST, tconst, re.ASCII):
            raise UnknownFilm(
                f"{tconst[:40]!r} is no title id; one looks like tt0108052: tt and 7 or 8 digits, "
                "as in the address of the film's page on imdb.com."
            )
        service = self._services.current()
        facts = self._films.read(FEATURES, tconst, ["start_year", TARGET, "num_votes"])
        if facts.is_empty():
            raise UnknownFilm(
                f"{tconst}: not among the films of the lake; it holds titles of type movie with year, genres and a "
                "runtime of 40-400 minutes. Check the id, or load newer dumps (`make demo`)."
            )
        start_year, actual, votes = facts.row(0)
        regime: Regime = "pre-release" if votes is None else "with votes"
        titles = self._films.read(TITLES, tconst, ["primary_title"])["primary_title"]
        title = titles[0] if len(titles) else None
        unseen = actual is not None and tconst in service.showcase
        stored = None if unseen else self._out_of_sample(tconst, regime, rated=actual is not None)
        if not unseen and stored is None and actual is not None:
            raise NotReadyError(
                f"{tconst}: rated, but {STORED} has no prediction made without its rating, and the model in service "
                "may have seen it; materialize models/predictions."
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

    def people(self, typed: str) -> list[Person]:
        """People whose name has words that start with what was typed, best known first.

        Raises:
            NotReadyError: No model.
        """
        return self._services.current().bundle.search.people(typed)

    def films(self, typed: str) -> list[Film]:
        """Films whose title has words that start with what was typed, most votes first.

        Raises:
            NotReadyError: No model.
        """
        return self._services.current().bundle.search.films(typed)

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
        service = self._services.current()
        return _batch(service, *rows.from_records(records, service.features, regime))

    def predict_values(self, values: Sequence[rows.Values], regime: Regime | None = None) -> Batch:
        """The same for rows of bare numbers in the model's feature order (`features`); their width tells the regime.

        Raises:
            BadRequestError: The width fits no regime or both.
            TooLargeError: More than `rows.MAX_ROWS` rows.
            NotReadyError: No model.
        """
        service = self._services.current()
        return _batch(service, *rows.from_values(values, service.features, regime))

    def features(self) -> dict[Regime, list[str]]:
        """Regime → features of the model in service, in its order.

        Raises:
            NotReadyError: No model.
        """
        return self._services.current().features

    def place(self) -> str:
        """Folder or address of the dumps that the model in service learned from; empty without one."""
        try:
            return self._services.current().model.record.place
        except NotReadyError:
            return ""

    def health(self) -> Health:
        """Which version answers, and what stands in the way of it or of a newer one."""
        try:
            service = self._services.current()
        except NotReadyError:
            service = None
        return Health(
            model_version=service.version.version if service else None,
            iterations={regime: service.iteration(regime) for regime in REGIMES} if service else {},
            problem=self._services.problem,
            pid=os.getpid(),
            lake=self._lake.home.address,
            code=self._code,
        )

    def _out_of_sample(self, tconst: str, regime: Regime, *, rated: bool) -> dict[str, Any] | None:
        """What was stored of a film by a model that had not seen its rating; None if nothing was, or nothing must be.

        A film that has lost its votes since may have a prediction of the other regime alone. One that was unrated when
        predictions were made is answered by them only once it is rated: until then the model in service may.
        """
        found = self._films.read(STORED, tconst, STORED_COLUMNS)
        if not rated:
            found = found.filter(pl.col("split") != "unrated")
        order = sorted(found.to_dicts(), key=lambda row: (row["regime"] != regime, SPLITS.index(row["split"])))
        return {name: value for name, value in order[0].items() if name != "split"} if order else None


def _live(service: Service, regime: Regime, features: pl.DataFrame, about: Sequence[dict[str, Any]]) -> list[Answer]:
    """What the model in service says of films, with its interval and its reasons."""
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
