"""Two recipes on the same films: the scores of `models.iterations`, other parameters, and what cannot be compared."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.models import Iterations, LeakCheck
from imdb_assets.defs.models import tables
from imdb_assets.defs.models.tables import trials
from imdb_assets.defs.resources import resources_of
from imdb_assets.lake.lake import Lake
from imdb_assets.ml import evaluation, iterations, leakage, recipe, splits
from imdb_assets.ml.comparison import compare
from imdb_assets.settings import Settings
from imdb_assets_tests.films import movie_features
from imdb_assets_tests.lakes import put
from imdb_assets_tests.support import QUIET

FILMS = movie_features()
V1, V7 = iterations.iteration("v1"), iterations.iteration("v7")


def test_both_are_scored_as_the_table_of_iterations_scores_them() -> None:
    found = compare(FILMS, V7, V1)
    for chosen in (V7, V1):
        rows = [
            row for split in splits.SPLITS for row in evaluation._train_and_score(splits.clean(FILMS), chosen, split)
        ]
        assert found[chosen.name].to_list() == [row["r2"] for row in rows]
        assert found["test_rows"].to_list() == [row["test_rows"] for row in rows]
    assert (found["gain"] - (found["v7"] - found["v1"])).abs().max() == pytest.approx(0, abs=1e-9)
    assert found.filter(split="random", population="all clean films")["verdict"].to_list() == ["better"]


def test_parameters_of_an_iteration_reach_the_learner() -> None:
    films = splits.clean(FILMS)
    everyone = pl.repeat(value=True, n=films.height, eager=True)

    def deepest(**parameters: object) -> int:
        trees = recipe.fit(films, everyone, replace(V1, parameters=parameters), 5).booster.get_dump()
        return max(line.count("\t") for tree in trees for line in tree.splitlines())

    assert deepest(max_depth=2) == 2 < deepest()
    slow = recipe.fit(films, everyone, replace(V1, parameters={"learning_rate": 0.001}), 5).predict(films)
    assert slow.std() < recipe.fit(films, everyone, V1, 5).predict(films).std() / 10
    with pytest.raises(
        ValueError, match=r"unknown parameters depth; the parameters that can be set are colsample_bytree, .*max_depth"
    ):
        deepest(depth=2)


def test_a_recipe_is_not_compared_with_itself() -> None:
    with pytest.raises(ValueError, match="both recipes are named v7"):
        compare(FILMS, V7, replace(V7, parameters={"max_depth": 3}))


def test_trials_of_a_run_are_compared_with_their_iteration() -> None:
    (found,) = trials(FILMS, [{"iteration": "v1", "parameters": {"max_depth": 2}}]).items()
    assert found[0] == "trial: v1 max_depth=2"
    assert found[1].columns[3:6] == ["v1 max_depth=2", "v1", "gain"]
    assert trials(FILMS, []) == {}
    for wanted, message in (
        ({"iteration": "v99", "parameters": {"max_depth": 2}}, "no iteration 'v99'"),
        ({"iteration": "v1", "parameters": {"deep": 2}}, "unknown parameters deep"),
        ({"iteration": "v1", "parameters": {}}, "both recipes are named v1"),
    ):
        with pytest.raises(dg.Failure) as refused:
            trials(FILMS, [wanted])
        assert message in str(refused.value.description)


def test_a_runs_config_names_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)
    lake = Lake(settings.lake_folder)
    put(lake, MovieFeatures, FILMS)
    put(lake, LeakCheck, pl.DataFrame(schema=polars_schema(LeakCheck)))
    monkeypatch.setattr(leakage, "leaking_features", lambda _: {})
    monkeypatch.setattr(evaluation, "evaluate_iterations", lambda *_: pl.DataFrame(schema=polars_schema(Iterations)))
    monkeypatch.setattr(tables, "pictures", lambda *_: {})
    wanted = {"trials": [{"iteration": "v1", "parameters": {"max_depth": 2}}]}
    config = QUIET | {"ops": {"models__iterations": {"config": wanted}}}
    made = dg.materialize([tables.iterations], resources=resources_of(settings), run_config=config)
    (event,) = made.get_asset_materialization_events()
    shown = str(event.materialization.metadata["trial: v1 max_depth=2"].value)
    assert "| temporal | most voted |" in shown
