"""`imdb ui`: opens Dagster's UI."""

import os
import sys
from pathlib import Path

from imdb_assets.cli.output import console


def ui() -> None:
    """Start Dagster's UI and daemon: lineage, runs, checks, schedules."""
    from imdb_assets.cli.run import use_project_instance
    from imdb_assets.settings import load_settings

    settings = load_settings()
    use_project_instance()
    console.print(f"Dagster's UI: http://127.0.0.1:{settings.ui_port}  (Ctrl-C ends it)")
    dg = str(Path(sys.executable).with_name("dg"))
    os.execv(dg, [dg, "dev", "--host", "127.0.0.1", "--port", str(settings.ui_port)])  # noqa: S606 - no shell
