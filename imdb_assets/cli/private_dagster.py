"""The only module that imports from Dagster's private modules, `dagster._core` and `dagster._cli`.

Dagster has no public way to do three things: serve its app with middleware, share a code server between daemon and
webserver, and assign a run made in this process to a code location.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from imdb_assets.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dagster._core.remote_origin import RemoteRepositoryOrigin
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from starlette.applications import Starlette


@contextmanager
def ui(instance: dg.DagsterInstance, workspace: Path) -> Iterator["Starlette"]:
    """Dagster's UI as an app, for the code locations of a `workspace.yaml`."""
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster_webserver.app import create_app_from_workspace_process_context

    with WorkspaceProcessContext(instance, _target(workspace), dg.__version__) as context:
        yield create_app_from_workspace_process_context(context)


@contextmanager
def code_server(instance: dg.DagsterInstance) -> Iterator[Sequence[Any]]:
    """Starts the project's code server, and yields the server's entries for a workspace file."""
    from dagster._cli.proxy_server_manager import ProxyServerManager

    with ProxyServerManager(instance, _target(), "warning") as servers:
        yield servers.get_code_server_specs()


def origin_of(definitions: dg.Definitions) -> "RemoteRepositoryOrigin":
    """Dagster's description of the project's code location, equal to the description that the UI makes."""
    from dagster._core.remote_origin import RemoteRepositoryOrigin

    (location,) = _target().create_origins()
    return RemoteRepositoryOrigin(location, definitions.get_repository_def().name)


def place(instance: dg.DagsterInstance, run_id: str, origin: "RemoteRepositoryOrigin") -> None:
    """Tells Dagster which code location a run belongs to.

    A run made in this process has no code location, so the timeline on the UI's first page would not show the run.
    """
    from dagster._core.remote_origin import RemoteJobOrigin

    run = instance.get_run_by_id(run_id)
    assert run is not None
    instance.run_storage.replace_job_origin(run, RemoteJobOrigin(origin, run.job_name))


def _target(workspace: Path = PROJECT_ROOT / "workspace.yaml") -> "WorkspaceFileTarget":
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    return WorkspaceFileTarget(paths=[str(workspace)])
