"""`imdb deploy`: creates or updates the platform's resources on AWS."""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console, fail

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def deploy(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be created, and what is billed.")
    ] = False,
    new_machine: Annotated[
        bool,
        typer.Option("--new-machine", help="Replace the host with one on the latest machine image; its data stay."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Create or update the platform's resources on AWS; safe to repeat. IMDB_HOST decides whether a host is included.

    Your AWS credentials (AWS_PROFILE, AWS_REGION) determine account, region and permissions.
    """
    from imdb_assets.aws.deploy import artifacts, deployment
    from imdb_assets.settings import load_settings

    settings = load_settings()
    place = deployment.place_of(settings)
    planned = deployment.plan(settings, place, renew=new_machine)
    console.print(f"Account {place.account}, region {place.region}, prefix {place.prefix}, host: {settings.host}")
    for one in planned:
        kinds = Counter(kind.removeprefix("AWS::") for kind in one.resources.values())
        listed = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
        console.print(f"[bold]{one.change:9}[/] {one.name} ({one.status}): {one.stack.purpose}")
        console.print(f"          {escape(listed)}")
        console.print(f"          [dim]bills: {one.stack.bills or 'nothing'}[/]")
    changes = [one for one in planned if one.change != "unchanged"]
    if dry_run:
        console.print(
            f"{len(changes)} of {len(planned)} stacks would change; nothing was done. Prices: docs/aws-costs.md"
        )
        return
    if settings.host != "none" and settings.accept_terms != "yes":
        fail(
            f"IMDB_HOST={settings.host} downloads IMDb's data every night, and IMDB_ACCEPT_TERMS is no: read",
            "https://developer.imdb.com/non-commercial-datasets/ and set it to yes if you accept the terms.",
        )
    if changes and not yes:
        typer.confirm(f"Change {len(changes)} of {len(planned)} stacks?", abort=True)
    done = deployment.deploy(settings, place, tell, renew=new_machine)
    console.print(f"{sum(change != 'unchanged' for change in done.values())} of {len(done)} stacks changed. In .env:")
    for name, value in artifacts.environment(settings, place).items():
        console.print(f"  {name}={value}")
    if settings.host != "none" and deployment.image_missing(place):
        console.print("The repository has no image yet; nothing runs before one is pushed:")
        for line in artifacts.push_commands(place):
            console.print(f"  {line}", soft_wrap=True)


def tell(stack: str, text: str) -> None:
    """Prints the progress of a stack."""
    console.print(f"[bold]{stack}[/] {escape(text)}")
