"""`imdb models` and `imdb lineage`: what they print of a registry, and what they refuse."""

import json
import re
from pathlib import Path

import polars as pl
import polars.selectors as cs
import pytest

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets_tests.commands import Command
from imdb_assets_tests.films import movie_features
from imdb_assets_tests.world import FILMS, SEEN, SHOWCASE, World, write


@pytest.fixture
def world(imdb: Command, own_world: World) -> World:
    imdb.set("IMDB_DATA", str(own_world.lake.root.parent))
    return own_world


def test_the_list_says_which_version_is_in_service_and_how_good_each_is(imdb: Command, world: World) -> None:
    first, second = world.store.current().version, world.publish_model(6).version
    ended = imdb("models", "list", "--format", "json")
    assert ended.code == 0
    rows = json.loads(ended.out)
    assert [(row["version"], row["status"]) for row in rows] == [(first, "was in service"), (second, "in service")]
    assert {row["pre-release"] for row in rows} == {"v7, R² not measured"}
    assert all(row["promoted"].endswith(" by a run") for row in rows)


def test_the_list_goes_on_after_a_damaged_version(imdb: Command, world: World) -> None:
    first, second = world.store.current().version, world.publish_model(6).version
    record = Path(world.store.version(second).path) / "model.json"
    record.unlink()
    ended = imdb("models", "list", "--format", "json")
    assert (ended.code, ended.err) == (1, f"{record} is missing: re-materialize models/rating_model\n")
    assert [(row["version"], row["pre-release"]) for row in json.loads(ended.out)] == [
        (first, "v7, R² not measured"),
        (second, None),
    ]


def test_without_a_version_the_list_says_how_to_get_one(imdb: Command) -> None:
    ended = imdb("models", "list")
    assert ended.code == 1
    assert "Materialize models/rating_model first" in ended.err


def test_recipes_are_compared_on_the_films_of_the_lake(imdb: Command, world: World) -> None:
    world.publish_films(movie_features())
    ended = imdb("models", "compare", "v7", "v1", "--set", "max_depth=3", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    rows = json.loads(ended.out)
    assert [(row["A"], row["B"], row["split"], row["population"]) for row in rows] == [
        ("v7 max_depth=3", "v1", split, population)
        for split in ("random", "temporal")
        for population in ("all clean films", "most voted")
    ]
    assert all(abs(row["R² of A"] - row["R² of B"] - row["gain"]) < 1e-9 for row in rows)


def test_what_cannot_be_compared_is_refused(imdb: Command, world: World) -> None:
    version = world.store.current().version
    for arguments, message in {
        (
            "v7",
            "v7",
        ): "v7 and v7 are both v7, so there is nothing to compare; use --set to change a learner parameter of the "
        "first iteration.",
        (version, version): f"{version} and {version} are both v7, so there is nothing to compare",
        (version, "v7"): f"{version} and v7 are both v7, so there is nothing to compare",
        ("v7", "v99"): "v99: no such iteration or saved version; there are v1, v2,",
        ("v7", "v1", "--set", "deep=3"): "unknown parameters deep; the parameters that can be set are",
    }.items():
        ended = imdb("models", "compare", *arguments)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(message)
    assert imdb("models", "compare", "v7", "v1", "--set", "deep").code == 2


def test_rolled_back_and_promoted_again(imdb: Command, world: World) -> None:
    first, second = world.store.current().version, world.publish_model(6).version
    ended = imdb("models", "rollback")
    assert (ended.code, world.store.current().version) == (0, first)
    assert f"model {first} is in service again, instead of {second}" in ended.out
    ended = imdb("models", "promote", second)
    assert (ended.code, world.store.current().version) == (0, second)
    assert ended.out == f"model {second} is in service\n"


def test_a_version_that_cannot_be_served_is_not_promoted(imdb: Command, world: World) -> None:
    first, second = world.store.current().version, world.publish_model(6).version
    world.store.roll_back("test")
    next(Path(world.store.version(second).path).glob("*.ubj")).write_bytes(b"torn")
    ended = imdb("models", "promote", second)
    assert (ended.code, world.store.current().version) == (1, first)
    assert f"model {second} cannot be served" in ended.err
    assert "Nothing was changed." in ended.err


def test_a_prediction_says_why_the_version_before_made_it(imdb: Command, world: World) -> None:
    first = world.store.current().version
    (Path(world.publish_model(6).path) / "card.md").write_text("another card")
    ended = imdb("predict", SHOWCASE[0])
    assert (ended.code, ended.err.partition("card.md is corrupt")[1]) == (0, "card.md is corrupt")
    assert ended.err.endswith("The previous model version makes the prediction.\n")
    assert f"basis: live; iteration v8, model {first}" in ended.out


def test_a_film_without_cast_has_a_reason_that_says_so(
    imdb: Command, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imdb_assets.cli.predict.REASONS", 20)
    unknown = pl.when(pl.col("tconst") != SEEN).then(cs.starts_with("cast_")).name.keep()
    assert re.search(r"^  [+-]\d\.\d\d cast$", imdb("predict", SEEN).out, re.MULTILINE)
    write(world.lake, MovieFeatures, movie_features(FILMS).with_columns(unknown))
    assert re.search(r"^  [+-]\d\.\d\d cast \(none given\)$", imdb("predict", SEEN).out, re.MULTILINE)


@pytest.mark.parametrize("command", [("models", "promote", "none-such"), ("lineage", "none-such")])
def test_an_unknown_version_is_refused_with_those_there_are(
    imdb: Command, world: World, command: tuple[str, ...]
) -> None:
    ended = imdb(*command)
    assert ended.code == 1
    assert f"no model version 'none-such' below {world.store.root}" in ended.err
    assert world.store.current().version in ended.err


def test_lineage_of_no_version_says_how_to_get_one(imdb: Command) -> None:
    ended = imdb("lineage", "nope")
    assert ended.code == 1
    assert ended.err.endswith("models; nothing has been made yet; run `make demo` first\n")


def test_lineage_walks_from_a_films_prediction_to_what_the_model_was_made_from(imdb: Command, world: World) -> None:
    version = world.store.current().version
    ended = imdb("lineage", SEEN)
    assert ended.code == 0
    assert "with votes, fold: predicted 4.25, rated" in ended.out
    assert f"model {version} in service; pre-release v7, with votes v8" in ended.out
    assert "gold.movie_features snapshot 1: has expired" in ended.out
    assert imdb("lineage", version).out.count(version) == 1


def test_lineage_of_a_film_without_a_prediction(imdb: Command, world: World) -> None:
    ended = imdb("lineage", "tt9999999")
    assert ended.code == 1
    assert "tt9999999: has no stored prediction" in ended.err
