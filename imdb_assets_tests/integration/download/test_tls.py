"""Downloads over TLS: as without it, and nothing from whom nobody vouches for, or where the way leaves TLS."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from imdb_assets.lake.landing import Landing
from imdb_assets.sources import imdb
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.imdb import ImdbSource
from imdb_assets_tests.certificates import write_certificate
from imdb_assets_tests.integration.download.dump_server import DumpServer, drop_after, redirect, serving
from imdb_assets_tests.integration.download.fetching import BODY, DUMP, FILE, LIMITS, NEXT


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def server(certificate: Path) -> Iterator[DumpServer]:
    with serving(certificate, body=BODY) as state:
        yield state


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is one of those that this machine trusts."""
    monkeypatch.setattr(imdb, "_trusted", lambda: ssl.create_default_context(cafile=certificate))


@pytest.mark.usefixtures("trusted")
def test_a_dump_comes_over_tls_and_goes_on_where_it_was_cut(landing: Landing, server: DumpServer) -> None:
    server.script = [drop_after(60_000)]
    dump = landing.fetch(DUMP, ImdbSource(server.url, LIMITS))
    assert Path(dump.path).read_bytes() == BODY
    assert dump.origin == f"{server.url}/{FILE}"
    assert server.ranges == [None, "bytes=60000-"]


def test_a_server_that_nobody_vouches_for_sends_nothing(landing: Landing, server: DumpServer) -> None:
    with pytest.raises(SourceError, match=rf"^{FILE}: .*certificate verify failed.*nothing was changed\.$"):
        landing.fetch(DUMP, ImdbSource(server.url, LIMITS))
    assert server.asked == []
    assert landing.current(DUMP) is None


@pytest.mark.usefixtures("trusted")
def test_a_way_that_leaves_tls_is_not_gone(landing: Landing, server: DumpServer) -> None:
    with serving(body=NEXT) as plain:
        server.script = [redirect(f"{plain.url}/{FILE}")]
        with pytest.raises(SourceError, match=rf"redirected to {plain.url}/{FILE}, which is not encrypted"):
            landing.fetch(DUMP, ImdbSource(server.url, LIMITS))
    assert len(server.asked) == 1
    assert landing.current(DUMP) is None
