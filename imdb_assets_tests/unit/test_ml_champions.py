"""Champions: never leaky, out-of-fold for rated films, blind to the showcase."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from imdb_assets.contracts.models import Predictions
from imdb_assets.ml import artifact, bootstrap, champions, splits
from imdb_assets.ml.iterations import Regime
from imdb_assets_tests.films import movie_features

CHAMPIONS: dict[Regime, str] = {"pre-release": "v7", "with votes": "v8"}
TREES: dict[Regime, int] = {"pre-release": 15, "with votes": 15}
DUMPED = date(2022, 5, 1)


@cache
def temporal() -> dict[Regime, champions.Tested]:
    return champions.temporal_test(movie_features(), CHAMPIONS)


@cache
def model(trees: int = 15) -> artifact.LoadedModel:
    """A version of these champions, as loaded from the store."""
    fitted = champions.fit_champions(movie_features(), CHAMPIONS, dict.fromkeys(CHAMPIONS, trees))
    record = artifact.describe(
        fitted,
        CHAMPIONS,
        {regime: [] for regime in CHAMPIONS},
        intervals=champions.calibrate(temporal(), CHAMPIONS, DUMPED),
        showcase=[],
        created_from={"gold.movie_features": 42},
        code_version="1",
    )
    return artifact.LoadedModel(record, {regime: part.booster for regime, part in fitted.items()})


@cache
def stored() -> pl.DataFrame:
    return champions.stored_predictions(movie_features(), model(), 42)


def test_predictions_cover_every_film_in_every_way_once() -> None:
    films, predicted = movie_features(), stored()
    assert Predictions.is_valid(predicted)
    rated = splits.clean(films)
    counts = {split: predicted.filter(split=split).height for split in ("fold", "temporal", "unrated")}
    assert counts == {
        "fold": 2 * rated.height,
        "temporal": 2 * rated.filter(pl.col("start_year") >= 2018).height,
        "unrated": films.height - rated.height,
    }
    unrated = predicted.filter(split="unrated")
    assert unrated["regime"].unique().to_list() == ["pre-release"]
    assert unrated["actual"].is_null().all()
    fold = predicted.filter(split="fold", regime="with votes")
    assert bootstrap.measure(fold["actual"].to_numpy(), fold["predicted"].to_numpy()).r2 > 0.3
    assert predicted["model_version"].unique().to_list() == [model().record.version]
    assert predicted["snapshot_id"].unique().to_list() == [42]


def test_unrated_films_get_what_the_model_in_service_says() -> None:
    unrated = stored().filter(split="unrated")
    rows = movie_features().filter(pl.col("average_rating").is_null()).sort("tconst")
    said = model().predict("pre-release", rows)
    lower, upper = model().interval("pre-release", rows, said)
    for name, expected in (("predicted", said), ("lower", lower), ("upper", upper)):
        np.testing.assert_array_equal(unrated[name].to_numpy(), expected.astype(np.float64))


def test_intervals_of_all_rated_films_keep_what_they_promise() -> None:
    rated = stored().filter(pl.col("actual").is_not_null())
    inside = pl.col("actual").is_between("lower", "upper").mean().alias("share")
    for split, regime, share in rated.group_by("split", "regime").agg(inside).iter_rows():
        few = split == "temporal"  # some 200 films, calibrated on as many
        assert (0.82 if few else 0.87) < share < (0.97 if few else 0.93), (split, regime, share)


def test_no_film_is_predicted_by_a_model_that_knew_its_rating() -> None:
    films = movie_features()
    rated = splits.clean(films)
    flipped = rated.filter(pl.col("start_year") < 2013)["tconst"][5]
    after = champions.stored_predictions(
        films.with_columns(
            average_rating=pl.when(pl.col("tconst") == flipped)
            .then(11 - pl.col("average_rating"))
            .otherwise("average_rating")
        ),
        model(),
        42,
    )
    folds = splits.fold_numbers(stored()["tconst"])
    same = stored()["predicted"] == after["predicted"]
    rated_rows = stored()["split"] == "fold"
    own_fold = folds == splits.fold_numbers(pl.Series([flipped]))[0]
    assert same.filter(own_fold & rated_rows).all()  # the whole fold, to the bit
    assert not same.filter(~own_fold & rated_rows).all()  # and other folds did learn of it
    assert not same.filter(stored()["split"] == "temporal").all()  # as did the model of the years before 2018


def test_temporal_predictions_know_nothing_of_the_split_year_and_later() -> None:
    noisy = movie_features().with_columns(
        average_rating=pl.when(pl.col("start_year") >= 2018)
        .then(11 - pl.col("average_rating"))
        .otherwise("average_rating")
    )
    before, after = (
        frame.filter(split="temporal").select("tconst", "regime", "predicted", "lower", "upper")
        for frame in (stored(), champions.stored_predictions(noisy, model(), 42))
    )
    assert before.equals(after)


def test_the_temporal_test_is_that_of_a_model_that_knows_no_later_film() -> None:
    films = splits.clean(movie_features())
    later = splits.is_test(films, "temporal")
    noisy = films.with_columns(
        average_rating=pl.when(later).then(11 - pl.col("average_rating")).otherwise("average_rating")
    )
    again = champions.temporal_test(noisy, CHAMPIONS)
    for regime, (trees, predicted) in temporal().items():
        assert trees == again[regime].trees
        assert predicted["tconst"].equals(films.filter(later)["tconst"])
        assert predicted["predicted"].equals(again[regime].films["predicted"])


def test_the_model_to_serve_is_calibrated_on_mature_films_of_the_temporal_test() -> None:
    known = model().record.regimes["pre-release"].intervals
    mature = splits.clean(movie_features()).filter(pl.col("start_year").is_between(2018, 2020))
    assert (known.first_year, known.last_year, known.films) == (2018, 2020, mature.height)


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
