"""`imdb_assets.open()`: a lake for notebooks, and the notebook in docs/."""

import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import imdb_assets
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.models import Iterations
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.ml import iterations
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.films import FILMS, movie_features
from imdb_assets_tests.lakes import put
from imdb_assets_tests.tables import table

SCORES = table(
    Iterations,
    [
        {"iteration": name, "split": "temporal", "population": "all clean films", "regime": regime, **score}
        for name, regime, score in (
            ("v7", "pre-release", {"r2": 0.5, "leaking_features": 0}),
            ("v1", "pre-release", {"r2": 0.3, "leaking_features": 0}),
            ("v4", "with votes", {"r2": 0.9, "leaking_features": 6}),
            ("v8", "with votes", {"r2": 0.6, "leaking_features": 0}),
        )
    ],
).with_columns(
    description=pl.lit("words"),
    trained_on=pl.lit("all clean films"),
    **{name: pl.lit(1, pl.Int32) for name in ("feature_count", "trees")},
    **{name: pl.lit(1, pl.Int64) for name in ("train_rows", "test_rows")},
    **{name: pl.lit(0.5) for name in ("r2_lower", "r2_upper", "rmse", "mae", "bias", "seconds")},
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data whose lake has features and scores."""
    lake = Lake(tmp_path / "lake")
    put(lake, MovieFeatures, movie_features())
    put(lake, Iterations, SCORES)
    return tmp_path


def test_three_lines_give_features_and_target(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMDB_DATA", str(data))
    lake = imdb_assets.open()
    films = lake.features()
    assert films.columns == MovieFeatures.column_names()
    assert films.height == movie_features()["average_rating"].count()
    assert films["average_rating"].dtype == pl.Float64
    assert films["tconst"].is_sorted()
    assert [lake.champion().name, lake.champion("with votes").name] == ["v13", "v14"]
    assert lake.sql("select count(*) as n from gold.movie_features").to_dicts() == [{"n": FILMS}]


def test_an_open_lake_stays_at_its_snapshots_and_a_past_one_can_be_opened(data: Path) -> None:
    before = imdb_assets.open(data)
    put(Lake(data / "lake"), MovieFeatures, movie_features().head(700))
    assert before.table("gold.movie_features").collect().height == FILMS
    assert imdb_assets.open(data).table("gold.movie_features").collect().height == 700
    snapshot = before.snapshots["models.iterations"]
    for at in (snapshot, str(snapshot)):
        assert imdb_assets.open(str(data), at=at).snapshots == before.snapshots
    assert imdb_assets.open(data, at=date(2100, 1, 1)).snapshots == imdb_assets.open(data).snapshots


def test_what_is_not_there_is_named(data: Path, tmp_path: Path) -> None:
    lake = imdb_assets.open(data)
    with pytest.raises(LakeError, match=r"gold\.movie_feature: not in the lake .* did you mean gold\.movie_features"):
        lake.table("gold.movie_feature")
    with pytest.raises(LakeError, match=r"gold\.movie_features: no snapshot of 2001-02-04 00:00 UTC"):
        imdb_assets.open(data, at="2001-02-03").features()
    with pytest.raises(LakeError, match=r"^'': not a point in time; "):
        imdb_assets.open(data, at="")
    with pytest.raises(ValueError, match=r"^'votes': not a regime; the regimes are 'pre-release', 'with votes'$"):
        lake.champion("votes")  # pyright: ignore[reportArgumentType]
    with pytest.raises(
        LakeError,
        match=r"The lake at .*elsewhere/lake does not exist or is empty\. Run `imdb demo`, or name another lake",
    ):
        imdb_assets.open(tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_loaded_before_a_lake_is_opened() -> None:
    code = "import sys, imdb_assets; print({'polars', 'duckdb', 'pyiceberg', 'pydantic'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_notebook_finds_the_leak_and_compares(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMDB_DATA", str(data))
    spec = importlib.util.spec_from_file_location("notebook", PROJECT_ROOT / "docs" / "notebook.py")
    assert spec
    assert spec.loader
    notebook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    _, found = notebook.app.run()
    assert iterations.feature_metadata()[found["leak"]]["group"] == "director_career"
    compared = found["comparison"]
    assert compared.select("split", "population").rows() == [
        ("random", "all clean films"),
        ("random", "most voted"),
        ("temporal", "all clean films"),
        ("temporal", "most voted"),
    ]
    assert compared.columns == ["split", "population", "test_rows", "shallow", "v13", "gain", "noise", "verdict"]
    gains = compared["shallow"] - compared["v13"]
    assert (gains - compared["gain"]).abs().max() < 1e-9
