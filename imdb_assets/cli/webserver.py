"""Runs Dagster's webserver and the services that `imdb ui` starts beside it; refuses requests of other sites' pages.

`dagster-webserver` answers every request, whatever `Host` and `Origin` say, so any page in the user's browser could
launch runs. No option of `dagster-webserver` restricts requests, so we run Dagster's own app behind our middleware.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from imdb_assets.cli import private_dagster

LOOPBACK = "127.0.0.1"
TO_END = 60.0
"""Seconds that the daemon may take to end."""


class OwnPages:
    """Refuses requests from pages of other sites, over HTTP and over websockets."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan" or not _from_elsewhere(Headers(scope=scope), scope["path"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("Requests from pages of other sites are refused.", 403)(scope, receive, send)


def _from_elsewhere(headers: Headers, path: str) -> bool:
    """Whether the browser reports that another site's page sent the request.

    Links from other sites to the UI's pages are allowed. Links from other sites to `/graphql` are refused,
    because Dagster also accepts mutations (commands that change something) in an address's query string.
    """
    foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    link = headers.get("sec-fetch-mode") == "navigate" and "origin" not in headers and path != "/graphql"
    origin = headers.get("origin")
    return (foreign and not link) or (origin is not None and urlsplit(origin).netloc != headers.get("host", ""))


def guards(ui_address: str) -> list[Middleware]:
    """The middleware that protects the webserver on a laptop.

    Args:
        ui_address: Address at which people reach the UI: this machine's address, or the address of a proxy that
            forwards to this machine. Requests for unknown host names are refused, because a hostile site may make its
            own name resolve to our address.
    """
    hosts = [LOOPBACK, "localhost", urlsplit(ui_address).hostname or LOOPBACK]
    return [Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False), Middleware(OwnPages)]


def serve(workspace: Path, guarded_by: list[Middleware], host: str, port: int) -> None:
    """Serves Dagster's UI until an interrupt. Requests first pass the middlewares of `guarded_by`, in their order."""
    import uvicorn

    with dg.DagsterInstance.get() as instance, private_dagster.ui(instance, workspace) as app:
        for guard in reversed(guarded_by):  # each middleware wraps the middlewares that were added before it
            app.add_middleware(guard.cls, *guard.args, **guard.kwargs)
        uvicorn.run(app, host=host, port=port, log_level="warning")


def serve_locally(port: int, ui_address: str) -> None:
    """Runs code server, daemon and webserver until Ctrl-C, as `dg dev` does, but refuses pages of other sites."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so SIGTERM also ends daemon and code server
    with suppress(KeyboardInterrupt), _code_server() as workspace, _daemon(workspace):
        serve(workspace, guards(ui_address), LOOPBACK, port)


@contextmanager
def _code_server() -> Iterator[Path]:
    """Starts one code server, and yields the workspace file that names the server.

    Webserver and daemon share the code server, because loading the code takes seconds.
    """
    with (
        dg.DagsterInstance.get() as instance,
        private_dagster.code_server(instance) as specs,
        tempfile.TemporaryDirectory() as folder,
    ):
        workspace = Path(folder) / "workspace.yaml"
        workspace.write_text(json.dumps({"load_from": specs}), encoding="utf-8")  # every JSON text is also YAML
        yield workspace


@contextmanager
def _daemon(workspace: Path) -> Iterator[None]:
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "--workspace", str(workspace)]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own words
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
