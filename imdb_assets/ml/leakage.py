"""The leak check: does a film's row change when only later knowledge does?

Behavioural, not by inspection: ratings (then votes) from the temporal split's year on are replaced by noise, later
films are removed, every feature is rebuilt by the project's own transforms, and rows of films up to that year are
compared bit by bit.
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import narwhals as nw
import numpy as np
import polars as pl

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.gold import MovieFeatures
from imdb_assets.contracts.models import LeakCheck
from imdb_assets.ml import expectation, iterations
from imdb_assets.ml.splits import TEMPORAL_SPLIT_YEAR, uniform
from imdb_assets.transforms import features, reputation, residuals, title_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE_SHARE = 0.3
"""Of films: enough that every history sees some, few enough that features keep their usual range."""
MIN_NOISE_VOTES, MAX_NOISE_VOTES = 5, 1_000_000
"""IMDb publishes a rating from five votes on; few films have more than a million."""
SAME_FLOAT = 1e-9
"""Relative difference below which two engines computed the same feature; a model's 32 bits see none below 6e-8."""

_EARLY = pl.col("start_year") <= TEMPORAL_SPLIT_YEAR


def with_noise(movies: pl.LazyFrame, column: Literal["average_rating", "num_votes"]) -> pl.LazyFrame:
    """`silver.movies` with 30 % of the ratings, or votes, of the split year and later replaced by noise.

    Which films and which values depend on `tconst` alone. Ratings: one decimal, uniform in 1-10; votes: log-uniform in
    5-1,000,000. Films without a rating keep having none. With noisy ratings, 30 % of the films *after* the split year
    are removed, rated or not: a feature may also know the future by which films there will be.
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
    """`gold.movie_features` from `silver.movies` and `silver.credits`, by the transforms that made the real one.

    Credits of films that `movies` lacks count for nothing: who is credited later is knowledge of the future, too.
    """
    films = nw.from_native(movies)
    people = _held(nw.from_native(credits.join(movies.select("tconst"), on="tconst", how="semi")))
    expected = nw.from_native(expectation.expect(movies, expectation.fit(movies).lazy()).lazy())
    built = features.movie_features(
        movies=films,
        credits=people,
        director_reputation=_held(reputation.director_reputation(movies=films, credits=people)),
        person_reputation=_held(reputation.person_reputation(movies=films, credits=people)),
        rating_expectation=expected,
        residual_reputation=_held(
            residuals.residual_reputation(movies=films, credits=people, rating_expectation=expected)
        ),
        title_word_reputation=_held(title_words.title_word_reputation(movies=films, rating_expectation=expected)),
    )
    schema = polars_schema(MovieFeatures)
    return cast("pl.LazyFrame", built.to_native()).select(schema.names()).cast(schema).collect(engine="streaming")


def _held(table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The table, made now: in one plan for all of them, what several at once need would be in memory together."""
    made = cast("pl.LazyFrame", table.to_native()).collect(engine="streaming")
    return nw.from_native(made.lazy())


def leak_check(before: pl.DataFrame, noisy_ratings: pl.DataFrame, noisy_votes: pl.DataFrame) -> pl.DataFrame:
    """Compare every feature before and after noise, for films up to and including the split year.

    A feature leaks when it changes with later ratings, films or votes. One that is declared to hold its film's own
    votes may change where these did, and nowhere else.

    Args:
        before: `gold.movie_features` of the lake's own `silver.movies`.
        noisy_ratings: The same, rebuilt from `with_noise(movies, "average_rating")`.
        noisy_votes: The same, rebuilt from `with_noise(movies, "num_votes")`.

    Returns:
        Rows of `models.leak_check`.

    Raises:
        ValueError: The frames' films are not of one catalogue, or no feature of later films changed: such a check
            sees nothing.
    """
    by_ratings = _changes(before, noisy_ratings, "ratings")
    by_votes = _changes(before, noisy_votes, "votes")
    films = before.filter(_EARLY).height
    own = _own_rating_changes(before, noisy_ratings)
    rows: list[dict[str, Any]] = []
    for name, metadata in iterations.feature_metadata().items():
        ratings, votes = by_ratings[name], by_votes[name]
        rows.append(
            {
                "feature": name,
                "group": metadata["group"],
                "regime": metadata["regime"],
                "films": films,
                "changed_by_ratings": ratings,
                "changed_by_votes": votes,
                "own_rating_films": own.films,
                "changed_by_own_rating": own.changed[name],
                "leaks": ratings > 0 or votes > 0,
            }
        )
    return pl.DataFrame(rows, schema=polars_schema(LeakCheck))


class _OwnRating(NamedTuple):
    films: int
    changed: dict[str, int]


def _own_rating_changes(before: pl.DataFrame, noisy_ratings: pl.DataFrame) -> _OwnRating:
    """Films of the split year whose own rating was replaced, and how many of these changed, per feature."""
    of_year = pl.col("start_year") == TEMPORAL_SPLIT_YEAR
    early, after = (frame.filter(of_year).sort("tconst") for frame in (before, noisy_ratings))
    replaced = _differs(early["average_rating"], after["average_rating"])
    names = iterations.feature_metadata()
    return _OwnRating(
        int(replaced.sum()), {name: int((_differs(early[name], after[name]) & replaced).sum()) for name in names}
    )


def leaking_features(checked: pl.DataFrame) -> dict[str, int]:
    """Iteration name → number of its features that leak, from rows of `models.leak_check`.

    Raises:
        ValueError: A feature was not checked.
    """
    leaks = dict(zip(checked["feature"], checked["leaks"], strict=True))
    unchecked = [name for name in iterations.feature_metadata() if name not in leaks]
    if unchecked:
        msg = f"models.leak_check lacks {', '.join(unchecked)}: re-materialize models/leak_check"
        raise ValueError(msg)
    return {chosen.name: sum(leaks[name] for name in iterations.features(chosen)) for chosen in iterations.ITERATIONS}


def differences_from_lake(stored: pl.DataFrame, rebuilt: pl.DataFrame) -> list[str]:
    """Columns in which the lake's features are not those that this code builds: the check would vouch for others.

    Args:
        stored: `gold.movie_features` of the lake.
        rebuilt: `rebuild_features` of the `silver.movies` and `silver.credits` that it was made from.

    Returns:
        Names in the contract's order, `average_rating` among them; `["tconst"]` alone if the films differ. Engines may
        differ in the last bits of a float (relative `SAME_FLOAT`), nothing else may differ at all.
    """
    stored, rebuilt = stored.sort("tconst"), rebuilt.sort("tconst")
    if not stored["tconst"].equals(rebuilt["tconst"]):
        return ["tconst"]
    names = [name for name in polars_schema(MovieFeatures).names() if name != "tconst"]
    return [name for name in names if name not in stored.columns or not _same(stored[name], rebuilt[name])]


def _same(stored: pl.Series, rebuilt: pl.Series) -> bool:
    if not (stored.dtype.is_float() and rebuilt.dtype.is_float()):
        return stored.dtype == rebuilt.dtype and stored.equals(rebuilt)
    close = np.isclose(stored.to_numpy(), rebuilt.to_numpy(), rtol=SAME_FLOAT, atol=0, equal_nan=True)
    return bool(close.all()) and stored.is_null().equals(rebuilt.is_null())


def _changes(before: pl.DataFrame, after: pl.DataFrame, noise: str) -> dict[str, int]:
    """Films up to the split year whose value changed, per feature; refuses a check that could not have seen any."""
    before, after = before.sort("tconst"), after.sort("tconst")
    early, early_after = before.filter(_EARLY), after.filter(_EARLY)
    later, later_after = before.filter(~_EARLY), after.filter(~_EARLY)
    kept = later.filter(pl.col("tconst").is_in(later_after["tconst"].implode()))
    if not (early["tconst"].equals(early_after["tconst"]) and kept["tconst"].equals(later_after["tconst"])):
        msg = f"leak check: rows rebuilt from noisy {noise} are not the same films; rebuild all from one snapshot"
        raise ValueError(msg)
    metadata = iterations.feature_metadata()
    # Own votes and v4's columns change trivially; only point-in-time columns prove that noise reached the histories.
    honest = [name for name in metadata if metadata[name]["regime"] == "pre-release"]
    if not any(_differs(kept[name], later_after[name]).any() for name in honest):
        msg = (
            f"leak check is blind: noisy {noise} from {TEMPORAL_SPLIT_YEAR} on changed no feature of any later film, so"
            " unchanged earlier films prove nothing; the source needs people with rated films in"
            f" {TEMPORAL_SPLIT_YEAR} and films after"
        )
        raise ValueError(msg)
    own_votes = _differs(early["num_votes"], early_after["num_votes"])
    changed = {name: _differs(early[name], early_after[name]) for name in metadata}
    return {
        name: int((differs & ~own_votes if metadata[name]["regime"] == "with votes" else differs).sum())
        for name, differs in changed.items()
    }


def _differs(before: pl.Series, after: pl.Series) -> "NDArray[np.bool_]":
    return before.ne_missing(after).to_numpy()
