"""The endpoint inside SageMaker's managed XGBoost image, which brings its own server and calls these four functions.

They answer as `POST /invocations` of our own server does, by the same code. There is no lake in the container: feature
rows and described films are answered, ids of films are not. The image hands no custom attributes on, so the regime is
told by the rows themselves.
"""

from dataclasses import dataclass
from pathlib import Path

from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.ml import artifact
from imdb_assets.serving import formats, invocations
from imdb_assets.serving.predictor import Predictor


@dataclass(frozen=True)
class Shipped(ModelStore):
    """A store of one model version, that never moves: the folder that the image has unpacked."""

    def current(self) -> ModelVersion:
        """The version in the folder."""
        return ModelVersion(artifact.read_record(self.root).version, str(self.root))

    def mark(self) -> object:
        """Never changes."""
        return self.root


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    kind: str
    """Its media type."""
    body: bytes


def model_fn(model_dir: str) -> Predictor:
    """Loads and verifies the model version in a folder; called once for each worker.

    Raises:
        NotReadyError: It cannot be served by this code.
    """
    folder = Path(model_dir)
    predictor = Predictor(Lake(folder / "no-lake"), Shipped(folder))
    predictor.features()  # loads it now: an image that cannot answer must not pass its health check
    return predictor


def input_fn(request_body: bytes | str, request_content_type: str) -> Asked:
    """A request.

    Raises:
        UnsupportedFormatError: Of a content type that is not read.
    """
    body = request_body.encode() if isinstance(request_body, str) else bytes(request_body)
    return Asked(formats.content_type(request_content_type), body)


def predict_fn(input_object: Asked, model: Predictor) -> bytes:
    """The answer, in the content type of the request.

    Raises:
        ServingError: The request cannot be answered; the message says why.
    """
    return invocations.answer(model, input_object.kind, input_object.body, None).content


def output_fn(prediction: bytes, _accept: str) -> bytes:
    """The answer as it is: whoever sends CSV gets CSV, whatever else is accepted."""
    return prediction
