"""`imdb deploy`: creates or updates the platform's resources on AWS."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console, fail

if TYPE_CHECKING:
    from imdb_assets.aws.deploy.deployment import Planned
    from imdb_assets.aws.deploy.stacks import Place
    from imdb_assets.settings import Settings

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def deploy(
    *,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only show what would be created and what it costs; works without AWS's SDK and login."
        ),
    ] = False,
    new_machine: Annotated[
        bool,
        typer.Option(
            "--new-machine", help="Replace the host with a host on the latest machine image; the data are kept."
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Create or update the platform's resources on AWS; safe to repeat. IMDB_HOST decides whether Dagster runs on AWS.

    Your AWS credentials (AWS_PROFILE, AWS_REGION) determine account, region and permissions.
    """
    from imdb_assets.aws.deploy import deployment
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.settings import load_settings

    settings = load_settings()
    try:
        place = deployment.place_of(settings)
    except LakeError as error:
        if not dry_run:
            raise
        console.print(f"No request was sent to AWS: {escape(str(error))}")
        console.print(f"In an empty account, with prefix {settings.aws_prefix} and host {settings.host}:")
        _show(deployment.plan_of_templates(settings), settings, None)
        return
    console.print(f"Account {place.account}, region {place.region}, prefix {place.prefix}, host: {settings.host}")
    planned = deployment.plan(settings, place, renew=new_machine)
    _show(planned, settings, place)
    changes = [one for one in planned if one.change != "unchanged"]
    if dry_run:
        console.print(f"{len(changes)} of {len(planned)} stacks would change; nothing was done.")
        return
    if settings.host != "none" and settings.accept_terms != "yes":
        fail(
            f"A host (IMDB_HOST={settings.host}) downloads IMDb's data every night, so you must accept IMDb's terms:",
            "read https://developer.imdb.com/non-commercial-datasets/ and set IMDB_ACCEPT_TERMS=yes.",
        )
    if changes and not yes:
        typer.confirm(f"Change {len(changes)} of {len(planned)} stacks?", abort=True)
    done = deployment.deploy(settings, place, tell, renew=new_machine)
    console.print(f"{sum(change != 'unchanged' for change in done.values())} of {len(done)} stacks changed.")
    _say_what_is_left_to_do(settings, place)


def _say_what_is_left_to_do(settings: "Settings", place: "Place") -> None:
    from imdb_assets.aws.deploy import artifacts, deployment

    console.print("In .env:")
    for name, value in artifacts.environment(settings, place).items():
        console.print(f"  {name}={value}")
    for address in deployment.unconfirmed(place):
        console.print(f"AWS sends no alerts to {escape(address)} until the link in AWS's e-mail has been opened.")
    if not settings.aws_alert_email:
        console.print("AWS notifies nobody when runs stop, because IMDB_AWS_ALERT_EMAIL is not set.")
    if settings.host != "none" and deployment.image_missing(place.prefix, artifacts.image_tag()):
        console.print("The container image of this code has not been pushed yet.")
        console.print(
            "A host keeps its old image until you push this code's image and repeat `imdb deploy`. To push the image:"
        )
        for line in artifacts.push_commands(place.region, deployment.repository(place)):
            console.print(f"  {line}", soft_wrap=True)


def _show(planned: "Sequence[Planned]", settings: "Settings", place: "Place | None") -> None:
    """Prints each stack with its resources and costs, and the AWS quotas that all stacks need.

    Args:
        planned: The stacks.
        settings: Settings of the deployment.
        place: Account and region of the deployment; None if no request to AWS is made.
    """
    from imdb_assets.aws.billing import budget, prices
    from imdb_assets.aws.client import database_name
    from imdb_assets.aws.deploy import quotas, stacks
    from imdb_assets.contracts.registry import SCHEMAS

    for one in planned:
        kinds = Counter(kind.removeprefix("AWS::") for kind in one.resources.values())
        listed = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
        console.print(f"[bold]{one.change:9}[/] {one.name} ({one.status}): {one.stack.purpose}")
        console.print(f"          {escape(listed)}")
        console.print(f"          [dim]costs: {one.stack.bills or 'nothing'}[/]")
    names = (database_name(settings.aws_prefix, schema) for schema in sorted(SCHEMAS))
    console.print(f"Glue databases, which the first run makes: {', '.join(names)}")
    runs = prices.total(prices.month())
    host = prices.total(prices.host_month(settings.host)) if settings.host != "none" else 0.0
    console.print(
        f"Cost per month: ${runs + host:.2f}, of which ${host:.2f} is for the host, and ${runs:.2f} is for daily runs, "
        f"storage, alarms and four hours of an endpoint (see `imdb costs`; list prices of {prices.dated()} in "
        f"{prices.region()})."
    )
    if settings.host == "none":
        console.print(
            "Dagster runs outside AWS, so AWS also charges for data that Dagster reads from S3: see docs/aws-costs.md."
        )
    console.print(f"Budget: ${budget.limit(settings):g} a month (IMDB_BUDGET_USD). {budget.NOT_STOPPED}")
    if place and place.partition == stacks.GOV:
        console.print(f"{place.region} has no AWS::Budgets::Budget, so AWS's own alarm on the bill is left out.")
    for quota in quotas.needed(settings):
        has = quotas.granted(quota) if place else None
        known = "not looked up" if has is None else f"the account has {has:g}"
        console.print(f"Quota {quota.code}, {quota.name}: {quota.needed} for {quota.purpose}; {known}")
        if has is None or has < quota.needed:
            ask = "If the account's quota is smaller, request more:" if has is None else "Request more:"
            console.print(f"  {ask} {quota.request}", soft_wrap=True)


def tell(stack: str, text: str) -> None:
    """Prints the progress of one stack."""
    console.print(f"[bold]{stack}[/] {escape(text)}")
