"""The image's ephemeral task, as a process of this machine that finds an empty disk.

It makes no views on Athena, since ministack's Athena reads no Iceberg; `test_athena_views.py` makes them.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from imdb_assets.settings import PROJECT_ROOT

INSTANCE = PROJECT_ROOT / "imdb_assets" / "aws" / "deploy" / "image" / "dagster.yaml"
RUN = """
import sys
from imdb_assets import wiring

wiring.athena_of = lambda settings: None
from imdb_assets.cli import host

sys.argv[1:] = ["run"]
host.main()
"""


def run_task(home: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the task to its end, and ends the endpoint that it leaves on this machine.

    Args:
        home: Folder to be made, for Dagster's history and what is on its way to S3.
        environment: Variables that lead to AWS, and the deployment's settings.
    """
    home.mkdir()
    shutil.copy(INSTANCE, home)
    own = {"DAGSTER_HOME": str(home), "IMDB_DATA": str(home / "data"), "IMDB_SERVING_PORT": str(_port())}
    variables = {**os.environ, **environment, **own}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env=variables,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    imdb = Path(sys.executable).with_name("imdb")
    subprocess.run([imdb, "stop"], env=variables, cwd=PROJECT_ROOT, capture_output=True, check=False)
    return done


def _port() -> int:
    """A free port; the system gives high ones to others in the minutes until the endpoint starts."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("a hundred ports are taken")
