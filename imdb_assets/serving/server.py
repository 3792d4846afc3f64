"""The endpoint as a process on this machine: one worker on the loopback address. `local` starts the process."""

import os
import socket

from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.serving import local
from imdb_assets.serving.answers import HOST
from imdb_assets.serving.errors import EndpointError
from imdb_assets.settings import Settings

DRAIN_SECONDS = 3
"""Seconds that requests in progress have to finish when the server is told to end; a request takes milliseconds."""


def serve(settings: Settings, lake: Lake, models: ModelStore) -> None:
    """Serves until a signal ends the process.

    Raises:
        EndpointError: The port is taken.
    """
    with _bound(settings.serving_port) as address:  # before the slow imports, so that a taken port is reported at once
        import uvicorn

        from imdb_assets.dashboards.pages import Pages
        from imdb_assets.serving.app import create_app
        from imdb_assets.serving.connections import TimedHeaders
        from imdb_assets.serving.predictor import Predictor
        from imdb_assets.serving.titles import Titles

        predictor = Predictor(lake, models)
        predictor.health()  # loads the model before the port answers

        def generated() -> bool:
            return settings.is_sample(predictor.place())

        pages = Pages(lake, settings.pages_folder, generated=generated)
        app = create_app(predictor, pages, Titles(settings.titles_folder), (HOST, "localhost"), generated)
        config = uvicorn.Config(app, http=TimedHeaders, access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS)
        local.record(settings)
        uvicorn.Server(config).run(sockets=[address])


def _bound(port: int) -> socket.socket:
    """A socket that is bound to the port but does not listen: connections are refused until the server is ready."""
    address = socket.socket()
    # SO_REUSEADDR lets us bind the port while connections of a server that has just ended are still being closed.
    address.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        address.bind((HOST, port))
    except OSError as error:
        address.close()
        raise EndpointError(
            f"port {port} cannot be opened: {os.strerror(error.errno or 0)}. Free the port, or set IMDB_SERVING_PORT "
            "to another port."
        ) from error
    return address
