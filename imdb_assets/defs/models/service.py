"""The model in service: champion or challenger, what it says of every film, and how that met reality."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from imdb_assets.contracts.gold import MovieFeatures
from imdb_assets.contracts.models import LiveAccuracy, Predictions
from imdb_assets.defs.policies import asset_key, code_version, common, table_arguments
from imdb_assets.defs.table_asset import IN_MEMORY, Delivery, deliver, markdown_table, picture, stage_frame
from imdb_assets.defs.unchanged import deliver_kept, kept_table, may_keep, pinned
from imdb_assets.lake.errors import DamagedError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact, champions, charts, live, model_card, promotion, splits, training
from imdb_assets.ml import audit as audits
from imdb_assets.serving import bundle
from imdb_assets.settings import Settings
from imdb_assets.wiring import trainer_of

_MADE_BY = "model_version"


@dg.asset(
    **common(dg.AssetKey(["models", "rating_model"])),
    description=(
        "The champions, one per regime (*pre-release* knows nothing that exists only after release; *with votes* adds "
        "the film's own vote count): the best temporal R² on all clean films among those that pass the leak check. "
        "Refitted on all rated films but a fixed showcase set, so that what it shows off it has not seen. A new "
        "version is put in service only if it passes the audit and its temporal score is not worse than that of the "
        "one in service by more than its noise; else it is kept as a challenger."
    ),
    ins={
        "movie_features": dg.AssetIn(asset_key("gold.movie_features")),
        "iterations": dg.AssetIn(asset_key("models.iterations")),
        "leak_check": dg.AssetIn(asset_key("models.leak_check")),
        "audit": dg.AssetIn(asset_key("models.audit")),
        "champion_scores": dg.AssetIn(asset_key("models.champion_scores")),
        **{
            table.partition(".")[2]: dg.AssetIn(asset_key(table))
            for table in bundle.INPUTS
            if table != MovieFeatures.table
        },
    },
    code_version=code_version(
        champions.fit_champions, artifact.save, model_card.render, promotion.judge, bundle.writer
    ),
    kinds={"xgboost"},
    io_manager_key="model_versions",
)
def rating_model(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    models: dg.ResourceParam[ModelStore],
    landing: dg.ResourceParam[Landing],
    settings: dg.ResourceParam[Settings],
    movie_features: Table,
    iterations: Table,
    leak_check: Table,
    audit: Table,
    champion_scores: Table,
    **bundled: Table,
) -> dg.MaterializeResult[ModelVersion]:
    # What chooses the champions may be older: it is made anew once a week (`defs/automation.py`).
    lake.require_agreement((movie_features, *bundled.values()))
    inputs = (movie_features, iterations, leak_check, audit, champion_scores, *bundled.values())
    made_from = {table.name: table.snapshot_id for table in inputs}
    code = context.assets_def.code_versions_by_key[context.asset_key] or "unknown"
    dumped = settings.dump_date or landing.dumped_on()
    mature_until = dumped.year - splits.MATURE_YEARS
    serving = _serving(models)
    if may_keep(context) and serving:
        record = serving[1]
        if (record.created_from, record.code_version, record.mature_until) == (made_from, code, mature_until):
            return _result(serving[0], {"version": record.version, "unchanged": True})
    films, scores = splits.clean(training.films_of(movie_features.scan())), iterations.scan().collect()
    chosen = champions.choose_champions(scores)
    trees = champions.champion_trees(scores, chosen)
    tested = champions.temporal_test(films, chosen, trees)
    found = audits.failures(audit.scan().collect())
    unaudited = ["it was not audited; materialize models/audit."]
    comparable = serving is not None and serving[1].place == landing.place()
    verdict = promotion.judge(
        tested,
        _stored(lake, serving[1].version) if serving and comparable else None,
        {regime: found.get(name, unaudited) for regime, name in chosen.items()},
    )
    trainer = trainer_of(settings)
    try:
        fitted, took = (
            trainer.fit(films, chosen, trees, context.log.info)
            if trainer
            else (champions.fit_champions(films, chosen, trees), {})
        )
    except training.TrainingError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    record = artifact.describe(
        fitted,
        chosen,
        scores,
        intervals=champions.calibrate(tested, chosen, dumped),
        showcase=films.filter(splits.is_showcase(films["tconst"]))["tconst"].to_list(),
        created_from=made_from,
        code_version=code,
        sources=landing.versions(),
        place=landing.place(),
        mature_until=mature_until,
        verdict=verdict.why,
    )
    candidate = models.version(record.version)
    card = model_card.render(
        record, scores, leak_check.scan().collect(), audit.scan().collect(), champion_scores.scan().collect()
    )
    artifact.save(Path(candidate.path), record, fitted, card, bundle.writer((movie_features, *bundled.values())))
    models.keep(candidate)
    metadata = {
        "version": candidate.version,
        "verdict": verdict.why,
        "card": dg.MetadataValue.md(card),
        **{f"champion, {regime}": name for regime, name in chosen.items()},
        **took,
    }
    if verdict.promoted:
        return _result(candidate, {**metadata, "status": "champion: in service"})
    if not serving:
        raise dg.Failure(description=f"{verdict.why} There is no version to stay in service.", allow_retries=False)
    in_service = serving[0].version
    context.log.warning("Model %s is kept as challenger, %s stays. %s", candidate.version, in_service, verdict.why)
    return _result(serving[0], {**metadata, "status": f"challenger: kept, not in service; {in_service} stays"})


def _result(version: ModelVersion, metadata: dict[str, Any]) -> dg.MaterializeResult[ModelVersion]:
    return dg.MaterializeResult(
        value=version,
        data_version=dg.DataVersion(version.version),
        metadata={**metadata, "dagster/uri": version.path},
    )


def _serving(models: ModelStore) -> tuple[ModelVersion, artifact.ModelRecord] | None:
    """The version in service with its record; None if there is none, or none that this code can read."""
    if not models.exists():
        return None
    try:
        current = models.current()
        return current, artifact.load(Path(current.path)).record
    except (artifact.ModelError, DamagedError):
        return None


def _stored(lake: Lake, version: str) -> pl.DataFrame | None:
    """What a version's champions say of every film; None if the lake holds another version's."""
    if not lake.exists(Predictions.table):
        return None
    frame = lake.table(Predictions.table).scan()
    if _MADE_BY not in frame.collect_schema():
        return None
    stored = frame.filter(pl.col(_MADE_BY) == version).collect()
    return None if stored.is_empty() else stored


@dg.asset(
    **table_arguments(Predictions, {"xgboost"}),
    ins={
        "movie_features": dg.AssetIn(asset_key("gold.movie_features")),
        "rating_model": dg.AssetIn(dg.AssetKey(["models", "rating_model"])),
    },
    code_version=code_version(champions.stored_predictions, Predictions),
)
def predictions(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], movie_features: Table, rating_model: ModelVersion
) -> Delivery:
    inputs = pinned({"movie_features": movie_features, "rating_model": rating_model})
    if kept := kept_table(context, lake, Predictions, inputs, IN_MEMORY):
        yield from deliver_kept(Predictions, kept)
        return
    model = artifact.load(Path(rating_model.path))
    frame = champions.stored_predictions(training.films_of(movie_features.scan()), model, movie_features.snapshot_id)
    staged = stage_frame(lake, Predictions, frame, inputs)
    yield from deliver(Predictions, staged, metadata={"picture": picture(charts.calibration_chart(frame))})


@dg.asset(
    **table_arguments(LiveAccuracy, {"polars"}),
    ins={
        "movies": dg.AssetIn(asset_key("silver.movies")),
        "predictions": dg.AssetIn(asset_key("models.predictions")),
    },
    code_version=code_version(live.arrived, LiveAccuracy),
)
def live_accuracy(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    models: dg.ResourceParam[ModelStore],
    landing: dg.ResourceParam[Landing],
    settings: dg.ResourceParam[Settings],
    movies: Table,
    predictions: Table,
) -> Delivery:
    inputs = pinned({"movies": movies, "predictions": predictions})
    if kept := kept_table(context, lake, LiveAccuracy, inputs, IN_MEMORY):
        yield from deliver_kept(LiveAccuracy, kept)
        return
    snapshots = [
        (old, lake.table(Predictions.table, old.snapshot_id).scan()) for old in lake.history(Predictions.table)
    ]
    own = ~pl.col(_MADE_BY).is_in(_of_other_places(models, landing.place()))
    past = [
        live.Past(old.snapshot_id, old.published_at, rows.filter(own))
        for old, rows in snapshots
        if _MADE_BY in rows.collect_schema()  # snapshots of before there were intervals have nothing to judge
    ]
    known = lake.table(LiveAccuracy.table).scan().filter(own).collect() if lake.exists(LiveAccuracy.table) else None
    frame = live.arrived(movies.scan(), past, known, settings.dump_date or landing.dumped_on())
    staged = stage_frame(lake, LiveAccuracy, frame, inputs)
    error, inside = frame["error"].abs().mean(), frame["inside"].mean()
    yield from deliver(
        LiveAccuracy,
        staged,
        metadata={
            "ratings arrived": frame.height,
            "mean absolute error": error if isinstance(error, float) else "no rating has arrived yet",
            "within the 90 % interval": inside if isinstance(inside, float) else "no rating has arrived yet",
            "latest": markdown_table(frame.sort("arrived_on", descending=True).head(10)),
        },
    )


def _of_other_places(models: ModelStore, place: str) -> list[str]:
    """Versions in the store that learned from dumps of elsewhere: their films are others, whatever the ids say."""
    foreign: list[str] = []
    for version in models.names():
        with suppress(artifact.ModelError, DamagedError):  # of one that cannot be read nothing is known
            if artifact.read_record(Path(models.known(version).path)).place != place:
                foreign.append(version)
    return foreign
