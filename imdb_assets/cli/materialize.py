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
    days: Annotated[
        str, typer.Option(help="Days of silver/rating_history to make, such as 2026-01-31 or 2026-01-01...2026-01-31.")
    ] = "",
) -> None:
    """Materialize single assets again, in a run that Dagster's UI shows.

    The history of ratings and the views over it are made only if the selection names them, because the history is made
    day by day (`--days`).
    """
    from imdb_assets.cli.run import use_project_instance
    from imdb_assets.definitions import defs
    from imdb_assets.lake.close_names import advice

    graph = defs().resolve_asset_graph()
    keys = {key.to_user_string(): key for key in graph.get_all_asset_keys()}
    named = re.findall(r"[\w*]+(?:/[\w*]+)+", assets)
    unknown = [name for name in named if name not in keys and "*" not in name]
    if unknown:
        fail(*(f"{name}: no such asset; {advice(name, sorted(keys))}" for name in unknown))
    if not days:
        of_days = [name for name, key in keys.items() if graph.get(key).is_partitioned]
        for name in of_days:
            if name in named:
                fail(f"{name}: is made day by day; add --days 2026-01-31, or --days 2026-01-01...2026-01-31.")
        above = {key for name in named if name in keys for key in graph.get_ancestor_asset_keys(keys[name])}
        views = [f'(key:"{name}"+ and key:"warehouse/*")' for name in of_days if keys[name] not in above]
        without = [*(f'key:"{name}"' for name in of_days), *views]
        if set(assets.split(",")) - keys.keys():  # an expression, not just names: it may include them
            either = re.sub(r'(?<![\w"/*])[\w*]+(?:/[\w*]+)+', lambda name: f'key:"{name[0]}"', assets).replace(
                ",", " or "
            )
            assets = " and not ".join([f"({either})", *without])
    use_project_instance()
    tools = str(Path(sys.executable).parent)  # dg starts Dagster's other tools by their names
    partitions = ["--partition-range", days if "..." in days else f"{days}...{days}"] if days else []
    launch = 'PATH="$0:$PATH" exec dg launch --assets "$@"'
    os.execv("/bin/sh", ["sh", "-c", launch, tools, assets, *partitions])  # noqa: S606
