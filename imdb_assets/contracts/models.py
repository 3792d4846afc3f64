"""Tables of the models: scores of every iteration, the leak check, predictions, and what the live endpoint answered."""

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import TCONST, Contract, one_of

_RATING = ["gold.movie_features.average_rating"]
"""Target of every model. As source of what a model says it stands for the features too, which are all of that table."""

_CHAMPION = ["models.iterations.r2", "models.iterations.leaking_features"]
"""What an iteration is chosen by."""


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
    rmse = dy.Float64(min=0, description="Root mean squared error, rating points.", metadata={"source": _RATING})
    mae = dy.Float64(min=0, description="Mean absolute error, rating points.", metadata={"source": _RATING})
    trees = dy.Int32(min=1, description="Boosting rounds, chosen by early stopping on the last training years.")
    seconds = dy.Float64(min=0, description="Wall time of training.")


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
