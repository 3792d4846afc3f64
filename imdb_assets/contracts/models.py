"""Tables of the models: scores of every iteration, the leak check, predictions, and what the live endpoint answered."""

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import TCONST, Contract, one_of

_RATING = ["gold.movie_features.average_rating"]
"""Target of every model. As source of what a model says it stands for the features too, which are all of that table."""

_CHAMPION = ["models.iterations.r2", "models.iterations.leaking_features"]
"""What an iteration is chosen by."""


_LIVE = ["models.predictions.predicted", "models.predictions.split"]


class LeakCheck(Contract):
    """Does a feature of a film change when ratings, votes or films of that year and later do? One row per feature.

    Thirty per cent of all ratings of the temporal split's year and later are replaced by noise, as many later films
    removed, and every feature is rebuilt; then again, with noisy vote counts alone. Of films up to and including that
    year no feature may change by one bit, but for those declared to hold the film's own votes, where these changed.
    """

    table = "models.leak_check"

    feature = dy.String(primary_key=True, description="Feature column of gold.movie_features.")
    group = dy.String(description="Feature group.")
    regime = dy.String(regex=one_of("pre-release", "with votes", "leaky"), description="Regime its contract declares.")
    films = dy.Int64(min=0, description="Films compared.")
    changed_by_ratings = dy.Int64(min=0, description="Films whose value changed with later ratings and films.")
    changed_by_votes = dy.Int64(
        min=0,
        description="Films whose value changed with vote counts; of a feature declared to hold its film's own, only "
        "films whose own count was left alone.",
    )
    own_rating_films = dy.Int64(min=0, description="Films of the split year whose own rating was replaced by noise.")
    changed_by_own_rating = dy.Int64(min=0, description="Of these, films whose value changed with ratings and films.")
    leaks = dy.Bool(description="Whether any film's value changed.")


class Iterations(Contract):
    """Every version of the model, scored by one protocol: one row per iteration, split and test population."""

    table = "models.iterations"

    iteration = dy.String(primary_key=True, description="v1, v2, …")
    split = dy.String(
        primary_key=True,
        regex=one_of("random", "temporal"),
        description="random: 20 % of films held out; temporal: trained before, tested from the split year on.",
    )
    population = dy.String(
        primary_key=True,
        regex=one_of("all clean films", "most voted"),
        description="The test rows: all clean films, or the 50,000 most-voted (top 16 % of a small catalogue).",
    )
    description = dy.String(description="What this version adds.")
    regime = dy.String(regex=one_of("pre-release", "with votes"), description="What the features may know.")
    trained_on = dy.String(regex=one_of("all clean films", "most voted"), description="Training population.")
    leaking_features = dy.Int32(
        min=0,
        description="Features that failed the leak check; above 0 it cannot be champion.",
        metadata={"source": ["models.leak_check.leaks"]},
    )
    feature_count = dy.Int32(min=1, description="Number of features.")
    train_rows = dy.Int64(min=1, description="Films trained on.")
    test_rows = dy.Int64(min=1, description="Films scored.")
    r2 = dy.Float64(description="Coefficient of determination on the test rows.", metadata={"source": _RATING})
    r2_lower = dy.Float64(description="Lower end of its 95 % bootstrap interval.", metadata={"source": _RATING})
    r2_upper = dy.Float64(description="Upper end of its 95 % bootstrap interval.", metadata={"source": _RATING})
    rmse = dy.Float64(min=0, description="Root mean squared error, rating points.", metadata={"source": _RATING})
    mae = dy.Float64(min=0, description="Mean absolute error, rating points.", metadata={"source": _RATING})
    bias = dy.Float64(description="Mean of predicted - actual, rating points.", metadata={"source": _RATING})
    trees = dy.Int32(min=1, description="Boosting rounds, chosen by early stopping on the last training years.")
    seconds = dy.Float64(min=0, description="Wall time of training.")


_SCORE = {"source": [*_RATING, "models.iterations.trees", *_CHAMPION]}


def _end(of: str, end: str) -> dy.Float64:
    return dy.Float64(description=f"{end} end of the 95 % bootstrap interval of {of}.", metadata=_SCORE)


class ChampionScores(Contract):
    """The champions by the whole protocol: three populations, three splits, and where they do well or badly.

    One row per champion, split, population, maturity and slice with at least 30 test rows. The headline is the temporal
    split; the random one stands beside it for comparison with the source document.
    """

    table = "models.champion_scores"

    regime = dy.String(primary_key=True, regex=one_of("pre-release", "with votes"), description="Regime.")
    split = dy.String(
        primary_key=True,
        regex=one_of("random", "temporal", "rolling origin"),
        description="random: 20 % of films held out; temporal: trained before the split year; rolling origin: each of "
        "the last eight years predicted by a model trained on all years before it.",
    )
    population = dy.String(
        primary_key=True,
        regex=one_of("all clean films", "most voted", "at least 100 votes"),
        description="The test rows; the model is the same.",
    )
    maturity = dy.String(
        primary_key=True,
        regex=one_of("all", "mature"),
        description="mature: only films released two years or more before the dump's, whose ratings have settled.",
    )
    breakdown = dy.String(
        primary_key=True,
        regex=one_of("none", "release year", "decade", "genre", "vote band", "director's earlier films"),
        description="What the test rows are broken down by.",
    )
    slice = dy.String(primary_key=True, description="Which part of the breakdown; `all` of none.")
    iteration = dy.String(description="The champion.", metadata={"source": _CHAMPION})
    test_rows = dy.Int64(min=1, description="Films scored.")
    r2 = dy.Float64(description="R² around the mean of these rows.", metadata=_SCORE)
    r2_lower = _end("R²", "Lower")
    r2_upper = _end("R²", "Upper")
    rmse = dy.Float64(min=0, description="Root mean squared error, rating points.", metadata=_SCORE)
    rmse_lower = _end("the RMSE", "Lower")
    rmse_upper = _end("the RMSE", "Upper")
    mae = dy.Float64(min=0, description="Mean absolute error, rating points.", metadata=_SCORE)
    mae_lower = _end("the MAE", "Lower")
    mae_upper = _end("the MAE", "Upper")
    bias = dy.Float64(description="Mean of predicted - actual, rating points.", metadata=_SCORE)
    bias_lower = _end("the bias", "Lower")
    bias_upper = _end("the bias", "Upper")
    ceiling = dy.Float64(
        min=0,
        max=1,
        description="Estimated R² that noise in the ratings leaves reachable: sampling of votes, drift of young films.",
        metadata={"source": [*_RATING, "gold.movie_features.num_votes"]},
    )
    coverage = dy.Float64(
        nullable=True,
        min=0,
        max=1,
        description="Share of ratings within the 90 % interval; temporal split only.",
        metadata=_SCORE,
    )


class Audit(Contract):
    """Is a version honest? One row per test of the champions-to-be, and of v4, which must fail.

    What passes here may be put in service; what fails may not, whatever it scores.
    """

    table = "models.audit"

    iteration = dy.String(primary_key=True, description="The audited version.", metadata={"source": _CHAMPION})
    test = dy.String(
        primary_key=True,
        regex=one_of("later knowledge", "own rating", "shuffled target", "debut directors", "single feature"),
        description="What was tried.",
    )
    regime = dy.String(regex=one_of("pre-release", "with votes"), description="Regime of the version.")
    value = dy.Float64(description="What came out, in the test's own unit.", metadata={"source": _RATING})
    limit = dy.Float64(description="What it may be at most.")
    passed = dy.Bool(
        description="Whether the version passes.", metadata={"source": ["models.leak_check.leaks", *_RATING]}
    )
    words = dy.String(description="The finding in plain words.")


class LiveAccuracy(Contract):
    """Predictions met by reality: films that had no rating when they were predicted, and have one now.

    A row is written when a film's first rating arrives and never changed again.
    """

    table = "models.live_accuracy"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["models.predictions.tconst"]}
    )
    regime = dy.String(regex=one_of("pre-release"), description="Regime that had answered.")
    iteration = dy.String(description="Champion that had answered.", metadata={"source": _LIVE})
    model_version = dy.String(description="Model version that had answered.", metadata={"source": _LIVE})
    predictions_snapshot_id = dy.Int64(
        description="Snapshot of models.predictions that last held the film as unrated.", metadata={"source": _LIVE}
    )
    predicted_at = dy.String(description="When that snapshot was published, ISO 8601.")
    arrived_on = dy.String(description="Date of the dumps that brought the rating, ISO 8601.")
    num_votes = dy.Int64(
        min=1, description="Votes behind the first rating.", metadata={"source": ["silver.movies.num_votes"]}
    )
    predicted = dy.Float64(
        min=1, max=10, description="Predicted rating.", metadata={"source": ["models.predictions.predicted"]}
    )
    actual = dy.Float64(
        min=1, max=10, description="First rating.", metadata={"source": ["silver.movies.average_rating"]}
    )
    error = dy.Float64(
        description="predicted - actual, rating points.",
        metadata={"source": ["models.predictions.predicted", "silver.movies.average_rating"]},
    )
    inside = dy.Bool(
        description="Whether the rating lies within the interval that was given.",
        metadata={"source": [*_LIVE, "silver.movies.average_rating"]},
    )


_PREDICTED = [*_RATING, *_CHAMPION]


class Predictions(Contract):
    """What the champions say of every film, made without its rating, with an interval that nine of ten ratings keep.

    Every rated film is there in both regimes by the model of its fold; films of the temporal test besides by a model
    trained on the years before. Films without a rating have an answer of the model in service, before release.
    """

    table = "models.predictions"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["gold.movie_features.tconst"]}
    )
    regime = dy.String(
        primary_key=True, regex=one_of("pre-release", "with votes"), description="Regime of the champion that answered."
    )
    split = dy.String(
        primary_key=True,
        regex=one_of("fold", "temporal", "unrated"),
        description="fold: by a model that learned from four fifths of the films, this one not among them; temporal: "
        "by one that learned from the years before the split year; unrated: no rating exists yet.",
        metadata={"source": _RATING},
    )
    iteration = dy.String(description="The champion.", metadata={"source": _CHAMPION})
    actual = dy.Float64(nullable=True, min=1, max=10, description="The film's rating.", metadata={"source": _RATING})
    predicted = dy.Float64(min=1, max=10, description="Predicted rating.", metadata={"source": _PREDICTED})
    lower = dy.Float64(min=1, max=10, description="Lower end of the 90 % interval.", metadata={"source": _PREDICTED})
    upper = dy.Float64(min=1, max=10, description="Upper end of the 90 % interval.", metadata={"source": _PREDICTED})
    model_version = dy.String(
        description="Version of the rating model whose champions these are.", metadata={"source": _CHAMPION}
    )
    snapshot_id = dy.Int64(description="Snapshot of gold.movie_features that was learned from and predicted.")

    @dy.rule()
    def prediction_within_its_interval(cls) -> pl.Expr:
        """The interval holds the prediction."""
        return (pl.col("lower") <= pl.col("predicted")) & (pl.col("predicted") <= pl.col("upper"))


_ANSWER = [*_RATING, *_CHAMPION, "models.predictions.predicted"]
"""The model in service answers for films that it has not learned from; for the others the stored answer stands."""


class LivePredictions(Contract):
    """What the live endpoint answered for films that its model never saw."""

    table = "serving.live_predictions"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["silver.movies.tconst"]}
    )
    title = dy.String(nullable=True, description="Primary title.", metadata={"source": ["silver.movies.primary_title"]})
    start_year = dy.Int32(description="Year of release.", metadata={"source": ["gold.movie_features.start_year"]})
    regime = dy.String(
        regex=one_of("pre-release", "with votes"),
        description="Regime that answered.",
        metadata={"source": ["gold.movie_features.num_votes"]},
    )
    actual = dy.Float64(nullable=True, min=1, max=10, description="The film's rating.", metadata={"source": _RATING})
    predicted = dy.Float64(min=1, max=10, description="What the endpoint answered.", metadata={"source": _ANSWER})
    error = dy.Float64(nullable=True, description="predicted - actual, rating points.", metadata={"source": _ANSWER})
    latency_ms = dy.Float64(min=0, description="Round trip of the request, milliseconds.")
    model_version = dy.String(description="Version of the model that answered.")
