"""The endpoint's benchmark ends with a word where the server does not answer."""

import socket
import threading
from pathlib import Path

import pytest

from benchmarks import endpoint
from benchmarks.jobs import BenchError
from imdb_assets.settings import Settings


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_a_server_that_hangs_up_ends_the_benchmark(said: bytes) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(said)

    with socket.create_server((endpoint.HOST, 0)) as listener:
        server = threading.Thread(target=answer, args=(listener,))
        server.start()
        client = endpoint.Client(listener.getsockname()[1])
        with pytest.raises(BenchError, match="hung up before its answer was complete"):
            client.ask(b"GET / HTTP/1.1\r\n\r\n")
        client.close()
        server.join()


def test_a_server_that_ends_at_once_ends_the_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMDB_SOURCE", "nowhere")
    with (
        pytest.raises(BenchError, match="ended at once, with 1"),
        endpoint.server_of(Settings.model_construct(data=tmp_path)),
    ):
        pytest.fail("it does not run")
    assert "IMDB_SOURCE" in capfd.readouterr().err
