"""Gold: one row of features per film.

A feature that is computed from people's records is point-in-time: a record for the year of a film sums up only films of
earlier years. Only the leaky features use directors' whole careers.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import dataframely as dy

from imdb_assets.contracts.base import Contract

Family = Literal[
    "title",
    "year",
    "runtime",
    "genre",
    "votes",
    "director's record",
    "writers' record",
    "cast",
    "team's record",
    "films like it",
    "films like it, with as many votes",
]
"""Families of features, with names for readers: the explanation of a prediction gives the total contribution of each
family."""


def _feature(
    group: str, family: Family, description: str, source: list[str], *, regime: str = "pre-release", **more: Any
) -> dict[str, Any]:
    metadata = {"regime": regime, "group": group, "family": family, "source": source, **more}
    return {"description": description, "metadata": metadata}


def _genre(name: str) -> dy.Int32:
    return dy.Int32(
        min=0,
        max=1,
        **_feature("title", "genre", f"1 if {name} is among the genres, else 0.", ["silver.movies.genres"], genre=name),
    )


def _number(group: str, family: Family, description: str, *source: str, regime: str = "pre-release") -> dy.Float64:
    return dy.Float64(nullable=True, **_feature(group, family, description, list(source), regime=regime))


def _count(group: str, family: Family, description: str, *source: str, regime: str = "pre-release") -> dy.Int32:
    return dy.Int32(nullable=True, **_feature(group, family, description, list(source), regime=regime))


_TEAM = ("silver.credits.tconst", "silver.credits.nconst", "silver.credits.role")
"""Columns that decide who belongs to a film's directors, writers or cast."""


class _Records(NamedTuple):
    """The records that a team's features are computed from."""

    family: Family
    table: str
    films: str
    """The films that the records cover, in words for the descriptions of features."""
    selected_by: tuple[str, ...]


_DIRECTORS = _Records(
    "director's record",
    "gold.director_reputation",
    "the directors' films from earlier years",
    (
        *_TEAM,
        "silver.movies.start_year",
        "gold.director_reputation.nconst",
        "gold.director_reputation.year",
    ),
)
_CAREERS = _Records(
    "director's record",
    "gold.director_reputation",
    "all films of this film's directors, including this film and later films. The feature leaks, because ratings and "
    "votes of this film and of later films are unknown before this film's release",
    (*_TEAM, "gold.director_reputation.nconst", "gold.director_reputation.year"),
)
_OTHERS = (
    *_TEAM,
    "silver.movies.start_year",
    "gold.person_reputation.nconst",
    "gold.person_reputation.role",
    "gold.person_reputation.year",
)
_WRITERS = _Records("writers' record", "gold.person_reputation", "the writers' films from earlier years", _OTHERS)
_CAST = _Records(
    "cast",
    "gold.person_reputation",
    "the six top-billed actors' films from earlier years",
    ("silver.credits.billing_order", *_OTHERS),
)


def _of_records(
    make: type[dy.Float64] | type[dy.Int32], words: str, *columns: str
) -> Callable[..., dy.Float64 | dy.Int32]:
    """Returns a function that declares a feature; the feature is computed from `columns` of a team's pooled records."""

    def feature(group: str, records: _Records, *, regime: str = "pre-release") -> dy.Float64 | dy.Int32:
        source = [*(f"{records.table}.{column}" for column in columns), *records.selected_by]
        return make(
            nullable=True, **_feature(group, records.family, words.format(films=records.films), source, regime=regime)
        )

    return feature


_film_count = _of_records(dy.Int32, "Number of rated films among {films}.", "film_count")
_mean_rating = _of_records(dy.Float64, "Mean rating of {films}.", "rating_tenths_sum", "film_count")
_shrunk_rating = _of_records(
    dy.Float64, "Mean rating, shrunk towards a constant, of {films}.", "rating_tenths_sum", "film_count"
)
_max_rating = _of_records(dy.Float64, "Highest rating of {films}.", "rating_tenths_max")
_min_rating = _of_records(dy.Float64, "Lowest rating of {films}.", "rating_tenths_min")
_rating_std = _of_records(
    dy.Float64,
    "Standard deviation of the ratings of {films}.",
    "rating_tenths_sq_sum",
    "rating_tenths_sum",
    "film_count",
)
_mean_log_votes = _of_records(dy.Float64, "Mean of ln(votes) of {films}.", "log_votes_micro_sum", "film_count")
_career_years = _of_records(dy.Int32, "Number of years from the first of {films} to this film.", "first_year")
_gap_years = _of_records(dy.Int32, "Number of years from the last of {films} to this film.", "last_year")


_RESIDUALS = (
    *_TEAM,
    "silver.movies.start_year",
    "gold.residual_reputation.nconst",
    "gold.residual_reputation.role",
    "gold.residual_reputation.year",
)
_BILLED = ("silver.credits.billing_order", *_RESIDUALS)
_TEAM_RESIDUALS = _Records(
    "team's record",
    "gold.residual_reputation",
    "the rated films from earlier years with any of this film's directors, writers and six top-billed actors",
    _BILLED,
)
_DIRECTOR_RESIDUALS = _Records(
    "director's record",
    "gold.residual_reputation",
    "the rated films from earlier years by this film's directors",
    _RESIDUALS,
)
_WRITER_RESIDUALS = _Records(
    "writers' record",
    "gold.residual_reputation",
    "the rated films from earlier years by this film's writers",
    _RESIDUALS,
)
_CAST_RESIDUALS = _Records(
    "cast",
    "gold.residual_reputation",
    "the rated films from earlier years with any of this film's six top-billed actors",
    _BILLED,
)


_E0 = "a film's rating minus e0 (the rating expected from facts known before release), in points"
_E1 = "a film's rating minus e1 (the rating expected from the film's facts and votes), in points"
_LN_VOTES = "a film's ln(votes) minus the film's expected ln(votes)"


def _recent_films(records: _Records) -> dy.Float64:
    words = f"Weighted number of {records.films}; a film released n years before this film counts 0.95^n."
    return _number("residuals", records.family, words, "gold.residual_reputation.weight_sum", *records.selected_by)


def _residual_mean(records: _Records, residual: str, column: str) -> dy.Float64:
    words = (
        f"Mean residual of {records.films}. A residual is {residual}. Recent films weigh most in the mean, which "
        "is shrunk towards 0."
    )
    sums = (f"gold.residual_reputation.{name}" for name in (column, "weight_sum"))
    return _number("residuals", records.family, words, *sums, *records.selected_by)


def _title_residual(residual: str, column: str) -> dy.Float64:
    words = (
        "Mean, over the words of the film's title, of each word's score. A word's score is shrunk towards 0; it is "
        f"the mean residual of rated films from earlier years whose title has the word. A residual is {residual}."
    )
    return _number(
        "title_words",
        "title",
        words,
        "silver.movies.original_title",
        "silver.movies.start_year",
        *(f"gold.title_word_reputation.{name}" for name in ("word", "year", "weight_sum", column)),
    )


class MovieFeatures(Contract):
    """The features of all iterations of the model: one row per film of `silver.movies`.

    A column's metadata gives the feature's group and regime. The regime is `pre-release` (known before the first vote),
    `with votes` (uses the film's own number of votes) or `leaky` (contains the film's own rating). Only iteration v4
    uses leaky features, to show how a leak raises the scores.
    """

    table = "gold.movie_features"
    independent_by = "tconst"
    partition_by = "decade"

    tconst = dy.String(primary_key=True, description="Title id.", metadata={"source": ["silver.movies.tconst"]})
    average_rating = dy.Float64(
        nullable=True,
        min=1,
        max=10,
        description="The target: the film's rating; null while unrated.",
        metadata={"source": ["silver.movies.average_rating"]},
    )

    # title (28 features): the catalogue's facts about the film
    start_year = dy.Int32(**_feature("title", "year", "Year of release.", ["silver.movies.start_year"]))
    decade = dy.Int32(**_feature("title", "year", "First year of the decade of release.", ["silver.movies.decade"]))
    runtime_minutes = dy.Int32(**_feature("title", "runtime", "Runtime in minutes.", ["silver.movies.runtime_minutes"]))
    genre_count = _count("title", "genre", "Number of genres.", "silver.movies.genres")
    title_length = _count("title", "title", "Number of characters in the primary title.", "silver.movies.primary_title")
    title_word_count = _count("title", "title", "Number of words in the primary title.", "silver.movies.primary_title")
    genre_action = _genre("Action")
    genre_adventure = _genre("Adventure")
    genre_animation = _genre("Animation")
    genre_biography = _genre("Biography")
    genre_comedy = _genre("Comedy")
    genre_crime = _genre("Crime")
    genre_documentary = _genre("Documentary")
    genre_drama = _genre("Drama")
    genre_family = _genre("Family")
    genre_fantasy = _genre("Fantasy")
    genre_film_noir = _genre("Film-Noir")
    genre_history = _genre("History")
    genre_horror = _genre("Horror")
    genre_music = _genre("Music")
    genre_musical = _genre("Musical")
    genre_mystery = _genre("Mystery")
    genre_romance = _genre("Romance")
    genre_sci_fi = _genre("Sci-Fi")
    genre_sport = _genre("Sport")
    genre_thriller = _genre("Thriller")
    genre_war = _genre("War")
    genre_western = _genre("Western")

    # interactions (6 features): products of two facts about the film
    runtime_x_drama = _count(
        "interactions",
        "runtime",
        "Runtime if the film is a drama, else 0.",
        "silver.movies.runtime_minutes",
        "silver.movies.genres",
    )
    runtime_x_documentary = _count(
        "interactions",
        "runtime",
        "Runtime if the film is a documentary, else 0.",
        "silver.movies.runtime_minutes",
        "silver.movies.genres",
    )
    runtime_x_genre_count = _count(
        "interactions",
        "runtime",
        "Runtime times the number of genres.",
        "silver.movies.runtime_minutes",
        "silver.movies.genres",
    )
    year_x_horror = _count(
        "interactions",
        "year",
        "Year of release if the film is horror, else 0.",
        "silver.movies.start_year",
        "silver.movies.genres",
    )
    year_x_documentary = _count(
        "interactions",
        "year",
        "Year of release if the film is a documentary, else 0.",
        "silver.movies.start_year",
        "silver.movies.genres",
    )
    drama_x_comedy = _count(
        "interactions", "genre", "1 if the film is a drama and a comedy, else 0.", "silver.movies.genres"
    )

    # votes (3 features): known only after release
    num_votes = _count("votes", "votes", "Number of votes.", "silver.movies.num_votes", regime="with votes")
    log_votes = _number("votes", "votes", "ln(votes).", "silver.movies.num_votes", regime="with votes")
    log_votes_x_runtime = _number(
        "votes",
        "votes",
        "ln(votes) times runtime.",
        "silver.movies.num_votes",
        "silver.movies.runtime_minutes",
        regime="with votes",
    )

    # director_career (6 features): director features as the source document computes them
    director_career_film_count = _film_count("director_career", _CAREERS, regime="leaky")
    director_career_mean_rating = _mean_rating("director_career", _CAREERS, regime="leaky")
    director_career_max_rating = _max_rating("director_career", _CAREERS, regime="leaky")
    director_career_min_rating = _min_rating("director_career", _CAREERS, regime="leaky")
    director_career_rating_std = _rating_std("director_career", _CAREERS, regime="leaky")
    director_career_mean_log_votes = _mean_log_votes("director_career", _CAREERS, regime="leaky")

    # director_history (6 features): like director_career, but only from films of strictly earlier years
    director_film_count = _film_count("director_history", _DIRECTORS)
    director_mean_rating = _mean_rating("director_history", _DIRECTORS)
    director_max_rating = _max_rating("director_history", _DIRECTORS)
    director_min_rating = _min_rating("director_history", _DIRECTORS)
    director_rating_std = _rating_std("director_history", _DIRECTORS)
    director_mean_log_votes = _mean_log_votes("director_history", _DIRECTORS)

    # people_history (14 features): further records of the directors, and records of writers and cast
    director_shrunk_rating = _shrunk_rating("people_history", _DIRECTORS)
    director_career_years = _career_years("people_history", _DIRECTORS)
    director_gap_years = _gap_years("people_history", _DIRECTORS)
    writer_film_count = _film_count("people_history", _WRITERS)
    writer_mean_rating = _mean_rating("people_history", _WRITERS)
    writer_shrunk_rating = _shrunk_rating("people_history", _WRITERS)
    writer_max_rating = _max_rating("people_history", _WRITERS)
    writer_mean_log_votes = _mean_log_votes("people_history", _WRITERS)
    cast_film_count = _film_count("people_history", _CAST)
    cast_mean_rating = _mean_rating("people_history", _CAST)
    cast_shrunk_rating = _shrunk_rating("people_history", _CAST)
    cast_max_rating = _max_rating("people_history", _CAST)
    cast_min_rating = _min_rating("people_history", _CAST)
    cast_mean_log_votes = _mean_log_votes("people_history", _CAST)

    # form (6 features): how the title is written, and how many directors and writers there are
    original_title_differs = _count(
        "form",
        "title",
        "1 if the original and primary titles differ, else 0.",
        "silver.movies.original_title",
        "silver.movies.primary_title",
    )
    title_has_digit = _count(
        "form", "title", "1 if the primary title has a digit, else 0.", "silver.movies.primary_title"
    )
    title_non_ascii = _count(
        "form", "title", "1 if the original title has a non-ASCII character, else 0.", "silver.movies.original_title"
    )
    director_count = _count("form", "director's record", "Number of directors.", *_TEAM)
    writer_count = _count("form", "writers' record", "Number of writers.", *_TEAM)
    writer_is_director = _count("form", "writers' record", "1 if a director is also a writer, else 0.", *_TEAM)

    # expectation (2 features): the expected rating and votes, computed from films of earlier years
    expected_rating = _number(
        "expectation",
        "films like it",
        "e0: the rating expected from the film's own facts without its votes, in points.",
        "gold.rating_expectation.tconst",
        "gold.rating_expectation.e0",
    )
    expected_log_votes = _number(
        "expectation",
        "films like it",
        "ln(votes) expected from the film's own facts.",
        "gold.rating_expectation.tconst",
        "gold.rating_expectation.expected_log_votes",
    )

    # expectation_with_votes (1 feature): the expected rating if the number of votes is known, too
    expected_rating_with_votes = _number(
        "expectation_with_votes",
        "films like it, with as many votes",
        "e1: the rating expected from the film's own facts and votes, in points.",
        "gold.rating_expectation.tconst",
        "gold.rating_expectation.e1",
        regime="with votes",
    )

    # residuals (16 features): ratings and votes of the makers' earlier films, compared with the expected values
    team_recent_films = _recent_films(_TEAM_RESIDUALS)
    team_residual = _residual_mean(_TEAM_RESIDUALS, _E0, "residual0_sum")
    team_residual_with_votes = _residual_mean(_TEAM_RESIDUALS, _E1, "residual1_sum")
    team_votes_residual = _residual_mean(_TEAM_RESIDUALS, _LN_VOTES, "votes_residual_sum")
    director_recent_films = _recent_films(_DIRECTOR_RESIDUALS)
    director_residual = _residual_mean(_DIRECTOR_RESIDUALS, _E0, "residual0_sum")
    director_residual_with_votes = _residual_mean(_DIRECTOR_RESIDUALS, _E1, "residual1_sum")
    director_votes_residual = _residual_mean(_DIRECTOR_RESIDUALS, _LN_VOTES, "votes_residual_sum")
    writer_recent_films = _recent_films(_WRITER_RESIDUALS)
    writer_residual = _residual_mean(_WRITER_RESIDUALS, _E0, "residual0_sum")
    writer_residual_with_votes = _residual_mean(_WRITER_RESIDUALS, _E1, "residual1_sum")
    writer_votes_residual = _residual_mean(_WRITER_RESIDUALS, _LN_VOTES, "votes_residual_sum")
    cast_recent_films = _recent_films(_CAST_RESIDUALS)
    cast_residual = _residual_mean(_CAST_RESIDUALS, _E0, "residual0_sum")
    cast_residual_with_votes = _residual_mean(_CAST_RESIDUALS, _E1, "residual1_sum")
    cast_votes_residual = _residual_mean(_CAST_RESIDUALS, _LN_VOTES, "votes_residual_sum")

    # title_words (2 features): residuals (rating minus expected rating) of earlier films that share a title word
    title_residual = _title_residual(_E0, "residual0_sum")
    title_residual_with_votes = _title_residual(_E1, "residual1_sum")
