"""All versions (iterations) of the model, as data: features, regime and training population.

An iteration names groups of features, not single features. Only the contract of `gold.movie_features` states which
columns a group has and which information these columns may use. Scores are in `models.iterations`, and parameters of
the learner are in `training`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from imdb_assets.contracts.features import MovieFeatures

Regime = Literal["pre-release", "with votes"]
Population = Literal["all clean films", "most voted"]

REGIMES: tuple[Regime, ...] = ("pre-release", "with votes")
POPULATIONS: tuple[Population, ...] = ("all clean films", "most voted")

SEED_CLAIMS: Mapping[str, float] = {"v1": 0.306, "v2": 0.306, "v3": 0.462, "v4": 0.664}
"""R² claimed by the source document (docs/honest-result.md). The source document names neither test rows nor split; we
compare its claims with R² on our random split."""


@dataclass(frozen=True)
class Iteration:
    """One version of the model.

    Attributes:
        name: `v1`, `v2`, …
        description: What the version adds to the previous version, as a text that is shown in tables.
        groups: Feature groups of `gold.movie_features`.
        regime: The information that the version's features may use.
        trained_on: Population of films that the version learns from. The test films are the same for all iterations.
        by_votes: Whether films with few votes count less in training (`training.vote_weights`).
        parameters: Parameters of the learner that differ from `training.PARAMETERS`, such as `max_depth`.
    """

    name: str
    description: str
    groups: tuple[str, ...]
    regime: Regime
    trained_on: Population
    by_votes: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)


_TITLE = ("title", "interactions")
_PEOPLE = ("director_history", "people_history", "form")
_RESIDUALS = ("expectation", "residuals", "title_words")
_VOTES = ("votes", "expectation_with_votes")

ITERATIONS: tuple[Iteration, ...] = (
    Iteration("v1", "title facts", ("title",), "pre-release", "all clean films"),
    Iteration("v2", "+ interactions", _TITLE, "pre-release", "all clean films"),
    Iteration("v3", "+ votes, on the most voted films", (*_TITLE, "votes"), "with votes", "most voted"),
    Iteration(
        "v4",
        "+ directors' whole careers, as in the source document (leaks)",
        (*_TITLE, "votes", "director_career"),
        "with votes",
        "most voted",
    ),
    Iteration(
        "v5",
        "directors' earlier films only",
        (*_TITLE, "votes", "director_history"),
        "with votes",
        "most voted",
    ),
    Iteration("v6", "+ writers, cast, form of the title", (*_TITLE, "votes", *_PEOPLE), "with votes", "most voted"),
    Iteration("v7", "v6 without votes, on all clean films", (*_TITLE, *_PEOPLE), "pre-release", "all clean films"),
    Iteration("v8", "v6 on all clean films", (*_TITLE, "votes", *_PEOPLE), "with votes", "all clean films"),
    Iteration(
        "v9",
        "v6 + expected rating, and how far earlier films with the same makers or title words exceeded expectations",
        (*_TITLE, *_VOTES, *_PEOPLE, *_RESIDUALS),
        "with votes",
        "most voted",
    ),
    Iteration("v10", "v9 without votes", (*_TITLE, *_PEOPLE, *_RESIDUALS), "pre-release", "most voted"),
    Iteration("v11", "v10 on all clean films", (*_TITLE, *_PEOPLE, *_RESIDUALS), "pre-release", "all clean films"),
    Iteration(
        "v12",
        "v9 on all clean films",
        (*_TITLE, *_VOTES, *_PEOPLE, *_RESIDUALS),
        "with votes",
        "all clean films",
    ),
    Iteration(
        "v13",
        "v11, with less weight for films with few votes",
        (*_TITLE, *_PEOPLE, *_RESIDUALS),
        "pre-release",
        "all clean films",
        by_votes=True,
    ),
    Iteration(
        "v14",
        "v12, with less weight for films with few votes",
        (*_TITLE, *_VOTES, *_PEOPLE, *_RESIDUALS),
        "with votes",
        "all clean films",
        by_votes=True,
    ),
)
"""Versions v1 to v4 reproduce the source document (docs/honest-result.md). The features of v4 leak ratings, as in the
source document; v5 and v6 avoid this leak. Versions v7 and v8 learn from all clean films, not only from the most voted
films. Versions v9 to v12 (one for each regime and population) also use the residuals of earlier films by the same
makers. In v13 and v14, films with few votes count less."""


CHAMPIONS: Mapping[Regime, str] = {"pre-release": "v13", "with votes": "v14"}
"""The iterations in service: each is the best of its regime on the temporal split of IMDb's films
(docs/honest-result.md).

Champions are declared here instead of being chosen in each run. Declared champions can be audited and put into service
before the other iterations are scored. If each run chose its champions, they could change by chance from day to day.
`defs/models/tables.py` checks that no other iteration is better."""


def iteration(name: str) -> Iteration:
    """The iteration with the given name.

    Raises:
        ValueError: There is no such iteration.
    """
    for candidate in ITERATIONS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in ITERATIONS)
    msg = f"no iteration {name!r}; the iterations are {known} (imdb_assets/ml/iterations.py)"
    raise ValueError(msg)


def features(chosen: Iteration) -> list[str]:
    """Feature columns of an iteration, in the contract's order, which is also the order of the model's matrix."""
    return [name for name, metadata in feature_metadata().items() if metadata["group"] in chosen.groups]


def feature_metadata() -> dict[str, dict[str, Any]]:
    """Contract metadata (`regime`, `group`, `family`, `source`) of every feature column, in the contract's order."""
    return {
        name: dict(column.metadata)
        for name, column in MovieFeatures.columns().items()
        if column.metadata and "regime" in column.metadata
    }
