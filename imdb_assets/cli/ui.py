"""`imdb ui`: opens Dagster's UI."""

from imdb_assets.cli.output import console


def ui() -> None:
    """Start Dagster's UI and daemon: lineage, runs, checks, schedules."""
    from imdb_assets.cli.run import use_project_instance
    from imdb_assets.cli.webserver import serve_locally
    from imdb_assets.settings import load_settings

    settings = load_settings()
    use_project_instance()
    console.print(f"Dagster's UI: http://127.0.0.1:{settings.ui_port}  (Ctrl-C ends it)")
    serve_locally(settings.ui_port, settings.ui_address)
