"""`imdb costs`: what a day and a month on AWS cost."""

import typer


def costs() -> None:
    """Print what a day and a month on AWS are expected to cost, line by line, from aws/billing/prices.toml."""
    from imdb_assets.aws.billing import prices as estimate

    typer.echo(estimate.page())
