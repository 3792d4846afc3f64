"""The daily job on a small generated sample: every asset, the real model, a real endpoint; and silver on Spark."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.contracts.silver import Credits, Movies, Releases
from imdb_assets.defs.unchanged import MAY_KEEP
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml import artifact, promotion
from imdb_assets.ml.iterations import CHAMPIONS, feature_metadata
from imdb_assets.serving import local
from imdb_assets.serving.bundle import INPUTS, Bundle
from imdb_assets.serving.descriptions import Description, as_tables
from imdb_assets.settings import Settings
from imdb_assets.transforms import histories
from imdb_assets.wiring import lake_of
from imdb_assets_tests.support import Run, folder_settings, free_port, materialize, snapshots, write_tiny_dumps

LAYERS = ("landing", "bronze", "silver", "gold", "models", "serving")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A deployment of its own: a sample with about 3,000 clean films."""
    return Settings(data=tmp_path_factory.mktemp("daily"), sample_titles=20_000, serving_port=free_port())


@pytest.fixture(scope="module")
def run(settings: Settings) -> Iterator[Run]:
    """The whole graph, run once; the endpoint is ended afterwards."""
    try:
        yield materialize(settings, *LAYERS)
    finally:
        local.stop(settings)


def _table(settings: Settings, name: str) -> pl.DataFrame:
    return Lake(settings.lake_folder).table(name).scan().collect()


def test_every_asset_and_check_succeeds(run: Run) -> None:
    assert run.failures == {}
    failed = [check.check_name for check in run.result.get_asset_check_evaluations() if not check.passed]
    assert failed == []


def test_only_v4_leaks_and_it_beats_every_honest_version(run: Run, settings: Settings) -> None:
    scores = _table(settings, "models.iterations").filter(split="random", population="most voted")
    assert scores.filter(pl.col("leaking_features") > 0)["iteration"].to_list() == ["v4"]
    assert scores.sort("r2")["iteration"].to_list()[-1] == "v4"


def test_the_declared_champions_serve_with_their_scores(run: Run, settings: Settings) -> None:
    record = artifact.load(Path(ModelStore(settings.models_folder).current().path)).record
    assert {regime: part.iteration for regime, part in record.regimes.items()} == CHAMPIONS
    scores = _table(settings, "models.iterations").filter(split="temporal")
    for part in record.regimes.values():
        own = scores.filter(iteration=part.iteration)
        assert [row["r2"] for row in part.metrics] == own["r2"].to_list()
        assert {part.trees} == set(own["trees"])


def test_predictions_answer_before_the_iterations_are_scored(run: Run) -> None:
    steps = [event.step_key for event in run.result.get_step_success_events()]
    order = [steps.index(name) for name in ("serving__pages", "models__audit", "serving__rating_endpoint")]
    slow = [steps.index(f"models__{name}") for name in ("predictions", "champion_scores", "iterations")]
    assert order == sorted(order)
    assert max(order) < min(slow) == slow[0]


def test_described_film_gets_the_features_of_its_row(run: Run, settings: Settings) -> None:
    """A thousand films of the lake, described to the model version alone: the same features to the bit."""
    version = Bundle.open(Path(ModelStore(settings.models_folder).current().path))
    titled = _table(settings, "silver.movies").drop_nulls(["primary_title", "original_title"])
    films = titled.sort("tconst").sample(1_000, seed=7)
    people = _table(settings, "silver.credits").sort("billing_order", "nconst")
    by_film = people.group_by("tconst", "role", maintain_order=True).agg("nconst").rows_by_key(["tconst", "role"])

    def listed(tconst: str, role: str) -> list[str]:
        return by_film[tconst, role][0][0] if (tconst, role) in by_film else []

    described = [
        Description(
            title=film["primary_title"],
            original_title=film["original_title"],
            year=film["start_year"],
            genres=film["genres"],
            runtime_minutes=film["runtime_minutes"],
            directors=listed(film["tconst"], "director"),
            writers=listed(film["tconst"], "writer"),
            cast=listed(film["tconst"], "cast"),
            votes=film["num_votes"],
        )
        for film in films.iter_rows(named=True)
    ]
    made = []
    for start in range(0, len(described), 100):
        tables = as_tables(described[start : start + 100], version.search)
        made.append(version.features(tables.movies, tables.credits))
    expected = films.select("tconst").join(
        _table(settings, "gold.movie_features"), on="tconst", how="left", maintain_order="left"
    )
    names = list(feature_metadata())
    assert_frame_equal(pl.concat(made).select(names), expected.select(names), check_exact=True)


def test_the_endpoint_answers_for_films_its_model_has_not_seen(run: Run, settings: Settings) -> None:
    version = ModelStore(settings.models_folder).current().version
    status = local.status(settings, lake_of(settings))
    assert status is not None
    assert status.model_version == version
    answers = _table(settings, "serving.live_predictions")
    assert answers.filter(pl.col("actual").is_not_null()).height == 5
    assert answers["model_version"].unique().to_list() == [version]
    showcase = artifact.load(Path(ModelStore(settings.models_folder).current().path)).record.showcase
    assert set(answers.filter(pl.col("actual").is_not_null())["tconst"]) <= set(showcase)


def test_the_audit_fails_v4_and_the_champions_pass(run: Run, settings: Settings) -> None:
    audited = _table(settings, "models.audit")
    failing = audited.filter(~pl.col("passed"))
    assert set(failing["iteration"]) == {"v4"}
    assert {"later knowledge", "own rating", "debut directors"} <= set(failing["test"])
    assert "own rating is replaced" in run.metadata("models/audit")["why v4 fails"]
    record = artifact.load(Path(ModelStore(settings.models_folder).current().path)).record
    assert {part.iteration for part in record.regimes.values()} == set(audited["iteration"]) - {"v4"}


def test_a_model_version_says_where_it_comes_from(run: Run, settings: Settings) -> None:
    version = ModelStore(settings.models_folder).current()
    record = artifact.load(Path(version.path)).record
    assert record.sources == Landing(settings.landing_folder).versions()
    assert len(record.sources) == 7
    assert set(record.created_from) == {
        "gold.movie_features",
        "models.leak_check",
        "models.audit",
        *INPUTS,
    }
    assert run.metadata("models/rating_model")["status"] == "champion: in service"
    predictions = _table(settings, "models.predictions")
    assert predictions["model_version"].unique().to_list() == [version.version]


def test_a_version_that_does_not_hold_up_is_kept_as_challenger(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ModelStore(settings.models_folder)
    before = store.current()
    monkeypatch.setattr(promotion, "judge", lambda *_: promotion.Verdict(promoted=False, why="It is worse."))
    metadata = materialize(settings, "models/rating_model").metadata("models/rating_model")
    assert metadata["status"] == f"challenger: kept, not in service; {before.version} stays in service"
    assert metadata["verdict"] == "It is worse."
    assert store.current() == before
    challenger = artifact.load(Path(store.version(metadata["version"]).path)).record
    assert challenger.verdict == "It is worse."
    assert challenger.version != before.version


def test_features_are_checked_for_leaks_again_only_for_new_code_or_new_scores(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert materialize(settings, "gold/movie_features").failures == {}
    lake = Lake(settings.lake_folder)
    before = snapshots(lake)["models.leak_check"]
    daily = materialize(settings, "models/leak_check", tags=MAY_KEEP)
    assert daily.metadata("models/leak_check")["unchanged"] is True
    assert snapshots(lake)["models.leak_check"] == before
    assert materialize(settings, "models/rating_model", tags=MAY_KEEP).failures == {}

    def no_scores(*_: object) -> None:
        raise AssertionError("not in this test")

    monkeypatch.setattr("imdb_assets.ml.evaluation.evaluate_iterations", no_scores)
    weekly = materialize(settings, "models/leak_check", "models/iterations", tags=MAY_KEEP)
    assert set(weekly.failures) == {"models/iterations"}
    assert len(snapshots(lake)["models.leak_check"]) == len(before) + 1


def test_features_of_other_code_are_not_taken_for_leaks(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "PRIOR_FILMS", 3)
    failed = materialize(settings, "models/leak_check").failures["models/leak_check"]
    assert "from the features that this code computes" in failed
    assert "director_shrunk_rating" in failed
    assert "Materialize gold/movie_features again." in failed


@pytest.mark.spark
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # py4j leaves its sockets to the collector
def test_the_graph_runs_on_spark_when_the_settings_say_so(tmp_path: Path) -> None:
    dumps = write_tiny_dumps(tmp_path / "dumps")
    lakes: dict[str, Lake] = {}
    for engine in ("polars", "spark"):
        deployment = folder_settings(dumps, tmp_path / engine, engine=engine)
        assert materialize(deployment, "landing", "bronze", "silver/movies").failures == {}
        lakes[engine] = Lake(deployment.lake_folder)
        assert lakes[engine].history("silver.movies")[-1].properties["imdb.engine"] == engine
    expected = lakes["polars"].table("silver.movies").scan().collect().sort("tconst")
    assert lakes["spark"].table("silver.movies").scan().collect().sort("tconst").equals(expected)


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # py4j leaves its sockets to the collector
def test_a_sample_through_spark_gives_the_tables_that_polars_gives(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    on_spark = settings.model_copy(update={"data": tmp_path, "engine": "spark"})
    assert materialize(on_spark, "landing", "bronze", "silver", "gold").failures == {}
    for contract in (Movies, Credits, Releases, DirectorReputation, PersonReputation, MovieFeatures):
        expected, found = _table(settings, contract.table), _table(on_spark, contract.table)
        key = contract.primary_key()
        assert_frame_equal(found.sort(key), expected.sort(key), rel_tol=1e-9, abs_tol=0)
