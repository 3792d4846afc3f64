"""`imdb stop`: ends the local endpoint."""

from imdb_assets.cli.output import console


def stop() -> None:
    """End the local model server."""
    from imdb_assets.serving import local
    from imdb_assets.settings import load_settings

    console.print("stopped" if local.stop(load_settings()) else "no model server was running")
