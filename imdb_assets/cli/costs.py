"""`imdb costs`: the cost of a day and a month on AWS."""

import typer

from imdb_assets.cli.output import Format, print_records


def costs() -> None:
    """Print the expected cost of a day and a month on AWS, line by line, from aws/billing/prices.toml."""
    from imdb_assets.aws.billing import prices

    typer.echo(f"Prices in US dollars, as of {prices.dated()}, in the region {prices.region()}.")
    for title, lines in prices.estimates().items():
        typer.echo(f"\n{title}: ${prices.total(lines):.2f}")
        print_records([line.cells() for line in lines], Format.table)
