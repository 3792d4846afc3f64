"""A small deployment for the tests of `imdb_assets.serving`: a lake, trained models, and ways to ask them."""

import asyncio
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import narwhals as nw
import polars as pl
from starlette.types import ASGIApp

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import NameBasics
from imdb_assets.contracts.expectation import ExpectationCoefficients, ResidualReputation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.contracts.models import Predictions
from imdb_assets.contracts.silver import Credits, Movies
from imdb_assets.engines.base import conform
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore, ModelVersion
from imdb_assets.lake.publish import publish
from imdb_assets.lake.table import Table
from imdb_assets.ml import artifact, expectation, iterations, splits, training
from imdb_assets.ml.iterations import Regime
from imdb_assets.serving import bundle
from imdb_assets.serving.predictor import Predictor
from imdb_assets.transforms import reputation, residuals, title_words
from imdb_assets_tests.films import known_intervals, movie_features
from imdb_assets_tests.lakes import stage
from imdb_assets_tests.tables import credit, table

FILMS = 1_500
CHAMPIONS: dict[Regime, str] = {"pre-release": "v7", "with votes": "v8"}
FILM = movie_features(FILMS)
"""A row for each film."""
RATED = FILM.filter(pl.col("average_rating").is_not_null()).sort("tconst")
UNRATED = FILM.filter(pl.col("average_rating").is_null()).sort("tconst")
SHOWCASE = RATED["tconst"][:3].to_list()
SEEN = RATED["tconst"][10]
"""A rated film that the model learned from."""
STORED = 4.25
"""Out-of-fold prediction of every rated film: no model of these films answers that."""

PEOPLE: list[dict[str, Any]] = [
    {"nconst": "nm0000001", "primaryName": "Ada Árbol", "birthYear": 1950, "primaryProfession": ["director"]},
    {"nconst": "nm0000002", "primaryName": "Ada Arbol", "birthYear": 1970, "primaryProfession": ["writer"]},
    {"nconst": "nm0000003", "primaryName": "Ben O'Hara", "primaryProfession": None},
    {"nconst": "nm0000004", "primaryName": "Cy Newcomer"},
]
"""The last one has no rated film."""
CREDITS = [
    *(credit(tconst, "nm0000001") for tconst in RATED["tconst"][:20]),
    *(credit(tconst, "nm0000002", "writer") for tconst in RATED["tconst"][10:20]),
    *(credit(tconst, "nm0000003", "cast", 1) for tconst in RATED["tconst"][5:10]),
    credit(UNRATED["tconst"][0], "nm0000004"),
]


@dataclass(frozen=True)
class World:
    """One deployment's data."""

    lake: Lake
    store: ModelStore

    @classmethod
    def build(cls, folder: Path) -> "World":
        """Tables and a model of five trees with its predictions below the folder, laid out as `Settings` has it."""
        world = cls.open(folder)
        world.publish_films(movie_features(FILMS))
        for contract, rows in people_and_records().items():
            write(world.lake, contract, rows)
        world.publish_model(trees=5)
        return world

    @classmethod
    def open(cls, folder: Path) -> "World":
        """What is below the folder."""
        return cls(Lake(folder / "lake"), ModelStore(folder / "models"))

    def predictor(self) -> Predictor:
        return Predictor(self.lake, self.store)

    def publish_films(self, films: pl.DataFrame) -> None:
        """Features and titles of the films."""
        write(self.lake, MovieFeatures, films)
        write(
            self.lake,
            Movies,
            films.select(
                "tconst",
                "start_year",
                "decade",
                "runtime_minutes",
                "average_rating",
                "num_votes",
                primary_title="Film " + pl.col("tconst"),
                original_title=pl.lit("Film"),
                genres=pl.lit(["Drama"]),
            ),
        )

    def publish_predictions(self, films: pl.DataFrame, version: str) -> None:
        """What the champions of a model version say of the films."""
        rated = pl.col("average_rating").is_not_null()
        write(
            self.lake,
            Predictions,
            pl.concat(
                films.filter(rated if split == "fold" else ~rated).select(
                    "tconst",
                    regime=pl.lit(regime),
                    iteration=pl.lit("v6"),
                    split=pl.lit(split),
                    actual="average_rating",
                    predicted=pl.lit(STORED if regime == "with votes" else STORED + 1),
                    lower=pl.lit(STORED - 1),
                    upper=pl.lit(STORED + 2),
                    model_version=pl.lit(version),
                    snapshot_id=pl.lit(1),
                )
                for regime, split in (("pre-release", "fold"), ("with votes", "fold"), ("pre-release", "unrated"))
            ),
            {"models.rating_model": version},
        )

    def publish_model(self, trees: int, *, predictions: bool = True) -> ModelVersion:
        """Saves a model of that many trees, makes it the current one, and publishes its predictions."""
        fitted = fit(trees)
        record = artifact.describe(
            fitted,
            CHAMPIONS,
            {regime: [] for regime in CHAMPIONS},
            intervals={regime: known_intervals(name) for regime, name in CHAMPIONS.items()},
            showcase=SHOWCASE,
            created_from={"gold.movie_features": 1},
            code_version="1",
        )
        version = self.store.version(record.version)
        artifact.save(Path(version.path), record, fitted, "card", bundle.writer(bundled_tables(self.lake)))
        self.store.publish(version)
        if predictions:
            self.publish_predictions(movie_features(FILMS), version.version)
        return version

    def loaded(self) -> artifact.LoadedModel:
        """The model in service, loaded apart from any predictor."""
        return artifact.load(Path(self.store.current().path))


@cache
def people_and_records() -> dict[type[Contract], pl.DataFrame]:
    """People, credits, and point-in-time tables of the films above; a test that changes films keeps these."""
    films = movie_features(FILMS).with_columns(
        primary_title="Film " + pl.col("tconst"), original_title=pl.lit("Film"), genres=pl.lit(["Drama"])
    )
    movies = films.select(Movies.column_names()).lazy()
    coefficients = expectation.fit(movies)
    frames = {"movies": nw.from_native(movies), "credits": nw.from_native(table(Credits, CREDITS).lazy())}
    expected = nw.from_native(expectation.expect(movies, coefficients.lazy()).lazy())
    made = {
        TitleWordReputation: title_words.title_word_reputation(movies=frames["movies"], rating_expectation=expected),
        DirectorReputation: reputation.director_reputation(**frames),
        PersonReputation: reputation.person_reputation(**frames),
        ResidualReputation: residuals.residual_reputation(**frames, rating_expectation=expected),
    }
    return {
        Credits: table(Credits, CREDITS),
        NameBasics: table(NameBasics, PEOPLE),
        ExpectationCoefficients: coefficients,
        **{contract: conform(frame, contract).to_native().collect() for contract, frame in made.items()},
    }


def bundled_tables(lake: Lake) -> list[Table]:
    """What a bundle is made of."""
    return [lake.table(name) for name in bundle.INPUTS]


@cache
def fit(trees: int) -> dict[Regime, training.Fitted]:
    """Champions of the films above that have not seen the showcase."""
    films = splits.clean(movie_features(FILMS)).filter(~pl.col("tconst").is_in(SHOWCASE))
    return {
        regime: training.fit(films, iterations.features(iterations.iteration(name)), trees)
        for regime, name in CHAMPIONS.items()
    }


def write(lake: Lake, contract: type[Contract], frame: pl.DataFrame, inputs: dict[str, str] | None = None) -> None:
    """Publishes the frame as the contract's table."""
    conformed = frame.select(polars_schema(contract).names()).cast(polars_schema(contract))
    publish(lake, contract, stage(lake, contract, conformed, **(inputs or {})), {})


def live(world: World, tconst: str, regime: Regime) -> float:
    """What the model in service predicts for a film."""
    return float(world.loaded().predict(regime, FILM.filter(pl.col("tconst") == tconst))[0])


def ask(app: ASGIApp, method: str, path: str, **request: Any) -> httpx.Response:
    """One request to the app, without a server between."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://endpoint") as http:
            return await http.request(method, path, **request)

    return asyncio.run(send())


def invoke(app: ASGIApp, kind: str, content: str | bytes, **headers: str) -> httpx.Response:
    """One request to `/invocations`; header names have `_` for `-`."""
    headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return ask(app, "POST", "/invocations", content=content, headers=headers)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and sentence of an answer that is a refusal."""
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body.keys() == {"error"}
    return response.status_code, body["error"]


def described(**more: object) -> str:
    """A film that nobody has made, as JSON."""
    film = {"title": "New", "year": 2027, "genres": ["Drama"], "runtime_minutes": 100}
    return json.dumps({**film, **more})


def records(tconsts: list[str], features: list[str]) -> list[dict[str, float | None]]:
    """Feature rows of the films as a JSON client sends them."""
    films = movie_features(FILMS).filter(pl.col("tconst").is_in(tconsts)).sort("tconst")
    rows = films.select(pl.col(features).cast(pl.Float64)).to_dicts()
    return [
        {name: None if value is None or math.isnan(value) else value for name, value in row.items()} for row in rows
    ]
