"""The commands for the rating model (`imdb models list`, `compare`, `promote`, `rollback`)."""

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imdb_assets.cli.output import Format, console, fail, print_records

if TYPE_CHECKING:
    from imdb_assets.lake.models import ModelStore, ModelVersion
    from imdb_assets.ml.iterations import Iteration

app = typer.Typer(no_args_is_help=True, help="The versions of the rating model: list, compare, promote, roll back.")


@app.command("list")
def list_versions(
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """List all saved versions, oldest first; each is in service, was in service, or is a challenger (never promoted).

    R² is measured in the temporal test on all clean films (rated films that pass all filters).
    """
    from imdb_assets.ml import artifact
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import models_of

    store = models_of(load_settings())
    moves = store.moves()
    rows, damaged = list[dict[str, Any]](), list[str]()
    for version in store.saved():
        last = next((move for move in reversed(moves) if move.version == version.version), None)
        row = {
            "version": version.version,
            "status": store.status(version.version),
            "promoted": last and f"{last.at} by {last.by}",
        }
        try:
            regimes = artifact.read_record(Path(version.path)).regimes
        except artifact.ModelError as error:  # a damaged version must not hide the others
            regimes = {}
            damaged.append(str(error))
        scores = {regime: f"{part.iteration}, R² {_score(part.metrics)}" for regime, part in regimes.items()}
        rows.append(row | scores)
    if not rows:
        fail(f"No model below {store.address} yet. Materialize models/rating_model first (`make demo`).")
    print_records(rows, output)
    if damaged:
        fail(*damaged)
    served = store.in_service()
    if served not in {version.version for version in store.saved()}:
        fail(f"{store.address}: {served or 'no version'} is in service; choose one: `imdb models promote VERSION`.")


@app.command()
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="The first iteration (such as v11) or saved version.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The second iteration or saved version.")],
    *,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A learner parameter of the first iteration. May be repeated."
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Train iterations A and B on today's films and test both on the same films, by the protocol of models.iterations.

    If A or B is a saved version, its iterations are compared. `gain` is the R² of iteration A minus the R² of iteration
    B; a gain smaller than `noise` means nothing. Nothing is saved: to put changed parameters into service, add an
    iteration with the changed parameters to `ml/iterations.py`.
    """
    from dataclasses import replace

    from imdb_assets.contracts.features import MovieFeatures
    from imdb_assets.ml import comparison, training
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of, models_of

    settings = load_settings()
    store, parameters = models_of(settings), _parameters(given or [])
    ours, theirs = _recipes(store, one), _recipes(store, other)
    if len(ours) == len(theirs) == 1:  # two single iterations are compared even if their regimes differ
        pairs = [(*ours.values(), *theirs.values())]
    else:
        pairs = [(ours[regime], theirs[regime]) for regime in ours if regime in theirs]
    if not pairs:
        fail(f"{one} and {other} have no regime (pre-release, with votes) in common, so nothing can be compared.")
    films = training.films_of(lake_of(settings).table(MovieFeatures.table).scan())
    rows: list[dict[str, Any]] = []
    for mine, yours in pairs:
        name = " ".join([mine.name, *(given or [])])
        if name == yours.name:
            fail(
                f"{one} and {other} are both {name}, so there is nothing to compare; use --set to change a learner "
                "parameter of the first iteration."
            )
        a = replace(mine, name=name, parameters={**mine.parameters, **parameters})
        try:
            found = comparison.compare(films, a, yours)
        except ValueError as error:
            fail(str(error))
        rows += [
            {"A": a.name, "B": yours.name, **row}
            for row in found.rename({a.name: "R² of A", yours.name: "R² of B"}).to_dicts()
        ]
    if output is Format.table:
        rows = [{name: f"{v:.4f}" if isinstance(v, float) else v for name, v in row.items()} for row in rows]
    print_records(rows, output)


def _recipes(store: "ModelStore", name: str) -> "dict[str, Iteration]":
    """Returns the iterations that `name` stands for, by regime (such as `with votes`).

    The name of an iteration stands for that iteration; the name of a saved version stands for the version's iterations.
    """
    from imdb_assets.ml import artifact
    from imdb_assets.ml.iterations import ITERATIONS, iteration

    if name in {one.name for one in ITERATIONS}:
        return {iteration(name).regime: iteration(name)}
    if name not in {version.version for version in store.saved()}:
        known = ", ".join([*(one.name for one in ITERATIONS), *(version.version for version in store.saved())])
        fail(f"{name}: no such iteration or saved version; there are {known}.")
    record = artifact.read_record(Path(store.known(name).path))
    return {regime: iteration(part.iteration) for regime, part in record.regimes.items()}


def _parameters(given: list[str]) -> dict[str, Any]:
    """Turns `["max_depth=5"]` into `{"max_depth": 5}`."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise typer.BadParameter(f"--set {text}: expected NAME=VALUE, such as max_depth=5.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


@app.command()
def promote(version: Annotated[str, typer.Argument(help="A saved version; see `imdb models list`.")]) -> None:
    """Put a saved version into service; a running endpoint answers its next request with that version."""
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import models_of

    store = models_of(load_settings())
    _must_load(store.known(version))
    store.promote(version, getpass.getuser())
    console.print(f"model {version} is in service")


@app.command()
def rollback() -> None:
    """Put the previous version back into service; rated films keep their stored predictions."""
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import models_of

    store = models_of(load_settings())
    left = store.current().version
    _must_load(store.before())
    model = store.roll_back(getpass.getuser())
    console.print(
        f"model {model.version} is in service again, instead of {left}. Rated films keep their stored predictions "
        "until models/predictions is materialized again; each prediction names the model version that made it"
    )


def _must_load(version: "ModelVersion") -> None:
    """Ends the command if a version cannot be loaded; called before the version goes into service."""
    from imdb_assets.serving.service import UNREADABLE, Service

    try:
        Service.load(version)
    except UNREADABLE as error:
        fail(f"model {version.version} cannot be served: {error}", "Nothing was changed.")


def _score(metrics: list[dict[str, Any]]) -> str:
    """R² in the temporal test on all clean films (rated films that pass all filters)."""
    wanted = {"split": "temporal", "population": "all clean films"}
    return next((f"{row['r2']:.3f}" for row in metrics if row.items() >= wanted.items()), "not measured")
