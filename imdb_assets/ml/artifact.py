"""A model version on disk: one XGBoost UBJ file per regime, `model.json` and `card.md`.

No file is a pickle, because loading a pickle runs code.

A version's name is a hash of the trees and of everything that `model.json` says about the trees. The time of training
is not hashed, so the same rows, snapshots and code give the same version. A saved version is sealed: its record holds
the hashes of all other files and of the record itself. A version is refused if one byte has changed, or if a file is
missing or has been added. Callers decide where versions are kept and which version is in service.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from imdb_assets.ml import portable, reasons, training
from imdb_assets.ml.intervals import Intervals
from imdb_assets.ml.iterations import Regime, feature_metadata

if TYPE_CHECKING:
    from xgboost import Booster

RECORD_FILE = "model.json"
CARD_FILE = "card.md"
REMEDY = "re-materialize models/rating_model"


class ModelError(ValueError):
    """A model version on disk that cannot be served; the message names the file and the remedy."""


class RegimeRecord(BaseModel):
    """The record of one regime's model: its recipe, scores and prediction intervals.

    Attributes:
        iteration: Name of the model's recipe.
        file: Name of the file that holds the trees.
        features: Columns of the model's matrix, in order.
        families: Name of each feature's family. A family is a set of features whose contributions `reasons` adds up.
        trees: Number of boosting rounds.
        train_rows: Number of films that the model learned from.
        intervals: The model's calibrated prediction intervals.
        metrics: The model's scores on the temporal test (`evaluation.score`).
    """

    model_config = ConfigDict(frozen=True)

    iteration: str
    file: str
    features: list[str]
    families: list[str]
    trees: int
    train_rows: int
    intervals: Intervals
    metrics: list[dict[str, Any]]


class ModelRecord(BaseModel):
    """The content of `model.json`.

    Attributes:
        version: First 12 hex digits of a hash of the record's other fields. The hash leaves out the seal and the files
            that `save` adds.
        created_from: Maps each table to the id of the Iceberg snapshot that the models were trained on.
        code_version: Version of the code that trained the models.
        sources: Maps each dump to its ETag at the time of training, or to its sha256 if the source has no ETags.
        place: Folder or address of the dumps. A model that learned from the dumps of one source cannot be tested on
            films of another source.
        mature_until: Latest release year of mature films, whose ratings hardly change any more.
        verdict: Result of the comparison with the version that was in service when the new version was made.
        showcase: Rated films that none of the models has learned from.
        regimes: Maps each regime to its model.
        files: Maps the name of every file except `model.json` to the file's sha256.
        seal: sha256 of the content of `model.json`, computed with the seal itself left empty. Versions that were saved
            by earlier releases of this project have no seal, so they are not served.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    created_from: dict[str, int]
    code_version: str
    sources: dict[str, str] = {}
    place: str = ""
    mature_until: int | None = None
    verdict: str = ""
    showcase: list[str]
    regimes: dict[Regime, RegimeRecord]
    files: dict[str, str]
    seal: str = ""


@dataclass(frozen=True)
class LoadedModel:
    """A verified model version, ready to predict."""

    record: ModelRecord
    boosters: Mapping[Regime, "Booster"]

    def predict(self, regime: Regime, rows: pl.DataFrame | NDArray[np.float32]) -> NDArray[np.float32]:
        """Predicted ratings, clipped to 1-10.

        Args:
            regime: The model to use.
            rows: A frame with the columns of `gold.movie_features`, or a matrix of shape (films, features). A matrix
                has NaN for missing values, and its columns are in the order of `record.regimes[regime].features`.

        Returns:
            Shape (films,).

        Raises:
            ValueError: A feature is missing, or the matrix has the wrong number of columns.
        """
        return training.predict(self.boosters[regime], self._matrix(regime, rows))

    def interval(
        self, regime: Regime, rows: pl.DataFrame | NDArray[np.float32], predicted: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Lower and upper ends of the 90 % intervals, within 1-10, both of shape (films,).

        Args:
            regime: The model to use.
            rows: A frame or a matrix, in the form that `predict` takes.
            predicted: The result of `predict` for the same rows, shape (films,).

        Raises:
            ValueError: A feature is missing, or the matrix has the wrong number of columns.
        """
        part = self.record.regimes[regime]
        return part.intervals.bounds(self._matrix(regime, rows), part.features, predicted)

    def reasons(self, regime: Regime, rows: pl.DataFrame | NDArray[np.float32]) -> reasons.Reasons:
        """Contributions of feature families; base value and contributions add up to the predictions before clipping.

        Args:
            regime: The model to use.
            rows: A frame or a matrix, in the form that `predict` takes.

        Raises:
            ValueError: A feature is missing, or the matrix has the wrong number of columns.
        """
        families = self.record.regimes[regime].families
        return reasons.explain(self.boosters[regime], self._matrix(regime, rows), families)

    def _matrix(self, regime: Regime, rows: pl.DataFrame | NDArray[np.float32]) -> NDArray[np.float32]:
        features = self.record.regimes[regime].features
        if isinstance(rows, pl.DataFrame):
            rows = training.matrix(rows, features)
        if rows.ndim != 2 or rows.shape[1] != len(features):  # noqa: PLR2004 - a matrix
            msg = f"the {regime} model reads rows of {len(features)} features, got an array of shape {rows.shape}"
            raise ValueError(msg)
        return rows


def describe(  # noqa: PLR0913 - a record of a model's origin has many parts
    fitted: Mapping[Regime, training.Fitted],
    champions: Mapping[Regime, str],
    metrics: Mapping[Regime, list[dict[str, Any]]],
    *,
    intervals: Mapping[Regime, Intervals],
    showcase: Sequence[str],
    created_from: Mapping[str, int],
    code_version: str,
    sources: Mapping[str, str] | None = None,
    place: str = "",
    mature_until: int | None = None,
    verdict: str = "",
) -> ModelRecord:
    """Builds the record of a new model version.

    Args:
        fitted: Maps each regime to its model (`champions.fit_champions`).
        champions: Maps each regime to its iteration.
        metrics: Maps each regime to its scores on the temporal test (`evaluation.score`).
        intervals: Maps each regime to its intervals (`champions.calibrate`).
        showcase: Rated films held out of training.
        created_from: See `ModelRecord`.
        code_version: See `ModelRecord`.
        sources: See `ModelRecord`.
        place: See `ModelRecord`.
        mature_until: See `ModelRecord`.
        verdict: Why the version is put into service, or why not, in the words of `promotion.judge`.
    """
    metadata = feature_metadata()
    regimes: dict[Regime, RegimeRecord] = {
        regime: RegimeRecord(
            iteration=champions[regime],
            file=_model_file(regime),
            features=list(model.features),
            families=[metadata[name]["family"] for name in model.features],
            trees=model.trees,
            train_rows=model.train_rows,
            intervals=intervals[regime],
            metrics=metrics[regime],
        )
        for regime, model in fitted.items()
    }
    record = ModelRecord(
        version="",
        created_from=dict(created_from),
        code_version=code_version,
        sources=dict(sources or {}),
        place=place,
        mature_until=mature_until,
        verdict=verdict,
        showcase=sorted(showcase),
        regimes=regimes,
        files={_model_file(regime): _sha256(portable.ubj(model.booster)) for regime, model in fitted.items()},
    )
    content = json.dumps(record.model_dump(exclude={"version", "seal"}), sort_keys=True)
    return record.model_copy(update={"version": _sha256(content.encode())[:12]})


def save(
    directory: Path,
    record: ModelRecord,
    fitted: Mapping[Regime, training.Fitted],
    card: str,
    write_more: Callable[[Path], None] | None = None,
) -> ModelRecord:
    """Writes a model version into its folder, unless the folder already has it; readers see only complete versions.

    Args:
        directory: The version's own folder. A folder that holds a complete copy of this version is left untouched. A
            folder with any other content is renamed, and then the new folder gets the name. Between these two steps, no
            folder has the name for a moment.
        record: The result of `describe`.
        fitted: The models that the record describes.
        card: Markdown (`model_card.render`).
        write_more: A function that writes further files into a given folder (`serving.bundle`); the files are made from
            the same snapshots as the models.

    Returns:
        The sealed record as it is on disk, with the checksums of the card and of the further files.
    """
    saved = _saved(directory)
    if saved and saved.version == record.version:
        return saved
    attempt = uuid4().hex
    staging, replaced = (directory.with_name(f".{directory.name}.{attempt}.{use}") for use in ("staging", "replaced"))
    staging.mkdir(parents=True)
    try:
        for regime, model in fitted.items():
            (staging / record.regimes[regime].file).write_bytes(portable.ubj(model.booster))
        (staging / CARD_FILE).write_text(card, encoding="utf-8")
        if write_more:
            write_more(staging)
        checksums = {file.name: _sha256_of(file) for file in sorted(staging.iterdir())}
        record = _sealed(record.model_copy(update={"files": checksums}))
        (staging / RECORD_FILE).write_bytes(_content(record))
        if directory.exists():
            directory.rename(replaced)
        staging.rename(directory)
        shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return record


def load(directory: Path) -> LoadedModel:
    """Verifies a model version as `verified` does, and loads its models.

    Raises:
        ModelError: A file is missing, unreadable or changed, or does not belong to this version.
    """
    from xgboost import Booster

    record = verified(directory)
    one_core = {"nthread": 1}  # a request has few rows, which one core predicts faster than several cores
    boosters: dict[Regime, Booster] = {
        regime: Booster(one_core, model_file=bytearray(_read(directory / part.file)))
        for regime, part in record.regimes.items()
    }
    return LoadedModel(record, boosters)


def verified(directory: Path) -> ModelRecord:
    """Reads a model version's record, and verifies its seal and every file's checksum, without loading the model.

    Raises:
        ModelError: A file is missing, unreadable or changed, or does not belong to this version.
    """
    record = read_record(directory)
    if not record.seal:
        file = directory / RECORD_FILE
        msg = (
            f"{file} has no seal (an earlier release saved it without a hash of its content), so nothing shows whether "
            f"it has been changed: {REMEDY}"
        )
        raise ModelError(msg)
    for name, digest in record.files.items():
        _verify(directory / name, digest)
    for file in sorted(directory.iterdir()):
        if file.is_file() and file.name not in {RECORD_FILE, *record.files}:
            msg = f"{file} does not belong to model {record.version}, because {RECORD_FILE} does not list it: remove it"
            raise ModelError(msg)
    return record


def read_record(directory: Path) -> ModelRecord:
    """Reads a model version's record, without loading the model.

    Raises:
        ModelError: The record is missing, unreadable or changed.
    """
    file = directory / RECORD_FILE
    content = _read(file)
    try:
        record = ModelRecord.model_validate_json(content)
    except ValidationError as error:
        msg = f"{file} is not a model record ({error.error_count()} errors): {REMEDY}"
        raise ModelError(msg) from error
    if record.seal and _sha256(content.replace(record.seal.encode(), b"")) != record.seal:
        msg = f"{file} was changed after it was saved (its content does not match its seal): {REMEDY}"
        raise ModelError(msg)
    return record


def _saved(directory: Path) -> ModelRecord | None:
    """The record of the version in this folder; None if there is no complete version that can be served."""
    try:
        return load(directory).record
    except (OSError, ValueError, LookupError):  # XGBoostError is a ValueError
        return None


def _model_file(regime: Regime) -> str:
    return f"{regime.replace(' ', '-')}.ubj"


def _content(record: ModelRecord) -> bytes:
    return (record.model_dump_json(indent=2) + "\n").encode()


def _sealed(record: ModelRecord) -> ModelRecord:
    unsealed = record.model_copy(update={"seal": ""})
    return unsealed.model_copy(update={"seal": _sha256(_content(unsealed))})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        msg = f"{file} is missing: {REMEDY}"
        raise ModelError(msg) from error


def _sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _verify(file: Path, digest: str) -> None:
    """Raises `ModelError` if the file is missing or has changed."""
    if not file.is_file():
        msg = f"{file} is missing: {REMEDY}"
        raise ModelError(msg)
    if _sha256_of(file) != digest:
        msg = f"{file} is corrupt ({file.stat().st_size} bytes, with another SHA-256 than in {RECORD_FILE}): {REMEDY}"
        raise ModelError(msg)
