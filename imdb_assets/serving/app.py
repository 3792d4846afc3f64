"""The HTTP routes of the endpoint: `/ping` and `/invocations` for SageMaker, `/predict`, search, metrics and pages.

This module has only routes and error answers. Answers come from `predictor`, and content types come from `formats` and
`invocations`. `middleware` has the rules for every request, and `documented` has the descriptions of bodies in
`/openapi.json`.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import Route

from imdb_assets.dashboards import download
from imdb_assets.dashboards.pages import Pages, origin
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.selection import Selection
from imdb_assets.ml.iterations import Regime
from imdb_assets.ml.model_card import ATTRIBUTION, SAMPLE
from imdb_assets.serving import formats, invocations
from imdb_assets.serving.answers import Answer, Failure, Health, Question
from imdb_assets.serving.documented import ATTRIBUTES, INVOCATIONS, METRICS, QUESTION, REQUEST, RESPONSE
from imdb_assets.serving.errors import NotReadyError, ServingError, UnsupportedFormatError
from imdb_assets.serving.middleware import BodyLimit, Counted, KnownHosts, Metrics
from imdb_assets.serving.predictor import Predictor
from imdb_assets.serving.search import Film, Person
from imdb_assets.serving.title_routes import add_titles
from imdb_assets.serving.titles import Titles

Typed = Annotated[
    str, Query(min_length=1, max_length=200, description="The text typed so far.", examples=["steven sp"])
]

Title = Annotated[
    str | None,
    Query(min_length=1, max_length=200, description="The text typed so far.", examples=["schindler"]),
]
Chosen = Annotated[Selection, Query()]
FRESH = {"Cache-Control": "no-cache"}

PAGE = {
    "/": ("page.html", "text/html"),
    "/browse": ("browse.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/common.js": ("common.js", "text/javascript"),
    "/page.js": ("page.js", "text/javascript"),
    "/browse.js": ("browse.js", "text/javascript"),
}
"""Maps each path to a file in this module's folder, and to the file's content type."""
QUICK_BYTES = 16_384
"""A body of rows is scored without a worker thread if it has at most this number of bytes. For a small body, the switch
of threads would cost more time than the thread saves."""


def create_app(
    predictor: Predictor,
    pages: Pages | None = None,
    titles: Titles | None = None,
    hosts: tuple[str, ...] = (),
    generated: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """The endpoint as an ASGI application.

    Args:
        predictor: Makes the answers, in worker threads.
        pages: The dashboards; None if there is no lake.
        titles: The index of all titles; None if the endpoint serves no titles.
        generated: Returns whether the films belong to a generated sample.
        hosts: Host names for which the endpoint answers; if `hosts` is empty, the endpoint answers for every name.
    """
    app = FastAPI(
        title="imdb-assets rating endpoint",
        version="2",
        description="Predicts ratings of films.",
        docs_url=None,  # Swagger's and Redoc's pages load scripts from a CDN; /openapi.json is self-contained
        redoc_url=None,
        responses={code: {"model": Failure, "description": text} for code, text in _FAILURES.items()},
    )
    documented = app.openapi

    def openapi() -> dict[str, Any]:
        """The app's OpenAPI schema; the description names the current origin of the data."""
        schema, origin = documented(), SAMPLE if generated() else ATTRIBUTION
        return {**schema, "info": {**schema["info"], "description": f"{app.description} {origin}"}}

    app.openapi = openapi
    metrics = Metrics()
    app.add_exception_handler(ServingError, _refuse)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)

    for address, (name, kind) in PAGE.items():
        app.add_route(address, _file(name, kind, generated), include_in_schema=False)
    if pages:
        _add_dashboards(app, pages)
    _add_questions(app, predictor)
    _add_search(app, predictor)
    if titles:
        add_titles(app, titles, predictor, predictor.lake)
    _add_state(app, predictor, metrics)

    app.add_middleware(BodyLimit)
    if hosts:
        app.add_middleware(KnownHosts, hosts=hosts)
    paths = frozenset(route.path for route in app.routes if isinstance(route, Route))
    app.add_middleware(Counted, metrics=metrics, paths=paths)
    return app


def _add_dashboards(app: FastAPI, pages: Pages) -> None:
    first = next(iter(DASHBOARDS))
    script = "text/javascript"

    async def to_the_first(_: Request) -> Response:
        return RedirectResponse(f"dashboards/{first}")

    app.add_route("/dashboards", to_the_first, include_in_schema=False)
    app.add_route("/dashboards/vega.js", _made(pages.vega, script, "max-age=86400"), include_in_schema=False)
    app.add_route("/dashboards/charts.js", _made(pages.charts, script), include_in_schema=False)
    app.add_route("/dashboards/tables.js", _made(pages.tables, script), include_in_schema=False)

    @app.get("/dashboards/{name}", include_in_schema=False)
    def dashboard(name: str, chosen: Chosen) -> Response:
        if name not in DASHBOARDS:
            raise HTTPException(404)
        return Response(pages.html(name, chosen), media_type="text/html", headers=FRESH)

    @app.get("/dashboards/{name}/{panel}.{form}", include_in_schema=False)
    def panel(name: str, panel: str, form: Literal["csv", "json"], chosen: Chosen) -> Response:
        filled = pages.rows(name, panel, chosen)
        if filled is None:
            raise HTTPException(404)
        if filled.problem not in {None, filled.panel.nothing}:
            raise NotReadyError(f"{name}/{panel}: {filled.problem}")
        if form == "json":
            return Response(download.json(filled.rows), media_type=formats.JSON, headers=FRESH)
        named = FRESH | {"Content-Disposition": f'attachment; filename="{panel}.csv"'}
        return Response(download.csv(filled.rows), media_type=formats.CSV, headers=named)


def _add_questions(app: FastAPI, predictor: Predictor) -> None:
    @app.post(
        "/predict",
        summary="The predicted rating of a film, given its id or a description",
        dependencies=[Depends(_needs_json)],
        openapi_extra={"requestBody": {"required": True, "content": {formats.JSON: QUESTION}}},
    )
    async def predict(request: Request) -> Answer:
        formats.answer_type(request.headers.get("accept"), [formats.JSON])
        question = formats.question(await request.body())
        if isinstance(question, Question):
            return await run_in_threadpool(predictor.predict_film, question.tconst)
        return (await run_in_threadpool(predictor.predict_described, [question]))[0]

    @app.post(
        "/invocations",
        summary="Ratings of feature rows or of described films (SageMaker's contract)",
        description=INVOCATIONS,
        response_class=Response,
        openapi_extra={"parameters": [ATTRIBUTES], "requestBody": {"required": True, "content": REQUEST}},
        responses={200: {"description": "One answer for each row, in the order of the rows.", "content": RESPONSE}},
    )
    async def invoke(request: Request) -> Response:
        kind = formats.content_type(request.headers.get("content-type"))
        regime = formats.asked_regime(request.headers.get(formats.ATTRIBUTES))
        accept, body = request.headers.get("accept"), await request.body()
        if len(body) <= QUICK_BYTES and not formats.is_description(body) and not predictor.is_due():
            answered = invocations.answer(predictor, kind, body, regime, accept)
        else:
            answered = await run_in_threadpool(invocations.answer, predictor, kind, body, regime, accept)
        return Response(answered.content, media_type=answered.kind, headers={formats.ATTRIBUTES: answered.attributes})


def _add_search(app: FastAPI, predictor: Predictor) -> None:
    @app.get("/people", summary="People by name, best known first; words may be incomplete")
    def people(q: Typed) -> list[Person]:
        return predictor.people(q)

    @app.get("/films", summary="Films by title; words may be incomplete; without q, the best-known films")
    def films(q: Title = None) -> list[Film]:
        return predictor.films(q)


def _add_state(app: FastAPI, predictor: Predictor, metrics: Metrics) -> None:
    @app.get("/ping", summary="Which model is in service, if any", responses={503: {"model": Health}})
    def ping(response: Response) -> Health:
        health = predictor.health()
        response.status_code = 200 if health.model_version else 503
        return health

    @app.get("/features", summary="Features of a row, per regime, in the order of CSV columns")
    def features() -> dict[Regime, list[str]]:
        return predictor.features()

    @app.get("/metrics", summary="Metrics of requests, for Prometheus", response_class=Response, responses=METRICS)
    def measured() -> Response:
        health = predictor.health()
        metrics.model.clear()
        for regime, iteration in health.iterations.items():
            metrics.model.labels(health.model_version, regime, iteration).set(1)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _file(name: str, kind: str, generated: Callable[[], bool]) -> Callable[[Request], Awaitable[Response]]:
    """Serves one of the files in `PAGE`, and inserts the banner and the attribution of the data into the file."""

    def content() -> bytes:
        text, said = Path(__file__).with_name(name).read_text(encoding="utf-8"), origin(generated=generated())
        return text.replace("<!-- sample -->", said.banner).replace("<!-- attribution -->", said.attribution).encode()

    return _made(content, kind)


def _made(
    make: Callable[[], bytes], kind: str, keep: str = FRESH["Cache-Control"]
) -> Callable[[Request], Awaitable[Response]]:
    """Serves a function's result, made in a worker thread; `keep` tells browsers how long to cache the result."""

    async def serve(_: Request) -> Response:
        return Response(await run_in_threadpool(make), media_type=kind, headers={"Cache-Control": keep})

    return serve


def _needs_json(request: Request) -> None:
    given = request.headers.get("content-type", "missing").partition(";")[0]
    if given.strip().lower() != formats.JSON:
        raise UnsupportedFormatError(
            f"content type {given[:60]}: not supported here; send Content-Type: {formats.JSON}."
        )


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
    """Turns FastAPI's list of validation errors for a query into one sentence."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    return _failure(422, f"{'; '.join(formats.sentence(problem, problem['loc'][1:]) for problem in problems)}.")


def _unexpected(_: Request, __: Exception) -> JSONResponse:
    return _failure(500, "the server failed on this request; its log (serving.log in the data folder) says why.")


_FAILURES = {
    400: "Malformed CSV or JSON, or rows that do not fit the model; the error names the line or row.",
    404: "No film, title or person has the id of the request.",
    406: "The answer cannot have any of the content types that the request accepts.",
    408: "The body stalled.",
    413: "Too many rows or bytes.",
    415: "Unsupported content type.",
    422: "A field is missing or of the wrong type, or one of the names fits several people.",
    503: "No model is in service, or a table is missing.",
}
