"""Evaluation of models: the leak check, all iterations, the audit, and the champions' full scores."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import dagster as dg
import polars as pl

from imdb_assets.contracts.models import Audit, ChampionScores, Iterations, LeakCheck
from imdb_assets.defs.checks import table_check
from imdb_assets.defs.markdown import markdown_table, pictures
from imdb_assets.defs.policies import asset_key, keys_of_the_run
from imdb_assets.defs.table_asset import Made, same, table_asset
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.table import Table
from imdb_assets.ml import audit as audits
from imdb_assets.ml import comparison, evaluation, leakage, protocol, training
from imdb_assets.ml.iterations import CHAMPIONS, iteration
from imdb_assets.settings import Settings


def _says_the_same(context: dg.AssetExecutionContext, before: Table, code: str, inputs: dict[str, str]) -> bool:
    """Whether an older leak check can be reused: the check tests the code, so unchanged code gives the same result.

    A run that also scores the iterations reuses a leak check only if the check's inputs have not changed.
    """
    for_scores = asset_key(Iterations.table) in keys_of_the_run(context)
    return same(before, code, inputs if for_scores else before.inputs)


@table_asset(
    LeakCheck,
    {"polars"},
    reads=["silver.movies", "silver.credits", "gold.movie_features"],
    keeps=_says_the_same,
)
def leak_check(
    context: dg.AssetExecutionContext,
    movies: Table,
    credits: Table,  # noqa: A002 - the table's name
    movie_features: Table,
) -> Made:
    films, people = movies.scan(), credits.scan()

    def changes(column: Literal["average_rating", "num_votes"], noise: Literal["ratings", "votes"]) -> leakage.Changes:
        context.log.info("models/leak_check: rebuilding the features with noise in the %s", noise)
        noisy = leakage.rebuild_features(leakage.with_noise(films, column), people)
        return leakage.changes(movie_features.scan().collect(), noisy, noise)

    checked = leakage.leak_check(changes("average_rating", "ratings"), changes("num_votes", "votes"))
    if leakage.unexpected(checked):
        rebuilt = leakage.rebuild_features(films, people)
        differs = leakage.differences_from_lake(movie_features.scan().collect(), rebuilt)
        if differs:
            raise dg.Failure(
                description=(
                    f"gold.movie_features differs, in {', '.join(differs)}, from the features that this code computes "
                    "from silver.movies and silver.credits. A leak check of the code would therefore say nothing about "
                    "gold.movie_features. Materialize gold/movie_features again."
                ),
                allow_retries=False,
            )
    leaks = checked.filter("leaks").select("feature", "group", "regime", "films", "changed_by_ratings")
    return Made(checked, metadata={"leaking features": markdown_table(leaks)})


def only_v4_leaks(leak_check: Table) -> dg.AssetCheckResult:
    """Every feature that is declared leaky contains its film's own rating or a later rating; no other feature does.

    Version v4 has the director features of the source document. These features are averages over a director's whole
    career, including the film itself. The features of v4 are kept to test the leak check: a check that does not find
    v4's leak is useless.
    """
    frame = leak_check.scan().collect()
    wrong = leakage.unexpected(frame)
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"wrong": wrong, "caught": frame.filter("leaks")["feature"].to_list()},
        description=f"Unexpected: {', '.join(wrong)}." if wrong else "Only v4's director features leak, as declared.",
    )


leaks = table_check(only_v4_leaks, asset="models.leak_check", reads=["models.leak_check"], blocking=True)


TRIALS = {
    "trials": dg.Field(
        [{"iteration": str, "parameters": dg.Permissive()}],
        default_value=[],
        description="Each trial trains an iteration (such as v11) again, with other learner parameters (such as "
        "max_depth=5), and is compared with the unchanged iteration. The results appear only in the asset's metadata; "
        "the trial models are never served.",
    )
}


@table_asset(Iterations, {"xgboost"}, reads=["gold.movie_features", "models.leak_check"], config=TRIALS)
def iterations(context: dg.AssetExecutionContext, movie_features: Table, leak_check: Table) -> Made:
    leaking = leakage.leaking_features(leak_check.scan().collect())
    films = training.films_of(movie_features.scan())
    tried = trials(films, context.op_execution_context.op_config["trials"])
    scores = evaluation.evaluate_iterations(films, leaking, context.log.info)
    shown = {"scores": markdown_table(scores), **pictures(Iterations.table, scores)}
    return Made(scores, metadata=shown | {name: markdown_table(frame) for name, frame in tried.items()})


def trials(films: pl.DataFrame, wanted: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """Maps each trial, such as `trial: v11 max_depth=5`, to a table of its scores and the unchanged iteration's scores.

    Raises:
        dg.Failure: An iteration or a parameter is unknown.
    """
    found: dict[str, pl.DataFrame] = {}
    for one in wanted:
        try:
            chosen = iteration(one["iteration"])
            name = " ".join([chosen.name, *(f"{key}={value}" for key, value in one["parameters"].items())])
            varied = replace(chosen, name=name, parameters={**chosen.parameters, **one["parameters"]})
            found[f"trial: {name}"] = comparison.compare(films, varied, chosen)
        except ValueError as error:
            raise dg.Failure(f"{Iterations.table}: trial {dict(one)}: {error}", allow_retries=False) from error
    return found


def declared_champions_are_the_best(iterations: Table) -> dg.AssetCheckResult:
    """No other leak-free iteration has a better score on the temporal test than the declared champion of its regime.

    "Better" means above the upper end of the champion's 95 % interval. If another iteration is better, `CHAMPIONS` in
    `ml/iterations.py` should name that iteration.
    """
    found = evaluation.better_than_champions(iterations.scan().collect())
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=found,
        description="; ".join(f"{name} {words}" for name, words in found.items()) or "No iteration beats a champion.",
    )


best = table_check(declared_champions_are_the_best, asset="models.iterations", reads=["models.iterations"])


@table_asset(Audit, {"xgboost"}, reads=["gold.movie_features", "models.leak_check"])
def audit(context: dg.AssetExecutionContext, movie_features: Table, leak_check: Table) -> Made:
    names = [*CHAMPIONS.values(), audits.LEAKY]
    films, checked = training.films_of(movie_features.scan()), leak_check.scan().collect()
    audited = audits.audit(films, names, checked, lambda done: context.log.info("models/audit: test %s", done))
    why = "\n".join(f"- {words}" for words in audits.failures(audited)[audits.LEAKY])
    return Made(
        audited,
        metadata={
            "findings": markdown_table(audited.select("iteration", "test", "passed", "words")),
            f"why {audits.LEAKY} fails": dg.MetadataValue.md(why),
        },
    )


def champions_pass_and_v4_fails(audit: Table) -> dg.AssetCheckResult:
    """Every version that may go into service passes the audit; the source document's version v4 fails the audit."""
    found = audits.failures(audit.scan().collect())
    caught = found.pop(audits.LEAKY)
    wrong = {name: " ".join(words) for name, words in found.items() if words}
    findings = [f"{name} fails: {words}" for name, words in wrong.items()]
    if not caught:
        findings.append(f"{audits.LEAKY} passes, although it uses films' own ratings: the audit does not detect leaks.")
    return dg.AssetCheckResult(
        passed=not findings,
        metadata={**wrong, audits.LEAKY: " ".join(caught) or "passes"},
        description=" ".join(findings) or f"{', '.join(found)} pass. {audits.LEAKY} fails: {' '.join(caught)}",
    )


audited = table_check(champions_pass_and_v4_fails, asset="models.audit", reads=["models.audit"], blocking=True)


@table_asset(ChampionScores, {"xgboost"}, reads=["gold.movie_features"])
def champion_scores(
    context: dg.AssetExecutionContext, landing: Landing, settings: Settings, movie_features: Table
) -> Made:
    frame = protocol.score_champions(
        training.films_of(movie_features.scan()),
        CHAMPIONS,
        settings.dump_date or landing.dumped_on(),
        context.log.info,
    )
    whole = frame.filter(breakdown="none").drop("breakdown", "slice")
    return Made(frame, metadata={"scores": markdown_table(whole), **pictures(ChampionScores.table, frame)})
