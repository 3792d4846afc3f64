"""`imdb deploy`, `imdb destroy`, `imdb costs`: what they ask and print. What they do is in `imdb_assets.aws.deploy`."""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console, fail
from imdb_assets.settings import load_settings

app = typer.Typer()

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def deploy(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be created, and what bills.")
    ] = False,
    new_machine: Annotated[
        bool,
        typer.Option("--new-machine", help="Replace the host by one of the latest machine image; its data stay."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Create on AWS what the platform needs, or update it; may be repeated. IMDB_HOST says whether with a host.

    Account, region and permissions are those of your AWS credentials (AWS_PROFILE, AWS_REGION).
    """
    settings = load_settings()
    from imdb_assets.aws.deploy import artifacts, deployment

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
    done = deployment.deploy(settings, place, _tell, renew=new_machine)
    console.print(f"{sum(change != 'unchanged' for change in done.values())} of {len(done)} stacks changed. In .env:")
    for name, value in artifacts.environment(settings, place).items():
        console.print(f"  {name}={value}")
    if settings.host != "none" and deployment.image_missing(place):
        console.print("The repository has no image yet; nothing runs before one is pushed:")
        for line in artifacts.push_commands(place):
            console.print(f"  {line}", soft_wrap=True)


@app.command()
def destroy(
    *,
    yes: Yes = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Leave buckets and tables; only they will bill.")
    ] = False,
) -> None:
    """Remove from AWS all that `imdb deploy` and runs have made: first what bills by the hour, data last."""
    settings = load_settings()
    from imdb_assets.aws.deploy import deployment

    place = deployment.place_of(settings)
    console.print(f"Account {place.account}, region {place.region}, prefix {place.prefix}")
    if not yes:
        what = (
            "everything but the data" if keep_data else "everything, with all dumps, tables and models in its buckets"
        )
        typer.confirm(f"Remove {what}?", abort=True)
    left = deployment.destroy(place, _tell, keep_data=keep_data)
    if left:
        fail("AWS still lists these with our tag; it may be a matter of minutes. Repeat the command:", *left)
    console.print("The data is kept; the rest is gone." if keep_data else "Nothing is left.")


@app.command()
def costs() -> None:
    """Print what a day and a month on AWS are expected to cost, line by line, from aws/billing/prices.toml."""
    from imdb_assets.aws.billing import prices as estimate

    typer.echo(estimate.page())


def _tell(stack: str, text: str) -> None:
    console.print(f"[bold]{stack}[/] {escape(text)}")
