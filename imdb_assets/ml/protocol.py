"""The champions' full test protocol: three populations, three splits, breakdowns, and separate scores of mature films.

`evaluation` scores all iterations on two splits and two populations. This module scores the champions in full.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.models import ChampionScores
from imdb_assets.ml import intervals, iterations, recipe, splits, training
from imdb_assets.ml.bootstrap import measure
from imdb_assets.ml.ceiling import label_noise_ceiling
from imdb_assets.ml.champions import temporal_test
from imdb_assets.ml.evaluation import MIN_TEST_ROWS
from imdb_assets.ml.iterations import Regime

VOTE_BANDS = (100, 1_000, 10_000, 100_000)
"""Lower bounds of the vote bands: films are divided into bands by their number of votes."""
_DIRECTOR_BANDS = ((1, "debut"), (3, "1-2"), (6, "3-5"))
_NONE = "none"
_PREDICTED, _LOWER, _UPPER = "predicted", "lower", "upper"


class _Part(NamedTuple):
    """A model to train: its regime, its split, its number of trees, its training films and its test films."""

    regime: Regime
    split: str
    trees: int | None
    may_see: pl.Series
    tested: pl.Series


def score_champions(
    movies: pl.DataFrame,
    champions: Mapping[Regime, str],
    dumped: date,
    on_progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Trains and scores the champions by the full protocol.

    Args:
        movies: All rows of `gold.movie_features`.
        champions: Maps each regime to its iteration.
        dumped: The dumps' date, which decides which films are mature (`splits.is_mature`).
        on_progress: Called with a line for each champion and split.

    Returns:
        Rows of `models.champion_scores`.

    Raises:
        ValueError: There are too few films to train on, or to calibrate intervals on.
    """
    films = splits.clean(movies)
    trees = {regime: tested.trees for regime, tested in temporal_test(films, champions).items()}
    parts = [part for regime in champions for part in _parts(films, regime, trees[regime])]

    def predict(part: _Part) -> pl.DataFrame:
        fitted = recipe.fit(films, part.may_see, iterations.iteration(champions[part.regime]), part.trees)
        tested = films.filter(part.tested)
        return tested.with_columns(pl.Series(_PREDICTED, fitted.predict(tested)))

    predicted: dict[tuple[Regime, str], list[pl.DataFrame]] = {}
    for part, frame in zip(parts, training.in_parallel(predict, parts), strict=True):
        predicted.setdefault((part.regime, part.split), []).append(frame)
    members: dict[splits.TestRows, NDArray[np.bool_]] = {
        rows: splits.is_in_population(films, rows).to_numpy() for rows in splits.TEST_ROWS
    }
    rows: list[dict[str, Any]] = []
    for (regime, split), frames in predicted.items():
        if split == "calibration":
            continue
        tested = pl.concat(frames)
        if split == "temporal":
            tested = _with_interval(tested, predicted[regime, "calibration"][0], champions[regime])
        names = {"regime": regime, "split": split, "iteration": champions[regime]}
        scored = [names | row for row in _slices(tested, films["tconst"], members, dumped)]
        rows += scored
        if on_progress:
            headline = next(row for row in scored if row["breakdown"] == _NONE)
            on_progress(f"{champions[regime]} {split}: R² {headline['r2']:.3f} on {headline['test_rows']:,} films")
    schema = polars_schema(ChampionScores)
    return pl.DataFrame(rows, schema_overrides=schema).select(schema.names())


def _parts(films: pl.DataFrame, regime: Regime, trees: int) -> Iterator[_Part]:
    year = films["start_year"]
    held_out, later = (splits.is_test(films, split) for split in splits.SPLITS)
    yield _Part(regime, "random", None, ~held_out, held_out)
    yield _Part(regime, "temporal", trees, ~later, later)
    first = splits.TEMPORAL_SPLIT_YEAR - splits.CALIBRATION_YEARS
    yield _Part(regime, "calibration", trees, year < first, ~later & (year >= first))
    for tested in splits.rolling_years(films, MIN_TEST_ROWS):
        yield _Part(regime, "rolling origin", trees, year < tested, year == tested)


def _with_interval(tested: pl.DataFrame, calibration: pl.DataFrame, name: str) -> pl.DataFrame:
    features = iterations.features(iterations.iteration(name))
    known = intervals.calibrate(calibration, features, calibration[_PREDICTED].to_numpy())
    lower, upper = known.bounds(tested, features, tested[_PREDICTED].to_numpy())
    return tested.with_columns(pl.Series(_LOWER, lower), pl.Series(_UPPER, upper))


def _slices(
    tested: pl.DataFrame, catalogue: pl.Series, members: Mapping[splits.TestRows, NDArray[np.bool_]], dumped: date
) -> Iterator[dict[str, Any]]:
    """Yields a champion's scores on a split, per population, maturity (`all` or `mature`) and slice of films."""
    mature = splits.is_mature(tested, dumped)
    for population, member in members.items():
        chosen = tested["tconst"].is_in(catalogue.filter(pl.Series(member)).implode())
        for maturity, frame in (("all", tested.filter(chosen)), ("mature", tested.filter(chosen & mature))):
            breakdowns = {_NONE: pl.lit("all")} if maturity == "mature" else {_NONE: pl.lit("all"), **_breakdowns()}
            for breakdown, expression in breakdowns.items():
                cut = frame.with_columns(expression.alias("slice"))
                if breakdown == "genre":
                    cut = _by_genre(frame)
                parts = {str(value): part for (value,), part in cut.partition_by("slice", as_dict=True).items()}
                for value, part in sorted(parts.items(), key=lambda item: _place(item[0])):
                    if part.height >= MIN_TEST_ROWS and part[training.TARGET].n_unique() > 1:
                        names = {"population": population, "maturity": maturity, "breakdown": breakdown, "slice": value}
                        yield names | _measured(part, dumped)


def _measured(films: pl.DataFrame, dumped: date) -> dict[str, Any]:
    actual = films[training.TARGET]
    inside = actual.is_between(films[_LOWER], films[_UPPER]).mean() if _LOWER in films.columns else None
    return {
        **measure(actual.to_numpy(), films[_PREDICTED].to_numpy())._asdict(),
        "ceiling": label_noise_ceiling(films, dumped),
        "coverage": inside,
    }


def _breakdowns() -> dict[str, pl.Expr]:
    """Maps each breakdown, such as `decade`, to an expression for a film's slice, such as `1990s`."""
    votes, earlier = pl.col("num_votes"), pl.col("director_film_count")
    bands = [f"{low:,} or more" for low in VOTE_BANDS]
    vote_band = pl.lit(f"fewer than {VOTE_BANDS[0]:,}")
    for low, high, name in zip(VOTE_BANDS, [*VOTE_BANDS[1:], None], bands, strict=True):
        vote_band = pl.when(votes >= low).then(pl.lit(f"{low:,}-{high - 1:,}" if high else name)).otherwise(vote_band)
    director = pl.lit("6 or more")
    for below, name in reversed(_DIRECTOR_BANDS):
        director = pl.when(earlier < below).then(pl.lit(name)).otherwise(director)
    return {
        "release year": pl.col("start_year").cast(pl.String),
        "decade": pl.format("{}s", "decade"),
        "genre": pl.lit("all"),
        "vote band": vote_band,
        "director's earlier films": pl.when(earlier.is_null()).then(pl.lit("director unknown")).otherwise(director),
    }


def _place(value: str) -> tuple[int, str]:
    """Sort key that puts "fewer than …" first, then names without a number, then other names by their first number."""
    number = re.search(r"[0-9][0-9,]*", value)
    low = int(number.group().replace(",", "")) if number else 0
    return (-1 if value.startswith("fewer") else low, value)


def _by_genre(films: pl.DataFrame) -> pl.DataFrame:
    """One row per film and genre of the film; the column `slice` names the genre."""
    genres = {name: data["genre"] for name, data in iterations.feature_metadata().items() if "genre" in data}
    return pl.concat(
        [films.filter(pl.col(name) == 1).with_columns(slice=pl.lit(genre)) for name, genre in genres.items()]
    )
