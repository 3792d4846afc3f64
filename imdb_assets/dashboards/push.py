"""Pushes dashboards to a Grafana server over HTTP: creates missing dashboards, and updates dashboards that differ."""

from collections.abc import Mapping
from typing import Any, Literal

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

FOLDER = {"uid": "imdb-assets", "title": "IMDb"}
TIMEOUT_SECONDS = 20.0
ATTEMPTS = 4
OWN_TO_GRAFANA = ("id", "version")
"""Fields that Grafana adds to a dashboard; these fields do not count as differences."""

Outcome = Literal["created", "updated", "unchanged"]


class GrafanaError(Exception):
    """Grafana did not accept the dashboards; the message says why and what to do."""


class _BusyError(Exception):
    """A transient failure, which is worth another attempt."""


def push(url: str, token: str, documents: Mapping[str, dict[str, Any]]) -> dict[str, Outcome]:
    """Creates or updates the dashboards in their folder in Grafana; a second call changes nothing.

    Raises:
        GrafanaError: Grafana cannot be reached, or refuses the dashboards.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=TIMEOUT_SECONDS) as client:
        if _asked(client, "GET", f"/api/folders/{FOLDER['uid']}") is None:
            _asked(client, "POST", "/api/folders", FOLDER)
        return {uid: _pushed(client, uid, document) for uid, document in documents.items()}


def _pushed(client: httpx.Client, uid: str, document: dict[str, Any]) -> Outcome:
    found = _asked(client, "GET", f"/api/dashboards/uid/{uid}")
    if found and found["meta"].get("folderUid") == FOLDER["uid"] and _own(found["dashboard"]) == _own(document):
        return "unchanged"
    body = {
        "dashboard": document,
        "folderUid": FOLDER["uid"],
        "overwrite": True,  # manual changes in Grafana are lost: this project's declaration wins
        "message": "imdb-assets",
    }
    _asked(client, "POST", "/api/dashboards/db", body)
    return "updated" if found else "created"


def _own(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in OWN_TO_GRAFANA}


def _asked(client: httpx.Client, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
    """Sends a request; returns the answer, or None for 404."""
    try:
        return _tried(client, method, path, body)
    except (_BusyError, httpx.TransportError) as error:
        raise GrafanaError(
            f"Grafana at {client.base_url} does not answer {method} {path}: {error}. "
            "Check IMDB_GRAFANA_URL, or unset it."
        ) from error


@retry(
    retry=retry_if_exception_type((_BusyError, httpx.TransportError)),
    stop=stop_after_attempt(ATTEMPTS),
    wait=wait_exponential(multiplier=0.5, max=5),
    reraise=True,
)
def _tried(client: httpx.Client, method: str, path: str, body: Any) -> dict[str, Any] | None:
    response = client.request(method, path, json=body)
    if response.status_code == httpx.codes.NOT_FOUND and method == "GET":
        return None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise _BusyError(f"{response.status_code} {response.text[:200]}")
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise GrafanaError(
            f"Grafana at {client.base_url} refuses {method} {path} ({response.status_code}): "
            "IMDB_GRAFANA_TOKEN must belong to a service account that may edit folders and dashboards."
        )
    try:
        found = response.json() if response.is_success else None
    except ValueError:  # the body is not JSON, but a page of a login form or a proxy
        found = None
    if found is None:
        raise GrafanaError(
            f"Grafana at {client.base_url}: {method} {path}: {response.status_code} {response.text[:300]}. Check "
            "that IMDB_GRAFANA_URL is Grafana's own address, not that of a login page or proxy."
        )
    return found
