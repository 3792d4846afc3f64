"""The image's ephemeral task, as a process of this machine that finds an empty disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.support import free_port

INSTANCE = PROJECT_ROOT / "imdb_assets" / "aws" / "deploy" / "image" / "dagster.yaml"


def run_task(home: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the task to its end, and ends the endpoint that it leaves on this machine.

    Args:
        home: Folder to be made, for Dagster's history and what is on its way to S3.
        environment: Variables that lead to AWS, and the deployment's settings.
    """
    home.mkdir()
    shutil.copy(INSTANCE, home)
    own = {"DAGSTER_HOME": str(home), "IMDB_DATA": str(home / "data"), "IMDB_SERVING_PORT": str(free_port())}
    variables = {**os.environ, **environment, **own}
    done = subprocess.run(
        [sys.executable, "-m", "imdb_assets.cli.host", "run"],
        env=variables,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    imdb = Path(sys.executable).with_name("imdb")
    subprocess.run([imdb, "stop"], env=variables, cwd=PROJECT_ROOT, capture_output=True, check=False)
    return done
