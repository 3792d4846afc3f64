"""What happens when models and tables are missing, or change under a running predictor."""

import shutil
import time
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.contracts.models import Predictions
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml import artifact
from imdb_assets.serving import films
from imdb_assets.serving.descriptions import Description
from imdb_assets.serving.errors import NotReadyError
from imdb_assets.serving.predictor import Predictor
from imdb_assets_tests.world import FILM, RATED, SEEN, SHOWCASE, STORED, UNRATED, World, fit, live, write


def test_no_model_says_what_to_materialize(tmp_path: Path) -> None:
    predictor = Predictor(Lake(tmp_path / "lake"), ModelStore(tmp_path / "models"))
    with pytest.raises(NotReadyError, match=r"no rating model below .* Materialize models/rating_model first"):
        predictor.predict_film("tt0108052")
    health = predictor.health()
    assert health.model_version is None
    assert health.problem is not None
    assert "Materialize models/rating_model" in health.problem


def test_before_there_is_a_model_the_lake_is_searched_and_its_newer_films_too(tmp_path: Path, own_world: World) -> None:
    predictor = Predictor(own_world.lake, ModelStore(tmp_path / "models"))
    served = own_world.predictor()
    for typed in ("ada", "nm0000003"):
        assert predictor.people(typed) == served.people(typed) != []
    assert predictor.films(FILM["tconst"][0]) == served.films(FILM["tconst"][0]) != []
    own_world.publish_films(FILM.head(3))
    assert {film.tconst for film in predictor.films("film")} == set(FILM["tconst"].head(3))


def test_without_model_and_films_there_is_nothing_to_search(tmp_path: Path) -> None:
    predictor = Predictor(Lake(tmp_path / "lake"), ModelStore(tmp_path / "models"))
    with pytest.raises(NotReadyError, match=r"silver.movies: not in the lake .* silver/movies"):
        predictor.films("film")
    assert predictor.place() == ""


def test_missing_table_says_what_to_materialize(tmp_path: Path, world: World) -> None:
    without = World(Lake(tmp_path / "lake"), world.store)
    predictor = without.predictor()
    assert predictor.health().problem is None
    with pytest.raises(NotReadyError, match=r"gold.movie_features: not in the lake .* gold/movie_features"):
        predictor.predict_film(SEEN)
    without.publish_films(FILM)
    with pytest.raises(NotReadyError, match=r"models.predictions: not in the lake .* models/predictions"):
        without.predictor().predict_film(SEEN)


def test_after_a_promotion_without_predictions_and_a_rollback_each_answer_names_its_own_model(own_world: World) -> None:
    running = own_world.predictor()
    old, new = own_world.store.current().version, own_world.publish_model(9, predictions=False).version
    tconst = UNRATED["tconst"][0]
    for in_service in (new, old):
        assert own_world.store.current().version == in_service
        assert running.predict_film(SEEN).model_version == old  # stored, and says so
        for asked in (SHOWCASE[0], tconst):
            assert running.predict_film(asked).model_version == in_service
        health = running.health()
        assert (health.model_version, health.problem) == (in_service, None)
        own_world.store.roll_back("test") if in_service == new else None


def test_predictions_published_anew_for_the_same_model_are_answered(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = own_world.predictor()
    assert running.predict_film(SEEN).predicted == STORED
    stored = own_world.lake.table("models.predictions").scan().with_columns(predicted=9.9).collect()
    write(own_world.lake, Predictions, stored, {"models.rating_model": own_world.store.current().version})
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert running.predict_film(SEEN).predicted == 9.9


def test_lake_that_fails_leaves_descriptions_answered(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    running = own_world.predictor()
    described = [Description(title="New", year=2027, genres=["Drama"], runtime_minutes=100)]
    before = running.predict_described(described)
    shutil.rmtree(own_world.lake.root / "models")
    (own_world.lake.root / "catalog.db").write_bytes(b"damaged" * 1000)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(NotReadyError, match=r"the catalog .*catalog.db is damaged or lost: "):
        running.predict_film(SHOWCASE[0])
    assert running.predict_described(described) == before


def test_table_made_by_other_code_names_the_column(world: World) -> None:
    with pytest.raises(
        NotReadyError, match=r"silver.movies .* lacks a column .*runtime_hours.* re-materialize silver/movies"
    ):
        films.FilmReader(world.lake).read("silver.movies", SEEN, ["runtime_hours"])


def test_newly_published_model_answers_the_next_request(own_world: World) -> None:
    predictor = own_world.predictor()
    before = predictor.predict_film(SHOWCASE[0])
    version = own_world.publish_model(9)
    after = predictor.predict_film(SHOWCASE[0])
    assert after.model_version == version.version != before.model_version
    assert after.predicted == live(own_world, SHOWCASE[0], "with votes") != before.predicted


def test_newly_published_tables_are_read_after_some_seconds(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "PINNED_SECONDS", 60)
    predictor = own_world.predictor()
    assert predictor.predict_film(SEEN).start_year == RATED["start_year"][10]
    own_world.publish_films(
        FILM.with_columns(pl.col("start_year") + 1).with_columns(decade=pl.col("start_year") // 10 * 10)
    )
    assert predictor.predict_film(SEEN).start_year == RATED["start_year"][10]
    monkeypatch.setattr(films, "PINNED_SECONDS", 0)
    assert predictor.predict_film(SEEN).start_year == RATED["start_year"][10] + 1
    own_world.publish_films(FILM)
    assert predictor.predict_film(SEEN).start_year == RATED["start_year"][10]


@pytest.mark.parametrize("damage", ["model.json", "with-votes.ubj"])
def test_broken_new_model_leaves_the_old_one_in_service_and_says_so(
    own_world: World, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    predictor = own_world.predictor()
    before = predictor.predict_film(SHOWCASE[0])
    broken = own_world.publish_model(9)
    file = Path(broken.path) / damage
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    assert predictor.predict_film(SHOWCASE[0]) == before
    health = predictor.health()
    assert health.model_version == before.model_version
    assert health.problem is not None
    assert f"model {broken.version} cannot be loaded: " in health.problem
    assert damage in health.problem

    file.write_bytes(content)
    assert predictor.health().model_version == before.model_version  # not tried again at every request
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    health = predictor.health()
    assert (health.model_version, health.problem) == (broken.version, None)


def test_rollback_of_a_broken_model_clears_the_problem(own_world: World) -> None:
    predictor = own_world.predictor()
    good = own_world.store.current()
    predictor.health()
    (Path(own_world.publish_model(9).path) / "model.json").unlink()
    assert predictor.health().problem is not None
    own_world.publish_predictions(FILM, good.version)
    own_world.store.publish(good)
    assert predictor.health().problem is None


def test_damaged_pointer_leaves_the_model_in_service(own_world: World) -> None:
    predictor = own_world.predictor()
    version = predictor.health().model_version
    (own_world.store.root / "current.json").write_text("{")
    health = predictor.health()
    assert health.model_version == version
    assert health.problem is not None


def test_model_of_features_this_code_does_not_know_is_not_taken_into_service(own_world: World) -> None:
    folder = Path(own_world.store.current().path)
    record = artifact.read_record(folder)
    record.regimes["pre-release"].features[0] = "budget"
    shutil.rmtree(folder)
    artifact.save(folder, record, fit(5), "card")
    assert "reads features that this code does not know (budget)" in str(own_world.predictor().health().problem)
