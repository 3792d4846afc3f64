"""Models: the leak check, the score of every iteration, the champions, and what they say of every film."""

from pathlib import Path

import dagster as dg
import polars as pl

from imdb_assets.contracts.models import Iterations, LeakCheck, Predictions
from imdb_assets.defs.policies import asset_key, code_version, common, table_arguments
from imdb_assets.defs.table_asset import IN_MEMORY, Delivery, deliver, markdown_table, picture, stage_frame
from imdb_assets.defs.unchanged import deliver_kept, kept_table, may_keep, pinned, table_check
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact, champions, charts, evaluation, leakage, model_card, splits
from imdb_assets.ml.iterations import iteration
from imdb_assets.serving import bundle
from imdb_assets.settings import Settings

MAX_SHUFFLED_R2 = 0.02
"""Of a model trained on shuffled ratings; more means that test rows reach the training."""


@dg.asset(
    **table_arguments(LeakCheck, {"polars"}),
    ins={
        "movies": dg.AssetIn(asset_key("silver.movies")),
        "credits": dg.AssetIn(asset_key("silver.credits")),
        "movie_features": dg.AssetIn(asset_key("gold.movie_features")),
    },
    code_version=code_version(leakage.leak_check, LeakCheck),
)
def leak_check(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    movies: Table,
    credits: Table,  # noqa: A002 - the table's name
    movie_features: Table,
) -> Delivery:
    tables = {"movies": movies, "credits": credits, "movie_features": movie_features}
    lake.require_agreement(tables.values())
    inputs = pinned(tables)
    if kept := kept_table(context, lake, LeakCheck, inputs, IN_MEMORY):
        yield from deliver_kept(LeakCheck, kept)
        return
    films, people = movies.scan(), credits.scan()
    before = leakage.rebuild_features(films, people)
    differs = leakage.differences_from_lake(movie_features.scan().collect(), before)
    if differs:
        raise dg.Failure(
            description=(
                f"gold.movie_features is not what this code makes of silver.movies and silver.credits "
                f"({', '.join(differs)} differ), so a check of this code would say nothing of it. "
                "Materialize gold/movie_features anew."
            ),
            allow_retries=False,
        )
    noisy_ratings = leakage.rebuild_features(leakage.with_noise(films, "average_rating"), people)
    noisy_votes = leakage.rebuild_features(leakage.with_noise(films, "num_votes"), people)
    checked = leakage.leak_check(before, noisy_ratings, noisy_votes)
    leaks = checked.filter("leaks").select("feature", "group", "regime", "films", "changed_by_ratings")
    staged = stage_frame(lake, LeakCheck, checked, inputs)
    yield from deliver(LeakCheck, staged, metadata={"leaking features": markdown_table(leaks)})


def only_v4_leaks(leak_check: Table) -> dg.AssetCheckResult:
    """No feature holds its film's own rating or later ones, but those declared leaky; and those must be caught.

    The source document's director features (v4) average the director's whole career, the film itself included. They are
    kept to show the leak: if the check did not catch them, it would be blind.
    """
    frame = leak_check.scan().collect()
    wrong = frame.filter(pl.col("leaks") != (pl.col("regime") == "leaky"))["feature"].to_list()
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"wrong": wrong, "caught": frame.filter("leaks")["feature"].to_list()},
        description=f"Unexpected: {', '.join(wrong)}." if wrong else "Only v4's director features leak, as declared.",
    )


leaks = table_check(only_v4_leaks, asset="models.leak_check", reads=["models.leak_check"], blocking=True)


@dg.asset(
    **table_arguments(Iterations, {"xgboost"}),
    ins={
        "movie_features": dg.AssetIn(asset_key("gold.movie_features")),
        "leak_check": dg.AssetIn(asset_key("models.leak_check")),
    },
    code_version=code_version(evaluation.evaluate_iterations, Iterations),
)
def iterations(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], movie_features: Table, leak_check: Table
) -> Delivery:
    tables = {"movie_features": movie_features, "leak_check": leak_check}
    lake.require_agreement(tables.values())
    inputs = pinned(tables)
    if kept := kept_table(context, lake, Iterations, inputs, IN_MEMORY):
        yield from deliver_kept(Iterations, kept)
        return
    leaking = leakage.leaking_features(leak_check.scan().collect())
    scores = evaluation.evaluate_iterations(movie_features.scan().collect(), leaking, context.log.info)
    staged = stage_frame(lake, Iterations, scores, inputs)
    yield from deliver(
        Iterations,
        staged,
        metadata={"scores": markdown_table(scores), "picture": picture(charts.iterations_chart(scores))},
    )


@dg.asset(
    **common(dg.AssetKey(["models", "rating_model"])),
    description=(
        "The champions, one per regime (*pre-release* knows nothing that exists only after release; *with votes* adds "
        "the film's own vote count): the best temporal R² on all clean films among those that pass the leak check. "
        "Refitted on all rated films but a fixed showcase set, so that what it shows off it has not seen."
    ),
    ins={
        "movie_features": dg.AssetIn(asset_key("gold.movie_features")),
        "iterations": dg.AssetIn(asset_key("models.iterations")),
        "leak_check": dg.AssetIn(asset_key("models.leak_check")),
        **{
            table.partition(".")[2]: dg.AssetIn(asset_key(table))
            for table in bundle.INPUTS
            if table != "gold.movie_features"
        },
    },
    code_version=code_version(champions.fit_champions, artifact.save, model_card.render, bundle.writer),
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
    **bundled: Table,
) -> dg.MaterializeResult[ModelVersion]:
    # The scores may be older: they choose the champions, and are made anew once a week (`defs/automation.py`).
    lake.require_agreement((movie_features, leak_check, *bundled.values()))
    inputs = (movie_features, iterations, leak_check, *bundled.values())
    made_from = {table.name: table.snapshot_id for table in inputs}
    code = context.assets_def.code_versions_by_key[context.asset_key] or "unknown"
    if kept := _kept_model(context, models, made_from, code):
        return dg.MaterializeResult(
            value=kept, data_version=dg.DataVersion(kept.version), metadata={"version": kept.version, "unchanged": True}
        )
    films, scores = movie_features.scan().collect(), iterations.scan().collect()
    chosen = champions.choose_champions(scores)
    trees = champions.champion_trees(scores, chosen)
    fitted = champions.fit_champions(films, chosen, trees)
    calibrated = champions.calibrate(films, chosen, trees, settings.dump_date or landing.dumped_on())
    rated = splits.clean(films)
    record = artifact.describe(
        fitted,
        chosen,
        scores,
        intervals=calibrated,
        showcase=rated.filter(splits.is_showcase(rated["tconst"]))["tconst"].to_list(),
        created_from=made_from,
        code_version=code,
    )
    version = models.version(record.version)
    card = model_card.render(record, scores, leak_check.scan().collect())
    artifact.save(Path(version.path), record, fitted, card, bundle.writer((movie_features, *bundled.values())))
    return dg.MaterializeResult(
        value=version,
        data_version=dg.DataVersion(version.version),
        metadata={
            "version": version.version,
            "dagster/uri": version.path,
            "card": dg.MetadataValue.md(card),
            **{f"champion, {regime}": name for regime, name in chosen.items()},
        },
    )


def _kept_model(
    context: dg.AssetExecutionContext, models: ModelStore, made_from: dict[str, int], code: str
) -> ModelVersion | None:
    """The model in service, if this run may keep it and would make the same."""
    if not may_keep(context) or not models.exists():
        return None
    current = models.current()
    record = artifact.load(Path(current.path)).record
    return current if (record.created_from, record.code_version) == (made_from, code) else None


def shuffled_ratings_teach_nothing(rating_model: ModelVersion, movie_features: Table) -> dg.AssetCheckResult:
    """Trained on shuffled ratings the champion must score about zero: else test rows would reach the training."""
    films = movie_features.scan().collect()
    names = {regime: part.iteration for regime, part in artifact.load(Path(rating_model.path)).record.regimes.items()}
    r2 = {regime: evaluation.shuffled_target_r2(films, iteration(name)) for regime, name in names.items()}
    return dg.AssetCheckResult(
        passed=all(abs(value) < MAX_SHUFFLED_R2 for value in r2.values()),
        metadata={f"R², {regime}": value for regime, value in r2.items()},
    )


shuffled = table_check(
    shuffled_ratings_teach_nothing,
    asset="models.rating_model",
    reads=["models.rating_model", "gold.movie_features"],
)


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
    frame = champions.stored_predictions(movie_features.scan().collect(), model, movie_features.snapshot_id)
    staged = stage_frame(lake, Predictions, frame, inputs)
    yield from deliver(Predictions, staged, metadata={"picture": picture(charts.calibration_chart(frame))})
