"""Prints the card of the model in service, with the scores of all iterations; `make model-card` writes it to docs/."""

import sys
from pathlib import Path

from imdb_assets.contracts.models import ChampionScores, Iterations
from imdb_assets.ml.artifact import CARD_FILE
from imdb_assets.ml.model_card import scores
from imdb_assets.settings import load_settings
from imdb_assets.wiring import lake_of, models_of


def card() -> str:
    """The card of the version in service, and the scores in the lake, as Markdown.

    Raises:
        LakeError: No model has been published yet, or a table of scores is missing.
    """
    settings = load_settings()
    version, lake = models_of(settings).current(), lake_of(settings)
    scored = (lake.table(contract.table).scan().collect() for contract in (Iterations, ChampionScores))
    return f"{(Path(version.path) / CARD_FILE).read_text(encoding='utf-8')}\n{scores(*scored)}"


if __name__ == "__main__":
    sys.stdout.write(card())
