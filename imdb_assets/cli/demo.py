"""`imdb demo`: runs everything once."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imdb_assets.cli.output import console, fail

if TYPE_CHECKING:  # `imdb --help` must not wait for the settings
    from imdb_assets.settings import Settings

FULL_SIZE = "At IMDb's full size, the demo takes a quarter of an hour or more, and 10 GB of disk."


def demo(
    source: Annotated[
        Path | None,
        typer.Option(
            help="Folder with IMDb's seven dumps, .tsv.gz or .tsv; by default, a sample is generated.", file_okay=False
        ),
    ] = None,
) -> None:
    """Run everything once: dumps → bronze → silver → gold → features → model → live endpoint → predictions."""
    if source is not None:
        os.environ.update(IMDB_SOURCE="folder", IMDB_SOURCE_FOLDER=str(source.resolve()))
    from imdb_assets.settings import load_settings
    from imdb_assets.sources.folder import FolderSource

    settings = load_settings()

    missing = FolderSource(settings.source_folder).missing() if settings.source_folder else None
    if settings.source == "folder" and missing:
        fail(missing)  # reported once here; otherwise each of the seven landing steps would fail
    for line in expectations(settings):
        console.print(line, highlight=False, soft_wrap=True)
    from imdb_assets.cli.run import require_success, run_everything  # takes seconds, so the notice comes first
    from imdb_assets.cli.summary import show

    report = run_everything(console)
    require_success(settings, report)
    show(console, settings, report)


def expectations(settings: "Settings") -> list[str]:
    """A notice for the user: what will run, how long the run takes, and how much it downloads."""
    titles = f"a sample of {settings.sample_titles:,} titles, which is generated first"
    runs_on, takes = {
        "sample": (f"{titles}; nothing is downloaded.", "A demo of 300,000 titles takes 1.5 to 5 minutes."),
        "folder": (f"the dumps in {settings.source_folder}; nothing is downloaded.", FULL_SIZE),
        "imdb": ("IMDb's dumps; up to 1.9 GB are downloaded.", FULL_SIZE),
    }[settings.source]
    return [
        f"Running everything once on {runs_on}",
        f"{takes} Search and dashboards work before the demo ends; their address is printed as soon as they work.",
    ]
