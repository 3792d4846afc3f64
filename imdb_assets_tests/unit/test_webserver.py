"""What stands before Dagster's webserver: which hosts and origins get an answer, over HTTP and over websockets."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from imdb_assets.cli.webserver import guards
from imdb_assets_tests.world import ask

HERE = {"Host": "127.0.0.1:3000"}
CASES = [
    ("/graphql", {}, 200),
    ("/graphql", {"Host": "localhost:3000", "Origin": "http://localhost:3000"}, 200),
    ("/graphql", {"Host": "ui.example", "Origin": "https://ui.example"}, 200),  # IMDB_UI_URL
    ("/graphql", {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:3000"}, 200),
    ("/runs", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),  # a link in a message
    ("/graphql", {"Host": "evil.example"}, 400),  # a name rebound to this machine
    ("/graphql", {"Host": "127.0.0.1.evil.example:3000"}, 400),
    ("/graphql", {"Origin": "http://evil.example"}, 403),
    ("/graphql", {"Origin": "http://127.0.0.1:8000"}, 403),  # another server of this machine
    ("/graphql", {"Origin": "null"}, 403),
    ("/graphql", {"Sec-Fetch-Site": "cross-site"}, 403),
    ("/graphql", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ("/graphql", {"Sec-Fetch-Site": "same-site"}, 403),
]


async def _speaks(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture(scope="module")
def app() -> Starlette:
    routes = [Route(path, lambda _: PlainTextResponse("in")) for path in ("/graphql", "/runs")]
    return Starlette(
        routes=[*routes, WebSocketRoute("/graphql", _speaks)], middleware=guards("https://ui.example/dagster")
    )


@pytest.mark.parametrize(("path", "headers", "status"), CASES)
def test_only_the_uis_own_pages_are_answered(app: Starlette, path: str, headers: dict[str, str], status: int) -> None:
    answer = ask(app, "GET", path, headers=HERE | headers)
    assert answer.status_code == status
    assert (answer.text == "in") == (status == 200)


@pytest.mark.parametrize(("path", "headers", "status"), [case for case in CASES if case[0] == "/graphql"])
def test_websockets_are_held_to_the_same(app: Starlette, path: str, headers: dict[str, str], status: int) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in (HERE | headers).items()]
    scope = {"type": "websocket", "path": path, "headers": given, "subprotocols": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert (sent[0]["type"] == "websocket.accept") == (status == 200)
