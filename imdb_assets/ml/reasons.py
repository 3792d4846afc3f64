"""Reasons for a prediction are TreeSHAP contributions, summed per family of features and put into words.

The contract of `gold.movie_features` states a feature's family. Contributions are in rating points. The base value and
all contributions add up to the prediction before clipping.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xgboost import Booster


class Reason(NamedTuple):
    """The contribution of one family of features to a prediction, in rating points."""

    family: str
    contribution: float

    def __str__(self) -> str:
        """The reason in words, such as `director's record +0.42`."""
        return f"{self.family} {self.contribution:+.2f}"


@dataclass(frozen=True)
class Reasons:
    """The contributions of families to some predictions.

    Attributes:
        base: Prediction before any feature is considered, shape (films,).
        families: Names of the families, in the order of the columns of `contributions`.
        contributions: Shape (films, families). A film's base plus all contributions in the film's row is the prediction
            before clipping.
        known: Whether the film has a value for at least one feature of the family, shape (films, families).
    """

    base: NDArray[np.float64]
    families: tuple[str, ...]
    contributions: NDArray[np.float64]
    known: NDArray[np.bool_]

    def of(self, film: int) -> list[Reason]:
        """The reasons for one film's prediction, strongest first; "(none given)" marks families without any value."""
        names = (
            family if known else f"{family} (none given)"
            for family, known in zip(self.families, self.known[film], strict=True)
        )
        values: list[float] = self.contributions[film].tolist()
        reasons = [Reason(*pair) for pair in zip(names, values, strict=True)]
        return sorted(reasons, key=lambda reason: (-abs(reason.contribution), reason.family))


def explain(booster: "Booster", rows: NDArray[np.float32], belongs_to: Sequence[str]) -> Reasons:
    """Computes TreeSHAP contributions (Lundberg et al. 2018), summed per family.

    Args:
        booster: A trained model.
        rows: The model's matrix, shape (films, features), with NaN for missing values.
        belongs_to: Family of each feature, in the order of the matrix's columns.
    """
    from xgboost import DMatrix

    matrix = DMatrix(rows, feature_names=booster.feature_names, nthread=1)
    single = np.asarray(booster.predict(matrix, pred_contribs=True), dtype=np.float64)
    names = tuple(dict.fromkeys(belongs_to))
    member = np.array([[feature == name for name in names] for feature in belongs_to], dtype=np.float64)
    return Reasons(single[:, -1], names, single[:, :-1] @ member, ~np.isnan(rows) @ member > 0)
