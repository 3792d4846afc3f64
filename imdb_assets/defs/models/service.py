"""The model in service, its predictions for every film, and the predictions' accuracy once films are rated."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.models import LiveAccuracy, Predictions
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.inputs import require_usable
from imdb_assets.defs.markdown import markdown_table, pictures
from imdb_assets.defs.policies import asset_key, common
from imdb_assets.defs.table_asset import Made, table_asset
from imdb_assets.defs.told import input_versions
from imdb_assets.defs.unchanged import code_of, is_unchanged, may_keep
from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact, champions, evaluation, live, model_card, promotion, splits, training
from imdb_assets.ml import audit as audits
from imdb_assets.ml.iterations import CHAMPIONS, Regime
from imdb_assets.naming import MODEL
from imdb_assets.serving import bundle
from imdb_assets.settings import Settings
from imdb_assets.wiring import trainer_of

_MADE_BY = "model_version"


_JUDGED_BY = ("models.leak_check", "models.audit")
"""Tables with results of the checks that champions must pass before they serve. These tables may be outdated; the
tables that models learn from must not be outdated."""
_LEARNS_FROM = tuple(dict.fromkeys((MovieFeatures.table, *bundle.INPUTS)))


@dg.asset(
    **common(asset_key(MODEL)),
    description=(
        "The declared champions, one per regime (*pre-release* uses nothing that exists only after release; *with "
        "votes* adds the film's own vote count). The champions are refitted on all rated films except a fixed "
        "showcase set, so that the showcase films are unseen. A new version goes into service only if it passes the "
        "audit and, apart from noise, is no worse in the temporal test than the version in service; otherwise the new "
        "version is kept as a challenger."
    ),
    deps=[asset_key(name) for name in (*_LEARNS_FROM, *_JUDGED_BY)],
    code_version=code_version(
        champions.fit_champions, artifact.save, model_card.render, promotion.judge, bundle.writer
    ),
    kinds={"xgboost"},
)
def rating_model(
    context: dg.AssetExecutionContext,
    handles: dg.ResourceParam[Handles],
    models: dg.ResourceParam[ModelStore],
    landing: dg.ResourceParam[Landing],
    settings: dg.ResourceParam[Settings],
) -> dg.MaterializeResult:
    tables = {name: handles.table(name) for name in (*_LEARNS_FROM, *_JUDGED_BY)}
    learnt_from = [tables[name] for name in _LEARNS_FROM]
    require_usable(MODEL, learnt_from, handles)
    leak_check, audit = (tables[name].scan().collect() for name in _JUDGED_BY)
    code, inputs = code_of(context), {name: str(table.snapshot_id) for name, table in tables.items()}
    dumped = settings.dump_date or landing.dumped_on()
    mature_until = dumped.year - splits.MATURE_YEARS
    serving = _serving(models)
    if may_keep(context) and serving and serving[1].mature_until == mature_until:
        record = serving[1]
        made_from = {name: str(snapshot_id) for name, snapshot_id in record.created_from.items()}
        if is_unchanged(Provenance(code_version=record.code_version, inputs=made_from), code, inputs):
            return _result(serving[0], inputs, {"version": record.version, "unchanged": True})
    films = splits.clean(training.films_of(tables[MovieFeatures.table].scan()))
    tested = champions.temporal_test(films, CHAMPIONS)
    trees: dict[Regime, int] = {regime: test.trees for regime, test in tested.items()}
    found = audits.failures(audit)
    unaudited = ["The iteration was not audited; materialize models/audit."]
    comparable = serving is not None and serving[1].place == landing.place()
    verdict = promotion.judge(
        {regime: test.films for regime, test in tested.items()},
        _stored(handles, serving[1].version) if serving and comparable else None,
        {regime: found.get(name, unaudited) for regime, name in CHAMPIONS.items()},
    )
    trainer = trainer_of(settings)
    try:
        fitted, took = (
            trainer.fit(films, CHAMPIONS, trees, context.log.info)
            if trainer
            else (champions.fit_champions(films, CHAMPIONS, trees), {})
        )
    except training.TrainingError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    record = artifact.describe(
        fitted,
        CHAMPIONS,
        {
            regime: evaluation.score(films, "temporal", test.films["predicted"].to_numpy())
            for regime, test in tested.items()
        },
        intervals=champions.calibrate(tested, CHAMPIONS, dumped),
        showcase=films.filter(splits.is_showcase(films["tconst"]))["tconst"].to_list(),
        created_from={name: table.snapshot_id for name, table in tables.items()},
        code_version=code,
        sources=landing.versions(),
        place=landing.place(),
        mature_until=mature_until,
        verdict=verdict.why,
    )
    candidate = models.version(record.version)
    card = model_card.render(record, leak_check, audit, generated=settings.is_sample(record.place))
    artifact.save(Path(candidate.path), record, fitted, card, bundle.writer(learnt_from))
    models.keep(candidate)
    metadata = {
        "version": candidate.version,
        "verdict": verdict.why,
        "card": dg.MetadataValue.md(card),
        **{f"champion, {regime}": name for regime, name in CHAMPIONS.items()},
        **took,
    }
    if verdict.promoted:
        models.publish(candidate)
        return _result(candidate, inputs, {**metadata, "status": "champion: in service"})
    if not serving:
        raise dg.Failure(
            description=f"{verdict.why} No model is in service, because there is no earlier version to keep.",
            allow_retries=False,
        )
    in_service = serving[0].version
    context.log.warning(
        "Model %s is kept as a challenger; %s stays in service. %s", candidate.version, in_service, verdict.why
    )
    status = f"challenger: kept, not in service; {in_service} stays in service"
    return _result(serving[0], inputs, {**metadata, "status": status})


def _result(version: ModelVersion, inputs: dict[str, str], metadata: dict[str, Any]) -> dg.MaterializeResult:
    """The asset's result; its data version is the model version in service, even if this run made only a challenger."""
    return dg.MaterializeResult(
        data_version=dg.DataVersion(version.version),
        metadata={**metadata, "dagster/uri": version.path},
        tags=input_versions(inputs),
    )


def _serving(models: ModelStore) -> tuple[ModelVersion, artifact.ModelRecord] | None:
    """The version in service with its record; None if no version serves or this code cannot read it."""
    if not models.exists():
        return None
    try:
        current = models.current()
        return current, artifact.verified(Path(current.path))
    except (artifact.ModelError, DamagedError):
        return None


def _stored(handles: Handles, version: str) -> pl.DataFrame | None:
    """The stored predictions of a version; None if the lake has no predictions of that version."""
    table = handles.find(Predictions.table)
    if table is None or _MADE_BY not in table.scan().collect_schema():
        return None
    stored = table.scan().filter(pl.col(_MADE_BY) == version).collect()
    return None if stored.is_empty() else stored


@table_asset(Predictions, {"xgboost"}, reads=["gold.movie_features", MODEL])
def predictions(context: dg.AssetExecutionContext, movie_features: Table, rating_model: ModelVersion) -> Made:
    model = artifact.load(Path(rating_model.path))
    frame = champions.stored_predictions(
        training.films_of(movie_features.scan()),
        model,
        movie_features.snapshot_id,
        lambda done: context.log.info("models/predictions: model %s", done),
    )
    return Made(frame, metadata=pictures(Predictions.table, frame))


@table_asset(
    LiveAccuracy,
    {"polars"},
    reads=["silver.movies", "models.predictions"],
    # All tables in `reads` must exist. The rating history may be missing, so `after` lists the history. Only a change
    # in silver.movies can give models.live_accuracy new rows.
    after=[RatingHistory.table],
)
def live_accuracy(
    lake: Lake, models: ModelStore, landing: Landing, settings: Settings, movies: Table, predictions: Table
) -> Made:
    del predictions  # this is only the latest snapshot; the code below reads all snapshots of the table
    snapshots = [
        (old, lake.table(Predictions.table, old.snapshot_id).scan()) for old in lake.history(Predictions.table)
    ]
    own = ~pl.col(_MADE_BY).is_in(_of_other_places(models, landing.place()))
    past = [
        live.Past(old.snapshot_id, old.published_at, rows.filter(own))
        for old, rows in snapshots
        if _MADE_BY in rows.collect_schema()  # leaves out snapshots that older code made without intervals
    ]
    known = lake.table(LiveAccuracy.table).scan().filter(own).collect() if lake.exists(LiveAccuracy.table) else None
    history = lake.published(RatingHistory.table)
    ours = history.scan() if history and history.provenance.place == landing.place() else None
    frame = live.arrived(movies.scan(), past, known, settings.dump_date or landing.dumped_on(), ours)
    error, inside = frame["error"].abs().mean(), frame["inside"].mean()
    return Made(
        frame,
        metadata={
            "ratings arrived": frame.height,
            "mean absolute error": error if isinstance(error, float) else "no rating has arrived yet",
            "within the 90 % interval": inside if isinstance(inside, float) else "no rating has arrived yet",
            "latest": markdown_table(frame.sort("arrived_on", descending=True).head(10)),
        },
    )


def _of_other_places(models: ModelStore, place: str) -> list[str]:
    """Model versions whose training dumps came from another folder or address, where an id may mean another film."""
    foreign: list[str] = []
    for version in models.names():
        with suppress(artifact.ModelError, DamagedError):  # an unreadable version cannot tell where its dumps came from
            if artifact.read_record(Path(models.known(version).path)).place != place:
                foreign.append(version)
    return foreign
