"""`imdb destroy`: removes from AWS everything that `imdb deploy` and runs have created."""

from typing import Annotated

import typer

from imdb_assets.cli.deploy import Yes, tell
from imdb_assets.cli.output import console, fail


def destroy(
    *,
    yes: Yes = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep the buckets and tables; AWS then bills only for their storage.")
    ] = False,
) -> None:
    """Remove from AWS everything that `imdb deploy` and runs have created: hourly-billed resources first, data last."""
    from imdb_assets.aws.deploy import deployment
    from imdb_assets.settings import load_settings

    place = deployment.place_of(load_settings())
    console.print(f"Account {place.account}, region {place.region}, prefix {place.prefix}")
    if not yes:
        what = "everything but the data" if keep_data else "everything, including all dumps, tables and models"
        typer.confirm(f"Remove {what}?", abort=True)
    found: list[str] = []

    def progress(stack: str, text: str) -> None:
        tell(stack, text)
        found.extend([text] if text != deployment.ABSENT else [])

    left = deployment.destroy(place, progress, keep_data=keep_data)
    if left:
        fail(
            "These are left. An entry that is only an ARN may vanish in minutes; remove other entries, then repeat:",
            *left,
        )
    if not found:
        console.print(f"Nothing with prefix {place.prefix} was found in {place.region}.")
        console.print(
            "A deployment elsewhere may still cost money. To destroy such a deployment, set AWS_REGION, AWS_PROFILE or "
            "IMDB_AWS_PREFIX, and repeat the command."
        )
    else:
        console.print("The data is kept; the rest is gone." if keep_data else "Nothing of this deployment is left.")
