"""Training and evaluation: determinism, the protocol's rows, scores, and errors that name the remedy."""

import subprocess
import sys
from collections.abc import Callable
from uuid import uuid4

import numpy as np
import polars as pl
import pytest

from imdb_assets.contracts.models import Iterations
from imdb_assets.ml import bootstrap, evaluation, iterations, recipe, splits, training
from imdb_assets_tests.films import movie_features, scores

V8 = iterations.iteration("v8")
FEATURES = iterations.features(V8)


def _bytes(model: training.Fitted) -> bytes:
    return bytes(model.booster.save_raw("ubj"))


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fit is made, even if an equal one is remembered."""
    monkeypatch.setattr(training, "_content", lambda *_: uuid4().hex)


@pytest.mark.usefixtures("afresh")
def test_same_rows_in_any_order_give_the_same_bytes() -> None:
    films = splits.clean(movie_features())
    shuffled = films.sample(fraction=1, shuffle=True, seed=3)
    assert _bytes(training.fit(films, FEATURES)) == _bytes(training.fit(shuffled, FEATURES))


@pytest.mark.usefixtures("afresh")
def test_side_by_side_gives_the_same_bytes() -> None:
    films = splits.clean(movie_features())
    alone = _bytes(training.fit(films, FEATURES, 20))
    together = training.in_parallel(lambda trees: training.fit(films, FEATURES, trees), [20, 20, 20, 20])
    assert {_bytes(model) for model in together} == {alone}


def test_progress_is_told_in_the_order_of_the_items() -> None:
    said: list[str] = []
    assert list(training.in_parallel(lambda number: number * 2, [3, 1, 2], said.append)) == [6, 2, 4]
    assert said == ["1 of 3", "2 of 3", "3 of 3"]


def test_an_equal_fit_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_fits", {})
    films = splits.clean(movie_features())
    first = training.fit(films, FEATURES)
    assert training.fit(films.reverse(), FEATURES) is first
    assert training.fit(films, FEATURES, first.trees) is first  # as many trees as early stopping chose


@pytest.mark.parametrize(
    "other",
    [
        lambda films: training.fit(films, FEATURES, 6),
        lambda films: training.fit(films, FEATURES[1:], 5),
        lambda films: training.fit(films, FEATURES, 5, learning_rate=0.2),
        lambda films: training.fit(films, FEATURES, 5, by_votes=True),
        lambda films: training.fit(films.with_columns(pl.lit(None).alias(FEATURES[0])), FEATURES, 5, fill=True),
        lambda films: training.fit(films.with_columns(pl.col(training.TARGET).reverse()), FEATURES, 5),
        lambda films: training.fit(films.with_columns(pl.col(FEATURES) + 1), FEATURES, 5),
        lambda films: training.fit(films.slice(1), FEATURES, 5),
    ],
    ids=["trees", "features", "rate", "weights", "gaps", "ratings", "values", "films"],
)
def test_a_fit_that_differs_is_another(other: Callable[[pl.DataFrame], training.Fitted]) -> None:
    films = splits.clean(movie_features())
    first = training.fit(films, FEATURES, 5)
    assert _bytes(other(films)) != _bytes(first)


def test_missing_values_are_predicted_like_the_largest_as_they_were_trained() -> None:
    films = splits.clean(movie_features())
    gaps = pl.int_range(films.height) % 3 == 0
    films = films.with_columns(pl.when(~gaps).then(pl.col(FEATURES)))
    model = training.fit(films, FEATURES, 20, fill=True)
    rows = training.matrix(films, FEATURES)
    assert np.isnan(rows).sum() >= len(FEATURES) * (films.height // 3)
    filled = np.nan_to_num(rows, nan=training.MISSING)
    assert (training.predict(model.booster, rows) == training.predict(model.booster, filled)).all()
    assert len(set(training.predict(model.booster, rows).tolist())) > 1


def test_number_of_trees_is_chosen_without_the_newest_years_in_training() -> None:
    films = splits.clean(movie_features())
    noise = pl.Series(np.random.default_rng(1).uniform(1, 10, films.height))
    confused = films.with_columns(
        pl.when(pl.col("start_year") >= 2015).then(noise).otherwise("average_rating").alias("average_rating")
    )
    assert training.fit(confused, FEATURES).trees < training.fit(films, FEATURES).trees


def test_a_film_of_few_votes_counts_less_and_none_counts_nothing() -> None:
    weights = training.vote_weights(pl.Series([0, 300, 10_000_000]))
    np.testing.assert_allclose(weights, [0.2, 0.6, 1], atol=1e-4)


def test_what_few_have_rated_is_learned_less_where_an_iteration_says_so() -> None:
    films = splits.clean(movie_features())
    rare = pl.col("num_votes") < films["num_votes"].median()
    biased = films.with_columns(pl.when(rare).then(1.0).otherwise("average_rating").alias("average_rating"))
    everyone = pl.repeat(value=True, n=films.height, eager=True)

    def mean(name: str) -> float:
        return float(recipe.fit(biased, everyone, iterations.iteration(name), 20).predict(films).mean())

    assert mean("v13") > mean("v11") + 0.2


def test_an_iteration_of_the_most_voted_learns_from_those_alone_and_more_slowly() -> None:
    films = splits.clean(movie_features())
    older = ~splits.is_test(films, "temporal")
    on_all, on_some = (recipe.fit(films, older, iterations.iteration(name)) for name in ("v8", "v6"))
    members = splits.is_in_population(films, "most voted") & older
    assert (on_all.train_rows, on_some.train_rows) == (int(older.sum()), int(members.sum()))
    rates = [
        float(model.booster.save_config().partition('"learning_rate":"')[2].partition('"')[0])
        for model in (on_all, on_some)
    ]
    assert rates == pytest.approx([0.1, 0.03])


def test_predictions_are_on_the_scale_and_missing_values_are_fine() -> None:
    films = splits.clean(movie_features())
    model = training.fit(films, FEATURES, 30)
    blank = films.head(5).with_columns(pl.lit(None, dtype=pl.Float64).alias("log_votes"))
    for predicted in (model.predict(films), model.predict(blank)):
        assert predicted.min() >= 1
        assert predicted.max() <= 10
    assert bootstrap.measure(films["average_rating"].to_numpy(), model.predict(films)).r2 > 0.5


def test_matrix_keeps_order_and_marks_missing_values() -> None:
    rows = pl.DataFrame({"a": [1, None], "b": [0.5, 2.5]})
    matrix = training.matrix(rows, ["b", "a"])
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, np.array([[0.5, 1], [2.5, np.nan]], dtype=np.float32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda films: films.head(50), "cannot train on 50 films, because at least 200 are needed; use a larger"),
        (lambda _: movie_features(), r"\d+ of 3000 films have no rating; pass clean films"),
        (lambda films: films.with_columns(start_year=2000), r"all \d+ films are of 2000"),
        (lambda films: films.drop("log_votes"), "missing from the rows: log_votes; .*re-materialize"),
    ],
    ids=["too few", "unrated", "one year", "column missing"],
)
def test_untrainable_rows_are_refused(change: Callable[[pl.DataFrame], pl.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        training.fit(change(splits.clean(movie_features())), FEATURES)


def test_scores_by_hand() -> None:
    result = bootstrap.measure(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert (result.test_rows, result.r2, result.rmse, result.mae, result.bias) == pytest.approx(
        (3, 1 - 4 / 2, np.sqrt(4 / 3), 2 / 3, 2 / 3)
    )


@pytest.mark.parametrize(
    ("actual", "predicted", "message"),
    [
        ([], [], "cannot score"),
        ([1.0], [1.0, 2.0], "cannot score"),
        ([5.0, 5.0], [5.0, 4.0], "all 2 ratings are 5.0"),
    ],
)
def test_meaningless_scores_are_refused(actual: list[float], predicted: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bootstrap.measure(np.array(actual), np.array(predicted))


def test_iterations_table_keeps_the_contract_and_scores_all_on_the_same_rows() -> None:
    table = scores()
    assert Iterations.is_valid(table)
    assert table.height == len(iterations.ITERATIONS) * 2 * 2
    assert table.group_by("split", "population").agg(pl.col("test_rows").n_unique())["test_rows"].to_list() == [1] * 4


def test_training_populations_are_the_declared_ones() -> None:
    films = splits.clean(movie_features())
    for split in splits.SPLITS:
        held_out = splits.is_test(films, split)
        for row in scores().filter(split=split).iter_rows(named=True):
            member = splits.is_in_population(films, row["trained_on"])
            assert row["train_rows"] == (~held_out & member).sum()
            assert row["test_rows"] == (held_out & splits.is_in_population(films, row["population"])).sum()


def test_the_leak_pays_and_history_helps() -> None:
    r2 = dict(scores().filter(split="random", population="all clean films").select("iteration", "r2").iter_rows())
    assert r2["v4"] > r2["v5"] + 0.1
    assert r2["v8"] > r2["v1"] + 0.1


def test_an_iteration_that_beats_a_champion_beyond_its_interval_is_named() -> None:
    champion = iterations.CHAMPIONS["with votes"]
    temporal = scores().filter(split="temporal", population="all clean films")
    r2 = dict(temporal.select("iteration", "r2").iter_rows())

    def upper(end: float) -> dict[str, str]:
        ends = pl.when(pl.col("iteration") == champion).then(end).otherwise(1.0)
        return evaluation.better_than_champions(scores().with_columns(r2_upper=ends))

    assert set(upper(r2["v8"] - 0.001)) >= {"v8"}
    assert upper(r2["v8"] - 0.001)["v8"] == f"has temporal R² {r2['v8']:.3f}; v14 has {r2['v14']:.3f}"
    assert "v4" not in upper(0.0)  # it leaks
    assert upper(1.0) == {}


def test_every_iteration_must_be_leak_checked() -> None:
    with pytest.raises(ValueError, match="without a leak check: v1, v2"):
        evaluation.evaluate_iterations(movie_features(), {})


def test_catalogue_without_new_films_is_refused() -> None:
    old = movie_features().filter(pl.col("start_year") < splits.TEMPORAL_SPLIT_YEAR)
    with pytest.raises(ValueError, match=r"temporal split: 0 test films .* before and after 2018"):
        evaluation.evaluate_iterations(old, {chosen.name: 0 for chosen in iterations.ITERATIONS})


def test_shuffled_target_cannot_be_learned() -> None:
    assert abs(evaluation.shuffled_target_r2(movie_features(), V8)) < 0.02


def test_the_model_of_the_shuffled_target_is_scored_on_films_it_was_not_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class ByHeart:
        def __init__(self, films: pl.DataFrame, may_see: pl.Series, _: iterations.Iteration) -> None:
            self.known = films.filter(may_see).select("tconst", known="average_rating")

        def predict(self, films: pl.DataFrame) -> np.ndarray:
            return (
                films.join(self.known, on="tconst", how="left", maintain_order="left")["known"].fill_null(6).to_numpy()
            )

    monkeypatch.setattr(recipe, "fit", ByHeart)
    assert evaluation.shuffled_target_r2(movie_features(), V8) <= 0


def test_importing_the_package_loads_no_heavy_library() -> None:
    modules = "artifact, champions, evaluation, iterations, leakage, model_card, splits, training"
    heavy = "{'xgboost', 'altair', 'vl_convert'}"
    probe = f"import sys; from imdb_assets.ml import {modules}; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
