"""Who answers for which film, and which rows of features are answered."""

from pathlib import Path

import polars as pl
import pytest

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.models import Predictions
from imdb_assets.serving import comparables
from imdb_assets.serving.errors import BadRequestError, NotReadyError, UnknownIdError
from imdb_assets.serving.rows import MAX_ROWS, NEVER_NULL
from imdb_assets_tests.world import (
    CHAMPIONS,
    FILM,
    RATED,
    SEEN,
    SHOWCASE,
    STORED,
    UNRATED,
    World,
    live,
    records,
    write,
)


def test_film_the_model_learned_from_gets_its_stored_out_of_sample_prediction(world: World) -> None:
    answer = world.predictor().predict_film(SEEN)
    film = RATED.row(10, named=True)
    assert answer.model_dump(exclude={"base", "reasons", "comparable", "notes"}) == {
        "tconst": SEEN,
        "title": f"Film {SEEN}",
        "start_year": film["start_year"],
        "regime": "with votes",
        "actual": film["average_rating"],
        "predicted": STORED,
        "lower": STORED - 1,
        "upper": STORED + 2,
        "basis": "out-of-sample",
        "iteration": "v6",
        "model_version": world.store.current().version,
    }
    assert answer.predicted != live(world, SEEN, "with votes")
    assert answer.notes[0].startswith("The model in service was trained on this film, so the prediction comes from")


def test_live_answer_has_interval_reasons_that_add_up_and_films_like_it(world: World) -> None:
    answer = world.predictor().predict_film(SHOWCASE[0])
    assert answer.lower <= answer.predicted <= answer.upper
    assert answer.base + sum(reason.points for reason in answer.reasons) == pytest.approx(answer.predicted, abs=0.01)
    assert [abs(reason.points) for reason in answer.reasons] == sorted(
        (abs(reason.points) for reason in answer.reasons), reverse=True
    )
    assert len({film.tconst for film in answer.comparable} - {SHOWCASE[0]}) == 5
    assert answer.notes == []


def test_a_value_that_all_well_known_films_share_does_not_hide_how_they_differ(tmp_path: Path) -> None:
    names = {"tconst": ["tt0000001", "tt0000002"], "title": ["far", "near"], "rating": 7.0}
    same = dict.fromkeys(comparables.COLUMNS, 0) | {"start_year": 1990}
    films = pl.DataFrame(names | same | {"runtime_minutes": [200, 100]})
    films.write_parquet(tmp_path / "films.parquet")
    asked = films.head(1).with_columns(tconst=pl.lit("tt0000003"), start_year=2010, runtime_minutes=110)
    known = comparables.Comparables(tmp_path / "films.parquet")
    assert [film.title for film in known.of(asked)] == ["near", "far"]


def test_showcase_film_is_answered_live_with_votes(world: World) -> None:
    answer = world.predictor().predict_film(SHOWCASE[0])
    assert (answer.regime, answer.basis, answer.iteration) == ("with votes", "live", "v8")
    assert answer.predicted == live(world, SHOWCASE[0], "with votes")


def test_unrated_film_is_answered_live_before_release(world: World) -> None:
    tconst = UNRATED["tconst"][0]
    answer = world.predictor().predict_film(tconst)
    assert (answer.regime, answer.basis, answer.iteration, answer.actual) == ("pre-release", "live", "v7", None)
    assert answer.predicted == live(world, tconst, "pre-release")


def test_every_film_is_found_in_its_own_row(world: World) -> None:
    predictor = world.predictor()
    for tconst, year, rating in FILM.sample(40, seed=1).select("tconst", "start_year", "average_rating").iter_rows():
        answer = predictor.predict_film(tconst)
        assert (answer.tconst, answer.title, answer.start_year, answer.actual) == (
            tconst,
            f"Film {tconst}",
            year,
            rating,
        )


def test_unknown_film_names_the_id_and_the_remedy(world: World) -> None:
    with pytest.raises(
        UnknownIdError, match=r"^tt9999999: not among the films of the lake, which are .* Check the id, or"
    ):
        world.predictor().predict_film("tt9999999")


def test_eight_digits_are_another_id_than_seven(world: World) -> None:
    with pytest.raises(UnknownIdError, match=r"^tt00000001: not among"):
        world.predictor().predict_film("tt00000001")


@pytest.mark.parametrize(
    "tconst", ["108052", "tt12", "nm0000001", "", "tt0108052\n", "tt0108052; drop", "tt\u0660108052"]
)
def test_ill_formed_id_says_what_one_looks_like(world: World, tconst: str) -> None:
    with pytest.raises(
        UnknownIdError, match=r"is not a title id; a title id looks like tt0108052: tt and 7 or 8 digits"
    ):
        world.predictor().predict_film(tconst)


def newly_rated(world: World, tconst: str) -> None:
    """The lake a day later: a film has its first rating, and predictions are as before."""
    changed = pl.when(pl.col("tconst") == tconst)
    later = FILM.with_columns(
        average_rating=changed.then(7.0).otherwise("average_rating"), num_votes=changed.then(9).otherwise("num_votes")
    )
    write(world.lake, MovieFeatures, later)


def test_newly_rated_film_is_answered_by_what_was_said_before_its_rating(own_world: World) -> None:
    tconst = UNRATED["tconst"][0]
    newly_rated(own_world, tconst)
    answer = own_world.predictor().predict_film(tconst)
    assert (answer.actual, answer.basis, answer.regime) == (7.0, "out-of-sample", "pre-release")
    assert answer.predicted == STORED + 1


def test_rated_film_without_stored_prediction_is_not_answered_by_a_model_that_saw_it(own_world: World) -> None:
    tconst = UNRATED["tconst"][0]
    stored = own_world.lake.table("models.predictions").scan().filter(pl.col("tconst") != tconst).collect()
    write(own_world.lake, Predictions, stored)
    newly_rated(own_world, tconst)
    with pytest.raises(
        NotReadyError,
        match=rf"^{tconst}: the model in service may have learned .* materialize models/predictions",
    ):
        own_world.predictor().predict_film(tconst)


def without_rating(tconst: str) -> pl.DataFrame:
    """The films in a newer catalogue, in which one has no rating any more."""
    gone = pl.when(pl.col("tconst") == tconst).then(None)
    votes = ("average_rating", "num_votes", "log_votes", "log_votes_x_runtime")
    return FILM.with_columns(gone.otherwise(name).alias(name) for name in votes)


@pytest.mark.parametrize("tconst", [SEEN, SHOWCASE[0]])
def test_film_that_lost_its_rating_since_training_is_answered_out_of_sample(own_world: World, tconst: str) -> None:
    own_world.publish_films(without_rating(tconst))
    answer = own_world.predictor().predict_film(tconst)
    assert (answer.actual, answer.basis, answer.regime) == (None, "out-of-sample", "pre-release")
    assert answer.predicted == STORED + 1  # of the pre-release champion


def test_film_that_lost_its_rating_is_answered_by_the_other_regime_where_only_that_was_stored(own_world: World) -> None:
    version = own_world.store.current().version
    own_world.publish_films(without_rating(SEEN))
    stored = own_world.lake.table("models.predictions").scan().filter(pl.col("regime") == "with votes").collect()
    write(own_world.lake, Predictions, stored, {"models.rating_model": version})
    answer = own_world.predictor().predict_film(SEEN)
    assert (answer.basis, answer.regime, answer.predicted) == ("out-of-sample", "with votes", STORED)


def test_rows_are_answered_in_order_by_the_regime_of_their_features(world: World) -> None:
    predictor = world.predictor()
    for regime, iteration in CHAMPIONS.items():
        features = predictor.features()[regime]
        batch = predictor.predict_rows(records(SHOWCASE, features))
        assert (batch.regime, batch.iteration) == (regime, iteration)
        assert batch.predictions == [live(world, tconst, regime) for tconst in SHOWCASE]
        values = [list(record.values()) for record in records(SHOWCASE, features)]
        assert predictor.predict_values(values) == batch


def test_null_is_unknown_but_a_missing_feature_is_named(world: World) -> None:
    predictor = world.predictor()
    rows = records(SHOWCASE, predictor.features()["pre-release"])
    rows[1] |= dict.fromkeys(rows[1].keys() - NEVER_NULL)
    assert len(predictor.predict_rows(rows).predictions) == 3
    del rows[1]["runtime_minutes"], rows[1]["start_year"]
    with pytest.raises(
        BadRequestError, match=r"^row 2: 2 features missing for regime 'pre-release': start_year, runtime_min"
    ):
        predictor.predict_rows(rows)


def test_half_of_the_vote_features_is_a_mistake_with_a_hint(world: World) -> None:
    predictor = world.predictor()
    rows = records(SHOWCASE, predictor.features()["pre-release"])
    rows[0]["num_votes"] = 10
    with pytest.raises(
        BadRequestError, match=r"regime 'with votes': log_votes, .*Rows of the regime pre-release need no votes"
    ):
        predictor.predict_rows(rows)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("9", "'9'"), (True, "True"), (1e39, r"1e\+39"), (10**400, "1000"), ([1], r"\[1\]"), (float("nan"), "nan")],
)
def test_value_that_is_no_number_is_named(world: World, value: object, shown: str) -> None:
    predictor = world.predictor()
    rows = [{**row, "runtime_minutes": value} for row in records(SHOWCASE, predictor.features()["pre-release"])]
    with pytest.raises(
        BadRequestError, match=rf"^row 1: runtime_minutes is {shown}.*; a feature is a number"
    ) as caught:
        predictor.predict_rows(rows)
    assert len(str(caught.value)) < 200


def test_width_of_bare_rows_must_fit_a_regime(world: World) -> None:
    predictor = world.predictor()
    widths = {regime: len(features) for regime, features in predictor.features().items()}
    wanted = rf"{widths['pre-release']} \(pre-release\) or {widths['with votes']} \(with votes\)"
    with pytest.raises(
        BadRequestError, match=rf"^rows have 2 columns, but the model reads {wanted}, in the order that"
    ):
        predictor.predict_values([[1, 2]])
    with pytest.raises(BadRequestError, match=r"columns for regime=with votes, but the model reads"):
        predictor.predict_values([[1.0] * widths["pre-release"]], "with votes")


def test_the_largest_request_is_answered(world: World) -> None:
    predictor = world.predictor()
    row = [1.0] * len(predictor.features()["pre-release"])
    assert len(predictor.predict_values([row] * MAX_ROWS).predictions) == MAX_ROWS
