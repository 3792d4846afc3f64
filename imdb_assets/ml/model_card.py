"""The generated model card: what the model is, how well it does, and what it must not be used for.

`render` makes the card when the model version is made; the card has the facts that decided whether the version is put
into service. The scores of all iterations and the champions' full scores are computed later, and may belong to a newer
or older version; `scores` renders these scores.

All figures except the claims of the source document (docs/honest-result.md) come from the record and tables that are
passed in. The claims of the source document come from `iterations.SEED_CLAIMS`.
"""

from typing import Any

import polars as pl

from imdb_assets.ml.artifact import ModelRecord
from imdb_assets.ml.ceiling import VOTE_SPREAD, YOUNG_RELIABILITY
from imdb_assets.ml.intervals import COVERAGE, GROWTH
from imdb_assets.ml.iterations import ITERATIONS, POPULATIONS, SEED_CLAIMS
from imdb_assets.ml.splits import (
    CALIBRATION_YEARS,
    FOLDS,
    MATURE_YEARS,
    MOST_VOTED,
    MOST_VOTED_SHARE,
    ROLLING_YEARS,
    SPLITS,
    TEMPORAL_SPLIT_YEAR,
    TEST_SHARE,
)

ATTRIBUTION = "Information courtesy of IMDb (https://www.imdb.com). Used with permission."
"""The line that IMDb's terms require."""
SAMPLE = "This is a generated sample: its films, people and ratings are made up, and none of them is IMDb’s."  # noqa: RUF001
"""The line that replaces the attribution if the films are a generated sample."""

_USE = """\
## Intended use

The model predicts IMDb's average rating of a film from what IMDb itself publishes. The model is meant for exploring
the catalogue, for showing what ratings depend on, and as an example of a leak-free pipeline. The *pre-release* model
answers for a film without votes. The *with votes* model answers once the film's vote count is known.

Do not use the model for decisions about people or money: the model knows people only by the audience ratings of
their films. IMDb licenses its data for personal, non-commercial use, and these terms apply to this model, too.
"""

_AUDIT = """\
Five tests are run on every version that may be put in service, and on v4, which leaks and must therefore fail. A
version that fails any of the five tests is never put in service.
"""

_PROTOCOL = f"""\
The temporal split decides which version becomes the champion. The random split allows a comparison with the source
document. The rolling origin predicts each of the last {ROLLING_YEARS} years from all years before it. *Mature* films
were released at least {MATURE_YEARS} years before the year of the dumps, because newer films' ratings still change. The
values in brackets are 95 % bootstrap intervals. The ceiling is an estimate of the highest R² that noise in the ratings
allows. The ceiling treats the n votes for a film as a sample with a standard deviation of {VOTE_SPREAD} points, and
assumes that today's ratings of films that are not mature explain {YOUNG_RELIABILITY} of the variance of later ratings.
"""

_LIMITS = """\
## Limits

- Ratings and votes of the makers' *earlier* films are read as of the dump's date, not as they stood when the later film
  came out. If the makers became successful after the later film, today's ratings and votes of their earlier films are a
  little too high.
- A film's rating still changes during the film's first two years. For the newest films, errors are therefore larger
  than the RMSE in this card.
- For films by newcomers, who have no record, the model uses facts about the title and predicts close to the mean
  rating.
- No model can foresee a voting campaign, in which many people together push a film's rating up or down. Films with
  such ratings cause much of the squared error.
- The models of all folds have the same number of trees. This number of trees was chosen by early stopping, on films
  older than those of the temporal test. Each fold holds out some of the films that early stopping used. Apart from the
  number of trees, nothing in an out-of-fold prediction depends on held-out ratings.
- IMDb's voters are not the general public, and the catalogue covers old films and films from outside the West less
  well.
"""


def render(record: ModelRecord, checked: pl.DataFrame, audited: pl.DataFrame, *, generated: bool) -> str:
    """Renders a version's card as Markdown.

    Args:
        record: The model version.
        checked: Rows of `models.leak_check`.
        audited: Rows of `models.audit`.
        generated: Whether the films are a generated sample, for which the card needs no attribution.
    """
    parts = (_what(record), _USE, _data(record), _test(record), _leak(checked), _audit(audited), _LIMITS)
    return "\n".join((*parts, f"---\n\n{SAMPLE if generated else ATTRIBUTION}\n"))


def scores(evaluated: pl.DataFrame, protocol: pl.DataFrame) -> str:
    """Renders the scores of all iterations, and the champions' scores by the full protocol, as Markdown.

    Args:
        evaluated: Rows of `models.iterations`.
        protocol: Rows of `models.champion_scores`.
    """
    return "\n".join((_table(evaluated), _claims(evaluated), _champions(protocol), _coverage(protocol)))


def _what(record: ModelRecord) -> str:
    regimes = "; ".join(
        f"*{regime}* is {part.iteration} ({len(part.features)} features, {part.trees} trees)"
        for regime, part in record.regimes.items()
    )
    return (
        f"# Model card: rating model {record.version}\n\n"
        "The model consists of gradient-boosted regression trees (XGBoost), which predict the rating (1-10) of a film."
        f" Each regime has trees of its own: {regimes}. The version of the code is {record.code_version}.\n"
    )


def _data(record: ModelRecord) -> str:
    tables = "\n".join(f"- `{table}` at snapshot {snapshot}" for table, snapshot in record.created_from.items())
    trained = " and ".join(f"{part.train_rows:,} films ({regime})" for regime, part in record.regimes.items())
    return (
        "## Data\n\n"
        "The films are non-adult titles of type movie with a year, genres and a runtime of 40-400 minutes; the rated"
        f" ones among them are called *clean films*. The model was made from these tables:\n\n{tables}\n\n"
        f"The served models are trained on {trained}. The {len(record.showcase):,} films of the"
        " showcase (films for live predictions) were not used for training. Stored predictions of rated films are"
        f" out-of-fold, with {FOLDS} folds.\n"
    )


def _test(record: ModelRecord) -> str:
    calibrated = "; ".join(
        f"{regime}: {part.intervals.films:,} films of {part.intervals.first_year}-{part.intervals.last_year}"
        for regime, part in record.regimes.items()
    )
    procedure = (
        "For the temporal test, models with the served models' features and parameters were trained on films before"
        f" {TEMPORAL_SPLIT_YEAR}, and tested on films of {TEMPORAL_SPLIT_YEAR} and later. The values in brackets are"
        f" 95 % bootstrap intervals. {record.verdict}\n"
    )
    lines = [
        "## Test\n",
        procedure,
        "| regime | version | films | tested | R² | RMSE |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {regime} | {part.iteration} | {row['population']} | {row['test_rows']:,} | {_ends(row, 'r2')} |"
        f" {row['rmse']:.3f} |"
        for regime, part in record.regimes.items()
        for row in part.metrics
    ]
    lines.append(
        f"\nThe intervals are split-conformal, with a coverage of {COVERAGE:.0%}. Intervals are wider for films that"
        f" are harder to predict. The intervals were calibrated on those films of the temporal test that are at least"
        f" {MATURE_YEARS} years old ({calibrated}). Errors grow with the time between the training films and the"
        f" predicted film, so an interval is made {GROWTH:.1%} wider for each year between the newest calibration films"
        f" and the predicted film. The widening by {GROWTH:.1%} a year was chosen on IMDb's films of 2005-2012 and"
        " tested on films of 2013-2020 (`benchmarks/intervals.py`).\n"
    )
    return "\n".join(lines)


def _table(scores: pl.DataFrame) -> str:
    protocol = (
        "Each cell has R² and, in brackets, RMSE in rating points. The *random* split holds out"
        f" {TEST_SHARE:.0%} of the films. The *temporal* split trains on films before {TEMPORAL_SPLIT_YEAR} and tests"
        f" on films of {TEMPORAL_SPLIT_YEAR} and later. All versions are scored on the same test rows. The *most voted*"
        f" films are the {MOST_VOTED:,} films with the most votes, or the top {MOST_VOTED_SHARE:.0%} of a small"
        " catalogue.\n"
    )
    lines = [
        "## Scores\n",
        protocol,
        "| version | what it adds | regime | trained on | source claims | "
        + " | ".join(f"{split}, {population}" for split in SPLITS for population in POPULATIONS)
        + " | leaks |",
        "|---|---|---|---|---|" + "---|" * (len(SPLITS) * len(POPULATIONS) + 1),
    ]
    for chosen in ITERATIONS:
        rows = scores.filter(pl.col("iteration") == chosen.name)
        claim = f"{SEED_CLAIMS[chosen.name]:.3f}" if chosen.name in SEED_CLAIMS else "-"
        cells = [_cell(rows, split, population) for split in SPLITS for population in POPULATIONS]
        leaking = rows["leaking_features"][0]
        leak = f"**{leaking} features**" if leaking else "no"
        facts = (chosen.name, chosen.description, chosen.regime, chosen.trained_on, claim, *cells, leak)
        lines.append("| " + " | ".join(facts) + " |")
    return "\n".join(lines) + "\n"


def _cell(rows: pl.DataFrame, split: str, population: str) -> str:
    row = rows.row(by_predicate=(pl.col("split") == split) & (pl.col("population") == population), named=True)
    return f"{row['r2']:.3f} ({row['rmse']:.3f})"


def _claims(scores: pl.DataFrame) -> str:
    on_most_voted = scores.filter(pl.col("split") == "random", pl.col("population") == "most voted")
    ours = dict(zip(on_most_voted["iteration"], on_most_voted["r2"], strict=True))
    return (
        f"The source document claims R² {SEED_CLAIMS['v3']:.3f} for v3 and {SEED_CLAIMS['v4']:.3f} for v4, and gives"
        f" director reputation as the reason. On the most voted films, with the random split, our R² is"
        f" {ours['v3']:.3f} for v3 and {ours['v4']:.3f} for v4. But v4 uses a director's mean rating over the *whole*"
        " career, which includes the film itself. For a director with only one film, the mean of the career is the"
        " rating to be predicted; for other directors, the mean of the career also includes later films. Computed from"
        f" earlier films only (v5), the six director features give R² {ours['v5']:.3f}. With further features, of"
        f" writers, cast and the title's form (v6), R² is {ours['v6']:.3f}.\n"
    )


def _leak(checked: pl.DataFrame) -> str:
    leaks = checked.filter("leaks")
    names = ", ".join(f"`{name}`" for name in leaks["feature"])
    return (
        "## Leak check\n\n"
        f"The leak check replaces 30 % of the ratings of films of {TEMPORAL_SPLIT_YEAR} and later by noise. The leak"
        f" check also removes 30 % of the films after {TEMPORAL_SPLIT_YEAR}, and then rebuilds every feature. A second"
        " round puts noise into the numbers of votes instead of the ratings, and removes no films. In both rounds, no"
        f" feature of a film of {TEMPORAL_SPLIT_YEAR} or earlier may change, unless the feature is made from the film's"
        f" own votes. Of {checked.height} features, {leaks.height} fail the leak check{names and f' ({names})'}. A"
        " version that uses a leaking feature cannot be champion, however well the version scores.\n"
    )


def _audit(audited: pl.DataFrame) -> str:
    lines = [
        "## Audit\n",
        _AUDIT,
        "| version | test | result | finding |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['iteration']} | {row['test']} | {'passes' if row['passed'] else '**fails**'} | {row['words']} |"
        for row in audited.iter_rows(named=True)
    ]
    return "\n".join(lines) + "\n"


def _champions(protocol: pl.DataFrame) -> str:
    lines = [
        "## Champions\n",
        _PROTOCOL,
        "| regime | version | split | films | maturity | tested | R² | RMSE | MAE | bias | ceiling |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    whole = protocol.filter(pl.col("breakdown") == "none")
    lines += [
        f"| {row['regime']} | {row['iteration']} | {row['split']} | {row['population']} | {row['maturity']} |"
        f" {row['test_rows']:,} | {_ends(row, 'r2')} | {_ends(row, 'rmse')} | {_ends(row, 'mae')}"
        f" | {_ends(row, 'bias')} | {row['ceiling']:.2f} |"
        for row in whole.iter_rows(named=True)
    ]
    for breakdown in ("release year", "vote band", "director's earlier films"):
        lines += [
            f"\n### Temporal test by {breakdown}\n",
            "| regime | slice | tested | R² | RMSE | bias |",
            "|---|---|---|---|---|---|",
        ]
        parts = protocol.filter(
            pl.col("breakdown") == breakdown, pl.col("split") == "temporal", pl.col("population") == "all clean films"
        )
        lines += [
            f"| {row['regime']} | {row['slice']} | {row['test_rows']:,} | {_ends(row, 'r2')} | {row['rmse']:.3f} |"
            f" {row['bias']:+.3f} |"
            for row in parts.iter_rows(named=True)
        ]
    return "\n".join(lines) + "\n"


def _ends(row: dict[str, Any], score: str) -> str:
    return f"{row[score]:.3f} ({row[f'{score}_lower']:.3f} to {row[f'{score}_upper']:.3f})"


def _coverage(protocol: pl.DataFrame) -> str:
    procedure = (
        f"The intervals in this table are calibrated on films of the {CALIBRATION_YEARS} years before"
        f" {TEMPORAL_SPLIT_YEAR}, and checked on the films of the temporal test.\n"
    )
    lines = [
        "## Intervals\n",
        procedure,
        "| regime | films | slice | tested | inside the interval |",
        "|---|---|---|---|---|",
    ]
    parts = protocol.filter(
        pl.col("split") == "temporal",
        pl.col("population") == "all clean films",
        pl.col("breakdown").is_in(["none", "vote band"]),
    )
    lines += [
        f"| {row['regime']} | {row['maturity']} | {row['slice']} | {row['test_rows']:,} | {row['coverage']:.1%} |"
        for row in parts.iter_rows(named=True)
    ]
    return "\n".join(lines) + "\n"
