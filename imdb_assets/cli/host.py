"""The image's entry points, `python -m imdb_assets.cli.host code | daemon | web | run`.

Code location, daemon and webserver run in separate processes. `run` is the ephemeral task: one process that does what
schedules do on a permanent host. The ephemeral task keeps Dagster's history in the artifacts bucket.
"""

import base64
import faulthandler
import hmac
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import dagster as dg
from filelock import FileLock
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from imdb_assets.aws.deploy.errors import DeployError
from imdb_assets.cli.webserver import OwnPages, serve
from imdb_assets.lake.errors import LakeError
from imdb_assets.settings import PROJECT_ROOT, Settings, SettingsError, load_settings

CODE_PORT, WEB_PORT = 4000, 3000
SUNDAY = 6
"""Weekday on which a task also runs the weekly job; on a permanent host, a schedule runs the weekly job."""
TASK_SECONDS = 10_200
"""Seconds after which a task ends itself: no daemon watches the task, and AWS bills a hanging task, too.

A task's lock expires ten minutes after the latest possible end of the task.
"""
OPEN = "/server_info"
"""Path for health checks, which needs no token; the answer is Dagster's version."""


class Token:
    """Requires a token, which programs send as a bearer token and browsers as the password for any user name."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        """Wraps an app."""
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on requests that carry the token."""
        if scope["type"] == "lifespan" or scope.get("path") == OPEN:
            await self._app(scope, receive, send)
            return
        if self._shown(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            asked = {"WWW-Authenticate": 'Basic realm="Dagster"'}
            response = PlainTextResponse("The token is missing or wrong (IMDB_UI_TOKEN).", 401, asked)
            await response(scope, receive, send)

    def _shown(self, headers: Headers) -> bool:
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                value = base64.b64decode(value).decode().partition(":")[2]
            except ValueError:
                return False
        return hmac.compare_digest(value.encode(), self._token)


def web(settings: Settings, workspace: Path, host: str, port: int) -> None:
    """Dagster's webserver, which requires the token.

    Raises:
        SettingsError: No token is set.
    """
    if not settings.ui_token:
        raise SettingsError(
            "IMDB_UI_TOKEN: missing; without a token, the webserver lets nobody in. `imdb deploy` makes a token."
        )
    # a browser adds the password even to requests of other sites' pages, so OwnPages refuses requests of these pages
    serve(workspace, [Middleware(Token, token=settings.ui_token), Middleware(OwnPages)], host, port)


def run(settings: Settings) -> bool:
    """Does in this process what schedules and sensors do on a permanent host. Returns whether the daily run succeeded.

    The jobs run in this order: the daily run, the history of ratings, the iterations (on Sundays), maintenance, and
    monitoring of all these jobs. Dagster's history of runs is kept in the artifacts bucket.

    Raises:
        DeployError: Another task is running, or AWS refused the request.
    """
    from imdb_assets.aws.deploy import deployment, run_history
    from imdb_assets.definitions import defs
    from imdb_assets.defs import automation
    from imdb_assets.defs.silver.rating_history import day_of_bronze
    from imdb_assets.defs.unchanged import MAY_KEEP
    from imdb_assets.wiring import lake_of, landing_of

    place = deployment.place_of(settings)
    repository = defs().get_repository_def()
    tags = {**MAY_KEEP, **automation.STARTED_BY}
    with run_history.held(place) as still_ours, dg.DagsterInstance.get() as instance:
        run_history.fetch(place, instance)

        def do(job: str, keys: Sequence[dg.AssetKey] | None = None, partition: str | None = None) -> bool:
            made = repository.get_job(job)
            return made.execute_in_process(
                instance=instance, asset_selection=keys, partition_key=partition, tags=tags, raise_on_error=False
            ).success

        try:
            succeeded = do("everything", automation.wanted(repository, lake_of(settings)))
            if found := day_of_bronze(lake_of(settings), landing_of(settings), settings):
                do("rating_history", partition=found[0].isoformat())
            if datetime.now(UTC).weekday() == SUNDAY:
                do("iterations")
            do("maintenance")
            do("monitoring")
            return succeeded
        finally:
            if still_ours():
                run_history.keep(place, instance)


def prepare(home: Path) -> None:
    """Creates missing Dagster storage under a lock, because two processes that create the same files damage them."""
    with FileLock(home / ".storage.lock"), dg.DagsterInstance.get():
        pass


def main() -> NoReturn:
    """Runs the entry point that the first argument names."""
    what, home = (sys.argv[1:] or [""])[0], Path(os.path.expandvars("$DAGSTER_HOME"))
    workspace = home / "workspace.yaml"
    try:
        match what:
            case "code":
                module = ["-m", "imdb_assets.definitions", "--location-name", "imdb_assets"]
                _become("dagster", "api", "grpc", "--host", "0.0.0.0", "--port", str(CODE_PORT), *module)  # noqa: S104
            case "daemon":
                prepare(home)
                _become("dagster-daemon", "run", "--workspace", str(workspace))
            case "web":
                prepare(home)
                web(load_settings(), workspace, "0.0.0.0", WEB_PORT)  # noqa: S104 - in a container; who may come is outside
            case "run":
                faulthandler.dump_traceback_later(TASK_SECONDS, exit=True)  # prints where the task hangs, and ends it
                sys.exit(0 if run(load_settings()) else 1)
            case _:
                sys.exit("Say what to start: code, daemon, web or run.")
    except (SettingsError, DeployError, LakeError) as error:
        sys.exit(str(error))
    sys.exit(0)


def _become(program: str, *arguments: str) -> NoReturn:
    """Replaces this process by the program, so that signals reach the program."""
    path = str(Path(sys.executable).with_name(program))
    os.chdir(PROJECT_ROOT)
    os.execv(path, [path, *arguments])  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
