"""Computes the rating expected of a film from facts about the film, by a ridge regression on films of earlier years.

A film's residual is the amount by which its rating exceeds the expected rating; the records of the film's makers are
sums of residuals (`transforms.residuals`). Expectations are computed in this process with Polars and numpy, even if
another engine makes the other tables, because one regression per year is too little work to distribute.

All values are whole numbers: terms and ratings in thousandths, coefficients and residuals in millionths. Sums of
products stay below 2^53. Matrix products in float64 are therefore exact, whatever the order of their additions, and
every run gives bit for bit the same values. The solutions of the regressions are rounded to millionths.

`expect` takes any rows with the columns of `silver.movies`, so it also computes the expected rating of a film that a
user describes and that is not in the catalogue. For each film, `expect` uses the coefficients of the film's year. If
the table of coefficients lacks the film's year, `expect` uses the next year in the table. The table of coefficients
ends with rows for the year 9999, which stands for all later years, so every film has coefficients.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from imdb_assets.contracts.base import polars_schema
from imdb_assets.contracts.expectation import ExpectationCoefficients, RatingExpectation
from imdb_assets.contracts.gold import OPEN_YEAR
from imdb_assets.transforms import film_facts

Matrix = NDArray[np.float64]
Terms = dict[str, Matrix]
"""Maps a term's name to the term's values in whole thousandths, shape (films,)."""

RATING, RATING_WITH_VOTES, LOG_VOTES = "rating", "rating with votes", "log votes"
"""The targets of the regressions. `RATING` is the rating expected from facts known before release (e0).
`RATING_WITH_VOTES` is the rating expected from facts known before release and from the votes (e1). `LOG_VOTES` is
ln(votes)."""

MILLI, MICRO = 1_000, 1_000_000
PRIORS = {RATING: 6_200, RATING_WITH_VOTES: 6_200, LOG_VOTES: 6_000}
"""Maps each target to the value, in thousandths, that is expected of a film if there are no films of earlier years. The
values are constants close to the means of rated films, because means that were computed in each run would leak each
film's own rating."""
RIDGE = 10
"""Strength of the ridge penalty. The penalty pulls a term's coefficient towards 0 as strongly as this number of films
in which the term has no effect. With a strength of 3 or 30, predictions are equally good."""

YEAR_KNOTS = (1930, 1950, 1970, 1990, 2000, 2010)
RUNTIME_KNOTS = (60, 75, 90, 105, 120, 150)
"""Knots of the runtime, in minutes; between two knots the effect is linear."""
LONGEST = 240
"""Longest runtime in minutes; a longer runtime counts as `LONGEST`."""
LOG_VOTES_KNOTS = (3, 5, 7, 9, 11)
"""Knots of ln(votes), which correspond to 20, 148, 1,097, 8,103 and 59,874 votes."""

_FACTS = (
    "start_year",
    "runtime_minutes",
    "genre_count",
    "title_length",
    "title_word_count",
    "original_title_differs",
    "title_has_digit",
    "title_non_ascii",
    "log_votes",
    *film_facts.GENRES,
)


def fit(movies: pl.LazyFrame) -> pl.DataFrame:
    """Fits the coefficients for each year that has a film, on the rated films of strictly earlier years.

    Args:
        movies: Rows of `silver.movies`.

    Returns:
        Rows of `gold.expectation_coefficients`.
    """
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs] - it has none

    films = _films(movies)
    names = _names(films)
    gram = np.zeros((len(names[RATING_WITH_VOTES]),) * 2)
    moments = {target: np.zeros(len(gram)) for target in PRIORS}
    solved: list[tuple[int, dict[str, Matrix]]] = []
    with threadpool_limits(limits=1, user_api="blas"):  # on busy cores, threads would wait for each other
        for year, part in _by_year(films):
            solved.append((year, _solve(gram, moments, names)))
            rated = part.drop_nulls(["average_rating", "log_votes"])
            terms = _matrix(rated)
            gram += terms.T @ terms
            for target, prior in PRIORS.items():
                moments[target] += terms.T @ (_actual(rated, target) - prior)
        solved.append((OPEN_YEAR, _solve(gram, moments, names)))
    return pl.DataFrame(
        {
            "year": [year for year, of in solved for target in of for _ in names[target]],
            "target": [target for _, of in solved for target in of for _ in names[target]],
            "term": [term for _, of in solved for target in of for term in names[target]],
            "coefficient_micro": np.concatenate([values for _, of in solved for values in of.values()]),
        }
    ).cast(polars_schema(ExpectationCoefficients))


def expect(movies: pl.LazyFrame, coefficients: pl.LazyFrame) -> pl.DataFrame:
    """Computes each film's expected rating, and its residual: the actual rating minus the expected one.

    Args:
        movies: All rows of `silver.movies`, or rows for films that a user describes.
        coefficients: Rows of `gold.expectation_coefficients`.

    Returns:
        Rows of `gold.rating_expectation`, ordered by film.
    """
    films = _films(movies)
    names = _names(films)
    schema = polars_schema(RatingExpectation)
    parts = [pl.DataFrame(schema=schema)]
    solved = _read(coefficients, films["start_year"])
    for year, part in _by_year(films):
        terms = _matrix(part)
        expected = {
            target: terms[:, : len(names[target])] @ solved(year, target, names[target]) + prior * MICRO
            for target, prior in PRIORS.items()
        }
        parts.append(_rows(part, expected).select(schema.names()).cast(schema))
    return pl.concat(parts).sort("tconst")


def _films(movies: pl.LazyFrame) -> pl.DataFrame:
    facts = [*film_facts.title_facts(), *film_facts.title_form(), *film_facts.votes()]
    films = nw.from_native(movies).select("tconst", "average_rating", *facts)
    return films.to_native().select("tconst", "average_rating", *_FACTS).collect()


def _by_year(films: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yields each year and its films, in order; making the terms of only one year at a time saves memory."""
    for part in films.sort("start_year").partition_by("start_year", maintain_order=True):
        yield part["start_year"][0], part


def _facts(films: pl.DataFrame) -> Terms:
    columns = films.select(pl.col(_FACTS).fill_null(0).cast(pl.Float64))
    return {column.name: column.to_numpy() for column in columns}


def _terms(fact: Terms) -> Terms:
    """The regressions' terms that are known before a film's release."""
    genres = {name: fact[name] for name in film_facts.GENRES}
    runtime = np.minimum(fact["runtime_minutes"], LONGEST)
    terms = {
        "intercept": np.ones_like(runtime),
        "year": _year(fact),
        "runtime": _runtime(fact),
        **{f"years after {knot}": np.maximum(0, fact["start_year"] - knot) / 30 for knot in YEAR_KNOTS},
        **{f"minutes above {knot}": np.maximum(0, runtime - knot) / 30 for knot in RUNTIME_KNOTS},
        "genres": fact["genre_count"] / 2,
        "title length": np.log1p(fact["title_length"]) - 2.5,
        "title words": np.minimum(fact["title_word_count"], 8) / 4,
        **{name: fact[name] for name in ("original_title_differs", "title_has_digit", "title_non_ascii")},
        **genres,
    }
    for name in (*genres, "original_title_differs", "title_non_ascii"):
        terms[f"{name} x year"] = terms[name] * terms["year"]
    for name in (*genres, "original_title_differs"):
        terms[f"{name} x runtime"] = terms[name] * terms["runtime"]
    for one, other in combinations(genres, 2):
        terms[f"{one} x {other}"] = genres[one] * genres[other]
    terms["original_title_differs x genre_drama"] = terms["original_title_differs"] * genres["genre_drama"]
    return terms


def _vote_terms(fact: Terms) -> Terms:
    """The regressions' terms that depend on a film's votes."""
    log_votes, year = fact["log_votes"], _year(fact)
    votes = (log_votes - 6) / 3
    return {
        "votes": votes,
        **{f"log votes above {knot}": np.maximum(0, log_votes - knot) / 3 for knot in LOG_VOTES_KNOTS},
        "votes x year": votes * year,
        "votes x (year squared)": votes * year * year,
        "votes x runtime": votes * _runtime(fact),
        **{f"votes x {name}": votes * fact[name] for name in film_facts.GENRES},
    }


def _year(fact: Terms) -> Matrix:
    return (fact["start_year"] - 1990) / 30


def _runtime(fact: Terms) -> Matrix:
    return (np.minimum(fact["runtime_minutes"], LONGEST) - 95) / 30


def _matrix(films: pl.DataFrame) -> Matrix:
    """All terms in whole thousandths, shape (films, terms); the terms that depend on votes come last."""
    fact = _facts(films)
    terms = _terms(fact) | _vote_terms(fact)
    return np.floor(np.column_stack(list(terms.values())) * MILLI + 0.5)


def _names(films: pl.DataFrame) -> dict[str, list[str]]:
    """Maps each target to its terms, in the order of the matrix."""
    nothing = _facts(films.clear())
    facts, votes = list(_terms(nothing)), list(_vote_terms(nothing))
    return {RATING: facts, RATING_WITH_VOTES: facts + votes, LOG_VOTES: facts}


def _actual(films: pl.DataFrame, target: str) -> Matrix:
    """Actual values of a target, in whole thousandths; NaN for unrated films."""
    column = "log_votes" if target == LOG_VOTES else "average_rating"
    return np.floor(films[column].fill_null(np.nan).to_numpy() * MILLI + 0.5)


def _solve(gram: Matrix, moments: dict[str, Matrix], names: dict[str, list[str]]) -> dict[str, Matrix]:
    """Maps each target to its coefficients in whole millionths."""
    by_width: dict[int, list[str]] = {}
    for target, terms in names.items():
        by_width.setdefault(len(terms), []).append(target)
    solved: dict[str, Matrix] = {}
    for width, targets in by_width.items():
        penalised = gram[:width, :width] + RIDGE * MICRO * np.eye(width)
        right = np.column_stack([moments[target][:width] for target in targets])
        solved |= zip(targets, np.floor(np.linalg.solve(penalised, right) * MICRO + 0.5).T, strict=True)
    return {target: solved[target] for target in names}


def _read(coefficients: pl.LazyFrame, years: pl.Series) -> Callable[[int, str, list[str]], Matrix]:
    """Returns a function from (year, target, terms) to the coefficients of `year`, or else of the table's next year."""
    known = coefficients.select(pl.col("year").unique()).collect()["year"].sort().to_numpy()
    wanted = np.unique(known[np.searchsorted(known, years.to_numpy())]).tolist()
    rows = coefficients.filter(pl.col("year").is_in(wanted)).collect()
    by_target = {
        key: dict(zip(part["term"], part["coefficient_micro"], strict=True))
        for key, part in rows.partition_by("year", "target", as_dict=True).items()
    }

    def of(year: int, target: str, terms: list[str]) -> Matrix:
        found = by_target[int(known[np.searchsorted(known, year)]), target]
        return np.array([found[term] for term in terms], dtype=np.float64)

    return of


def _rows(films: pl.DataFrame, expected: dict[str, Matrix]) -> pl.DataFrame:
    """Makes rows of `gold.rating_expectation` from expected values in billionths."""
    ratings = {target: np.clip(expected[target], 1e9, 10e9) for target in (RATING, RATING_WITH_VOTES)}

    def residual(target: str, of: Matrix) -> pl.Series:
        micro = _actual(films, target) * MILLI - np.floor(of / MILLI + 0.5)
        return pl.Series(micro, nan_to_null=True).cast(pl.Int64)

    return films.select(
        "tconst",
        e0=pl.Series(ratings[RATING] / 1e9),
        e1=pl.Series(ratings[RATING_WITH_VOTES] / 1e9).set(films["log_votes"].is_null(), None),
        expected_log_votes=pl.Series(expected[LOG_VOTES] / 1e9),
        residual0_micro=residual(RATING, ratings[RATING]),
        residual1_micro=residual(RATING_WITH_VOTES, ratings[RATING_WITH_VOTES]),
        votes_residual_micro=residual(LOG_VOTES, expected[LOG_VOTES]),
    )
