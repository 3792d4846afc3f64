"""Prints the model card of the version in service: `make model-card` puts it into the docs."""

import sys
from pathlib import Path

from imdb_assets.ml.artifact import CARD_FILE
from imdb_assets.settings import load_settings
from imdb_assets.wiring import models_of


def card() -> str:
    """The card of the version in service, as Markdown.

    Raises:
        LakeError: No model has been published yet.
    """
    version = models_of(load_settings()).current()
    return (Path(version.path) / CARD_FILE).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write(card())
