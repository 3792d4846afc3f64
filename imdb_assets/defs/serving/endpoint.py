"""Serving: the live endpoint, and its answers about films that its model has never seen."""

from pathlib import Path

import dagster as dg
import polars as pl

from imdb_assets.contracts.models import LivePredictions
from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.inputs import require_usable
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.policies import asset_key, common
from imdb_assets.defs.table_asset import Made, table_asset
from imdb_assets.defs.unchanged import code_of, is_unchanged, may_keep
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact, splits
from imdb_assets.naming import MODEL
from imdb_assets.serving import client, lake_search, local, title_index
from imdb_assets.serving.errors import EndpointError
from imdb_assets.settings import Settings

_PAGES, _ENDPOINT, _INDEX = "serving.pages", "serving.rating_endpoint", "serving.title_index"
_SHOWN = ("silver.releases", "gold.director_reputation")
"""Tables that the dashboards' views read, and that the title search does not read."""
URL, ANSWERS = "url", "answers"
"""Names of metadata entries that `imdb demo` prints: the endpoint's address, and a description of its answers."""
NEWEST_FILMS = 5
"""Number of unrated films whose predictions are shown, in addition to rated films that the model has not seen."""


@dg.asset(
    **common(asset_key(_INDEX)),
    description=(
        "The index of all titles and people that `GET /titles` and `GET /people/nm…` answer from: one SQLite file with "
        "full-text search. A running server opens the new index at its next request."
    ),
    deps=[asset_key(name) for name in title_index.READS],
    code_version=code_version(title_index.write),
    kinds={"sqlite"},
)
def index_of_titles(
    context: dg.AssetExecutionContext, handles: dg.ResourceParam[Handles], settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult:
    tables = {name: handles.table(name) for name in title_index.READS}
    require_usable(_INDEX, tables.values(), handles)
    code, inputs = code_of(context), {name: str(table.snapshot_id) for name, table in tables.items()}
    known = title_index.published(settings.titles_folder) if may_keep(context) else None
    if known and is_unchanged(known.made_from, code, inputs):
        return dg.MaterializeResult(metadata={"unchanged": True})
    scans = {name: table.scan() for name, table in tables.items()}
    rows = title_index.publish(settings.titles_folder, scans, Provenance(code_version=code, inputs=inputs))
    return dg.MaterializeResult(metadata={**rows, "url": dg.MetadataValue.url(f"{local.url_of(settings)}/titles")})


@dg.asset(
    **common(asset_key(_PAGES)),
    description=(
        "The server on this machine: the film page with its search, and the dashboards. The server starts before "
        "there is a model, predicts once a model is in service, and keeps running after the Dagster run."
    ),
    deps=[asset_key(name) for name in (lake_search.MOVIES, lake_search.CREDITS, lake_search.NAMES, *_SHOWN, _INDEX)],
    kinds={"fastapi"},
)
def pages(settings: dg.ResourceParam[Settings], lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    try:
        endpoint = local.ensure_running(settings, lake, None)
        found = client.films(endpoint.url, "the")
    except EndpointError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            URL: dg.MetadataValue.url(endpoint.url),
            ANSWERS: "the film page: search, and the dashboards at /dashboards",
            "films found": ", ".join(film.title or film.tconst for film in found),
        }
    )


@dg.asset(
    **common(asset_key(_ENDPOINT)),
    description="The model server on this machine, answering with the model version in service. Survives the run.",
    deps=[asset_key(name) for name in (MODEL, "gold.movie_features", _PAGES)],
    kinds={"fastapi"},
)
def rating_endpoint(
    settings: dg.ResourceParam[Settings], lake: dg.ResourceParam[Lake], models: dg.ResourceParam[ModelStore]
) -> dg.MaterializeResult:
    rating_model = models.current()
    unseen = artifact.verified(Path(rating_model.path)).showcase[0]
    try:
        endpoint = local.ensure_running(settings, lake, rating_model.version)
        answer, _ = client.ask(endpoint.url, [unseen])[0]
    except EndpointError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            URL: dg.MetadataValue.url(endpoint.url),
            ANSWERS: f"predictions by model {endpoint.model_version}, which passed the audit",
            "process id": endpoint.pid,
            "model version": endpoint.model_version,
            "smoke prediction": f"{answer.tconst}: {answer.predicted:.2f}",
        }
    )


@table_asset(
    LivePredictions,
    {"fastapi"},
    reads=["silver.movies", "gold.movie_features", "models.predictions", MODEL],
    after=[_ENDPOINT],
)
def live_predictions(settings: Settings, movies: Table, rating_model: ModelVersion) -> Made:
    showcase = artifact.load(Path(rating_model.path)).record.showcase
    films = movies.scan().select("tconst", "start_year", "average_rating").collect()
    answers = client.ask(local.url_of(settings), films_to_show(films, showcase))
    others = {answer.model_version for answer, _ in answers} - {rating_model.version}
    if others:
        raise dg.Failure(
            description=(
                f"the endpoint answers with model {', '.join(others)}, but {rating_model.version} is in service: "
                "materialize serving/rating_endpoint first"
            )
        )
    frame = pl.DataFrame(
        [{**answer.model_dump(), "latency_ms": latency_ms} for answer, latency_ms in answers], infer_schema_length=None
    ).with_columns((pl.col("predicted") - pl.col("actual").cast(pl.Float64)).alias("error"))
    error, latency = frame["error"].abs().mean(), frame["latency_ms"].median()
    return Made(
        frame,
        metadata={
            "answers": markdown_table(frame.select("tconst", "title", "actual", "predicted", "error", "latency_ms")),
            "mean absolute error": error if isinstance(error, float) else "no rated film",
            "median latency (ms)": latency if isinstance(latency, float) else "nothing asked",
        },
    )


def films_to_show(films: pl.DataFrame, showcase: list[str]) -> list[str]:
    """Selects films that the endpoint's model has not learned from, to ask the endpoint for their ratings.

    Returns:
        First, films of the showcase, which are rated but held out of training. The films that the source document names
        are chosen; if none of these is in the showcase, the same number of other films from the showcase is chosen.
        After the showcase, the newest unrated films; films from later years than the newest rated film are left out.
    """
    famous = [tconst for tconst in splits.SHOWCASE_FILMS if tconst in showcase]
    latest = films.filter(pl.col("average_rating").is_not_null())["start_year"].max()
    unrated = films.filter(pl.col("average_rating").is_null() & (pl.col("start_year") <= latest))
    newest = unrated.sort("start_year", "tconst", descending=True)["tconst"].head(NEWEST_FILMS)
    return [*(famous or showcase[: len(splits.SHOWCASE_FILMS)]), *newest]
