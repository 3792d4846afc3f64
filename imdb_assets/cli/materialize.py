"""`imdb materialize`: makes single assets again."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import console, fail

if TYPE_CHECKING:  # `imdb --help` must not wait for Dagster
    import dagster as dg


def materialize(
    assets: Annotated[str, typer.Argument(help="Dagster's asset selection, such as silver/movies or silver/movies+.")],
    days: Annotated[
        str, typer.Option(help="Days of silver/rating_history to make, such as 2026-01-31 or 2026-01-01...2026-01-31.")
    ] = "",
) -> None:
    """Materialize single assets again, in a run that Dagster's UI shows.

    The history of ratings is made day by day (`--days`), so a run makes the history, and the views that read the
    history, only if the selection names these assets.
    """
    from imdb_assets.cli.run import require_success, run_assets
    from imdb_assets.definitions import defs
    from imdb_assets.settings import load_settings

    settings = load_settings()
    definitions = defs()
    chosen = select(definitions, assets, by_day=bool(days))
    report = run_assets(console, definitions, chosen, _run_tags(days) if days else {})
    require_success(settings, report)
    for check in report.failed_checks:
        console.print(f"! {check}", style="yellow", markup=False, soft_wrap=True)
    console.print(f"Done in {report.wall_seconds:.0f} s.", highlight=False)


def select(definitions: "dg.Definitions", assets: str, *, by_day: bool) -> "set[dg.AssetKey]":
    """The assets of a selection; ends the command if the selection is wrong or contains no asset that a run makes.

    Args:
        definitions: The project's definitions.
        assets: Names separated by commas, or Dagster's selection syntax, in which names need no `key:""`.
        by_day: Whether the command names days (`--days`).
    """
    import dagster as dg

    from imdb_assets.lake.close_names import advice

    graph = definitions.resolve_asset_graph()
    keys = {key.to_user_string(): key for key in graph.get_all_asset_keys()}
    named = re.findall(r"[\w*]+(?:/[\w*]+)+", assets) or re.findall(r"^\+*([\w.]+)\+*$", assets)
    unknown = [name for name in named if name not in keys and "*" not in name]
    if unknown:
        fail(*(f"{name}: no such asset; {advice(name, sorted(keys))}" for name in unknown))
    quoted = re.sub(r'(?<![\w"/*])[\w*]+(?:/[\w*]+)+', lambda name: f'key:"{name[0]}"', assets)
    try:
        chosen = dg.AssetSelection.from_string(quoted.replace(",", " or ")).resolve(graph)
    except dg.DagsterError:
        fail(f"{assets}: not a selection of assets, such as silver/movies, silver/movies+ or silver/*.")
    chosen = set(chosen & graph.executable_asset_keys)
    of_days = {key for key in graph.executable_asset_keys if graph.get(key).is_partitioned}
    if by_day:
        if not chosen & of_days:
            fail(f"{assets}: --days is for {', '.join(key.to_user_string() for key in of_days)} alone; leave it out.")
        return chosen
    above = {key for name in named if name in keys for key in graph.get_ancestor_asset_keys(keys[name])}
    for key in of_days:
        name = key.to_user_string()
        if name in named:
            fail(f"{name}: is made day by day; add --days 2026-01-31, or --days 2026-01-01...2026-01-31.")
        views = {
            other for other in chosen if other.path[0] == "warehouse" and key in graph.get_ancestor_asset_keys(other)
        }
        chosen -= {key} | (set() if key in above else views)
    if not chosen:
        fail(f"{assets}: no run can make any of these assets; `make ui` shows all assets.")
    return chosen


def _run_tags(days: str) -> dict[str, str]:
    """Tags that make a run materialize the partitions of the given days."""
    from imdb_assets.defs.silver.rating_history import DAYS

    first, dots, last = days.partition("...")
    last = last if dots else first
    earliest = DAYS.get_first_partition_key()
    for day in (first, last):
        if not DAYS.has_partition_key(day):
            fail(f"--days {days}: {day!r} is not a possible day. Write days as 2026-01-31, from {earliest} to today.")
    if last < first:
        fail(f"--days {days}: the first day is after the last.")
    name = "dagster/asset_partition_range"
    return {f"{name}_start": first, f"{name}_end": last}
