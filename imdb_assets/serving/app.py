"""The endpoint over HTTP: SageMaker's contract (`/ping`, `/invocations`), `/predict` by title id, a page for people.

Only HTTP: status codes, limits on size, documentation. Answers come from `predictor`, content types from `formats`.
"""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imdb_assets.ml.iterations import Regime
from imdb_assets.ml.model_card import ATTRIBUTION
from imdb_assets.serving import formats
from imdb_assets.serving.answers import Answer, Batch, Failure, Health, Question
from imdb_assets.serving.descriptions import Description
from imdb_assets.serving.errors import ServingError, UnsupportedFormatError
from imdb_assets.serving.predictor import Predictor
from imdb_assets.serving.search import Film, Person

MAX_BYTES = 25_000_000
"""Of a request's body: SageMaker's own limit, and room for `rows.MAX_ROWS` rows of named features."""
TOO_LARGE = f"the body is larger than {MAX_BYTES / 1e6:.0f} MB; send several requests."

Typed = Annotated[
    str, Query(min_length=1, max_length=200, description="What was typed so far.", examples=["steven sp"])
]

PAGE = Path(__file__).with_name("page.html")


def create_app(predictor: Predictor) -> FastAPI:
    """The endpoint as an ASGI application.

    Args:
        predictor: Answers; it is asked in worker threads.
    """
    app = FastAPI(
        title="imdb-assets rating endpoint",
        version="1",
        description=f"Predicts IMDb ratings of films. {ATTRIBUTION}",
        docs_url=None,  # Swagger's and Redoc's pages load scripts from a CDN; /openapi.json is self-contained
        redoc_url=None,
        responses={code: {"model": Failure, "description": text} for code, text in _FAILURES.items()},
    )
    app.add_middleware(_BodyLimit)
    app.add_exception_handler(ServingError, _refuse)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)

    @app.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(PAGE.read_text(encoding="utf-8"))

    @app.get("/ping", summary="Is a model in service, and which", responses={503: {"model": Health}})
    def ping(response: Response) -> Health:
        health = predictor.health()
        response.status_code = 200 if health.model_version else 503
        return health

    @app.get("/features", summary="Features of a row, per regime, in the order of CSV columns")
    def features() -> dict[Regime, list[str]]:
        return predictor.features()

    @app.post(
        "/predict",
        summary="The rating of a film, by its id or by a description",
        dependencies=[Depends(_needs_json)],
        openapi_extra={"requestBody": {"required": True, "content": {formats.JSON: _QUESTION}}},
    )
    async def predict(request: Request) -> Answer:
        question = formats.question(await request.body())
        if isinstance(question, Question):
            return await run_in_threadpool(predictor.predict_film, question.tconst)
        return (await run_in_threadpool(predictor.predict_described, [question]))[0]

    @app.get("/people", summary="People whose name starts so, best known first")
    def people(q: Typed) -> list[Person]:
        return predictor.people(q)

    @app.get("/films", summary="Films whose title starts so, most votes first")
    def films(q: Typed) -> list[Film]:
        return predictor.films(q)

    @app.post(
        "/invocations",
        summary="Ratings of feature rows (SageMaker's contract)",
        description=_INVOCATIONS,
        response_class=Response,
        openapi_extra={"requestBody": {"required": True, "content": _REQUEST}},
        responses={200: {"description": "One rating a row, in the order of the rows.", "content": _RESPONSE}},
    )
    async def invocations(
        request: Request,
        custom: Annotated[str | None, Header(alias=formats.ATTRIBUTES, examples=["regime=pre-release"])] = None,
    ) -> Response:
        kind = formats.content_type(request.headers.get("content-type"))
        regime = formats.asked_regime(custom)
        body = await request.body()
        content, attributes = await run_in_threadpool(_invoked, predictor, kind, body, regime)
        return Response(content, media_type=kind, headers={formats.ATTRIBUTES: attributes})

    return app


def _invoked(predictor: Predictor, kind: str, body: bytes, regime: Regime | None) -> tuple[bytes, str]:
    """The answer to rows or descriptions, and its custom attributes."""
    if kind == formats.CSV:
        batch = predictor.predict_values(formats.csv_rows(body), regime)
        return formats.rendered(batch, kind), formats.attributes(batch)
    rows = formats.json_rows(body) if kind == formats.JSON else formats.json_lines_rows(body)
    if formats.are_descriptions(rows):
        answers = predictor.predict_described(formats.descriptions(rows), regime)
        return formats.rendered_answers(answers, kind), formats.attributes(answers[0])
    batch = predictor.predict_rows(rows, regime)
    return formats.rendered(batch, kind), formats.attributes(batch)


def _needs_json(request: Request) -> None:
    given = request.headers.get("content-type", "missing").partition(";")[0]
    if given.strip().lower() != formats.JSON:
        raise UnsupportedFormatError(
            f"content type {given[:60]}: not supported here; send Content-Type: {formats.JSON}."
        )


class _BodyLimit:
    """Refuses bodies above `MAX_BYTES`, announced or streamed, before they are in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = dict(scope.get("headers", ())).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > MAX_BYTES:
            await _failure(413, TOO_LARGE)(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_within_limit, send)


def _failure(status: int, error: str) -> JSONResponse:
    return JSONResponse(Failure(error=error).model_dump(), status)


def _refuse(_: Request, error: Exception) -> JSONResponse:
    return _failure(error.status if isinstance(error, ServingError) else 500, str(error))


def _http_error(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    texts = {
        404: f"there is no {request.url.path[:80]} here; GET / lists the endpoints.",
        405: f"{request.method} is not allowed at {request.url.path[:80]}; GET / lists the endpoints.",
    }
    return _failure(status, texts.get(status, getattr(error, "detail", str(error))))


def _invalid(_: Request, error: Exception) -> JSONResponse:
    """FastAPI's list of validation errors, of queries, as one sentence."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    return _failure(422, f"{'; '.join(formats.sentence(problem, problem['loc'][1:]) for problem in problems)}.")


def _unexpected(_: Request, __: Exception) -> JSONResponse:
    return _failure(500, "the server failed on this request; its log (serving.log in the data folder) says why.")


_FAILURES = {
    400: "Malformed CSV or JSON, or rows that do not fit the model; names the line or row.",
    404: "No such film.",
    413: "Too many rows or bytes.",
    415: "Unsupported content type.",
    422: "A field is missing or of the wrong type.",
    503: "No model, or a table is missing.",
}
_INVOCATIONS = (
    "Instances are rows of features, or, in JSON, films described as for `POST /predict`. Rows hold the features of "
    "one regime. JSON rows name them, and are answered `with votes` if the first row "
    "mentions a feature of votes, else `pre-release`. CSV rows have no header line and the order of `GET /features`; "
    f"their number of columns tells the regime. `{formats.ATTRIBUTES}: regime=pre-release` (or `with votes`) asks for "
    "one explicitly, and the same header of the answer says which one answered. Null, or an empty CSV field, is an "
    "unknown value; in JSON, a feature that is not mentioned is an error."
)
_QUESTION: dict[str, Any] = {
    "schema": {"anyOf": [Question.model_json_schema(), Description.model_json_schema()]},
    "examples": {
        "id": {"summary": "A film of the lake", "value": {"tconst": "tt0108052"}},
        "description": {
            "summary": "A film that does not exist",
            "value": Description.model_json_schema()["examples"][0],
        },
    },
}
_ROW = {"start_year": 1993, "runtime_minutes": 195, "genre_drama": 1, "director_mean_rating": None, "…": "…"}
_REQUEST: dict[str, Any] = {
    formats.JSON: {
        "schema": {
            "type": "object",
            "required": ["instances"],
            "properties": {"instances": {"type": "array", "items": {"type": "object"}}},
        },
        "example": {"instances": [_ROW]},
    },
    formats.JSON_LINES: {"schema": {"type": "string"}, "example": '{"start_year": 1993, …}\n{"start_year": 2024, …}\n'},
    formats.CSV: {"schema": {"type": "string"}, "example": "1993,1990,195,…\n2024,2020,,…\n"},
}
_RESPONSE: dict[str, Any] = {
    formats.JSON: {"schema": Batch.model_json_schema()},
    formats.JSON_LINES: {"schema": {"type": "string"}, "example": '{"prediction": 8.1, "regime": "pre-release", …}\n'},
    formats.CSV: {"schema": {"type": "string"}, "example": "8.1\n5.4\n"},
}
