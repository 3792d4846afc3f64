"""Commands on the model registry: `imdb models list`, `promote`, `rollback`."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imdb_assets.cli.output import Format, console, fail, print_records

if TYPE_CHECKING:
    from imdb_assets.lake.models import ModelVersion

app = typer.Typer(no_args_is_help=True, help="The versions of the rating model: list, promote, roll back.")


@app.command("list")
def list_versions(
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """List all saved versions, oldest first: in service, was in service, or challenger (never promoted).

    R² is that of the temporal test on all clean films.
    """
    from imdb_assets.ml import artifact
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import models_of

    settings = load_settings()
    store = models_of(settings)
    moves = store.moves()
    rows: list[dict[str, Any]] = []
    for version in store.saved():
        last = next((move for move in reversed(moves) if move.version == version.version), None)
        record = artifact.read_record(Path(version.path))
        rows.append(
            {
                "version": version.version,
                "status": store.status(version.version),
                "promoted": last and f"{last.at} by {last.by}",
                **{regime: f"{part.iteration}, R² {_score(part.metrics)}" for regime, part in record.regimes.items()},
            }
        )
    if not rows:
        fail(f"No model below {store.address} yet. Materialize models/rating_model first (`make demo`).")
    print_records(rows, output)
    served = store.in_service()
    if served not in {version.version for version in store.saved()}:
        fail(f"{store.address}: {served or 'no version'} is in service; `imdb models promote VERSION` puts one there.")


@app.command()
def promote(version: Annotated[str, typer.Argument(help="A saved version; see `imdb models list`.")]) -> None:
    """Put a saved version into service; a running endpoint answers its next request with it."""
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
        f"model {model.version} is in service again, instead of {left}. Until models/predictions is materialized, the "
        "stored predictions of rated films are still those of the version that they name"
    )


def _must_load(version: "ModelVersion") -> None:
    """Refuses a version that no endpoint could load, before it goes into service."""
    from imdb_assets.serving.service import UNREADABLE, Service

    try:
        Service.load(version)
    except UNREADABLE as error:
        fail(f"model {version.version} cannot be served: {error}", "Nothing was changed.")


def _score(metrics: list[dict[str, Any]]) -> str:
    """R² on the temporal test of all clean films."""
    wanted = {"split": "temporal", "population": "all clean films"}
    return next((f"{row['r2']:.3f}" for row in metrics if row.items() >= wanted.items()), "not measured")
