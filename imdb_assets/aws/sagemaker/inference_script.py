"""The endpoint inside SageMaker's managed XGBoost image; the image's server calls the four functions of this module.

The functions run the same code as `POST /invocations` of our own server, and give the same answers. The container has
no lake, so the endpoint accepts feature rows and descriptions of films, but not film ids. The image does not pass
custom attributes on, so a request cannot name the regime; the rows' columns determine the regime.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.ml import artifact
from imdb_assets.serving import formats, invocations
from imdb_assets.serving.errors import ServingError
from imdb_assets.serving.predictor import Predictor

OK, SERVER_ERROR = 200, 500


@dataclass(frozen=True)
class Shipped(ModelStore):
    """A store whose only model version is in the folder that the image has unpacked; the version never changes."""

    def current(self) -> ModelVersion:
        """The version in the folder."""
        return ModelVersion(artifact.read_record(self.root).version, str(self.root))

    def mark(self) -> object:
        """Never changes."""
        return self.root


@dataclass(frozen=True)
class Asked:
    """A request."""

    kind: str
    """Content type of the request, with the type's parameters."""
    body: bytes


@dataclass(frozen=True)
class Said:
    """The response to a request: an answer or a refusal."""

    content: bytes
    kind: str
    """Media type of the answer."""
    status: int = OK
    """HTTP status of the answer."""


def model_fn(model_dir: str) -> Predictor:
    """Loads and verifies the model version in a folder; called once for each worker.

    Raises:
        NotReadyError: This code cannot serve the version.
    """
    folder = Path(model_dir)
    predictor = Predictor(Lake(folder / "no-lake"), Shipped(folder))
    predictor.features()  # loads the model now: a container that cannot answer must not pass its health check
    return predictor


def input_fn(request_body: bytes | str, request_content_type: str) -> Asked:
    """The request, unchecked: if this function raised an error, the image would answer with status 500."""
    body = request_body.encode() if isinstance(request_body, str) else bytes(request_body)
    return Asked(request_content_type, body)


def predict_fn(input_object: Asked, model: Predictor) -> Said:
    """The answer, in the content type of the request, or a text that says what is wrong with the request.

    Raises:
        ServingError: The request is valid, but cannot be answered.
    """
    try:
        answer = invocations.answer(model, formats.content_type(input_object.kind), input_object.body, None)
    except ServingError as error:
        if error.status >= SERVER_ERROR:
            raise
        return Said(json.dumps({"error": str(error)}).encode(), formats.JSON, error.status)
    return Said(answer.content, answer.kind)


def output_fn(prediction: Said, _accept: str) -> Any:
    """The answer as the image's server expects it, in the format of the request; the Accept header is ignored.

    Returns:
        A pair of body and content type. For a refused request, returns an HTTP response instead of a pair, because a
        pair has no status code.
    """
    if prediction.status == OK:
        return prediction.content, prediction.kind
    from werkzeug import Response  # pyright: ignore[reportMissingImports] - the image's, with Flask

    return Response(prediction.content, prediction.status, mimetype=prediction.kind)
