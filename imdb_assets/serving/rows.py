"""Checks the feature rows that clients send, and converts them to the model's matrix.

Null stands for an unknown value. Null is allowed only for features that are unknown for some films of the
catalogue. A row that does not mention a feature at all is refused as a mistake, and the message names the feature.
`formats` parses CSV and JSON.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.ml.iterations import REGIMES, Regime, feature_metadata
from imdb_assets.serving.errors import BadRequestError, TooLargeError

MAX_ROWS = 10_000
"""Largest number of rows in one request. Predictions for the largest request take less than a second, so one client
hardly delays others."""
LARGEST = 3.4e38
"""Largest number that clients can send. The model reads 32-bit floats, in which larger numbers would be infinite."""
NUMBER_OR_NULL = "a feature is a number of at most 3.4e38, or null (in CSV: an empty field) where unknown"
NAMED = 5
"""Largest number of missing features that an error names: enough to show a misspelling; nobody reads 60 names."""

VOTE_FEATURES = frozenset(name for name, column in feature_metadata().items() if column["regime"] == "with votes")
"""Features that exist only after release; a row that mentions one of them asks for the regime `with votes`."""

NEVER_NULL = frozenset(name for name, column in MovieFeatures.columns().items() if not column.nullable)
"""Columns that are never null. XGBoost treats a null like the largest value if the column had no null in training."""

Features = Mapping[Regime, Sequence[str]]
"""Maps each regime to the features of its model, in the order of the matrix's columns."""
Record = Mapping[str, Any]
Values = Sequence[float | None]


def is_number(value: object) -> bool:
    """Whether the model can read the value: a number, finite in 32 bits, and not a boolean."""
    return type(value) in (int, float) and -LARGEST <= value <= LARGEST  # pyright: ignore[reportOperatorIssue]


def from_records(
    records: Sequence[Record], features: Features, regime: Regime | None
) -> tuple[Regime, NDArray[np.float32]]:
    """Converts rows that name their features; returns the regime to use and the model's matrix.

    Args:
        records: Each row maps features to numbers or nulls. Keys that the model does not need are ignored,
            so that whole rows of `gold.movie_features` can be sent.
        features: Features of the model in service.
        regime: The requested regime; by default `with votes` if the first row mentions a vote feature, otherwise
            `pre-release`.

    Raises:
        BadRequestError: A feature is missing, a value is neither a number nor null, or null is given for a feature that
            every film has.
        TooLargeError: There are more than `MAX_ROWS` rows.
    """
    _check_count(len(records))
    if regime is None:
        regime = "with votes" if VOTE_FEATURES & records[0].keys() else "pre-release"
    names = features[regime]
    for number, record in enumerate(records, 1):
        missing = [name for name in names if name not in record]
        if missing:
            raise BadRequestError(_missing(number, missing, regime))
        for name in names:
            value = record[name]
            if value is not None and not is_number(value):
                raise BadRequestError(f"row {number}: {name} is {_shown(value)}; {NUMBER_OR_NULL}.")
    return regime, _matrix([[record[name] for name in names] for record in records], names)


def from_values(
    rows: Sequence[Values], features: Features, regime: Regime | None
) -> tuple[Regime, NDArray[np.float32]]:
    """Converts rows of values in the order of the features; returns the regime to use and the model's matrix.

    Args:
        rows: Rows of equal length. Each value is a number, or null if the value is unknown.
        features: Features of the model in service.
        regime: The requested regime; by default the regime that has as many features as the rows have columns.

    Raises:
        BadRequestError: The number of columns fits neither regime, fits both, or does not fit the requested regime; or
            null is given for a feature that every film has.
        TooLargeError: There are more than `MAX_ROWS` rows.
    """
    _check_count(len(rows))
    width = len(rows[0])
    fitting: list[Regime] = [name for name in REGIMES if len(features[name]) == width]
    wanted = " or ".join(f"{len(features[name])} ({name})" for name in REGIMES)
    if regime is None and len(fitting) > 1:
        raise BadRequestError(
            f"rows of {width} columns fit both regimes; name the regime in the header "
            "X-Amzn-SageMaker-Custom-Attributes: regime=pre-release (or regime=with votes)."
        )
    if not fitting or (regime is not None and regime not in fitting):
        asked = f" for regime={regime}" if regime else ""
        raise BadRequestError(
            f"rows have {width} columns{asked}, but the model reads {wanted}, in the order that GET /features lists; "
            "send no header line, and leave a field empty where a value is unknown."
        )
    regime = regime or fitting[0]
    return regime, _matrix(rows, features[regime])


def _check_count(count: int) -> None:
    if count == 0:
        raise BadRequestError("the request has no rows; send at least one feature row.")
    if count > MAX_ROWS:
        raise TooLargeError(
            f"the request has {count:,} rows, but at most {MAX_ROWS:,} are allowed; send several requests."
        )


def _matrix(rows: Sequence[Values], names: Sequence[str]) -> NDArray[np.float32]:
    """The values as a float32 array of shape (rows, features); an unknown value is NaN."""
    matrix = np.array(rows, dtype=np.float64).astype(np.float32)  # None becomes NaN
    unknown = np.argwhere(np.isnan(matrix) & np.isin(names, list(NEVER_NULL)))
    if len(unknown):
        row, column = unknown[0]
        raise BadRequestError(
            f"row {row + 1}: {names[column]} is null (in CSV: an empty field), but every film in the training data has "
            "a value for this feature, so the model cannot handle a missing value. Send a number."
        )
    return matrix


def _missing(number: int, missing: Sequence[str], regime: Regime) -> str:
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    votes = " Rows of the regime pre-release need no votes." if set(missing) <= VOTE_FEATURES else ""
    return (
        f"row {number}: {len(missing)} features missing for regime '{regime}': {', '.join(missing[:NAMED])}{more}; "
        f"GET /features lists all features. Send null where a value is unknown.{votes}"
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 - enough to recognise it
