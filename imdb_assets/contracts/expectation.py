"""Gold: each film's expected rating, and the amount by which a person's earlier films were rated above expectation.

Point-in-time, like all of gold: the values for a film, or for a person in a year, come from films of strictly earlier
years. Residuals and sums of residuals are whole numbers, counted in millionths.
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
"""The columns from which a film's expected rating is computed."""


class ExpectationCoefficients(Contract):
    """Coefficients that give a film's expected rating: a ridge regression per year, fitted on films of earlier years.

    Each pair of a target and a term has one row for each year with a film, and a row with `year` 9999 (the open row)
    for all later years. A film uses the coefficients of its own year. If the table has no row for that year, the film
    uses the coefficients of the next later year in the table. A term is a fact about the film, computed by
    `ml/expectation.py`.
    """

    table = "gold.expectation_coefficients"

    year = dy.Int32(
        primary_key=True,
        min=MIN_YEAR,
        max=OPEN_YEAR,
        description="Release year of the films whose expected ratings are computed from this row; "
        f"{OPEN_YEAR} stands for every year after the last year with a film.",
        metadata={"source": ["silver.movies.start_year"]},
    )
    target = dy.String(
        primary_key=True,
        regex=one_of("rating", "rating with votes", "log votes"),
        description="What is estimated. `rating`: the rating expected from facts known before release. `rating with "
        "votes`: the rating expected from the film's facts and votes. `log votes`: ln(votes) expected from facts known "
        "before release.",
    )
    term = dy.String(primary_key=True, description="The fact about the film that the coefficient is multiplied by.")
    coefficient_micro = dy.Int64(
        min=-1_000_000_000,
        max=1_000_000_000,
        description="Coefficient, in millionths of a rating point (or of ln(votes)) per unit of the term.",
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
    """Each film's expected rating and residuals. Expectations come from the film's facts and films of earlier years.

    The expected rating e0 uses only facts known before release; the expected rating e1 also uses the film's votes.
    Residuals (actual minus expected) contain the film's own rating, and are therefore not features of the film itself.
    Residuals become part of the records of the film's makers; the features of later films are computed from these
    records.
    """

    table = "gold.rating_expectation"

    tconst = dy.String(primary_key=True, description="Title id.", metadata={"source": ["silver.movies.tconst"]})
    e0 = dy.Float64(
        min=1,
        max=10,
        description="e0: the rating expected from facts known before release, in points.",
        metadata={"source": _EXPECTED},
    )
    e1 = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="e1: the rating expected from the film's own facts and votes, in points; null while unrated.",
        metadata={"source": [*_EXPECTED, "silver.movies.num_votes"]},
    )
    expected_log_votes = dy.Float64(description="Expected ln(votes).", metadata={"source": _EXPECTED})
    residual0_micro = _residual(
        "Rating minus e0, in millionths of a point; null while unrated.", "silver.movies.average_rating"
    )
    residual1_micro = _residual(
        "Rating minus e1, in millionths of a point; null while unrated.",
        "silver.movies.average_rating",
        "silver.movies.num_votes",
    )
    votes_residual_micro = _residual(
        "ln(votes) minus expected ln(votes), in millionths; null while unrated.", "silver.movies.num_votes"
    )


_RATED = ["gold.rating_expectation.residual0_micro", "gold.rating_expectation.tconst", *CREDITED]
"""Columns that decide which rated films of earlier years belong to a person's record in a role."""


def _decayed(what: str, column: str) -> dy.Int64:
    return dy.Int64(
        description=f"Sum of weight times residual over rated films from years before `year`. A residual is {what}.",
        metadata={"source": [f"gold.rating_expectation.{column}", "gold.rating_expectation.tconst", *CREDITED]},
    )


class ResidualReputation(Contract):
    """The amount by which a person's earlier films were rated above expectation; recent films weigh most.

    One row per person and role for each year in which the person has a film in that role. The row is computed from
    films of strictly earlier years. Each person and role also has a row with `year` 9999 (the open row), which sums up
    all of the person's rated films in the role. The row with `year` 9999 is valid for all years after the person's last
    film in the role. A film of year y has the weight 1000 / 0.95^(y - 1900), rounded, so a film counts half as
    much as a film that is 13 years newer. All sums are whole numbers.
    """

    table = "gold.residual_reputation"
    independent_by = "nconst"

    nconst = person_of_record()
    role = dy.String(
        primary_key=True,
        regex=one_of("any", "director", "writer", "cast"),
        description="Role; `any` combines the other three roles and counts each film of the person once.",
        metadata={"source": ["silver.credits.role"]},
    )
    year = year_of_record()
    film_count = dy.Int32(min=0, description="Number of rated films before `year`.", metadata={"source": _RATED})
    weight_sum = dy.Int64(
        min=0,
        description="Sum of the weights of the rated films from years before `year`.",
        metadata={"source": _RATED},
    )
    residual0_sum = _decayed(
        "a film's rating minus e0 (the rating expected from facts known before release), in millionths of a point",
        "residual0_micro",
    )
    residual1_sum = _decayed(
        "a film's rating minus e1 (the rating expected from the film's facts and votes), in millionths of a point",
        "residual1_micro",
    )
    votes_residual_sum = _decayed(
        "a film's ln(votes) minus the film's expected ln(votes), in millionths", "votes_residual_micro"
    )


_WORDED = ["silver.movies.tconst", "silver.movies.start_year", "silver.movies.original_title"]


def _of_words(description: str, *columns: str) -> dy.Int64:
    source = [*(f"gold.rating_expectation.{column}" for column in columns), "gold.rating_expectation.tconst", *_WORDED]
    return dy.Int64(description=description, metadata={"source": source})


class TitleWordReputation(Contract):
    """The amount by which past films with a given word in their original title were rated above expectation.

    One row per word and per year with a film that has the word in its title. Each row is computed from films of years
    strictly before the row's year. Each word also has a row with `year` 9999 (the open row), which sums up all rated
    films with the word. The row with `year` 9999 is valid for all years after the word's last film. Films have the same
    weights as in `gold.residual_reputation`.
    """

    table = "gold.title_word_reputation"

    word = dy.String(
        primary_key=True,
        description="A word of a title: consecutive letters and digits, in lower case.",
        metadata={"source": ["silver.movies.original_title"]},
    )
    year = dy.Int32(
        primary_key=True,
        min=MIN_YEAR,
        max=OPEN_YEAR,
        description="Release year of the films whose features are computed from this row; "
        f"{OPEN_YEAR} stands for every year after the word's last film.",
        metadata={"source": ["silver.movies.start_year", "silver.movies.tconst"]},
    )
    weight_sum = _of_words("Sum of the weights of the rated films with the word.", "residual0_micro")
    residual0_sum = _of_words(
        "Sum of weight times residual over the rated films with the word. A residual is a film's rating minus e0 (the "
        "rating expected from facts known before release), in millionths of a point.",
        "residual0_micro",
    )
    residual1_sum = _of_words(
        "Sum of weight times residual over the rated films with the word. A residual is a film's rating minus e1 (the "
        "rating expected from the film's facts and votes), in millionths of a point.",
        "residual1_micro",
    )
