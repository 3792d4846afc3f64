"""Grafana: dashboards as its JSON, and what is sent to its API. The API is a stub here: no Grafana was asked."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlglot
from grafana_foundation_sdk.models.dashboard import Dashboard as GrafanaDashboard
from sqlglot import exp
from tenacity import wait_none

from imdb_assets.dashboards import grafana, push
from imdb_assets.dashboards.base import Dashboard
from imdb_assets.dashboards.registry import DASHBOARDS

TOKEN = "glsa_test"


@pytest.mark.parametrize("shown", DASHBOARDS.values(), ids=list(DASHBOARDS))
def test_every_panel_is_there_typed_and_within_the_grid(shown: Dashboard) -> None:
    document = grafana.document(shown)
    *panels, foot = document["panels"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in shown.panels]
    assert [panel["id"] for panel in document["panels"]] == list(range(1, len(panels) + 2))
    assert all(panel["description"] == declared.words for panel, declared in zip(panels, shown.panels, strict=True))
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in document["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < grafana.WIDTH
    typed = GrafanaDashboard.from_json(json.loads(json.dumps(document)))
    assert (typed.uid, typed.title, typed.tags) == (
        f"imdb-assets-{shown.name}",
        f"IMDb · {shown.title}",
        ["imdb-assets"],
    )
    assert typed.panels is not None
    assert len(typed.panels) == len(panels) + 1
    assert (foot["type"], foot["options"]["content"]) == (
        "text",
        "Information courtesy of IMDb (https://www.imdb.com). Used with permission.",
    )


@pytest.mark.parametrize("shown", DASHBOARDS.values(), ids=list(DASHBOARDS))
def test_queries_are_athenas_and_read_what_the_panel_reads(shown: Dashboard) -> None:
    for panel in shown.panels:
        (parsed,) = sqlglot.parse(grafana.query(panel), read="trino", error_level=sqlglot.ErrorLevel.RAISE)
        assert isinstance(parsed, exp.Query)
        assert parsed.named_selects == list(panel.columns), panel.name
        asked = {node.db for node in parsed.find_all(exp.Table) if node.db}
        assert all(name.startswith("${databases}_") for name in asked)
        found = {
            f"{node.db.removeprefix('${databases}_')}.{node.name}" for node in parsed.find_all(exp.Table) if node.db
        }
        history = {name for name in found if name.endswith(("$snapshots", "$refs"))}
        assert found - history == set(panel.reads)
        assert bool(history) == panel.reads_history


def test_sources_are_variables_and_alarms_are_marked() -> None:
    document = grafana.document(DASHBOARDS["operations"])
    variables = {variable["name"]: (variable["type"], variable["query"]) for variable in document["templating"]["list"]}
    assert variables == {
        "athena": ("datasource", "grafana-athena-datasource"),
        "cloudwatch": ("datasource", "cloudwatch"),
        "namespace": ("textbox", "imdb-assets"),
        "databases": ("textbox", "imdb_assets"),
    }
    (alarms,) = document["annotations"]["list"]
    assert (alarms["datasource"]["uid"], alarms["target"]["queryMode"]) == ("${cloudwatch}", "Annotations")
    assert (alarms["target"]["alarmNamePrefix"], alarms["target"]["prefixMatching"]) == ("$namespace", True)
    for panel in document["panels"][:-1]:  # the last is a line of text
        assert panel["datasource"]["uid"] in {"${athena}", "${cloudwatch}"}
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}


def test_metrics_are_read_from_cloudwatch() -> None:
    document = grafana.document(DASHBOARDS["operations"])
    (runs,) = [panel for panel in document["panels"] if panel.get("title") == "Runs"]
    assert (runs["type"], runs["datasource"]["type"]) == ("timeseries", "cloudwatch")
    (target,) = runs["targets"]
    assert target["expression"] == "SEARCH('Namespace=\"$namespace\" MetricName=\"run_seconds\"', 'Maximum', 300)"


def test_series_become_columns() -> None:
    document = grafana.document(DASHBOARDS["catalogue"])
    (decades,) = [panel for panel in document["panels"] if panel.get("title") == "Films by decade"]
    assert decades["type"] == "barchart"
    assert decades["options"]["stacking"] == "normal"
    assert decades["transformations"] == [
        {
            "id": "groupingToMatrix",
            "options": {"columnField": "state", "rowField": "decade", "valueField": "films"},
        }
    ]


def test_documents_are_the_same_every_time() -> None:
    assert grafana.documents() == grafana.documents()


class Grafana(ThreadingHTTPServer):
    """What Grafana's API does with folders and dashboards, as its documentation has it; it keeps every request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folders: dict[str, Any] = {}
        self.dashboards: dict[str, Any] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.failures: list[int] = []
        """Statuses to answer with first."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def changes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.requests if method != "GET"]


class _Handler(BaseHTTPRequestHandler):
    server: Grafana  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self._recorded(None)
        kind, _, uid = self.path.removeprefix("/api/").rpartition("/")
        found = {"folders": self.server.folders, "dashboards/uid": self.server.dashboards}[kind].get(uid)
        self._answer(*((200, found) if found else (404, {"message": "not found"})))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._recorded(body)
        if self.path == "/api/folders":
            self.server.folders[body["uid"]] = body
            self._answer(200, body)
            return
        assert self.path == "/api/dashboards/db"
        assert body["folderUid"] in self.server.folders
        uid = body["dashboard"]["uid"]
        known = self.server.dashboards.get(uid)
        assert body["overwrite"] or not known
        version = known["dashboard"]["version"] + 1 if known else 1
        stored = {**body["dashboard"], "id": 7, "version": version}
        self.server.dashboards[uid] = {"meta": {"folderUid": body["folderUid"]}, "dashboard": stored}
        self._answer(200, {"uid": uid, "status": "success", "version": version})

    def _recorded(self, body: Any) -> None:
        self.server.requests.append((self.command, self.path, body))

    def _answer(self, status: int, body: Any) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, body = 401, {"message": "Invalid API key"}
        if self.server.failures:
            status, body = self.server.failures.pop(0), {"message": "busy"}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grafana]:
    monkeypatch.setattr(push._tried.retry, "wait", wait_none())  # pyright: ignore[reportFunctionMemberAccess]
    with Grafana() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_first_push_makes_a_folder_and_five_dashboards(server: Grafana) -> None:
    documents = grafana.documents()
    assert push.push(server.url, TOKEN, documents) == dict.fromkeys(documents, "created")
    assert server.changes() == [("POST", "/api/folders"), *[("POST", "/api/dashboards/db")] * 5]
    assert server.folders == {"imdb-assets": {"uid": "imdb-assets", "title": "IMDb"}}
    sent = [body for method, path, body in server.requests if (method, path) == ("POST", "/api/dashboards/db")]
    assert [body["dashboard"] for body in sent] == list(documents.values())
    assert {(body["folderUid"], body["overwrite"], body["message"]) for body in sent} == {
        ("imdb-assets", True, "imdb-assets")
    }


def test_the_second_push_changes_nothing(server: Grafana) -> None:
    documents = grafana.documents()
    push.push(server.url, TOKEN, documents)
    server.requests.clear()
    assert push.push(server.url, TOKEN, documents) == dict.fromkeys(documents, "unchanged")
    assert server.changes() == []


def test_what_was_changed_by_hand_or_moved_is_put_right(server: Grafana) -> None:
    documents = grafana.documents()
    push.push(server.url, TOKEN, documents)
    server.dashboards["imdb-assets-people"]["dashboard"]["title"] = "Mine"
    server.dashboards["imdb-assets-model"]["meta"]["folderUid"] = "elsewhere"
    outcomes = push.push(server.url, TOKEN, documents)
    assert {uid for uid, outcome in outcomes.items() if outcome == "updated"} == {
        "imdb-assets-people",
        "imdb-assets-model",
    }
    assert server.dashboards["imdb-assets-people"]["dashboard"]["title"] == "IMDb · People"
    assert push.push(server.url, TOKEN, documents) == dict.fromkeys(documents, "unchanged")


def test_a_busy_grafana_is_asked_again(server: Grafana) -> None:
    server.failures = [503, 429, 500]
    assert set(push.push(server.url, TOKEN, grafana.documents()).values()) == {"created"}


def test_a_grafana_that_stays_busy_is_named(server: Grafana) -> None:
    server.failures = [503] * push.ATTEMPTS
    with pytest.raises(
        push.GrafanaError, match=r"does not answer GET /api/folders/imdb-assets: 503 .*IMDB_GRAFANA_URL"
    ):
        push.push(server.url, TOKEN, {})


def test_a_wrong_token_is_not_tried_again(server: Grafana) -> None:
    with pytest.raises(
        push.GrafanaError, match=r"refuses GET .* \(401\): IMDB_GRAFANA_TOKEN must belong to a service account"
    ):
        push.push(server.url, "other", grafana.documents())
    assert len(server.requests) == 1


def test_a_refusal_is_passed_on(server: Grafana) -> None:
    server.failures = [412]
    with pytest.raises(push.GrafanaError, match=r"GET /api/folders/imdb-assets: 412 .*busy"):
        push.push(server.url, TOKEN, {})


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push._tried.retry, "wait", wait_none())  # pyright: ignore[reportFunctionMemberAccess]
    with pytest.raises(push.GrafanaError, match=r"Grafana at http://127\.0\.0\.1:9 does not answer"):
        push.push("http://127.0.0.1:9", TOKEN, {})
