"""The endpoint's answers and its health, as types that server and clients share.

This module has only plain data and is cheap to import. `predictor` makes the answers.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.ml.iterations import Regime
from imdb_assets.serving.comparables import Comparable

SERVICE: Literal["imdb-assets"] = "imdb-assets"
"""The endpoint's name in answers to `/ping`. Clients recognise the endpoint by this name."""

HOST = "127.0.0.1"
"""The only address that the local server listens on, because the server has no login."""

Basis = Literal["live", "out-of-sample"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Question(_Record):
    """A question about one film."""

    model_config = ConfigDict(extra="forbid")

    tconst: str = Field(description="IMDb's id of a film.", examples=["tt0108052"])


class Reason(_Record):
    """The contribution of one family of features to a prediction."""

    family: str = Field(description="The family of features, named after its subject.", examples=["director's record"])
    points: float = Field(description="Rating points.", examples=[0.42])


class Answer(_Record):
    """The predicted rating of one film, from a model that has not seen the film's rating."""

    tconst: str | None = Field(description="Title id; null if the request describes the film.", examples=["tt0108052"])
    title: str | None = Field(description="Primary title.", examples=["Schindler's List"])
    start_year: int = Field(description="Year of release.", examples=[1993])
    regime: Regime = Field(
        description="The model's regime: `with votes` for films that have votes, `pre-release` for films that have "
        "none."
    )
    actual: float | None = Field(description="The film's rating on IMDb; null while unrated.", examples=[9.0])
    predicted: float = Field(description="Predicted rating, 1-10.", examples=[8.1])
    lower: float = Field(description="Lower end of the 90 % prediction interval.", examples=[7.2])
    upper: float = Field(description="Upper end of the 90 % prediction interval.", examples=[8.8])
    basis: Basis = Field(
        description="`live`: the model in service, which has never seen the film's rating, answered. `out-of-sample`: "
        "the model in service was trained on the film, so the answer is the stored prediction of a model that was not "
        "trained on the film. A film that has lost its rating since the training is `out-of-sample` too."
    )
    iteration: str = Field(description="Iteration: a named choice of features and training films.", examples=["v8"])
    model_version: str = Field(description="Version of the model that made the prediction.", examples=["0f3a9c21b7de"])
    base: float = Field(
        description="The prediction before any fact of the film is considered, in rating points.", examples=[6.1]
    )
    reasons: list[Reason] = Field(
        description="How much each family of features adds to the prediction, strongest first."
    )
    comparable: list[Comparable] = Field(
        description="Five well-known films that are similar to the predicted film: films with the same (or nearly the "
        "same) genres that are closest in year, runtime and the ratings of the makers' earlier films."
    )
    notes: list[str] = Field(
        default=[],
        description="Notes for the reader, such as a note that a name matches nobody.",
        examples=[["Jane Nobody: no rated film lists anyone with this name, so the person counts as a beginner."]],
    )


class Batch(_Record):
    """Predicted ratings of feature rows, in the order of the rows."""

    predictions: list[float] = Field(description="One rating per row, 1-10.", examples=[[8.1, 5.4]])
    lower: list[float] = Field(
        description="Lower ends of the predictions' intervals, one per row.", examples=[[7.2, 3.9]]
    )
    upper: list[float] = Field(
        description="Upper ends of the predictions' intervals, one per row.", examples=[[8.8, 6.9]]
    )
    regime: Regime = Field(description="Regime of the model that answered.")
    iteration: str = Field(description="Iteration: a named choice of features and training films.", examples=["v8"])
    model_version: str = Field(description="Version of the model that answered.", examples=["0f3a9c21b7de"])


class Health(_Record):
    """The state of the server that answers on the port. A server with older code may omit fields that have defaults."""

    service: Literal["imdb-assets"] = SERVICE
    model_version: str | None = Field(description="The model version in service; null if no version is in service.")
    iterations: dict[Regime, str] = Field(description="For each regime, the iteration of the model in service.")
    problem: str | None = Field(
        description="Why there is no model, or why the current model is not served; null if the current model is "
        "served."
    )
    pid: int = Field(description="Process id of the server.")
    lake: str = Field(
        description="Folder of the lake that the server reads, or `s3://` and the name of the lake's buckets."
    )
    code: str = Field(default="", description="Fingerprint of the source code that the process runs.")


class Failure(_Record):
    """The reason why a request gets no answer."""

    error: str = Field(description="One clear sentence: what came, what was expected, what to do.")
