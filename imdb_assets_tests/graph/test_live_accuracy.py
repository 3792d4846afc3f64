"""Ratings that arrive on a later day meet what was predicted before, once and for all."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import LiveAccuracy, Predictions
from imdb_assets.contracts.ratings import RatingHistory
from imdb_assets.contracts.silver import Movies
from imdb_assets.defs.table_asset import stage_frame
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.publish import publish
from imdb_assets.ml import live
from imdb_assets.ml.artifact import RECORD_FILE, ModelRecord
from imdb_assets.settings import Settings
from imdb_assets_tests.lakes import put
from imdb_assets_tests.support import FILMS, Run, folder_settings, materialize, tiny_rows, write_dump, write_tiny_dumps
from imdb_assets_tests.tables import film, table

CHANGED = ("landing/title_ratings", "bronze/title_ratings", "silver/movies", "models/live_accuracy")
UNRATED = [film.tconst for film in FILMS if film.average_rating is None]
FIRST, SECOND = UNRATED[:2]

Rating = tuple[str, int, float | None, int | None]
"""Title, day of March 2026, rating, votes."""


def ratings(rows: Iterable[Rating]) -> pl.DataFrame:
    """A history of ratings."""
    names = ("tconst", "valid_from", "average_rating", "num_votes")
    return table(RatingHistory, [dict(zip(names, (a, date(2026, 3, b), *c), strict=True)) for a, b, *c in rows])


class Deployment:
    """Days of a deployment whose model is not needed: only what it had said."""

    def __init__(self, folder: Path) -> None:
        self.dumps = write_tiny_dumps(folder / "dumps")
        self.data = folder / "data"
        self.lake = Lake(self.settings(1).lake_folder)
        assert materialize(self.settings(1), "landing/title_basics", "bronze/title_basics").failures == {}

    def settings(self, day: int) -> Settings:
        return folder_settings(self.dumps, self.data, dump_date=date(2026, 3, day))

    def predict(self, predicted: dict[str, float], version: str) -> int:
        """Publishes predictions of unrated films."""
        frame = pl.DataFrame(
            {
                "tconst": list(predicted),
                "regime": "pre-release",
                "split": "unrated",
                "iteration": "v7",
                "actual": None,
                "predicted": list(predicted.values()),
                "lower": [value - 1 for value in predicted.values()],
                "upper": [value + 1 for value in predicted.values()],
                "model_version": version,
                "snapshot_id": 1,
            },
            schema_overrides=polars_schema(Predictions),
        )
        return publish(self.lake, Predictions, stage_frame(self.lake, Predictions, frame), {}).snapshot_id

    def day(self, number: int, ratings: dict[str, tuple[float, int]]) -> Run:
        """Dumps with further ratings arrive; what live_accuracy makes of them."""
        more = [
            {"tconst": tconst, "averageRating": rating, "numVotes": votes}
            for tconst, (rating, votes) in ratings.items()
        ]
        write_dump(self.dumps, "title.ratings", [*tiny_rows()["title.ratings"], *more])
        run = materialize(self.settings(number), *CHANGED)
        assert run.failures == {}
        return run

    def remember(self, *rows: Rating, place: str | None = None) -> None:
        """Publishes a history of ratings."""
        put(self.lake, RatingHistory, ratings(rows), **{PLACE: place or str(self.dumps)})

    def rows(self) -> pl.DataFrame:
        return self.lake.table("models.live_accuracy").scan().collect().sort("tconst")


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    made = Deployment(tmp_path)
    made.predict(dict.fromkeys(UNRATED, 6.0), "first")
    return made


def test_a_first_rating_meets_what_was_predicted_and_the_row_stays(deployment: Deployment) -> None:
    snapshot = deployment.lake.table("models.predictions").snapshot_id
    run = deployment.day(1, {})
    assert deployment.rows().is_empty()
    assert run.metadata("models/live_accuracy")["mean absolute error"] == "no rating has arrived yet"

    run = deployment.day(2, {FIRST: (6.5, 12)})
    (row,) = deployment.rows().to_dicts()
    assert LiveAccuracy.is_valid(deployment.rows())
    assert row.pop("predicted_at").startswith("20")
    assert row == {
        "tconst": FIRST,
        "regime": "pre-release",
        "iteration": "v7",
        "model_version": "first",
        "predictions_snapshot_id": snapshot,
        "arrived_on": "2026-03-02",
        "num_votes": 12,
        "predicted": 6.0,
        "actual": 6.5,
        "error": -0.5,
        "inside": True,
    }
    assert run.metadata("models/live_accuracy")["mean absolute error"] == 0.5

    before = deployment.rows().row(0)
    newest = deployment.predict({SECOND: 8.0}, "second")  # that day's predictions: the first film is rated by now
    deployment.remember((FIRST, 2, 9.8, 11), (SECOND, 3, 7.5, 5), (SECOND, 4, 5.0, 7))  # no run was on the third
    deployment.day(4, {FIRST: (9.9, 4000), SECOND: (5.0, 7)})
    rows = deployment.rows()
    assert rows.row(0) == before  # what arrived first stands, though the rating has moved
    second = rows.row(1, named=True)
    assert (second["tconst"], second["predicted"], second["actual"], second["inside"]) == (SECOND, 8.0, 7.5, True)
    assert (second["arrived_on"], second["num_votes"]) == ("2026-03-03", 5)
    assert (second["model_version"], second["predictions_snapshot_id"]) == ("second", newest)  # the latest word counts


def test_what_a_model_of_other_dumps_had_said_is_of_other_films(deployment: Deployment) -> None:
    """As after a demo on the sample, whose ids stand for other films than IMDb's."""
    folder = deployment.settings(1).models_folder / "first"
    folder.mkdir(parents=True)
    record = ModelRecord(
        version="first", created_from={}, code_version="", place="elsewhere", showcase=[], regimes={}, files={}
    )
    (folder / RECORD_FILE).write_text(record.model_dump_json())
    deployment.day(1, {FIRST: (6.5, 12)})
    assert deployment.rows().is_empty()
    deployment.predict({FIRST: 6.0}, "second")
    deployment.remember((FIRST, 1, 3.0, 5), place="elsewhere")
    deployment.day(2, {FIRST: (6.5, 12)})
    (row,) = deployment.rows().to_dicts()
    assert (row["model_version"], row["actual"], row["arrived_on"]) == ("second", 6.5, "2026-03-02")


@pytest.mark.parametrize(
    ("history", "first"),
    [
        ([], ("2026-03-04", 5.0, 7)),
        ([(SECOND, 2, 9.0, 9)], ("2026-03-04", 5.0, 7)),
        ([(FIRST, 2, 9.0, 9), (FIRST, 3, 4.0, 10)], ("2026-03-02", 9.0, 9)),
        ([(FIRST, 4, 5.0, 7)], ("2026-03-04", 5.0, 7)),
        ([(FIRST, 5, 9.0, 9)], ("2026-03-04", 5.0, 7)),  # a later day
        ([(FIRST, 1, 9.0, 9), (FIRST, 2, None, None), (FIRST, 3, 4.0, 10)], ("2026-03-03", 4.0, 10)),
        (
            [(FIRST, 1, 9.0, 9), (FIRST, 2, None, None)],
            ("2026-03-04", 5.0, 7),
        ),  # today is not in it
        ([(FIRST, 3, 9.0, 9), (FIRST, 5, None, None)], ("2026-03-03", 9.0, 9)),
    ],
)
def test_the_first_rating_is_that_of_the_day_from_which_the_film_has_been_rated(
    history: list[Rating], first: tuple[str, float, int]
) -> None:
    said = {"tconst": FIRST, "regime": "pre-release", "split": "unrated", "iteration": "v7", "model_version": "a"}
    past = live.Past(1, "then", table(Predictions, [said | {"predicted": 6.0, "lower": 4.5, "upper": 8.0}]).lazy())
    movies = table(Movies, [film(FIRST, 2026, 5.0, 7)]).lazy()
    made = live.arrived(movies, [past], None, date(2026, 3, 4), ratings(history).lazy())
    (row,) = LiveAccuracy.validate(made).to_dicts()
    assert (row["arrived_on"], row["actual"], row["num_votes"]) == first
    assert (row["error"], row["inside"]) == (6.0 - first[1], first[1] == 5.0)
