"""`imdb costs`: the cost of a day and a month on AWS."""

import typer


def costs() -> None:
    """Print the expected cost of a day and a month on AWS, line by line, from aws/billing/prices.toml."""
    from imdb_assets.aws.billing import prices as estimate

    typer.echo(estimate.page())
