"""`imdb demo`: runs everything once."""

import os
from pathlib import Path
from typing import Annotated

import typer

from imdb_assets.cli.output import console, fail


def demo(
    source: Annotated[
        Path | None,
        typer.Option(help="Folder with IMDb's seven dumps, .tsv.gz or .tsv; by default, a sample.", file_okay=False),
    ] = None,
) -> None:
    """Run everything once: dumps → bronze → silver → gold → features → model → live endpoint → predictions."""
    if source is not None:
        os.environ.update(IMDB_SOURCE="folder", IMDB_SOURCE_FOLDER=str(source.resolve()))
    from imdb_assets.cli.run import run_everything
    from imdb_assets.cli.summary import show
    from imdb_assets.settings import load_settings
    from imdb_assets.sources.folder import FolderSource

    settings = load_settings()
    missing = FolderSource(settings.source_folder).missing() if settings.source_folder else None
    if settings.source == "folder" and missing:
        fail(missing)  # once, instead of in each of the seven landing steps
    report = run_everything(console)
    if not report.succeeded:
        published = ", ".join(report.rows) or "nothing"
        fail("The run failed.", *report.failures, f"Published before that: {published}.", "Details: make ui")
    show(console, settings, report)
