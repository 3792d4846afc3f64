"""Tables of the models: scores of every iteration, the leak check, predictions, and answers of the live endpoint."""

from typing import ClassVar

import dataframely as dy
import narwhals as nw

from imdb_assets.contracts.base import TCONST, Contract, one_of

_RATING = ["gold.movie_features.average_rating"]
"""The column with the target of every model. The lineage declared for a model's output names only this column, and not
the features, which are columns of the same table."""

_CHAMPION = ["models.audit.passed"]
"""The column that decides whether a declared champion goes into service."""


_LIVE = ["models.predictions.predicted", "models.predictions.split"]
_SINCE = ["silver.rating_history.valid_from", "silver.rating_history.num_votes"]
"""Columns that tell since when a film has been rated."""
_FIRST_RATING = ["silver.movies.average_rating", "silver.rating_history.average_rating", *_SINCE]


class LeakCheck(Contract):
    """Whether a film's features depend on ratings or votes from the same or later years, or on later films.

    One row per feature. The check puts noise in place of 30 % of the ratings of films from the split year onwards,
    removes 30 % of the films after that year, and rebuilds every feature. A second round of the check puts noise only
    into the numbers of votes. Neither round may change the features of films of the split year or earlier. There is one
    exception: if the check replaced a film's votes, a feature that is declared to hold the film's own number of votes
    may change.
    """

    table = "models.leak_check"

    feature = dy.String(primary_key=True, description="Feature column of gold.movie_features.")
    group = dy.String(description="Feature group.")
    regime = dy.String(
        regex=one_of("pre-release", "with votes", "leaky"),
        description="What the feature may use, as declared in gold.movie_features: facts known before the first vote "
        "(`pre-release`), also the film's own number of votes (`with votes`), or the film's own rating (`leaky`).",
    )
    films = dy.Int64(min=0, description="Number of films compared.")
    changed_by_ratings = dy.Int64(
        min=0,
        description="Number of films for which the feature's value changed when ratings were altered and later films "
        "were removed.",
    )
    changed_by_votes = dy.Int64(
        min=0,
        description="Number of films for which the feature's value changed when vote counts were altered. If the "
        "feature is declared to hold the film's own votes, only films with an unchanged number of votes are counted.",
    )
    own_rating_films = dy.Int64(min=0, description="Number of films of the split year whose own rating was replaced.")
    changed_by_own_rating = dy.Int64(
        min=0, description="Number of films counted in `own_rating_films` for which the feature's value changed."
    )
    leaks = dy.Bool(
        description="Whether the feature leaks: whether `changed_by_ratings` or `changed_by_votes` is above 0."
    )


class Iterations(Contract):
    """All versions of the model, scored in the same way: one row per iteration, split and test population."""

    table = "models.iterations"

    iteration = dy.String(primary_key=True, description="v1, v2, …")
    split = dy.String(
        primary_key=True,
        regex=one_of("random", "temporal"),
        description="random: 20 % of films are held out for the test; temporal: the model is trained on films before "
        "the split year and tested on all other films.",
    )
    population = dy.String(
        primary_key=True,
        regex=one_of("all clean films", "most voted"),
        description="The test rows: all clean films, or the 50,000 with the most votes "
        "(in a small catalogue, the top 16 %).",
    )
    description = dy.String(description="What the iteration adds to an earlier iteration.")
    regime = dy.String(
        regex=one_of("pre-release", "with votes"), description="Whether the model knows the film's own number of votes."
    )
    trained_on = dy.String(
        regex=one_of("all clean films", "most voted"), description="The films that the model is trained on."
    )
    leaking_features = dy.Int32(
        min=0,
        description="Number of the iteration's features that failed the leak check; an iteration with such a feature "
        "cannot be champion.",
        metadata={"source": ["models.leak_check.leaks"]},
    )
    feature_count = dy.Int32(min=1, description="Number of features.")
    train_rows = dy.Int64(min=1, description="Number of films that the model was trained on.")
    test_rows = dy.Int64(min=1, description="Films scored.")
    r2 = dy.Float64(description="Coefficient of determination on the test rows.", metadata={"source": _RATING})
    r2_lower = dy.Float64(description="Lower end of the 95 % bootstrap interval of r2.", metadata={"source": _RATING})
    r2_upper = dy.Float64(description="Upper end of the 95 % bootstrap interval of r2.", metadata={"source": _RATING})
    rmse = dy.Float64(min=0, description="Root mean squared error, rating points.", metadata={"source": _RATING})
    mae = dy.Float64(min=0, description="Mean absolute error, rating points.", metadata={"source": _RATING})
    bias = dy.Float64(description="Mean of predicted minus actual rating, rating points.", metadata={"source": _RATING})
    trees = dy.Int32(
        min=1, description="Number of boosting rounds, chosen by early stopping on the newest training years."
    )
    seconds = dy.Float64(min=0, description="Wall time of training.")


_SCORE = {"source": _RATING}


def _end(of: str, end: str) -> dy.Float64:
    return dy.Float64(description=f"{end} end of the 95 % bootstrap interval of {of}.", metadata=_SCORE)


class ChampionScores(Contract):
    """Scores of the champions by the full test protocol: three populations, three splits, and many slices.

    One row per champion, split, population, maturity (with or without the newest films) and slice. Slices with fewer
    than 30 test rows are left out. The temporal split gives the headline score; the random split allows a comparison
    with the source document (docs/honest-result.md).
    """

    table = "models.champion_scores"

    regime = dy.String(
        primary_key=True,
        regex=one_of("pre-release", "with votes"),
        description="Which of the two champions is scored: the one that uses the film's own number of votes "
        "(`with votes`), or the one that does not (`pre-release`).",
    )
    split = dy.String(
        primary_key=True,
        regex=one_of("random", "temporal", "rolling origin"),
        description="random: 20 % of films are held out for the test; temporal: the model is trained on films before "
        "the split year and tested on all other films; rolling origin: each of the last eight years is predicted by a "
        "model trained on all years before that year.",
    )
    population = dy.String(
        primary_key=True,
        regex=one_of("all clean films", "most voted", "at least 100 votes"),
        description="The films that the score is computed on; the model is the same for all populations.",
    )
    maturity = dy.String(
        primary_key=True,
        regex=one_of("all", "mature"),
        description="all: all films; mature: only films released at least two years before the dump's year, because "
        "the ratings of newer films still change.",
    )
    breakdown = dy.String(
        primary_key=True,
        regex=one_of("none", "release year", "decade", "genre", "vote band", "director's earlier films"),
        description="The fact by which the test films are divided into slices.",
    )
    slice = dy.String(primary_key=True, description="The slice that is scored; `all` if the breakdown is `none`.")
    iteration = dy.String(description="The champion.")
    test_rows = dy.Int64(min=1, description="Films scored.")
    r2 = dy.Float64(description="Coefficient of determination (R²) on the test films.", metadata=_SCORE)
    r2_lower = _end("R²", "Lower")
    r2_upper = _end("R²", "Upper")
    rmse = dy.Float64(min=0, description="Root mean squared error, rating points.", metadata=_SCORE)
    rmse_lower = _end("the RMSE", "Lower")
    rmse_upper = _end("the RMSE", "Upper")
    mae = dy.Float64(min=0, description="Mean absolute error, rating points.", metadata=_SCORE)
    mae_lower = _end("the MAE", "Lower")
    mae_upper = _end("the MAE", "Upper")
    bias = dy.Float64(description="Mean of predicted minus actual rating, rating points.", metadata=_SCORE)
    bias_lower = _end("the bias", "Lower")
    bias_upper = _end("the bias", "Upper")
    ceiling = dy.Float64(
        min=0,
        max=1,
        description="Estimate of the highest R² that the noise in the ratings allows: a rating with "
        "few votes is noisy, and the rating of a young film still changes.",
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
    """The audit of model versions for leaks: one row per audited version and test.

    The declared champions are audited, and so is iteration v4, which must fail. Only a version that passes all tests
    may be put into service, however well it scores.
    """

    table = "models.audit"

    iteration = dy.String(primary_key=True, description="The audited version.")
    test = dy.String(
        primary_key=True,
        regex=one_of("later knowledge", "own rating", "shuffled target", "debut directors", "single feature"),
        description="The test.",
    )
    regime = dy.String(
        regex=one_of("pre-release", "with votes"),
        description="Whether the version knows the film's own number of votes (`with votes`) or not (`pre-release`).",
    )
    value = dy.Float64(
        description="The test's result, in a unit that depends on the test.", metadata={"source": _RATING}
    )
    limit = dy.Float64(description="The highest value with which a version passes the test.")
    passed = dy.Bool(
        description="Whether the version passes the test.", metadata={"source": ["models.leak_check.leaks", *_RATING]}
    )
    words = dy.String(description="The result of the test, in words.")


class LiveAccuracy(Contract):
    """How accurate predictions were, for films that had no rating when they were predicted and have a rating now.

    A row is written when a film's first rating arrives, and never changes after that. `actual` is the film's rating on
    the day of its first rating, according to `silver.rating_history`. If the history lacks the day of the first
    rating, `actual` is taken from the dumps of the run that writes the row.
    """

    table = "models.live_accuracy"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["models.predictions.tconst"]}
    )
    regime = dy.String(
        regex=one_of("pre-release"),
        description="Always `pre-release`: only the champion that does not use votes predicts unrated films.",
    )
    iteration = dy.String(description="The champion that made the prediction.", metadata={"source": _LIVE})
    model_version = dy.String(description="The model version that made the prediction.", metadata={"source": _LIVE})
    predictions_snapshot_id = dy.Int64(
        description="Last snapshot of models.predictions in which the film was unrated.", metadata={"source": _LIVE}
    )
    predicted_at = dy.String(description="When the snapshot with the prediction was published, ISO 8601.")
    arrived_on = dy.String(
        description="Date of the dumps that brought the rating, ISO 8601.", metadata={"source": _SINCE}
    )
    num_votes = dy.Int64(
        min=1,
        description="Number of votes behind the first rating.",
        metadata={"source": ["silver.movies.num_votes", *_SINCE]},
    )
    predicted = dy.Float64(
        min=1, max=10, description="Predicted rating.", metadata={"source": ["models.predictions.predicted"]}
    )
    actual = dy.Float64(min=1, max=10, description="First rating.", metadata={"source": _FIRST_RATING})
    error = dy.Float64(
        description="Predicted minus actual rating, rating points.",
        metadata={"source": ["models.predictions.predicted", *_FIRST_RATING]},
    )
    inside = dy.Bool(
        description="Whether the rating lies within the predicted interval.",
        metadata={"source": [*_LIVE, *_FIRST_RATING]},
    )


_PREDICTED = [*_RATING, *_CHAMPION]


class Predictions(Contract):
    """The champions' predictions for all films, with 90 % intervals. No prediction uses the film's own rating.

    Every rated film has a prediction in both regimes, made by a model that did not learn from the film (see `split`).
    Films of the temporal test have a second prediction in each regime, made by a model that learned only from films of
    the years before the split. Unrated films have one prediction, made by the pre-release model in service.
    """

    table = "models.predictions"
    rules: ClassVar = {"prediction_in_its_interval": nw.col("predicted").is_between(nw.col("lower"), nw.col("upper"))}

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["gold.movie_features.tconst"]}
    )
    regime = dy.String(
        primary_key=True,
        regex=one_of("pre-release", "with votes"),
        description="Which of the two champions made the prediction: the one that uses the film's own number of votes "
        "(`with votes`), or the one that does not (`pre-release`).",
    )
    split = dy.String(
        primary_key=True,
        regex=one_of("fold", "temporal", "unrated"),
        description="Which model made the prediction. `fold`: a model that learned from four fifths of the films, but "
        "not from the film itself. `temporal`: a model that learned from the years before the split year. `unrated`: "
        "the film has no rating yet, and the model in service made the prediction.",
        metadata={"source": _RATING},
    )
    iteration = dy.String(description="The champion that made the prediction.", metadata={"source": _CHAMPION})
    actual = dy.Float64(nullable=True, min=1, max=10, description="The film's rating.", metadata={"source": _RATING})
    predicted = dy.Float64(min=1, max=10, description="Predicted rating.", metadata={"source": _PREDICTED})
    lower = dy.Float64(min=1, max=10, description="Lower end of the 90 % interval.", metadata={"source": _PREDICTED})
    upper = dy.Float64(min=1, max=10, description="Upper end of the 90 % interval.", metadata={"source": _PREDICTED})
    model_version = dy.String(
        description="The version of the rating model that the champion belongs to.", metadata={"source": _CHAMPION}
    )
    snapshot_id = dy.Int64(
        description="Snapshot of gold.movie_features with the training films and the predicted films."
    )


_ANSWER = [*_RATING, *_CHAMPION, "models.predictions.predicted"]
"""Columns from which an answer of the endpoint is computed. For a film that the model in service learned from, the
answer is a stored prediction; for any other film, the model computes the answer."""


class LivePredictions(Contract):
    """The live endpoint's answers for films that its model did not learn from."""

    table = "serving.live_predictions"

    tconst = dy.String(
        primary_key=True, regex=TCONST, description="Title id.", metadata={"source": ["silver.movies.tconst"]}
    )
    title = dy.String(nullable=True, description="Primary title.", metadata={"source": ["silver.movies.primary_title"]})
    start_year = dy.Int32(description="Year of release.", metadata={"source": ["gold.movie_features.start_year"]})
    regime = dy.String(
        regex=one_of("pre-release", "with votes"),
        description="Which of the two champions answered: the one that uses the film's own number of votes "
        "(`with votes`), or the one that does not (`pre-release`).",
        metadata={"source": ["gold.movie_features.num_votes"]},
    )
    actual = dy.Float64(nullable=True, min=1, max=10, description="The film's rating.", metadata={"source": _RATING})
    predicted = dy.Float64(min=1, max=10, description="The endpoint's prediction.", metadata={"source": _ANSWER})
    error = dy.Float64(
        nullable=True, description="Predicted minus actual rating, rating points.", metadata={"source": _ANSWER}
    )
    latency_ms = dy.Float64(min=0, description="Time from sending the request to receiving the answer, milliseconds.")
    model_version = dy.String(description="The version of the model that answered.")
