"""Warehouse: the columns of the analytical views. The views' SQL is in `warehouse/views/`, one file per view.

A view holds no rows of its own; the view's contract states what readers may rely on. A column's `source` lists the
columns that the view's SQL computes the value from, and a test compares this list with the SQL. The comment in a view's
SQL says which films the view includes.
"""

import dataframely as dy

from imdb_assets.contracts.base import NCONST, TCONST, Contract, one_of

_RATING = {"source": ["silver.movies.average_rating"]}
_VOTES = {"source": ["silver.movies.num_votes"]}
_DECADE = {"source": ["silver.movies.decade"]}


def _films(description: str = "Number of films.", **bounds: int) -> dy.Int64:
    return dy.Int64(min=bounds.get("min", 1), description=description)


def _mean_rating(description: str = "Mean rating of the rated films.", *, nullable: bool = False) -> dy.Float64:
    return dy.Float64(nullable=nullable, min=1, max=10, description=description, metadata=_RATING)


def _share(description: str, **metadata: list[str]) -> dy.Float64:
    return dy.Float64(min=0, max=1, description=description, metadata=metadata)


class DecadeSummary(Contract):
    """Films by decade: how many there are, how many are rated, how well they are rated, and how long they run.

    One row per decade; means are null where no film is rated yet.
    """

    table = "warehouse.decade_summary"

    decade = dy.Int32(primary_key=True, description="First year of the decade of release.", metadata=_DECADE)
    films = _films()
    rated_films = dy.Int64(min=0, description="Number of films with a rating.", metadata=_RATING)
    rated_share = _share("Share of the films that are rated.", **_RATING)
    mean_rating = _mean_rating(nullable=True)
    rating_spread = dy.Float64(
        nullable=True, min=0, description="Standard deviation of the ratings, rating points.", metadata=_RATING
    )
    votes = dy.Int64(min=0, description="Total number of votes on all films of the decade.", metadata=_VOTES)
    mean_runtime_minutes = dy.Float64(
        min=0, description="Mean runtime, minutes.", metadata={"source": ["silver.movies.runtime_minutes"]}
    )
    most_voted_title = dy.String(
        nullable=True,
        description="Title of the film with the most votes.",
        metadata={"source": ["silver.movies.primary_title"]},
    )


class GenreTrends(Contract):
    """Genres by decade: a genre's share of the decade's films, and the genre's mean rating minus the decade's mean.

    One row per genre and decade that has rated films; a film with three genres is counted in each of its genres.
    """

    table = "warehouse.genre_trends"

    genre = dy.String(primary_key=True, description="Genre.", metadata={"source": ["silver.movies.genres"]})
    decade = dy.Int32(primary_key=True, description="First year of the decade of release.", metadata=_DECADE)
    films = _films("Number of films of the genre.")
    rated_films = dy.Int64(
        min=0, description="Number of films counted in `films` that have a rating.", metadata=_RATING
    )
    share_of_decade = _share("Share of the decade's films that have this genre.")
    mean_rating = _mean_rating(nullable=True)
    rating_against_decade = dy.Float64(
        nullable=True,
        description="mean_rating minus the mean of all rated films of the decade, rating points.",
        metadata=_RATING,
    )
    votes = dy.Int64(min=0, description="Total number of votes on the films counted in `films`.", metadata=_VOTES)


_STANDING = {"source": ["silver.credits.nconst", "silver.movies.average_rating", "silver.movies.num_votes"]}


class DirectorLeaderboard(Contract):
    """Directors by the shrunk mean rating of their films.

    The mean is shrunk towards the mean rating of all films with at least 100 votes. One row per director who has at
    least 5 films with at least 100 votes each. The view uses today's ratings, so no model may learn from the view.
    """

    table = "warehouse.director_leaderboard"

    place = dy.Int64(primary_key=True, min=1, description="Rank; 1 is the best.", metadata=_STANDING)
    nconst = dy.String(
        regex=NCONST,
        description="Person id; the name is in bronze.name_basics.",
        metadata={"source": ["silver.credits.nconst"]},
    )
    films = _films("Number of the director's films with at least 100 votes.", min=5)
    mean_rating = _mean_rating("Mean rating of the films counted in `films`.")
    shrunk_rating = _mean_rating(
        "Mean rating of the films counted in `films` and of 5 imaginary films; an imaginary film has the mean rating "
        "of all films with at least 100 votes."
    )
    votes = dy.Int64(min=500, description="Total number of votes on the films counted in `films`.", metadata=_VOTES)
    first_year = dy.Int32(
        description="Year of the first film counted in `films`.", metadata={"source": ["silver.movies.start_year"]}
    )
    last_year = dy.Int32(
        description="Year of the last film counted in `films`.", metadata={"source": ["silver.movies.start_year"]}
    )
    best_tconst = dy.String(
        regex=TCONST,
        description="Title id of the best-rated film counted in `films`.",
        metadata={"source": ["silver.movies.tconst"]},
    )
    best_title = dy.String(
        nullable=True,
        description="Title of the best-rated film counted in `films`.",
        metadata={"source": ["silver.movies.primary_title"]},
    )


class RatingDistribution(Contract):
    """How ratings are spread, by number of votes: extreme ratings belong to films that hardly anyone has rated.

    One row for each band of votes (a range, such as 100 to 999 votes) and each rating that a film of the band has.
    """

    table = "warehouse.rating_distribution"

    band = dy.Int32(
        primary_key=True,
        min=1,
        max=4,
        description="Number of the band of votes; 1 is the band with the fewest votes.",
        metadata=_VOTES,
    )
    votes = dy.String(
        regex=one_of("under 100", "100 to 999", "1,000 to 9,999", "10,000 and more"),
        description="How many votes a film of the band has, as a range.",
        metadata=_VOTES,
    )
    rating = dy.Float64(primary_key=True, min=1, max=10, description="Rating.", metadata=_RATING)
    films = _films("Number of films with the row's rating in the row's band of votes.")
    share_of_band = _share("`films` divided by the number of all rated films in the row's band of votes.", **_VOTES)
    share_up_to = _share(
        "Share of the rated films in the row's band of votes that have the row's rating or a lower rating.",
        source=["silver.movies.average_rating", "silver.movies.num_votes"],
    )


class HiddenGems(Contract):
    """Loved and little seen: films with a weighted rating in the best tenth and no more votes than the median film.

    The view lists at most 500 films. Films with fewer than 100 votes are left out.
    """

    table = "warehouse.hidden_gems"

    place = dy.Int64(
        primary_key=True,
        min=1,
        max=500,
        description="Rank; 1 is the best.",
        metadata={"source": ["silver.movies.average_rating", "silver.movies.num_votes", "silver.movies.tconst"]},
    )
    tconst = dy.String(regex=TCONST, description="Title id.", metadata={"source": ["silver.movies.tconst"]})
    primary_title = dy.String(nullable=True, description="Title.", metadata={"source": ["silver.movies.primary_title"]})
    start_year = dy.Int32(description="Year of release.", metadata={"source": ["silver.movies.start_year"]})
    genres = dy.List(dy.String(), description="Genres.", metadata={"source": ["silver.movies.genres"]})
    average_rating = _mean_rating("The film's rating.")
    weighted_rating = dy.Float64(
        min=1,
        max=10,
        description="Mean of the film's votes and of 200 imaginary votes; an imaginary vote is the mean rating of all "
        "films with at least 100 votes.",
        metadata={"source": ["silver.movies.average_rating", "silver.movies.num_votes"]},
    )
    num_votes = dy.Int32(min=100, description="Number of votes.", metadata=_VOTES)
    seen_more_than = _share(
        "Among the films with at least 100 votes, the share that has fewer votes than this film.", **_VOTES
    )


class RuntimeAndRating(Contract):
    """Are longer films rated higher? Ratings by runtime in bands of ten minutes, with documentaries shown separately.

    One row per kind of film and band of runtimes. Only rated films are included.
    """

    table = "warehouse.runtime_and_rating"

    kind = dy.String(
        primary_key=True,
        regex=one_of("documentary", "fiction"),
        description="documentary: films with the genre Documentary; fiction: all others.",
        metadata={"source": ["silver.movies.genres"]},
    )
    runtime_from = dy.Int32(
        primary_key=True,
        min=40,
        description="Shortest runtime of the band, minutes.",
        metadata={"source": ["silver.movies.runtime_minutes"]},
    )
    runtime_to = dy.Int32(
        description="Longest runtime of the band, minutes.", metadata={"source": ["silver.movies.runtime_minutes"]}
    )
    films = _films("Number of rated films of the row's kind and band of runtimes.")
    mean_rating = _mean_rating("Mean rating.")
    standard_error = dy.Float64(
        min=0, description="Standard error of the mean rating, rating points.", metadata=_RATING
    )
    mean_votes = dy.Float64(min=0, description="Mean number of votes of the films counted in `films`.", metadata=_VOTES)


_COUNTED = {
    "source": [
        "bronze.title_basics.genres",
        "bronze.title_basics.isAdult",
        "bronze.title_basics.runtimeMinutes",
        "bronze.title_basics.startYear",
        "silver.movies.average_rating",
    ]
}


class Funnel(Contract):
    """From raw to clean: how many titles of the dump remain after each rule, down to the rated films."""

    table = "warehouse.funnel"

    step = dy.Int32(primary_key=True, min=0, description="Number of the step; step 0 counts all lines of the dump.")
    rule = dy.String(description="The rule that the remaining titles have passed, in words.")
    titles_left = dy.Int64(min=0, description="Number of titles that remain after the step.", metadata=_COUNTED)
    dropped = dy.Int64(
        nullable=True, min=0, description="Number of titles that the rule removed; null in step 0.", metadata=_COUNTED
    )
    share_of_lines = dy.Float64(
        nullable=True,
        min=0,
        max=1,
        description="Titles that remain, as a share of all lines of the dump.",
        metadata=_COUNTED,
    )


class CareerArcs(Contract):
    """Careers: the mean rating of directors' first, second, … films, compared with the same directors' first films.

    One row per position in a career, up to the twentieth rated film.
    """

    table = "warehouse.career_arcs"

    film = dy.Int64(
        primary_key=True,
        min=1,
        max=20,
        description="Position among the director's rated films; 1 is the first.",
        metadata={"source": ["silver.credits.nconst", "silver.movies.start_year", "silver.movies.tconst"]},
    )
    directors = dy.Int64(min=1, description="Number of directors who have a rated film at the row's position.")
    mean_rating = _mean_rating("Mean rating of the films at the row's position.")
    mean_rating_of_first = _mean_rating("Mean rating of the first films of the directors counted in `directors`.")
    against_first = dy.Float64(description="mean_rating minus mean_rating_of_first, rating points.", metadata=_RATING)


class Regions(Contract):
    """Where films are shown: how many films have a title of their own in each region, and how these films are rated.

    One row per region; a film is counted once in each of its regions.
    """

    table = "warehouse.regions"

    region = dy.String(
        primary_key=True, description="IMDb's region code.", metadata={"source": ["silver.releases.region"]}
    )
    films = _films("Number of films that have a title in the region.")
    rated_films = dy.Int64(
        min=0, description="Number of films counted in `films` that have a rating.", metadata=_RATING
    )
    mean_rating = _mean_rating(nullable=True)
    votes = dy.Int64(min=0, description="Total number of votes on the films counted in `films`.", metadata=_VOTES)


def _of_the_model(description: str, column: str) -> dy.Float64:
    return dy.Float64(min=1, max=10, description=description, metadata={"source": [f"models.predictions.{column}"]})


class PredictedRatings(Contract):
    """Each film's predicted rating, by a model that was not trained on the film.

    The prediction uses only what is known before the film's release.

    One row per film of `models.predictions`.
    """

    table = "warehouse.predicted_ratings"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["models.predictions.tconst"]}
    )
    primary_title = dy.String(nullable=True, description="Title.", metadata={"source": ["silver.movies.primary_title"]})
    start_year = dy.Int32(description="Year of release.", metadata={"source": ["silver.movies.start_year"]})
    genres = dy.List(dy.String(), description="Genres.", metadata={"source": ["silver.movies.genres"]})
    num_votes = dy.Int32(nullable=True, min=1, description="Number of votes; null while unrated.", metadata=_VOTES)
    average_rating = _mean_rating("The film's rating; null while unrated.", nullable=True)
    predicted = _of_the_model("Predicted rating.", "predicted")
    lower = _of_the_model("Lower end of the 90 % interval.", "lower")
    upper = _of_the_model("Upper end of the 90 % interval.", "upper")
    above_prediction = dy.Float64(
        nullable=True,
        description="average_rating minus predicted, rating points: by how much the film is rated better than "
        "predicted.",
        metadata={"source": ["models.predictions.predicted", "silver.movies.average_rating"]},
    )
    model_version = dy.String(
        description="The version of the rating model that made the prediction.",
        metadata={"source": ["models.predictions.model_version"]},
    )
