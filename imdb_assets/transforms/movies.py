"""`silver.movies`: the rules that decide which titles count as films, and how many titles remain after each rule.

The table has the titles that pass all of `RULES`; the function `movie_funnel` counts the titles that each rule leaves.
No other module decides what a film is.
"""

from typing import Any, NamedTuple

import narwhals as nw

from imdb_assets.contracts.silver import MAX_RUNTIME, MAX_YEAR, MIN_RUNTIME, MIN_YEAR
from imdb_assets.transforms.ratings import one_per_title
from imdb_assets.transforms.rows import computed_once, first_row, known, list_order


class Rule(NamedTuple):
    """One condition that a title must meet."""

    description: str
    keeps: nw.Expr


RULES: tuple[Rule, ...] = (
    Rule("is of type movie", nw.col("titleType") == "movie"),
    Rule("is not an adult title", nw.col("isAdult") == 0),
    Rule("has a year of release", nw.col("startYear").is_between(MIN_YEAR, MAX_YEAR)),
    Rule("has at least one genre", nw.col("genres").list.len() > 0),
    Rule("has a runtime", ~nw.col("runtimeMinutes").is_null()),
    Rule(
        f"runs {MIN_RUNTIME}-{MAX_RUNTIME} minutes",
        nw.col("runtimeMinutes").is_between(MIN_RUNTIME, MAX_RUNTIME),
    ),
)
"""The rules, in order. A title fails a rule if the value that the rule tests is unknown."""


def movies(*, title_basics: nw.LazyFrame[Any], title_ratings: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row for each title that passes all rules, with the title's rating if there is one.

    If several rows share an id, every engine keeps the same row: the row with the earliest year, then the shortest
    runtime, then the first in the order of titles and genres. Because the earliest year is kept, a film may be dated
    too early but never too late. Therefore, no point-in-time feature of a film uses later films of the film's makers.

    Returns:
        One row per film, with the columns of `silver.movies`.
    """
    films = title_basics.filter(*(known(rule.keeps) for rule in RULES)).select(
        "tconst",
        primary_title=nw.col("primaryTitle"),
        original_title=nw.col("originalTitle"),
        start_year=nw.col("startYear"),
        decade=nw.col("startYear") // 10 * 10,
        runtime_minutes=nw.col("runtimeMinutes"),
        genres=nw.col("genres"),
    )
    scalars = ("start_year", "runtime_minutes", "primary_title", "original_title")
    order = {name: nw.col(name) for name in scalars} | list_order("genres")
    films = computed_once(films)
    return first_row(films, ["tconst"], order).join(one_per_title(title_ratings), on="tconst", how="left")


def movie_funnel(*, title_basics: nw.LazyFrame[Any], title_ratings: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Counts the titles that each rule leaves, from all titles down to the rated films that pass all rules.

    Returns:
        One row per step, with `step` (from 0), `rule` (the condition that the remaining titles meet, in words) and
        `rows` (the number of remaining titles).
    """
    passed: list[nw.Expr] = []
    for rule in RULES:
        keeps = known(rule.keeps)
        passed.append(passed[-1] & keeps if passed else keeps)
    by_rule = {
        "all titles": nw.len(),
        **{rule.description: condition.cast(nw.Int64).sum() for rule, condition in zip(RULES, passed, strict=True)},
    }
    by_film = {"is listed once": nw.len(), "is rated (clean films)": nw.col("average_rating").count()}
    films = title_basics.filter(passed[-1]).select("tconst").unique(["tconst"])
    wide = _steps(title_basics, by_rule, 0).join(
        _steps(films.join(one_per_title(title_ratings), on="tconst", how="left"), by_film, len(by_rule)), how="cross"
    )
    counts = [*by_rule, *by_film]
    words = nw.lit(None).cast(nw.String)
    for step, description in enumerate(counts):
        words = nw.when(nw.col("step") == step).then(nw.lit(description)).otherwise(words)
    return (
        wide.unpivot(on=[str(step) for step in range(len(counts))], variable_name="step", value_name="rows")
        .with_columns(nw.col("step").cast(nw.Int32))
        .select("step", rule=words, rows=nw.col("rows").fill_null(0))
    )


def _steps(rows: nw.LazyFrame[Any], counts: dict[str, nw.Expr], first: int) -> nw.LazyFrame[Any]:
    """One row of counts; each column's name is the number of its step."""
    return rows.select(**{str(step): count.cast(nw.Int64) for step, count in enumerate(counts.values(), first)})
