"""A small lake with every table that dashboards read: a few hundred invented films, and scores of invented models."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from imdb_assets.contracts import models, ops, people, series, silver
from imdb_assets.contracts.base import Contract
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, TitleBasics, quarantine_contract
from imdb_assets.dashboards.data import Reading
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.lake.lake import Lake
from imdb_assets_tests.lakes import put
from imdb_assets_tests.tables import Rows, credit, film, table

FILMS, DIRECTORS = 600, 40
GENRES = ("Drama", "Comedy", "Documentary", "Horror", "War")
REGIMES = ("pre-release", "with votes")
VOTE_BANDS = ("fewer than 100", "100-999", "1,000-9,999", "10,000-99,999")


def write_full_lake(lake: Lake) -> None:
    """Publishes all of it; the rows are the same in every call."""
    for contract, frame in full_tables().items():
        put(lake, contract, frame)


@cache
def full_tables() -> dict[type[Contract], pl.DataFrame]:
    """Contract → rows."""
    draw = random.Random(5)
    films = [_film(draw, number) for number in range(FILMS)]
    rows: dict[type[Contract], Rows] = {
        silver.Movies: films,
        silver.Credits: [row for one in films for row in _credits(draw, str(one["tconst"]))],
        silver.Releases: [row for one in films for row in _releases(draw, str(one["tconst"]))],
        people.People: [{"nconst": f"nm{number:07}", "name": f"Person {number}"} for number in range(1, 901)],
        series.Series: [{"tconst": "tt9000001", "kind": "tvSeries", "primary_title": "A Series"}],
        series.Episodes: [_episode(number) for number in range(1, 25)],
        models.Iterations: _iterations(draw),
        models.ChampionScores: _champions(draw),
        models.Audit: _audit(),
        models.Predictions: [row for one in films for row in _predictions(draw, one)],
        models.LiveAccuracy: [],
        models.LivePredictions: [_answer(draw, one) for one in films[:8]],
        ops.Runs: [_run(number) for number in range(12)],
        ops.Metrics: [row for number in range(12) for row in _metrics(draw, number)],
        ops.Alerts: _alerts(),
        **{contract: _bronze(contract, films) for contract in DUMP_CONTRACTS.values()},
        **{quarantine_contract(contract): [] for contract in DUMP_CONTRACTS.values() if contract is not TitleBasics},
        quarantine_contract(TitleBasics): [
            {"line": 17, "raw": "tt1\tmovie", "reason": "expected 9 fields, found 2", "file": "title.basics.tsv.gz"},
            {"line": 19, "raw": "<b>tt2</b>", "reason": "expected 9 fields, found 1", "file": "title.basics.tsv.gz"},
        ],
    }
    return {contract: table(contract, made) for contract, made in rows.items()}


def panel_rows(lake: Lake, dashboard: str, panel: str) -> pl.DataFrame:
    """What one panel shows."""
    (wanted,) = [one for one in DASHBOARDS[dashboard].panels if one.name == panel]
    return Reading(lake, [wanted]).fill([wanted])[0].rows


def _film(draw: random.Random, number: int) -> dict[str, Any]:
    rating = round(draw.uniform(2, 9.9), 1) if number % 7 else None
    return film(
        f"tt{number + 1:07}",
        draw.randint(1912, 2026),
        rating,
        round(10 ** draw.uniform(0.8, 5.5)),
        primary_title="<i>Film</i> & Co" if number == 0 else f"Film {number}",
        runtime_minutes=draw.randint(40, 200),
        genres=draw.sample(GENRES, k=draw.randint(1, 3)),
    )


def _episode(number: int) -> dict[str, Any]:
    return {
        "tconst": f"tt91{number:05}",
        "series_tconst": "tt9000001",
        "season_number": 1 + number // 9,
        "episode_number": number,
        "average_rating": 5 + number / 10,
        "num_votes": 100 * number,
    }


def _credits(draw: random.Random, tconst: str) -> Rows:
    people = [f"nm{draw.randint(1, DIRECTORS):07}", f"nm{draw.randint(1, 300):07}", f"nm{draw.randint(1, 900):07}"]
    found = [credit(tconst, people[0]), credit(tconst, people[1], "writer"), credit(tconst, people[2], "cast", 1)]
    return found[: draw.choice([2, 3, 3, 3])]


def _releases(draw: random.Random, tconst: str) -> Rows:
    regions = draw.sample(["US", "FR", "JP", "XWW", None], k=draw.randint(1, 4))
    return [
        {"tconst": tconst, "ordering": number, "region": region, "is_original_title": region is None}
        for number, region in enumerate(regions, 1)
    ]


def _iterations(draw: random.Random) -> Rows:
    found: Rows = []
    for number in range(1, 13):
        for split in ("random", "temporal"):
            for population in ("all clean films", "most voted"):
                r2 = draw.uniform(0.2, 0.6)
                found.append(
                    {
                        "iteration": f"v{number}",
                        "split": split,
                        "population": population,
                        "description": f"step {number}",
                        "regime": "pre-release",
                        "trained_on": "all clean films",
                        "leaking_features": 6 if number == 4 else 0,
                        "feature_count": number,
                        "train_rows": 400,
                        "test_rows": 100,
                        "r2": r2,
                        "r2_lower": r2 - 0.03,
                        "r2_upper": r2 + 0.03,
                        "rmse": 1.0,
                        "mae": 0.8,
                        "bias": 0.0,
                        "trees": 50,
                        "seconds": number / 2,
                    }
                )
    return found


def _champions(draw: random.Random) -> Rows:
    slices = [("none", "all"), *(("vote band", band) for band in VOTE_BANDS), *(("genre", genre) for genre in GENRES)]
    slices += [("director's earlier films", name) for name in ("6 or more", "director unknown", "debut", "1-2", "3-5")]
    slices += [("release year", str(year)) for year in range(2018, 2026)]
    scores = ("r2", "rmse", "mae", "bias")
    found: Rows = []
    for regime in REGIMES:
        for breakdown, name in slices:
            values = {score: draw.uniform(0.3, 0.9) for score in scores}
            ends = {
                f"{score}_{end}": values[score] + by
                for score in scores
                for end, by in (("lower", -0.05), ("upper", 0.05))
            }
            found.append(
                {
                    "regime": regime,
                    "split": "temporal",
                    "population": "all clean films",
                    "maturity": "all",
                    "breakdown": breakdown,
                    "slice": name,
                    "iteration": "v11" if regime == "pre-release" else "v12",
                    "test_rows": 50,
                    "ceiling": 0.8,
                    "coverage": draw.uniform(0.8, 0.95),
                    **values,
                    **ends,
                }
            )
    return found


def _day(number: int) -> datetime:
    return datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=number)


def _run(number: int) -> dict[str, Any]:
    failed = number == 4
    return {
        "run_id": f"run-{number}",
        "job": "daily" if number % 7 else "iterations",
        "started_by": "schedule",
        "status": "failure" if failed else "success",
        "started_at": _day(number),
        "ended_at": _day(number) + timedelta(seconds=100 + number),
        "seconds": 100.0 + number,
        "steps_succeeded": 20,
        "steps_failed": int(failed),
        "assets_materialized": 20,
        "assets_unchanged": 3,
        "checks_failed": 0,
        "rows_published": 1000,
        "error": "bronze/title_ratings: cut off" if failed else None,
        "recorded_at": _day(number) + timedelta(minutes=5),
    }


def _metrics(draw: random.Random, number: int) -> Rows:
    measured = [
        ("step_seconds", "silver/movies", ""),
        ("step_seconds", "gold/movie_features", ""),
        ("endpoint_p95_ms", "serving/rating_endpoint", ""),
        ("psi", "gold/movie_features", "runtime_minutes"),
        ("psi", "models/predictions", "pre-release"),
    ]
    return [
        {
            "measured_at": _day(number) + timedelta(minutes=5),
            "metric": metric,
            "asset": asset,
            "part": part,
            "value": draw.uniform(0, 0.3),
            "unit": ops.METRICS[metric].unit,
            "run_id": f"run-{number}",
        }
        for metric, asset, part in measured
    ]


def _alerts() -> Rows:
    told = [(4, "dump-unreadable", "firing"), (5, "dump-unreadable", "resolved"), (9, "drift", "firing")]
    return [
        {
            "told_at": _day(number) + timedelta(minutes=6),
            "alarm": alarm,
            "asset": "bronze/title_ratings" if alarm == "dump-unreadable" else "gold/movie_features",
            "part": "",
            "state": state,
            "since": _day(min(number, 4) if alarm == "dump-unreadable" else number) + timedelta(minutes=6),
            "severity": "warning",
            "metric": "failed_steps" if alarm == "dump-unreadable" else "psi",
            "value": 1.0,
            "condition": "above 0",
            "run_id": f"run-{number}",
            "message": "Something is wrong.",
        }
        for number, alarm, state in told
    ]


def _audit() -> Rows:
    return [
        {
            "iteration": iteration,
            "test": test,
            "regime": "with votes",
            "value": 0.0,
            "limit": 0.02,
            "passed": iteration != "v4",
            "words": f"{iteration} by {test}.",
        }
        for iteration in ("v4", "v12")
        for test in ("own rating", "later knowledge")
    ]


def _predictions(draw: random.Random, one: dict[str, Any]) -> Rows:
    actual = one["average_rating"]
    predicted = 6.0 if actual is None else min(max(actual + draw.uniform(-1, 1), 1.0), 10.0)
    return [
        {
            "tconst": one["tconst"],
            "regime": regime,
            "split": "unrated" if actual is None else "fold",
            "iteration": "v12",
            "actual": actual,
            "predicted": predicted,
            "lower": max(predicted - 1, 1.0),
            "upper": min(predicted + 1, 10.0),
            "model_version": "abc",
            "snapshot_id": 1,
        }
        for regime in REGIMES
        if actual is not None or regime == "pre-release"
    ]


def _answer(draw: random.Random, one: dict[str, Any]) -> dict[str, Any]:
    actual = one["average_rating"]
    return {
        "tconst": one["tconst"],
        "title": one["primary_title"],
        "start_year": one["start_year"],
        "regime": "pre-release",
        "actual": actual,
        "predicted": 6.5,
        "error": None if actual is None else 6.5 - actual,
        "latency_ms": draw.uniform(1, 40),
        "model_version": "abc",
    }


def _bronze(contract: type[Contract], films: Rows) -> Rows:
    ids = [str(one["tconst"]) for one in films]
    people = [f"nm{number:07}" for number in range(1, DIRECTORS - 2)]
    others: Rows = [{"tconst": f"tt9{number:06}", "titleType": "short", "isAdult": 0} for number in range(900)]
    titles: Rows = [
        {
            "tconst": one["tconst"],
            "titleType": "movie",
            "isAdult": 0,
            "startYear": one["start_year"],
            "runtimeMinutes": one["runtime_minutes"],
            "genres": one["genres"],
        }
        for one in films
    ]
    found: dict[str, Rows] = {
        "bronze.title_basics": titles + others,
        "bronze.title_crew": [{"tconst": tconst} for tconst in ids],
        "bronze.name_basics": [{"nconst": person, "primaryName": f"Person {person}"} for person in people],
        "bronze.title_ratings": [{"tconst": tconst, "averageRating": 5.0, "numVotes": 10} for tconst in ids],
        "bronze.title_akas": [{"titleId": tconst, "ordering": 1} for tconst in ids],
        "bronze.title_episode": [{"tconst": tconst, "parentTconst": ids[0]} for tconst in ids[:5]],
        "bronze.title_principals": [{"tconst": tconst, "ordering": 1, "nconst": people[0]} for tconst in ids],
    }
    return found[contract.table]
