"""`imdb lineage`: shows where a prediction or a model version comes from."""

import re
from typing import Annotated

import typer

from imdb_assets.cli.output import console


def lineage(
    of: Annotated[str, typer.Argument(metavar="TCONST|VERSION", help="A film's id, or a model version.")],
) -> None:
    """Walk from a film's stored prediction, or from a model version, down to the dumps' ETags."""
    from imdb_assets.cli.ancestry import Ancestry
    from imdb_assets.contracts.base import TCONST
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of, landing_of, models_of

    settings = load_settings()
    walk = Ancestry(lake_of(settings), models_of(settings), landing_of(settings))
    console.print(walk.of_film(of) if re.fullmatch(TCONST, of) else walk.of_model(of))
