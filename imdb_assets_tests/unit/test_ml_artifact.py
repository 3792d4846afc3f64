"""A model version on disk: round trip, checksums, card and pictures."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from imdb_assets.contracts import models
from imdb_assets.ml import artifact, champions, iterations, model_card, splits, training
from imdb_assets.ml.intervals import Intervals
from imdb_assets.ml.iterations import Regime
from imdb_assets_tests.films import known_intervals, movie_features
from imdb_assets_tests.full_lake import full_tables
from imdb_assets_tests.unit.test_ml_leakage import check, rebuilt

CHAMPIONS: dict[Regime, str] = {"pre-release": "v7", "with votes": "v8"}


@cache
def fitted() -> dict[Regime, training.Fitted]:
    return champions.fit_champions(movie_features(), CHAMPIONS, {"pre-release": 12, "with votes": 15})


@cache
def calibrated() -> dict[Regime, Intervals]:
    return {regime: known_intervals(name) for regime, name in CHAMPIONS.items()}


SCORE = {"split": "temporal", "population": "all clean films", "test_rows": 1234, "r2": 0.5, "r2_lower": 0.4}
METRICS: dict[Regime, list[dict[str, Any]]] = {
    "pre-release": [SCORE | {"r2_upper": 0.6, "rmse": 1.25}],
    "with votes": [SCORE | {"r2_upper": 0.7, "rmse": 1.5}],
}


def record() -> artifact.ModelRecord:
    return artifact.describe(
        fitted(),
        CHAMPIONS,
        METRICS,
        intervals=calibrated(),
        showcase=["tt0000002", "tt0000001"],
        created_from={"gold.movie_features": 42},
        code_version="1.2.3",
    )


@pytest.fixture
def version(tmp_path: Path) -> Path:
    directory = tmp_path / "versions" / "one"
    artifact.save(directory, record(), fitted(), "# card\n")
    return directory


@pytest.mark.parametrize("regime", ["pre-release", "with votes"])
def test_round_trip_predicts_the_same_to_the_bit(version: Path, regime: Regime) -> None:
    films = splits.clean(movie_features())
    loaded = artifact.load(version)
    expected = fitted()[regime].predict(films)
    np.testing.assert_array_equal(loaded.predict(regime, films), expected)
    matrix = training.matrix(films, loaded.record.regimes[regime].features)
    np.testing.assert_array_equal(loaded.predict(regime, matrix), expected)


def test_record_says_where_the_model_comes_from(version: Path) -> None:
    loaded = artifact.load(version).record
    assert sorted(file.name for file in version.iterdir()) == [
        "card.md",
        "model.json",
        "pre-release.ubj",
        "with-votes.ubj",
    ]
    assert loaded.created_from == {"gold.movie_features": 42}
    assert loaded.code_version == "1.2.3"
    assert loaded.showcase == ["tt0000001", "tt0000002"]
    assert loaded.regimes["with votes"].trees == 15
    assert loaded.regimes["with votes"].metrics == METRICS["with votes"]
    assert set(loaded.files) == {"card.md", "pre-release.ubj", "with-votes.ubj"}


def test_same_training_gives_the_same_version() -> None:
    again = champions.fit_champions(movie_features(), CHAMPIONS, {"pre-release": 12, "with votes": 15})
    provenance: dict[str, Any] = {"created_from": {"gold.movie_features": 42}, "code_version": "1.2.3"}
    showcase = ["tt0000001", "tt0000002"]
    provenance["intervals"] = calibrated()
    described = artifact.describe(again, CHAMPIONS, METRICS, showcase=showcase, **provenance)
    assert described == record()
    assert len(described.version) == 12


@pytest.mark.parametrize(
    "other",
    [
        {"created_from": {"gold.movie_features": 43}},
        {"code_version": "1.2.4"},
        {"showcase": ["tt0000001"]},
        {"champions": {"pre-release": "v7", "with votes": "v6"}},
        {"fitted": {"pre-release": 12, "with votes": 16}},
        {"intervals": {regime: known.model_copy(update={"quantile": 9.0}) for regime, known in calibrated().items()}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_provenance_or_trees_give_another_version(other: dict[str, Any]) -> None:
    parts: dict[str, Any] = {
        "fitted": fitted(),
        "champions": CHAMPIONS,
        "metrics": METRICS,
        "intervals": calibrated(),
        "showcase": ["tt0000002", "tt0000001"],
        "created_from": {"gold.movie_features": 42},
        "code_version": "1.2.3",
        **other,
    }
    if "fitted" in other:
        parts["fitted"] = champions.fit_champions(movie_features(), CHAMPIONS, other["fitted"])
    assert artifact.describe(**parts).version != record().version


def test_saving_a_version_again_leaves_it_untouched(version: Path) -> None:
    before = {file.name: (file.stat().st_ino, file.read_bytes()) for file in version.iterdir()}
    saved = artifact.save(version, record(), fitted(), "# another card\n")
    assert saved == artifact.load(version).record
    assert {file.name: (file.stat().st_ino, file.read_bytes()) for file in version.iterdir()} == before


@pytest.mark.parametrize("name", ["with-votes.ubj", "model.json", "card.md"])
def test_saving_again_repairs_a_version(version: Path, name: str) -> None:
    (version / name).write_bytes(b"")
    artifact.save(version, record(), fitted(), "# card\n")
    assert artifact.load(version).record.version == record().version
    assert [entry.name for entry in version.parent.iterdir()] == ["one"]


def test_another_version_in_the_folder_is_replaced(version: Path) -> None:
    other = record().model_copy(update={"version": "another"})
    artifact.save(version, other, fitted(), "# card\n")
    assert artifact.load(version).record.version == "another"


def test_crash_before_the_rename_leaves_what_was_there(version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (version / "with-votes.ubj").write_bytes(b"")
    before = {file.name: file.read_bytes() for file in version.iterdir()}

    def crash(*_: object) -> None:
        raise OSError("no space left on device")

    for method in ("rename", "write_bytes"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, method, crash)
            with pytest.raises(OSError, match="no space left"):
                artifact.save(version, record(), fitted(), "# card\n")
        assert {file.name: file.read_bytes() for file in version.iterdir()} == before
        assert [entry.name for entry in version.parent.iterdir()] == ["one"]
    artifact.save(version, record(), fitted(), "# card\n")
    assert artifact.load(version).record.version == record().version


@pytest.mark.parametrize("name", ["pre-release.ubj", "with-votes.ubj", "card.md", "model.json"])
def test_missing_file_names_itself_and_the_remedy(version: Path, name: str) -> None:
    (version / name).unlink()
    with pytest.raises(artifact.ModelError, match=f"{name} is missing: re-materialize models/rating_model"):
        artifact.load(version)


def test_corrupt_model_is_refused(version: Path) -> None:
    model = version / "with-votes.ubj"
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(artifact.ModelError, match=r"with-votes\.ubj is corrupt .* re-materialize models/rating_model"):
        artifact.load(version)


def _edit(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], str]:
    def edit(version: Path) -> str:
        file = version / "model.json"
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content, indent=2) + "\n")
        return r"model\.json was changed after it was saved"

    return edit


def _one_byte(name: str) -> Callable[[Path], str]:
    def change(version: Path) -> str:
        content = bytearray((version / name).read_bytes())
        content[-2] ^= 1
        (version / name).write_bytes(content)
        return f"{name} is (corrupt|not a model record)"

    return change


def _added(version: Path) -> str:
    (version / "more.parquet").touch()
    return (
        rf"more\.parquet does not belong to model {record().version}, because model\.json does not list it: remove it"
    )


def _blank(version: Path) -> str:
    with (version / "model.json").open("a") as file:
        file.write(" ")
    return r"model\.json was changed"


@pytest.mark.parametrize(
    "damage",
    [
        _edit(lambda content: content["regimes"]["with votes"]["intervals"].update(quantile=0.01)),
        _edit(lambda content: content["regimes"]["with votes"]["features"].reverse()),
        _edit(lambda content: content["regimes"]["with votes"]["families"].reverse()),
        _edit(lambda content: content["files"].clear()),
        _edit(lambda content: content["files"].update({"card.md": "0" * 64})),
        _edit(lambda content: content.update(version="0123456789ab")),
        _edit(lambda content: content.update(seal="0" * 64)),
        _edit(lambda content: content.update(more=1)),
        _blank,
        _one_byte("model.json"),
        _one_byte("card.md"),
        _one_byte("pre-release.ubj"),
        _one_byte("with-votes.ubj"),
        _added,
    ],
    ids=[
        *("number", "features", "families", "no files", "other hash", "version", "seal", "new field", "blank"),
        *("byte of the record", "byte of the card", "byte of one model", "byte of the other", "file added"),
    ],
)
def test_a_version_that_differs_from_its_seal_is_refused(version: Path, damage: Callable[[Path], str]) -> None:
    assert artifact.verified(version) == artifact.load(version).record
    words = damage(version)
    for read in (artifact.load, artifact.verified):
        with pytest.raises(artifact.ModelError, match=words):
            read(version)


def test_a_version_without_a_seal_says_how_to_make_a_new_one(version: Path) -> None:
    _edit(lambda content: content.pop("seal"))(version)
    with pytest.raises(artifact.ModelError, match=r"model\.json has no seal .*: re-materialize models/rating_model"):
        artifact.load(version)
    assert artifact.read_record(version).version == record().version


@pytest.mark.parametrize("content", ["", "{", json.dumps({"version": "x"})])
def test_corrupt_record_is_refused(version: Path, content: str) -> None:
    (version / "model.json").write_text(content)
    with pytest.raises(artifact.ModelError, match=r"model\.json is not a model record"):
        artifact.load(version)


def test_rows_of_another_shape_are_refused(version: Path) -> None:
    loaded = artifact.load(version)
    with pytest.raises(ValueError, match=r"the with votes model reads rows of 63 features, got .*\(2, 5\)"):
        loaded.predict("with votes", np.zeros((2, 5), dtype=np.float32))
    with pytest.raises(ValueError, match="missing from the rows: num_votes"):
        loaded.predict("with votes", movie_features().drop("num_votes"))


def test_card_holds_the_figures_it_is_given() -> None:
    checked, audited = check(*rebuilt()), full_tables()[models.Audit]
    card = model_card.render(record(), checked, audited, generated=False)
    for text in (
        f"rating model {record().version}",
        "`gold.movie_features` at snapshot 42",
        "| with votes | v8 | all clean films | 1,234 | 0.500 (0.400 to 0.700) | 1.500 |",
        "an interval is made 0.5% wider for each year between the newest calibration films",
        "`director_career_mean_rating`",
        "as of the dump's date",
        "removes 30 % of the films after 2018",
        "This number of trees was chosen by early stopping, on films",
    ):
        assert text in card
    for row in audited.iter_rows(named=True):
        assert f"| {row['iteration']} | {row['test']} | {'passes' if row['passed'] else '**fails**'} |" in card
        assert row["words"] in card
    assert card.rstrip().endswith("Information courtesy of IMDb (https://www.imdb.com). Used with permission.")
    assert card == model_card.render(record(), checked, audited, generated=False)
    sample = model_card.render(record(), checked, audited, generated=True)
    assert "courtesy of IMDb" not in sample
    assert sample.rstrip().endswith(model_card.SAMPLE)


def test_scores_of_all_iterations_and_of_the_champions_are_written_down() -> None:
    names = pl.DataFrame({"iteration": [one.name for one in iterations.ITERATIONS]})
    evaluated = names.join(full_tables()[models.Iterations].filter(iteration="v1").drop("iteration"), how="cross")
    number = pl.int_range(pl.len())
    evaluated = evaluated.with_columns(
        r2=0.2 + number / 1000, rmse=1 + number / 1000, leaking_features=pl.col("iteration").eq("v4") * 4
    )
    mature = full_tables()[models.ChampionScores].with_columns(maturity=pl.lit("mature"), coverage=pl.lit(0.915))
    champion_scores = pl.concat([full_tables()[models.ChampionScores], mature])
    written = model_card.scores(evaluated, champion_scores)
    for row in evaluated.iter_rows(named=True):
        assert f"{row['r2']:.3f} ({row['rmse']:.3f})" in written
    for text in ("0.306", "0.462", "0.664", "**4 features**"):
        assert text in written
    temporal = champion_scores.filter(split="temporal", breakdown="none", population="all clean films")
    for row in temporal.iter_rows(named=True):
        assert f"{row['r2']:.3f} ({row['r2_lower']:.3f} to {row['r2_upper']:.3f})" in written
        inside = f"| {row['regime']} | {row['maturity']} | all | {row['test_rows']:,} | {row['coverage']:.1%} |"
        assert inside in written
