"""Gold: the ratings expected of films, and how much people's earlier films exceeded them.

Point-in-time, like all of gold: the values for a film, or for a person in a year, come from films of strictly earlier
years. Residuals are whole millionths, and their sums are whole numbers.
"""

import dataframely as dy

from imdb_assets.contracts.base import Contract, one_of
from imdb_assets.contracts.gold import CREDITED, OPEN_YEAR, person_of_record, year_of_record
from imdb_assets.contracts.silver import MIN_YEAR

_FACTS = [
    "silver.movies.start_year",
    "silver.movies.runtime_minutes",
    "silver.movies.genres",
    "silver.movies.primary_title",
    "silver.movies.original_title",
]
"""Columns of a film that decide its expected rating."""


class ExpectationCoefficients(Contract):
    """The rating expected of a film: a ridge regression for each year, fitted on films of strictly earlier years.

    One row per year with a film, target and term, plus rows for any later year. The coefficients of a year are used
    until the next year in the table; `ml/expectation.py` computes a film's terms.
    """

    table = "gold.expectation_coefficients"

    year = dy.Int32(
        primary_key=True,
        min=MIN_YEAR,
        max=OPEN_YEAR,
        description=f"Year of the films that the coefficients are for; {OPEN_YEAR} is for any later year.",
        metadata={"source": ["silver.movies.start_year"]},
    )
    target = dy.String(
        primary_key=True,
        regex=one_of("rating", "rating with votes", "log votes"),
        description="What is expected: the rating from facts known before release, the same with votes, or ln(votes).",
    )
    term = dy.String(primary_key=True, description="The quantity of the film that the coefficient is multiplied by.")
    coefficient_micro = dy.Int64(
        min=-1_000_000_000,
        max=1_000_000_000,
        description="Coefficient in millionths: rating points, or ln(votes), per unit of the term.",
        metadata={
            "source": ["silver.movies.tconst", *_FACTS, "silver.movies.average_rating", "silver.movies.num_votes"]
        },
    )


_EXPECTED = [
    *_FACTS,
    "gold.expectation_coefficients.year",
    "gold.expectation_coefficients.target",
    "gold.expectation_coefficients.term",
    "gold.expectation_coefficients.coefficient_micro",
]


def _residual(words: str, *source: str) -> dy.Int64:
    return dy.Int64(nullable=True, description=words, metadata={"source": [*source, *_EXPECTED]})


class RatingExpectation(Contract):
    """The rating expected of each film from its own facts and films of strictly earlier years, and the residuals.

    e0 uses facts known before release, e1 also the film's votes. Residuals (actual minus expected) contain the film's
    own rating. They are therefore not features of the film itself, but go into its makers' records, for later films.
    """

    table = "gold.rating_expectation"

    tconst = dy.String(primary_key=True, description="Title id.", metadata={"source": ["silver.movies.tconst"]})
    e0 = dy.Float64(min=1, max=10, description="Expected rating without votes.", metadata={"source": _EXPECTED})
    e1 = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="Expected rating with the film's own votes; null while unrated.",
        metadata={"source": [*_EXPECTED, "silver.movies.num_votes"]},
    )
    expected_log_votes = dy.Float64(description="Expected ln(votes).", metadata={"source": _EXPECTED})
    residual0_micro = _residual(
        "Rating - e0, in millionths of a point; null while unrated.", "silver.movies.average_rating"
    )
    residual1_micro = _residual(
        "Rating - e1, in millionths of a point; null while unrated.",
        "silver.movies.average_rating",
        "silver.movies.num_votes",
    )
    votes_residual_micro = _residual(
        "ln(votes) minus expected ln(votes), in millionths; null while unrated.", "silver.movies.num_votes"
    )


_RATED = ["gold.rating_expectation.residual0_micro", "gold.rating_expectation.tconst", *CREDITED]
"""Columns that decide which rated films of earlier years count for a person in a role."""


def _decayed(what: str, column: str) -> dy.Int64:
    return dy.Int64(
        description=f"Sum of weight times {what}. It covers rated films from years before `year`.",
        metadata={"source": [f"gold.rating_expectation.{column}", "gold.rating_expectation.tconst", *CREDITED]},
    )


class ResidualReputation(Contract):
    """How much a person's earlier films exceeded their expected rating, with recent films weighing most.

    One row per person, role and year with a film, made from films of strictly earlier years, plus an open row per
    person and role for any later year. A film of year y has the weight 1000 / 0.95^(y - 1900), rounded, so a film 13
    years older counts half as much. Sums are whole numbers.
    """

    table = "gold.residual_reputation"
    independent_by = "nconst"

    nconst = person_of_record()
    role = dy.String(
        primary_key=True,
        regex=one_of("any", "director", "writer", "cast"),
        description="Role; `any` counts each film of the person once, in whichever of the three roles.",
        metadata={"source": ["silver.credits.role"]},
    )
    year = year_of_record()
    film_count = dy.Int32(min=0, description="Number of rated films before `year`.", metadata={"source": _RATED})
    weight_sum = dy.Int64(
        min=0, description="Sum of the weights of rated films from years before `year`.", metadata={"source": _RATED}
    )
    residual0_sum = _decayed("residual without votes (e0), in millionths of a point", "residual0_micro")
    residual1_sum = _decayed("residual with votes (e1), in millionths of a point", "residual1_micro")
    votes_residual_sum = _decayed("residual of ln(votes), in millionths", "votes_residual_micro")


_WORDED = ["silver.movies.tconst", "silver.movies.start_year", "silver.movies.original_title"]


def _of_words(description: str, *columns: str) -> dy.Int64:
    source = [*(f"gold.rating_expectation.{column}" for column in columns), "gold.rating_expectation.tconst", *_WORDED]
    return dy.Int64(description=description, metadata={"source": source})


class TitleWordReputation(Contract):
    """How much earlier films with a word in their original title exceeded their expected rating.

    One row per word and year with such a film, made from films of strictly earlier years, plus an open row per word for
    any later year. Weights are those of `gold.residual_reputation`.
    """

    table = "gold.title_word_reputation"

    word = dy.String(
        primary_key=True,
        description="A run of letters and digits, in lower case.",
        metadata={"source": ["silver.movies.original_title"]},
    )
    year = dy.Int32(
        primary_key=True,
        min=MIN_YEAR,
        max=OPEN_YEAR,
        description=f"Year of the films that the record is for; {OPEN_YEAR} (the open row) stands for any later year.",
        metadata={"source": ["silver.movies.start_year", "silver.movies.tconst"]},
    )
    weight_sum = _of_words("Sum of the weights of the rated films with the word.", "residual0_micro")
    residual0_sum = _of_words(
        "Sum of weight times residual without votes (e0), in millionths of a point.", "residual0_micro"
    )
    residual1_sum = _of_words(
        "Sum of weight times residual with votes (e1), in millionths of a point.", "residual1_micro"
    )
