"""`gold.title_word_reputation` and its features: how much better than expected films with a given title word are rated.

Short words show the language of a film, and thereby its audience; long words show its subject. The record of a word
adds up weights and weighted residuals of films from strictly earlier years. All sums are whole numbers, as in people's
records (module `residuals`).
"""

from typing import Any

import narwhals as nw

from imdb_assets.transforms.earlier import totals_of_earlier_years
from imdb_assets.transforms.residuals import weight, weighted_residuals

SUMS = ("weight_sum", "residual0_sum", "residual1_sum")
"""Columns of a record that can be added up over years."""

PRIOR_FILMS = 20
"""Number of imaginary films with residual zero. The imaginary films are added to a word's films before the word's mean
residual is computed. Most words occur in few films; without imaginary films, the means of rare words would be
unreliable."""

_NO_LETTERS = r"[^\p{L}\p{N}]+"


def title_word_reputation(*, movies: nw.LazyFrame[Any], rating_expectation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A word has a row for each year in which films with the word came out, and one row for all later years.

    Returns:
        Columns of `gold.title_word_reputation`.
    """
    own = (
        words_of(movies)
        .join(weighted_residuals(movies, rating_expectation), on="tconst", how="inner")
        .group_by("word", "year")
        .agg(*(nw.col(name).sum() for name in SUMS))
    )
    return totals_of_earlier_years(own, ["word"], SUMS)


def title_features(movies: nw.LazyFrame[Any], title_word_reputation: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per film that has title words; each feature averages the mean residuals of these words.

    Each word's mean is rounded down to whole millionths, so that the sum over words does not depend on their order.
    """
    this_year = weight(nw.col("year"))
    films = (nw.col("weight_sum").fill_null(0) + PRIOR_FILMS * this_year).cast(nw.Float64)
    totals = {"title_residual": "residual0_sum", "title_residual_with_votes": "residual1_sum"}
    return (
        words_of(movies)
        .join(movies.select("tconst", year=nw.col("start_year")), on="tconst", how="inner")
        .join(title_word_reputation.select("word", "year", *SUMS), on=["word", "year"], how="left")
        .select(
            "tconst",
            **{
                name: (nw.col(total).fill_null(0).cast(nw.Float64) / films).floor().cast(nw.Int64)
                for name, total in totals.items()
            },
        )
        .group_by("tconst")
        .agg(nw.len().alias("words"), *(nw.col(name).sum() for name in totals))
        .select(
            "tconst",
            *(
                (nw.col(name).cast(nw.Float64) / (nw.col("words").cast(nw.Float64) * 1e6)).alias(name)
                for name in totals
            ),
        )
    )


def words_of(movies: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Each word of each film's original title, once, in lower case."""
    text = nw.col("original_title").str.to_lowercase().str.replace_all(_NO_LETTERS, " ")
    return (
        movies.select("tconst", word=text.str.split(" "))
        .explode("word")
        .filter(nw.col("word").str.len_chars() > 0)
        .unique()
    )
