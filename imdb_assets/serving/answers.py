"""What the endpoint says: its answers and its health, as server and clients both know them.

Plain data that is cheap to import. Where answers come from is in `predictor`.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from imdb_assets.ml.iterations import Regime
from imdb_assets.serving.comparables import Comparable

SERVICE: Literal["imdb-assets"] = "imdb-assets"
"""What `/ping` calls us, so that another program on the port is not taken for the endpoint."""

HOST = "127.0.0.1"
"""The only address the local server binds: it has no login."""

Basis = Literal["live", "out-of-sample"]


class _Record(BaseModel):
    # protected_namespaces: `model_version` is a fact about the answer, not a pydantic method
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Question(_Record):
    """Which film is asked for."""

    model_config = ConfigDict(extra="forbid")

    tconst: str = Field(description="IMDb's id of a film.", examples=["tt0108052"])


class Reason(_Record):
    """What one family of features adds to a prediction."""

    family: str = Field(description="The features, in words.", examples=["director's record"])
    points: float = Field(description="Rating points.", examples=[0.42])


class Answer(_Record):
    """The rating of one film, as a model says that has not seen it."""

    tconst: str | None = Field(description="Title id; null of a described film.", examples=["tt0108052"])
    title: str | None = Field(description="Primary title.", examples=["Schindler's List"])
    start_year: int = Field(description="Year of release.", examples=[1993])
    regime: Regime = Field(description="`with votes` for films that have votes, `pre-release` for the others.")
    actual: float | None = Field(description="The film's rating on IMDb; null while unrated.", examples=[9.0])
    predicted: float = Field(description="Predicted rating, 1-10.", examples=[8.1])
    lower: float = Field(description="Lower end of the interval that nine of ten ratings lie in.", examples=[7.2])
    upper: float = Field(description="Its upper end.", examples=[8.8])
    basis: Basis = Field(
        description="`live`: the model in service answered, it never saw this film's rating. `out-of-sample`: the "
        "model in service learned from this film, so this is the stored answer of one that did not; also of a film "
        "that was rated then and is not now."
    )
    iteration: str = Field(description="Version of the features that answered.", examples=["v8"])
    model_version: str = Field(description="The model version whose prediction this is.", examples=["0f3a9c21b7de"])
    base: float = Field(description="What the model says before it looks at a film, rating points.", examples=[6.1])
    reasons: list[Reason] = Field(description="What the film's facts add to that, strongest first.")
    comparable: list[Comparable] = Field(
        description="Five well-known films like it: of the same genres (or nearly), nearest by year, runtime and what "
        "the makers' earlier films were rated."
    )
    notes: list[str] = Field(
        default=[],
        description="What a reader must know, such as names that nobody has.",
        examples=[["Jane Nobody: no rated film is known of anyone of this name; counted as a beginner."]],
    )


class Batch(_Record):
    """Predicted ratings of feature rows, in the order of the rows."""

    predictions: list[float] = Field(description="One rating a row, 1-10.", examples=[[8.1, 5.4]])
    lower: list[float] = Field(description="Lower ends of their intervals.", examples=[[7.2, 3.9]])
    upper: list[float] = Field(description="Upper ends of their intervals.", examples=[[8.8, 6.9]])
    regime: Regime = Field(description="Regime of the model that answered.")
    iteration: str = Field(description="Version of the features.", examples=["v8"])
    model_version: str = Field(description="Version of the model that answered.", examples=["0f3a9c21b7de"])


class Health(_Record):
    """Who is behind the port, and with which model. Fields with a default are missing from servers of older code."""

    service: Literal["imdb-assets"] = SERVICE
    model_version: str | None = Field(description="The model version in service; null if there is none.")
    iterations: dict[Regime, str] = Field(description="Regime → iteration in service.")
    problem: str | None = Field(description="Why there is no model, or why the current one is not served; else null.")
    pid: int = Field(description="Process id of the server.")
    lake: str = Field(description="Folder of the lake it reads, or `s3://` and the name of its buckets.")
    code: str = Field(default="", description="Fingerprint of the source code that the process runs.")


class Failure(_Record):
    """Why there is no answer."""

    error: str = Field(description="One clear sentence: what came, what was expected, what to do.")
