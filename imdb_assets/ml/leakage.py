"""The leak check: do a film's features change when only later knowledge changes?

The check observes how features behave; it does not read code. In a first round, noise replaces some ratings of films of
the split year and later, and some films after the split year are removed. In a second round, noise replaces numbers of
votes instead of ratings. In each round, the project's own transforms read all films, but rebuild features only for
films of twelve years: the split year, the nine years before it, and the two years after it. For films up to the split
year, the rebuilt rows are compared with the rows in the lake; models are trained on the rows in the lake. Rows of older
films are not rebuilt, because rebuilding them would take most of the time. A leak would be hard to see in rows of older
films, because the makers and title words of older films seldom occur after the split year.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import narwhals as nw
import numpy as np
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.expectation import ResidualReputation, TitleWordReputation
from imdb_assets.contracts.features import MovieFeatures
from imdb_assets.contracts.gold import DirectorReputation, PersonReputation
from imdb_assets.contracts.models import LeakCheck
from imdb_assets.ml import expectation, iterations
from imdb_assets.ml.splits import TEMPORAL_SPLIT_YEAR, uniform
from imdb_assets.transforms import features, reputation, residuals, title_words
from imdb_assets.transforms.parts import parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE_SHARE = 0.3
"""Share of films that get noise. This share puts some noise into people's records, but features still keep their usual
range."""
MIN_NOISE_VOTES, MAX_NOISE_VOTES = 5, 1_000_000
"""IMDb publishes ratings of films with at least five votes; few films have more than a million votes."""
SAME_FLOAT = 1e-9
"""Relative difference up to which two values count as the same, since engines may differ in the last bits. Models use
32-bit floats, which cannot represent relative differences below 6e-8."""

YEARS_BEFORE, YEARS_AFTER = 9, 2
"""Features are rebuilt for films of the split year, of this number of years before it, and of this number after it."""

_EARLY = pl.col("start_year").is_between(TEMPORAL_SPLIT_YEAR - YEARS_BEFORE, TEMPORAL_SPLIT_YEAR)
_LATER = pl.col("start_year").is_between(TEMPORAL_SPLIT_YEAR + 1, TEMPORAL_SPLIT_YEAR + YEARS_AFTER)


def with_noise(movies: pl.LazyFrame, column: Literal["average_rating", "num_votes"]) -> pl.LazyFrame:
    """Replaces ratings (or votes) in `silver.movies` by noise, for 30 % of the films of the split year and later.

    The choice of films and the values of the noise depend only on `tconst`. Noisy ratings have one decimal and are
    uniform in 1-10; noisy votes are log-uniform in 5-1,000,000. Unrated films stay unrated. If the noise is in the
    ratings, 30 % of the films *after* the split year are also removed, rated or not, because the mere existence of
    later films could reveal the future to a feature.
    """
    films = movies.collect()
    chosen = (
        (films["start_year"] >= TEMPORAL_SPLIT_YEAR)
        & films[column].is_not_null()
        & pl.Series(uniform(films["tconst"], f"which {column}") < NOISE_SHARE)
    )
    number = uniform(films["tconst"], f"noise {column}")
    if column == "average_rating":
        noise = np.floor(10 + 91 * number) / 10
    else:
        noise = np.floor(MIN_NOISE_VOTES * np.exp(number * np.log(MAX_NOISE_VOTES / MIN_NOISE_VOTES)))
    values = pl.Series(noise).cast(films.schema[column])
    noisy = films.lazy().with_columns(pl.when(chosen).then(values).otherwise(column).alias(column))
    if column == "num_votes":
        return noisy
    removed = (films["start_year"] > TEMPORAL_SPLIT_YEAR) & pl.Series(uniform(films["tconst"], "removed") < NOISE_SHARE)
    return noisy.filter(~removed)


def rebuild_features(movies: pl.LazyFrame, credits: pl.LazyFrame) -> pl.DataFrame:  # noqa: A002 - the table's name
    """Rebuilds rows of `gold.movie_features`: runs the lake's transforms on `silver.movies` and `silver.credits`.

    Credits of films that are not in `movies` are ignored: if the caller has removed later films from `movies`, the
    credits of the removed films must not reveal the future. Records of people's earlier films are computed only for the
    makers of the rebuilt films. As in the lake, intermediate tables are in files, not in memory.

    Returns:
        The rows of films from `YEARS_BEFORE` years before the split year to `YEARS_AFTER` years after it.
    """
    with TemporaryDirectory(prefix="imdb-leak-check-") as folder:

        def table(
            contract: type[Contract], transform: Callable[..., nw.LazyFrame[Any]], **inputs: pl.LazyFrame
        ) -> pl.LazyFrame:
            schema = polars_schema(contract)
            for part, frames in enumerate(parts(inputs, contract.independent_by)):
                made = transform(**{name: nw.from_native(frame) for name, frame in frames.items()})
                rows = cast("pl.LazyFrame", made.to_native()).select(schema.names()).cast(schema)
                rows.sink_parquet(
                    Path(folder, contract.table, f"{part}.parquet"), compression="lz4", engine="streaming", mkdir=True
                )
            made_files = sorted(Path(folder, contract.table).iterdir())
            return pl.scan_parquet(made_files, glob=False, hive_partitioning=False)

        people, rebuilt = Path(folder, "credits.parquet"), movies.filter(_EARLY | _LATER)
        theirs = credits.join(movies.select("tconst"), on="tconst", how="semi")
        makers = credits.join(rebuilt.select("tconst"), on="tconst", how="semi").select("nconst").unique()
        theirs.join(makers, on="nconst", how="semi").sink_parquet(people, compression="lz4", engine="streaming")
        films = {"movies": movies, "credits": pl.scan_parquet(people)}
        own = {"movies": rebuilt, "credits": films["credits"].join(rebuilt.select("tconst"), on="tconst", how="semi")}
        expected = expectation.expect(movies, expectation.fit(movies).lazy()).lazy()
        return table(
            MovieFeatures,
            features.movie_features,
            **own,
            director_reputation=table(DirectorReputation, reputation.director_reputation, **films),
            person_reputation=table(PersonReputation, reputation.person_reputation, **films),
            rating_expectation=expected,
            residual_reputation=table(
                ResidualReputation, residuals.residual_reputation, **films, rating_expectation=expected
            ),
            title_word_reputation=table(
                TitleWordReputation, title_words.title_word_reputation, movies=movies, rating_expectation=expected
            ),
        ).collect()


class Changes(NamedTuple):
    """Counts, for each feature, the films for which the feature's value changed because of noise."""

    films: int
    """Number of films compared: all rebuilt films up to and including the split year."""
    changed: dict[str, int]
    """Maps each feature to the number of films for which the feature changed. If a feature may use the film's own
    votes, the count leaves out the films whose number of votes was replaced with noise."""
    own_films: int
    """Number of films of the split year whose own rating was replaced with noise."""
    own_changed: dict[str, int]
    """Maps each feature to the number of films, among the `own_films` films, for which the feature changed."""


def changes(stored: pl.DataFrame, noisy: pl.DataFrame, noise: Literal["ratings", "votes"]) -> Changes:
    """Compares every feature's values with and without noise, for films of the split year and of earlier years.

    Args:
        stored: `gold.movie_features` of the lake.
        noisy: The result of `rebuild_features` from `silver.movies` with noise.
        noise: What has noise: ratings or votes. Only error messages use this argument.

    Raises:
        ValueError: The frames hold different films, `stored` lacks a feature, or the noise changed no later film. If
            the noise changed no later film, the check proves nothing.
    """
    metadata = iterations.feature_metadata()
    if missing := [name for name in metadata if name not in stored.columns]:
        msg = f"gold.movie_features lacks {', '.join(missing)}: re-materialize gold/movie_features"
        raise ValueError(msg)
    early, early_after = _films(stored, _EARLY), _films(noisy, _EARLY)
    later, later_after = _films(stored, _LATER), _films(noisy, _LATER)
    later = later.filter(pl.col("tconst").is_in(later_after["tconst"].implode()))
    if not (early["tconst"].equals(early_after["tconst"]) and later["tconst"].equals(later_after["tconst"])):
        msg = f"leak check: stored rows and rows from noisy {noise} hold different films; use one snapshot for both"
        raise ValueError(msg)

    def differs(name: str, films: pl.DataFrame = early, films_after: pl.DataFrame = early_after) -> "NDArray[np.bool_]":
        return _differs(stored[name].gather(films["row"]), noisy[name].gather(films_after["row"]))

    # The check proves something only if the noise has reached the records of people and title words. Only a change in a
    # pre-release feature proves that noise has reached the records. Features that use the film's own votes, and the
    # leaking features of iteration v4, may change even if the records have no noise.
    honest = (name for name in metadata if metadata[name]["regime"] == "pre-release")
    if not any(differs(name, later, later_after).any() for name in honest):
        msg = (
            f"leak check proves nothing: noise in the {noise} of films of {TEMPORAL_SPLIT_YEAR} and later changed no"
            " feature of later films; use a source in which people with rated films of"
            f" {TEMPORAL_SPLIT_YEAR} also made later films"
        )
        raise ValueError(msg)
    same_votes = ~differs("num_votes")
    replaced = differs("average_rating")  # true only for films of the split year; earlier films keep their rating
    changed: dict[str, int] = {}
    own_changed: dict[str, int] = {}
    for name, column in metadata.items():
        moved = differs(name)
        changed[name] = int((moved & same_votes if column["regime"] == "with votes" else moved).sum())
        own_changed[name] = int((moved & replaced).sum())
    return Changes(early.height, changed, int(replaced.sum()), own_changed)


def leak_check(by_ratings: Changes, by_votes: Changes) -> pl.DataFrame:
    """Judges every feature: a feature leaks if its values change with later ratings, films or votes.

    Args:
        by_ratings: The result of `changes` after `with_noise(movies, "average_rating")`.
        by_votes: The result of `changes` after `with_noise(movies, "num_votes")`.

    Returns:
        Rows of `models.leak_check`.
    """
    rows: list[dict[str, Any]] = []
    for name, metadata in iterations.feature_metadata().items():
        ratings, votes = by_ratings.changed[name], by_votes.changed[name]
        rows.append(
            {
                "feature": name,
                "group": metadata["group"],
                "regime": metadata["regime"],
                "films": by_ratings.films,
                "changed_by_ratings": ratings,
                "changed_by_votes": votes,
                "own_rating_films": by_ratings.own_films,
                "changed_by_own_rating": by_ratings.own_changed[name],
                "leaks": ratings > 0 or votes > 0,
            }
        )
    return pl.DataFrame(rows, schema=polars_schema(LeakCheck))


def leaking_features(checked: pl.DataFrame) -> dict[str, int]:
    """Maps each iteration to the number of its features that leak, from rows of `models.leak_check`.

    Raises:
        ValueError: A feature was not checked.
    """
    leaks = dict(zip(checked["feature"], checked["leaks"], strict=True))
    unchecked = [name for name in iterations.feature_metadata() if name not in leaks]
    if unchecked:
        msg = f"models.leak_check lacks {', '.join(unchecked)}: re-materialize models/leak_check"
        raise ValueError(msg)
    return {chosen.name: sum(leaks[name] for name in iterations.features(chosen)) for chosen in iterations.ITERATIONS}


def unexpected(checked: pl.DataFrame) -> list[str]:
    """Features in `models.leak_check` that leak but are not declared leaky, or are declared leaky but do not leak."""
    return checked.filter(pl.col("leaks") != (pl.col("regime") == "leaky"))["feature"].to_list()


def differences_from_lake(stored: pl.DataFrame, rebuilt: pl.DataFrame) -> list[str]:
    """Features whose stored values differ from the values that the current code computes, which could look like a leak.

    Args:
        stored: `gold.movie_features` of the lake.
        rebuilt: The result of `rebuild_features` on the snapshots of `silver.movies` and `silver.credits` from which
            `stored` was made.
    """
    films, rebuilt_films = _films(stored), _films(rebuilt)
    return [
        name
        for name in iterations.feature_metadata()
        if _differs(stored[name].gather(films["row"]), rebuilt[name].gather(rebuilt_films["row"])).any()
    ]


def _films(features_of: pl.DataFrame, which: pl.Expr = _EARLY | _LATER) -> pl.DataFrame:
    """Films by ascending `tconst`, each with the number of its row. Sorting whole rows would copy all features."""
    films = features_of.lazy().with_row_index("row")
    return films.filter(which).select("tconst", "row").sort("tconst").collect()


def _differs(before: pl.Series, after: pl.Series) -> "NDArray[np.bool_]":
    if not before.dtype.is_float():
        return before.ne_missing(after).to_numpy()
    close = np.isclose(before.to_numpy(), after.to_numpy(), rtol=SAME_FLOAT, atol=0, equal_nan=True)
    return ~close | (before.is_null() != after.is_null()).to_numpy()
