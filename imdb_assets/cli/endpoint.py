"""`imdb endpoint up` and `imdb endpoint down`: serves the current model on SageMaker for some hours."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console

app = typer.Typer(no_args_is_help=True, help="The endpoint on SageMaker: start it for some hours, end it.")


@app.command()
def up(
    hours: Annotated[
        float,
        typer.Option(
            min=0.25, max=168, help="Hours after which the endpoint ends by itself; AWS bills endpoints by the second."
        ),
    ] = 2.0,
) -> None:
    """Serve the model version in service from a SageMaker endpoint; a running endpoint is updated without a gap."""
    from imdb_assets.aws.billing import budget
    from imdb_assets.aws.deploy import deployment
    from imdb_assets.aws.sagemaker import endpoint
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of, models_of

    settings = load_settings()
    fits = budget.require(settings, lake_of(settings), {"endpoint": hours * 3600}, "the endpoint")
    console.print(
        f"The endpoint will cost up to ${fits.usd:.2f}. Of this month's budget of ${fits.limit_usd:g}, "
        f"${fits.spent_usd:.2f} is recorded as spent."
    )
    served = endpoint.up(deployment.place_of(settings), Path(models_of(settings).current().path), hours, _tell)
    console.print(f"{served.name} serves {served.version} until {served.until:%Y-%m-%d %H:%M} UTC")


@app.command()
def down() -> None:
    """End the endpoint."""
    from imdb_assets.aws.deploy import deployment
    from imdb_assets.aws.sagemaker import endpoint
    from imdb_assets.settings import load_settings

    settings = load_settings()
    if not endpoint.down(deployment.place_of(settings), _tell):
        console.print("no endpoint was running")


def _tell(text: str) -> None:
    console.print(escape(text))
