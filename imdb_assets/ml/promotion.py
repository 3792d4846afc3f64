"""Champion or challenger: whether a new model version replaces the version in service.

The candidate and the version in service are compared on the same films of the temporal test, with today's ratings. All
predictions come from models trained on the years before the split. The candidate's predictions have just been made; the
predictions of the version in service were stored earlier. The candidate must not be worse than the version in service
in any regime.
"""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from imdb_assets.ml.bootstrap import gain
from imdb_assets.ml.iterations import Regime

NOISE = 0.004
"""Two fits of the same recipe may differ by this much in R² by chance, even if the bootstrap error is smaller."""
MIN_COMMON = 30
"""Smallest number of common test films for a comparison."""


class Verdict(NamedTuple):
    """Whether a candidate is put into service, and the reason, in words."""

    promoted: bool
    why: str


def judge(
    candidate: Mapping[Regime, pl.DataFrame],
    serving: pl.DataFrame | None,
    faults: Mapping[Regime, list[str]],
) -> Verdict:
    """Decides whether the candidate is put into service.

    Args:
        candidate: Maps each regime to the results of the candidate's temporal test, in the columns `tconst`,
            `average_rating` and `predicted`.
        serving: Rows of `models.predictions` that the version in service predicted; None if there is no version to
            compare with.
        faults: Maps each regime to the audit's findings against the candidate.
    """
    wrong = [f"{regime}: {' '.join(words)}" for regime, words in faults.items() if words]
    if wrong:
        return Verdict(promoted=False, why=f"The audit failed. {' '.join(wrong)}")
    if serving is None:
        return Verdict(promoted=True, why="No version from the same source is in service to compare with.")
    words: list[str] = []
    promoted = True
    for regime, tested in candidate.items():
        stored = serving.filter(pl.col("split") == "temporal", pl.col("regime") == regime)
        common = tested.join(stored.select("tconst", served="predicted"), on="tconst")
        if common.height < max(MIN_COMMON, tested.height // 2):
            words.append(f"{regime}: not compared, because the two versions share only {common.height} test films.")
            continue
        found = gain(common["average_rating"].to_numpy(), common["predicted"].to_numpy(), common["served"].to_numpy())
        noise = max(NOISE, 2 * found.error)
        worse = found.r2 < -noise
        promoted &= not worse
        words.append(
            f"{regime}: on {common.height:,} films, the new version's temporal R² minus the served version's is "
            f"{found.r2:+.4f}. A loss of up to {noise:.4f} is noise, so the version is {'' if worse else 'not '}worse."
        )
    return Verdict(promoted, " ".join(words))
