"""`imdb materialize`: makes single assets again."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from imdb_assets.cli.output import fail


def materialize(
    assets: Annotated[str, typer.Argument(help="Dagster's asset selection, such as silver/movies or silver/movies+.")],
) -> None:
    """Materialize single assets again, in a run that Dagster's UI shows."""
    from imdb_assets.cli.run import use_project_instance
    from imdb_assets.definitions import defs
    from imdb_assets.lake.close_names import advice

    known = sorted(key.to_user_string() for key in defs().resolve_asset_graph().get_all_asset_keys())
    named = re.findall(r"[\w*]+(?:/[\w*]+)+", assets)
    unknown = [name for name in named if name not in known and "*" not in name]
    if unknown:
        fail(*(f"{name}: no such asset; {advice(name, known)}" for name in unknown))
    use_project_instance()
    tools = str(Path(sys.executable).parent)  # dg starts Dagster's other tools, by name
    os.execv("/bin/sh", ["sh", "-c", 'PATH="$0:$PATH" exec dg launch --assets "$1"', tools, assets])  # noqa: S606
