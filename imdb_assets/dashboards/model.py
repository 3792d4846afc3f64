"""The dashboard of the model: its accuracy overall and for kinds of films, its audit, and its latest predictions."""

from imdb_assets.dashboards.base import Bars, Column, Dashboard, Dots, Figures, Heat, Lines, Panel, Rows
from imdb_assets.ml.iterations import SEED_CLAIMS

_FIGURES = Panel(
    "figures",
    "The champions",
    "The temporal test: R² on films of 2018 and later, for models trained on films from before 2018. Nine of ten "
    "ratings should lie within their predicted interval.",
    """
    select
      max(case when regime = 'pre-release' then iteration end) as before_release,
      max(case when regime = 'pre-release' then r2 end) as r2_before_release,
      max(case when regime = 'with votes' then iteration end) as with_votes,
      max(case when regime = 'with votes' then r2 end) as r2_with_votes,
      max(case when regime = 'with votes' then rmse end) as rmse_with_votes,
      max(case when regime = 'with votes' then coverage end) as coverage_with_votes
    from models.champion_scores
    where split = 'temporal' and population = 'all clean films' and maturity = 'all' and breakdown = 'none'
    """,
    {
        "before_release": Column("before release"),
        "r2_before_release": Column("its R²", "number"),
        "with_votes": Column("with votes"),
        "r2_with_votes": Column("its R²", "number"),
        "rmse_with_votes": Column("its error, points", "rating"),
        "coverage_with_votes": Column("within its interval", "share"),
    },
    Figures(),
    wide=True,
)


_CLAIMS = ", ".join(f"('{iteration}', {r2})" for iteration, r2 in SEED_CLAIMS.items())


def _iterations(name: str, population: str, title: str) -> Panel:
    return Panel(
        name,
        title,
        "R² of every version with its 95 % interval, beside the R² that the source document claims. All versions are "
        "scored on the same test rows. The random split tests 20 % of films; the temporal split tests films of 2018 "
        "and later, with models trained on earlier films. A version that leaks uses the ratings that it predicts.",
        f"""
        select
          iteration || case when leaking_features > 0 then ' leaks' else '' end as version,
          split,
          r2,
          r2_lower,
          r2_upper,
          description
        from (
          select iteration, leaking_features, description, split, r2, r2_lower, r2_upper
          from models.iterations
          where population = '{population}'
          union all
          select scores.iteration, leaking_features, description, 'claimed', claims.r2, null, null
          from models.iterations as scores
          join (values {_CLAIMS}) as claims(iteration, r2) on claims.iteration = scores.iteration
          where population = '{population}' and split = 'random'
        ) as scores
        order by cast(substr(iteration, 2) as integer), split
        """,  # noqa: S608 - our own words
        {
            "version": Column("version"),
            "split": Column("split"),
            "r2": Column("R²", "number"),
            "r2_lower": Column("lower end", "number"),
            "r2_upper": Column("upper end", "number"),
            "description": Column("what it adds"),
        },
        Dots("version", "r2", series="split", lower="r2_lower", upper="r2_upper"),
    )


_CALIBRATION = Panel(
    "calibration",
    "Predicted and actual",
    "Number of films by predicted and actual rating, in steps of half a point. The predictions come from models that "
    "did not learn from the film but knew its number of votes. A perfect model would fill only the diagonal.",
    """
    select
      floor(predicted * 2) / 2 as predicted_from,
      floor(actual * 2) / 2 as actual_from,
      count(*) as films
    from models.predictions
    where split = 'fold' and regime = 'with votes'
    group by floor(predicted * 2) / 2, floor(actual * 2) / 2
    order by actual_from, predicted_from
    """,
    {
        "predicted_from": Column("predicted from", "number"),
        "actual_from": Column("actual from", "number"),
        "films": Column("films", "count"),
    },
    Heat("predicted_from", "actual_from", "films"),
)

_BIAS = Panel(
    "bias",
    "Predictions and actual ratings",
    "Films are grouped by predicted rating, in steps of half a point. Each point is the mean actual rating of a group; "
    "on the diagonal, predictions are right on average.",
    """
    select
      regime,
      floor(predicted * 2) / 2 as predicted_from,
      sum(predicted) / count(*) as predicted,
      sum(actual) / count(*) as actual,
      count(*) as films
    from models.predictions
    where split = 'fold'
    group by regime, floor(predicted * 2) / 2
    having count(*) >= 30
    order by regime, predicted_from
    """,
    {
        "regime": Column("regime"),
        "predicted_from": Column("predicted from", "number"),
        "predicted": Column("mean predicted", "rating"),
        "actual": Column("mean actual", "rating"),
        "films": Column("films", "count"),
    },
    Lines("predicted", "actual", series="regime", diagonal=(3, 8.5)),
)


_ORDERS = {
    "vote band": """
    case slice
      when 'fewer than 100' then 0 when '100-999' then 1 when '1,000-9,999' then 2 when '10,000-99,999' then 3 else 4
    end
    """,
    "director's earlier films": """
    case slice when 'debut' then 0 when '1-2' then 1 when '3-5' then 2 when '6 or more' then 3 else 4 end
    """,
}
"""Maps a breakdown of the scores, such as `vote band`, to the SQL expression by which its slices are sorted. The slices
of all other breakdowns are sorted by name."""


def _slices(name: str, breakdown: str, words: str, *, wide: bool = False) -> Panel:
    quoted, order = breakdown.replace("'", "''"), _ORDERS.get(breakdown, "slice")
    return Panel(
        name,
        f"By {breakdown}",
        words,
        f"""
        select slice, regime, r2, r2_lower, r2_upper, test_rows
        from models.champion_scores
        where
          breakdown = '{quoted}' and split = 'temporal' and population = 'all clean films' and maturity = 'all'
        order by {order}, regime
        """,  # noqa: S608 - our own words
        {
            "slice": Column(breakdown),
            "regime": Column("regime"),
            "r2": Column("R²", "number"),
            "r2_lower": Column("lower end", "number"),
            "r2_upper": Column("upper end", "number"),
            "test_rows": Column("films", "count"),
        },
        Dots("slice", "r2", series="regime", lower="r2_lower", upper="r2_upper"),
        wide=wide,
    )


_COVERAGE = Panel(
    "coverage",
    "Ratings within their interval",
    "The model predicts an interval for each film's rating. For each release year, a line shows the share of the "
    "temporal test's films with a rating within the interval. The line across the chart marks the target, 90 %.",
    """
    select cast(slice as integer) as release_year, regime, coverage, test_rows
    from models.champion_scores
    where
      breakdown = 'release year' and split = 'temporal' and population = 'all clean films' and maturity = 'all'
      and coverage is not null
    order by regime, release_year
    """,
    {
        "release_year": Column("release year", "year"),
        "regime": Column("regime"),
        "coverage": Column("within the interval", "share"),
        "test_rows": Column("films", "count"),
    },
    Lines("release_year", "coverage", series="regime", reference=0.9),
)

_LEAKS = Panel(
    "audit",
    "Is it honest?",
    "The audit of every version that may be put in service, and of v4, which must fail because its director features "
    "contain the film's own rating.",
    "select iteration, test, case when passed then 'passes' else 'fails' end as result, words from models.audit "
    "order by passed, cast(substr(iteration, 2) as integer) desc, test",
    {
        "iteration": Column("version"),
        "test": Column("test"),
        "result": Column("result"),
        "words": Column("finding"),
    },
    Rows(),
    wide=True,
)

_LIVE = Panel(
    "live",
    "What the endpoint answered",
    "Predictions requested after the latest run, for films that the model in service has not seen, beside the films' "
    "ratings if there are any.",
    """
    select tconst, title, start_year, regime, actual, predicted, error, latency_ms
    from serving.live_predictions
    order by start_year, title
    """,
    {
        "tconst": Column("id", "id"),
        "title": Column("film", leads_to="tconst"),
        "start_year": Column("year", "year"),
        "regime": Column("regime"),
        "actual": Column("rated", "rating"),
        "predicted": Column("predicted", "rating"),
        "error": Column("error", "points"),
        "latency_ms": Column("ms", "ms"),
    },
    Rows(),
    wide=True,
)

_ARRIVED = Panel(
    "arrived",
    "Predictions and first ratings",
    "Mean absolute error for films that were unrated when they were predicted and have a rating now, by the day on "
    "which the rating arrived.",
    """
    select
      arrived_on,
      count(*) as films,
      sum(abs(error)) / count(*) as mean_error,
      cast(count(case when inside then 1 end) as double) / count(*) as inside
    from models.live_accuracy
    group by arrived_on
    order by arrived_on
    """,
    {
        "arrived_on": Column("arrived"),
        "films": Column("films", "count"),
        "mean_error": Column("mean absolute error", "rating"),
        "inside": Column("within the interval", "share"),
    },
    Bars("arrived_on", "mean_error"),
    nothing="No first rating has arrived yet for a film that was predicted while unrated.",
)

MODEL = Dashboard(
    "model",
    "Model",
    "How well the model predicts, for which films, whether it leaks, and what it predicted last.",
    (
        _FIGURES,
        _iterations("iterations", "all clean films", "Every version, on all clean films"),
        _iterations("iterations-most-voted", "most voted", "Every version, on the most voted films"),
        _CALIBRATION,
        _BIAS,
        _slices(
            "vote-bands",
            "vote band",
            "R² of the champions on the temporal test, by number of votes; ratings with few votes are mostly chance.",
        ),
        _slices(
            "debuts",
            "director's earlier films",
            "R² of the champions on the temporal test, by the number of the director's earlier films; little is known "
            "about a debut.",
        ),
        _COVERAGE,
        _ARRIVED,
        _slices(
            "genres",
            "genre",
            "R² of the champions on the temporal test by genre; a film counts in each of its genres.",
            wide=True,
        ),
        _LEAKS,
        _LIVE,
    ),
)
