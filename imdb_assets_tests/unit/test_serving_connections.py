"""Connections whose headers stall, against a server on a port of its own."""

import asyncio

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from imdb_assets.serving import connections
from imdb_assets.serving.connections import TimedHeaders

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def _said(*pieces: bytes) -> bytes:
    """What a client gets that sends these pieces and then waits until the server closes."""
    config = uvicorn.Config(PlainTextResponse("fine"), http=TimedHeaders, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing else to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.05)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        server.should_exit = True
        await running


@pytest.mark.parametrize("pieces", [(), (REQUEST[:-2],), (b"G",), (REQUEST[:20], b"x: y\r\n", b"x: y\r\n")], ids=repr)
def test_a_connection_whose_headers_stall_is_closed(pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    assert asyncio.run(_said(*pieces)) == b""


def test_headers_of_a_second_request_may_not_stall_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    said = asyncio.run(_said(REQUEST, REQUEST, REQUEST[:10]))
    assert said.count(b"HTTP/1.1 200 OK") == 2
