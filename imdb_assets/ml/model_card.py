"""The generated model card: what the model is, how well it does, and what it must not be used for.

`render` makes a version's card together with the version; the card has the facts that decided whether the version is
put into service. The scores of all iterations and the champions' full scores are computed later, and may belong to a
newer or older version; `scores` renders them.

All figures come from the record and tables that are passed in, except the claims of the source document, which are
constants (`iterations.SEED_CLAIMS`).
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
"""The line that replaces the attribution if no row is IMDb's."""

_USE = """\
## Intended use

The model predicts IMDb's average rating of a film from what IMDb itself publishes. It is meant for exploring the
catalogue, for showing what ratings depend on, and as an example of a leak-free pipeline. The *pre-release* model
answers for a film without votes, the *with votes* model once the film's vote count is known.

Do not use it for decisions about people or money: a person's record here is a mean of audience ratings, nothing more.
IMDb's data are licensed for personal, non-commercial use, and so is what is made of them.
"""

_AUDIT = """\
Five tests are run on every version that may be put in service, and on v4, which must fail. A version that fails one is
never put in service.
"""

_PROTOCOL = f"""\
The temporal split decides; the random split is for comparison with the source document; the rolling origin predicts
each of the last {ROLLING_YEARS} years from all years before it. *Mature* films were released at least {MATURE_YEARS}
years before the year of the dumps, because younger ratings still move. The values in brackets are 95 % bootstrap
intervals. The ceiling estimates the highest R² that noise in the ratings allows. It takes a film's n votes as a sample
with a spread of {VOTE_SPREAD} points, and young ratings as {YOUNG_RELIABILITY} reliable.
"""

_LIMITS = """\
## Limits

- Ratings and votes of *earlier* films are read as of the dump's date, not as they stood when the later film came out;
  later success inflates them a little. This is a declared limitation.
- Ratings of films younger than two years still move: errors on the newest films are larger than the table says.
- Films by newcomers have no history; the model falls back on title facts and predicts close to the mean.
- Ratings that campaigns push up or down cannot be foreseen, and make up much of the squared error.
- All folds use the same number of trees. Early stopping chose it on films before the temporal split, and each fold
  holds out some of these. That number is the only thing in out-of-fold predictions that depends on held-out ratings.
- IMDb's voters are not the general public, and the catalogue covers old films and films from outside the West less
  well.
"""


def render(record: ModelRecord, checked: pl.DataFrame, audited: pl.DataFrame, *, generated: bool) -> str:
    """Renders a version's card as Markdown.

    Args:
        record: The model version.
        checked: Rows of `models.leak_check`.
        audited: Rows of `models.audit`.
        generated: Whether the films are a generated sample; the card then needs no attribution.
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
        "Gradient-boosted regression trees (XGBoost) that predict the rating (1-10) of a feature film, one model per"
        f" regime: {regimes}. Code version {record.code_version}.\n"
    )


def _data(record: ModelRecord) -> str:
    tables = "\n".join(f"- `{table}` at snapshot {snapshot}" for table, snapshot in record.created_from.items())
    trained = " and ".join(f"{part.train_rows:,} films ({regime})" for regime, part in record.regimes.items())
    return (
        "## Data\n\n"
        "Non-adult titles of type movie with a year, genres and a runtime of 40-400 minutes; those with a rating are"
        f" the *clean films*. Read from\n\n{tables}\n\n"
        f"The served models are trained on {trained}, without a showcase of {len(record.showcase):,} films that they"
        " have not seen. Stored predictions of rated films are out-of-fold"
        f" ({FOLDS} folds).\n"
    )


def _test(record: ModelRecord) -> str:
    calibrated = "; ".join(
        f"{regime}: {part.intervals.films:,} films of {part.intervals.first_year}-{part.intervals.last_year}"
        for regime, part in record.regimes.items()
    )
    procedure = (
        f"The same recipes, trained on films before {TEMPORAL_SPLIT_YEAR} and tested on those of {TEMPORAL_SPLIT_YEAR}"
        f" and later; in brackets, the 95 % bootstrap interval. {record.verdict}\n"
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
        f"\nIntervals are split-conformal, {COVERAGE:.0%}, wider for films that are harder to predict, and calibrated"
        f" on the mature films of this test ({calibrated}). Errors grow with the distance from what a model has"
        " learned: for each year that a film was released after the newest calibration films, its interval is"
        f" {GROWTH:.1%} wider. This rate was chosen on IMDb's films of 2005-2012 and tested on those of 2013-2020"
        " (`benchmarks/intervals.py`).\n"
    )
    return "\n".join(lines)


def _table(scores: pl.DataFrame) -> str:
    protocol = (
        f"R² (RMSE in rating points). *Random*: {TEST_SHARE:.0%} of films held out. *Temporal*: trained on films before"
        f" {TEMPORAL_SPLIT_YEAR}, tested on those of {TEMPORAL_SPLIT_YEAR} and later. All versions are scored on the"
        f" same test rows; *most voted* are the {MOST_VOTED:,} films with most votes, or the top {MOST_VOTED_SHARE:.0%}"
        " of a small catalogue.\n"
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
        f"The source document reports R² {SEED_CLAIMS['v3']:.3f} for v3 and {SEED_CLAIMS['v4']:.3f} for v4, and credits"
        f" director reputation. On the random split and the most voted films we measure {ours['v3']:.3f} and"
        f" {ours['v4']:.3f}. But v4 takes a director's mean over the *whole* career, this film included: for a director"
        " of one film the feature is the answer, and for others it includes films that were made later. With earlier"
        f" films only (v5) the same six features give {ours['v5']:.3f}; with features of writers, cast and the title's"
        f" form (v6) it is {ours['v6']:.3f}.\n"
    )


def _leak(checked: pl.DataFrame) -> str:
    leaks = checked.filter("leaks")
    names = ", ".join(f"`{name}`" for name in leaks["feature"])
    return (
        "## Leak check\n\n"
        f"The check replaces 30 % of all ratings from {TEMPORAL_SPLIT_YEAR} on by noise, removes as many later films,"
        " rebuilds every feature, and then repeats this with noise in the votes. The features of films up to that year"
        " must stay the same to the bit, except those that hold the film's own votes, if these changed."
        f" Of {checked.height} features {leaks.height} fail: {names or 'none'}. A version that uses one"
        " of them cannot be champion, however well it scores.\n"
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
        f"Intervals are calibrated on the {CALIBRATION_YEARS} years before {TEMPORAL_SPLIT_YEAR}, and checked on the"
        " temporal test.\n"
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
