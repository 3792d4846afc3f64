"""`imdb ui`: opens Dagster's UI."""

from rich.markup import escape

from imdb_assets.cli.output import console


def ui() -> None:
    """Start Dagster's UI and daemon: lineage, runs, checks, schedules."""
    from imdb_assets.cli.run import tell_dagster, use_project_instance
    from imdb_assets.cli.webserver import serve_locally
    from imdb_assets.lake.errors import LakeError
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of

    settings = load_settings()
    try:
        tell_dagster(lake_of(settings))
    except LakeError as error:  # the UI is needed to make a damaged table again
        console.print(escape(str(error)))
    use_project_instance()
    console.print(f"Dagster's UI: http://127.0.0.1:{settings.ui_port}  (Ctrl-C ends it)")
    serve_locally(settings.ui_port, settings.ui_address)
