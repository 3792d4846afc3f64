"""Why a prediction is what it is: TreeSHAP contributions, summed per family of features into words.

A feature's family follows from its name and its group in the contract, by rules, so that a new feature has one without
a list to keep. Contributions are rating points; with the base value they add up to the prediction before clipping.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xgboost import Booster

DIRECTORS = "director's record"

_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"^director_", DIRECTORS),
    (r"^writer_", "writers' record"),
    (r"^(cast|actor)_", "cast"),
    (r"^(team|maker|makers|crew)_", "team's record"),
    (r"^(title|original_title)_", "title"),
    (r"votes", "votes"),
    (r"^(genre|genres)_|^drama_x_comedy$", "genre"),
    (r"^runtime_", "runtime"),
    (r"^(start_year|decade)$|^year_x_", "year"),
    (r"^(sequel|series|franchise)_", "series"),
)
"""Pattern of a feature's name → its family; the first that matches."""

_BY_GROUP: Mapping[str, str] = MappingProxyType(
    {"expectation": "films like it", "expectation_with_votes": "films like it, with as many votes"}
)
"""Feature group of the contract → the family of all its features, whatever they are called."""


class Reason(NamedTuple):
    """What one family of features adds to a prediction, rating points."""

    family: str
    contribution: float

    def __str__(self) -> str:
        """`director's record +0.42`."""
        return f"{self.family} {self.contribution:+.2f}"


@dataclass(frozen=True)
class Reasons:
    """Contributions to some predictions.

    Attributes:
        base: What the model says before it looks at a film, shape (films,).
        families: Names of the columns of `contributions`.
        contributions: Shape (films, families); a row and its base add up to the prediction before clipping.
    """

    base: NDArray[np.float64]
    families: tuple[str, ...]
    contributions: NDArray[np.float64]

    def of(self, film: int) -> list[Reason]:
        """The reasons of one film, strongest first."""
        values: list[float] = self.contributions[film].tolist()
        reasons = [Reason(*pair) for pair in zip(self.families, values, strict=True)]
        return sorted(reasons, key=lambda reason: (-abs(reason.contribution), reason.family))


def family(feature: str, metadata: Mapping[str, Any]) -> str:
    """The family that a feature's contribution is counted to.

    Args:
        feature: Column of `gold.movie_features`.
        metadata: Its contract metadata, with `group`.

    Raises:
        ValueError: No rule fits.
    """
    if metadata["group"] in _BY_GROUP:
        return _BY_GROUP[metadata["group"]]
    for pattern, name in _BY_NAME:
        if re.search(pattern, feature):
            return name
    msg = (
        f"{feature} (group {metadata['group']}) belongs to no family of reasons: name it by one of the patterns of"
        " imdb_assets/ml/reasons.py, or add one there"
    )
    raise ValueError(msg)


def explain(booster: "Booster", rows: NDArray[np.float32], belongs_to: Sequence[str]) -> Reasons:
    """TreeSHAP contributions (Lundberg et al. 2018), summed per family.

    Args:
        booster: A trained model.
        rows: Shape (films, features), NaN where missing.
        belongs_to: Family of each feature, in the matrix's order.
    """
    from xgboost import DMatrix

    matrix = DMatrix(rows, feature_names=booster.feature_names, nthread=1)
    single = np.asarray(booster.predict(matrix, pred_contribs=True), dtype=np.float64)
    names = tuple(dict.fromkeys(belongs_to))
    member = np.array([[feature == name for name in names] for feature in belongs_to], dtype=np.float64)
    return Reasons(single[:, -1], names, single[:, :-1] @ member)
