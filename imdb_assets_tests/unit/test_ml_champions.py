"""Champions: never leaky, out-of-fold for rated films, blind to the showcase."""

import polars as pl
import pytest

from imdb_assets.contracts.models import Predictions
from imdb_assets.ml import champions, evaluation, splits
from imdb_assets.ml.iterations import Regime
from imdb_assets_tests.unit.test_ml_support import movie_features, scores

CHAMPIONS: dict[Regime, str] = {"pre-release": "v7", "with votes": "v8"}
TREES: dict[Regime, int] = {"pre-release": 15, "with votes": 15}


def test_champion_is_the_best_honest_iteration_by_temporal_score() -> None:
    table = scores()
    chosen = champions.choose_champions(table)
    ranked = table.filter(split="temporal", population="all clean films").sort("r2", descending=True)
    assert ranked["iteration"][0] == "v4"  # the leak wins on score, and still is not chosen
    for regime, name in chosen.items():
        honest = ranked.filter((pl.col("regime") == regime) & (pl.col("leaking_features") == 0))
        assert name == honest["iteration"][0] != "v4"


def test_no_honest_iteration_is_an_error() -> None:
    leaky = scores().with_columns(
        leaking_features=pl.when(pl.col("regime") == "with votes").then(1).otherwise(0).cast(pl.Int32)
    )
    with pytest.raises(ValueError, match=r"no champion for with votes: .*models\.leak_check"):
        champions.choose_champions(leaky)


def test_trees_are_those_of_the_random_split() -> None:
    trees = champions.champion_trees(scores(), CHAMPIONS)
    expected = scores().filter(split="random", iteration="v8")["trees"][0]
    assert trees["with votes"] == expected


def test_predictions_cover_every_film_once_per_regime() -> None:
    films = movie_features()
    predicted = champions.out_of_fold(films, CHAMPIONS, TREES)
    assert Predictions.is_valid(predicted)
    rated = films["average_rating"].count()
    assert predicted.filter(split="fold").height == 2 * rated
    unrated = predicted.filter(split="unrated")
    assert unrated.height == films.height - rated
    assert unrated["regime"].unique().to_list() == ["pre-release"]
    assert unrated["actual"].is_null().all()
    fold = predicted.filter(split="fold", regime="with votes")
    assert evaluation.score(fold["actual"].to_numpy(), fold["predicted"].to_numpy()).r2 > 0.3


def test_a_films_own_rating_does_not_reach_its_prediction() -> None:
    films = movie_features()
    rated = splits.clean(films)
    flipped = rated["tconst"][5]
    before = champions.out_of_fold(films, CHAMPIONS, TREES)
    after = champions.out_of_fold(
        films.with_columns(
            average_rating=pl.when(pl.col("tconst") == flipped)
            .then(11 - pl.col("average_rating"))
            .otherwise("average_rating")
        ),
        CHAMPIONS,
        TREES,
    )
    folds = splits.fold_numbers(before["tconst"])
    same = before["predicted"] == after["predicted"]
    rated_rows = before["split"] == "fold"
    own_fold = folds == splits.fold_numbers(pl.Series([flipped]))[0]
    assert same.filter(own_fold & rated_rows).all()  # the whole fold, to the bit
    assert not same.filter(~own_fold & rated_rows).all()  # and other folds did learn of it


def test_served_models_have_not_seen_the_showcase() -> None:
    films = movie_features()
    rated = splits.clean(films)
    shown = splits.is_showcase(rated["tconst"])
    assert shown.any()
    models = champions.fit_champions(films, CHAMPIONS, TREES)
    assert {model.train_rows for model in models.values()} == {rated.height - shown.sum()}
    showcase = pl.col("tconst").is_in(rated.filter(shown)["tconst"].implode())
    changed = films.with_columns(average_rating=pl.when(showcase).then(1.0).otherwise("average_rating"))
    again = champions.fit_champions(changed, CHAMPIONS, TREES)
    for regime, model in models.items():
        assert model.booster.save_raw("ubj") == again[regime].booster.save_raw("ubj")


def test_a_champion_of_the_most_voted_is_trained_on_those() -> None:
    films = splits.clean(movie_features())
    model = champions.fit_champions(films, {"with votes": "v6"}, {"with votes": 5})["with votes"]
    member = splits.is_in_population(films, "most voted") & ~splits.is_showcase(films["tconst"])
    assert model.train_rows == member.sum()
