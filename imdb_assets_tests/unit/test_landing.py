"""How dumps come into the landing zone, from a folder and from a web server, and what is turned away."""

import gzip
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, header
from imdb_assets.lake.lake import LakeError
from imdb_assets.lake.landing import Landing
from imdb_assets.sources.base import SourceError
from imdb_assets.sources.cached_sample import SampleSource
from imdb_assets.sources.folder import FolderSource
from imdb_assets.sources.imdb import ImdbSource
from imdb_assets_tests.support import write_bytes, write_dump

DUMP = "title.ratings"
FILE = "title.ratings.tsv.gz"
HEADER = "tconst\taverageRating\tnumVotes"
CHANGED = 1_700_000_000  # 2023-11-14T22:13:20+00:00


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "dumps"
    _write(path, 7.5)
    return path


def _write(folder: Path, rating: float) -> bytes:
    path = write_dump(folder, DUMP, [{"tconst": "tt0000001", "averageRating": rating, "numVotes": 10}])
    os.utime(path, (CHANGED, CHANGED))
    return path.read_bytes()


def _entries(landing: Landing) -> list[str]:
    """Everything below the dump's folder, by path."""
    return sorted(str(path.relative_to(landing.root / DUMP)) for path in (landing.root / DUMP).rglob("*"))


def test_a_dump_is_kept_unchanged_under_its_hash_with_a_manifest(landing: Landing, folder: Path) -> None:
    content = (folder / FILE).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    dump = landing.fetch(DUMP, FolderSource(folder))
    assert asdict(dump) == {
        "name": DUMP,
        "path": str(landing.root / DUMP / digest[:16] / FILE),
        "bytes": len(content),
        "sha256": digest,
        "etag": None,
        "last_modified": "2023-11-14T22:13:20+00:00",
        "origin": str(folder / FILE),
    }
    assert Path(dump.path).read_bytes() == content
    assert json.loads(Path(dump.path).with_name("manifest.json").read_text()) == asdict(dump)
    assert _entries(landing) == [digest[:16], f"{digest[:16]}/manifest.json", f"{digest[:16]}/{FILE}"]
    assert dump.version == digest


def test_a_dump_becomes_current_only_when_published(landing: Landing, folder: Path) -> None:
    first = landing.fetch(DUMP, FolderSource(folder))
    assert landing.current(DUMP) is None
    landing.publish(first)
    assert landing.current(DUMP) == first
    _write(folder, 8.0)
    second = landing.fetch(DUMP, FolderSource(folder))
    assert landing.required(DUMP) == first
    landing.publish(second)
    assert landing.required(DUMP) == second
    assert first.sha256 != second.sha256


def test_the_same_content_twice_is_one_folder(landing: Landing, folder: Path) -> None:
    first = landing.fetch(DUMP, FolderSource(folder))
    before = _entries(landing)
    assert landing.fetch(DUMP, FolderSource(folder)) == first
    assert _entries(landing) == before


def test_past_dumps_are_kept(landing: Landing, folder: Path) -> None:
    contents = [(folder / FILE).read_bytes(), _write(folder, 8.0), _write(folder, 8.5)]
    dumps = []
    for content in contents:
        (folder / FILE).write_bytes(content)
        dumps.append(landing.fetch(DUMP, FolderSource(folder)))
    assert [Path(dump.path).read_bytes() for dump in dumps] == contents


def test_a_dump_that_never_landed_is_an_error_with_the_remedy(landing: Landing) -> None:
    with pytest.raises(LakeError) as caught:
        landing.required(DUMP)
    assert (
        str(caught.value)
        == f"{FILE}: not in the landing zone {landing.root} yet. Materialize landing/title_ratings first."
    )


def _refusal(landing: Landing, source: FolderSource | ImdbSource) -> str:
    """The message; whatever was refused leaves no trace."""
    before = _entries(landing)
    with pytest.raises(SourceError) as caught:
        landing.fetch(DUMP, source)
    assert _entries(landing) == before
    return str(caught.value)


def test_a_missing_dump_is_refused_with_what_is_there(landing: Landing, folder: Path) -> None:
    (folder / FILE).rename(folder / "title.crew.tsv.gz")
    assert _refusal(landing, FolderSource(folder)) == (
        f"{FILE}: not in the folder {folder} (it has title.crew.tsv.gz). "
        "Put the dump there, or set IMDB_SOURCE_FOLDER to the folder that has all seven."
    )


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_dumps_is_refused(landing: Landing, tmp_path: Path, exists: bool) -> None:  # noqa: FBT001
    folder = tmp_path / "empty"
    if exists:
        folder.mkdir()
    message = _refusal(landing, FolderSource(folder))
    assert message.startswith(f"{FILE}: not in the folder {folder} (it has no .tsv.gz file at all). Put the dump there")


REMEDY = f"Get {FILE} anew; the current dump stays in use."


def test_an_empty_file_is_refused(landing: Landing, folder: Path) -> None:
    (folder / FILE).write_bytes(b"")
    assert _refusal(landing, FolderSource(folder)) == f"{FILE}: the file is empty (0 bytes). {REMEDY}"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"<html>Service unavailable</html>", "Not a gzipped file (b'<h')"),
        (HEADER.encode() + b"\n", "Not a gzipped file (b'tc')"),
        (gzip.compress(HEADER.encode())[:12], "Compressed file ended before the end-of-stream marker was reached"),
        (gzip.compress(b"")[:10] + b"\xff" * 50, "Error -3 while decompressing data: invalid block type"),
    ],
    ids=["a web page", "plain text", "cut in the first line", "garbage in gzip's clothing"],
)
def test_what_is_no_gzip_is_refused(landing: Landing, folder: Path, content: bytes, cause: str) -> None:
    (folder / FILE).write_bytes(content)
    assert _refusal(landing, FolderSource(folder)) == f"{FILE}: not a readable gzip file: {cause}. {REMEDY}"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"tconst\tdirectors\twriters\n", "'tconst\\tdirectors\\twriters'"),
        (HEADER.encode() + b"\textra\n", repr(HEADER + "\textra")),
        (HEADER.encode() + b"\r\n", repr(HEADER + "\r")),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\n", repr("\ufeff" + HEADER)),
        (b"\xff\n", repr("\\xff")),
        (b"tt0000001\t5.5\t10\n", "'tt0000001\\t5.5\\t10'"),
        (b"", "''"),
        (b"x" * 5000, f"'{'x' * 300}'"),
    ],
    ids=[
        "another dump",
        "a column more",
        "carriage return",
        "byte order mark",
        "no text",
        "no header",
        "nothing",
        "one long line",
    ],
)
def test_another_header_is_refused_with_both(landing: Landing, folder: Path, content: bytes, found: str) -> None:
    write_bytes(folder, DUMP, content)
    assert _refusal(landing, FolderSource(folder)) == (
        f"{FILE}: line 1 is not the expected header.\n  expected: {HEADER!r}\n  found:    {found}\n"
        f"{REMEDY} If IMDb has changed the format, change the contract in contracts/bronze.py."
    )


def test_a_refused_dump_leaves_the_current_one(landing: Landing, folder: Path) -> None:
    good = landing.fetch(DUMP, FolderSource(folder))
    landing.publish(good)
    (folder / FILE).write_bytes(b"")
    _refusal(landing, FolderSource(folder))
    assert landing.current(DUMP) == good
    assert Path(good.path).is_file()


def test_a_landing_zone_that_cannot_be_written_is_an_error_with_the_remedy(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").touch()
    landing = Landing(tmp_path / "file" / "landing")
    with pytest.raises(SourceError) as caught:
        landing.fetch(DUMP, FolderSource(folder))
    message = str(caught.value)
    assert message.startswith(f"{FILE}: cannot write to {landing.root / DUMP}: ")
    assert message.endswith("Check permissions, disk space and IMDB_DATA.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_dump_that_may_not_be_read_is_refused(landing: Landing, folder: Path) -> None:
    (folder / FILE).chmod(0)
    assert _refusal(landing, FolderSource(folder)).startswith(f"{FILE}: no permission to read {folder / FILE}")


@pytest.mark.parametrize("dump", DUMP_CONTRACTS)
def test_every_dump_of_the_tiny_catalogue_lands(landing: Landing, tiny_dumps: Path, dump: str) -> None:
    landed = landing.fetch(dump, FolderSource(tiny_dumps))
    assert gzip.decompress(Path(landed.path).read_bytes()).decode().startswith("\t".join(header(DUMP_CONTRACTS[dump])))


@dataclass
class Server:
    """A web server that serves one answer, as IMDb's host does, and remembers what it was asked."""

    url: str = ""
    body: bytes = b""
    etag: str | None = '"abc-12"'
    last_modified: str | None = "Tue, 14 Nov 2023 22:13:20 GMT"
    status: int = 200
    promised: int | None = None
    """Content-Length, where it is not the body's."""
    encoding: str | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    """Path and If-None-Match of each request."""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match")
            state.asked.append((self.path, known))
            status = 304 if known and known == state.etag and state.status == 200 else state.status
            self.send_response(status)
            if state.etag:
                self.send_header("ETag", state.etag)
            if state.last_modified:
                self.send_header("Last-Modified", state.last_modified)
            if state.encoding:
                self.send_header("Content-Encoding", state.encoding)
            if status == 304:
                self.end_headers()
                return
            self.send_header("Content-Length", str(len(state.body) if state.promised is None else state.promised))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        state.url = f"http://127.0.0.1:{web.server_port}"
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        web.shutdown()
        thread.join()


def test_a_download_keeps_etag_and_time(landing: Landing, folder: Path, server: Server) -> None:
    server.body = (folder / FILE).read_bytes()
    dump = landing.fetch(DUMP, ImdbSource(f"{server.url}/"))
    assert Path(dump.path).read_bytes() == server.body
    assert (dump.etag, dump.version) == ('"abc-12"', '"abc-12"')
    assert dump.last_modified == "2023-11-14T22:13:20+00:00"
    assert dump.origin == f"{server.url}/{FILE}"
    assert server.asked == [(f"/{FILE}", None)]


def test_a_dump_that_has_not_changed_is_not_downloaded_again(landing: Landing, folder: Path, server: Server) -> None:
    server.body = (folder / FILE).read_bytes()
    source = ImdbSource(server.url)
    first = landing.fetch(DUMP, source)
    assert landing.fetch(DUMP, source) == first  # not published yet, so it is asked for anew
    landing.publish(first)
    server.body = b"never sent"
    assert landing.fetch(DUMP, source) == first
    assert [known for _, known in server.asked] == [None, None, '"abc-12"']


def test_a_new_etag_brings_the_new_dump(landing: Landing, folder: Path, server: Server) -> None:
    server.body = (folder / FILE).read_bytes()
    landing.publish(landing.fetch(DUMP, ImdbSource(server.url)))
    server.body, server.etag = _write(folder, 9.0), '"def-12"'
    dump = landing.fetch(DUMP, ImdbSource(server.url))
    assert (dump.etag, Path(dump.path).read_bytes()) == ('"def-12"', server.body)


def test_a_new_etag_of_the_same_content_is_remembered(landing: Landing, folder: Path, server: Server) -> None:
    server.body = (folder / FILE).read_bytes()
    landing.publish(landing.fetch(DUMP, ImdbSource(server.url)))
    server.etag = '"def-12"'
    landing.publish(landing.fetch(DUMP, ImdbSource(server.url)))
    landing.fetch(DUMP, ImdbSource(server.url))
    assert [known for _, known in server.asked] == [None, '"abc-12"', '"def-12"']


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
    ],
    ids=["gone", "cut", "overwritten"],
)
def test_a_current_dump_whose_file_is_damaged_is_downloaded_again(
    landing: Landing, folder: Path, server: Server, damage: Callable[[Path], object]
) -> None:
    server.body = (folder / FILE).read_bytes()
    first = landing.fetch(DUMP, ImdbSource(server.url))
    landing.publish(first)
    damage(Path(first.path))
    assert landing.fetch(DUMP, ImdbSource(server.url)) == first
    assert Path(first.path).read_bytes() == server.body


def test_a_host_without_etag_and_time_gives_hash_and_date_of_the_answer(
    landing: Landing, folder: Path, server: Server
) -> None:
    server.body, server.etag, server.last_modified = (folder / FILE).read_bytes(), None, None
    dump = landing.fetch(DUMP, ImdbSource(server.url))
    assert (dump.etag, dump.version) == (None, dump.sha256)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", dump.last_modified)


def test_a_dump_sent_as_gzip_encoding_is_kept_as_gzip(landing: Landing, folder: Path, server: Server) -> None:
    server.body, server.encoding = (folder / FILE).read_bytes(), "gzip"
    assert Path(landing.fetch(DUMP, ImdbSource(server.url)).path).read_bytes() == server.body


@pytest.mark.parametrize(
    ("status", "words"), [(404, "Client error '404 Not Found'"), (503, "Server error '503 Service Unavailable'")]
)
def test_a_failing_host_is_an_error_with_address_and_status(
    landing: Landing, server: Server, status: int, words: str
) -> None:
    server.status, server.body = status, b"no"
    message = _refusal(landing, ImdbSource(server.url))
    assert message.startswith(f"{FILE}: {server.url}/{FILE} failed: {words} for url")
    assert message.endswith("Check the network and run again; nothing was changed.")


def test_a_body_cut_short_is_refused(landing: Landing, folder: Path, server: Server) -> None:
    server.body = (folder / FILE).read_bytes()
    server.promised = len(server.body) + 100
    message = _refusal(landing, ImdbSource(server.url))
    assert message.startswith(
        f"{FILE}: {server.url}/{FILE} failed: peer closed connection without sending complete message body"
    )


def test_a_host_that_does_not_answer_is_an_error_with_the_address(landing: Landing) -> None:
    message = _refusal(landing, ImdbSource("http://127.0.0.1:1"))
    assert message.startswith(f"{FILE}: http://127.0.0.1:1/{FILE} failed: ")


def test_a_page_that_says_it_is_a_dump_is_refused(landing: Landing, server: Server) -> None:
    server.body = b"<html>"
    assert _refusal(landing, ImdbSource(server.url)).startswith(f"{FILE}: not a readable gzip file: ")


def test_the_sample_is_generated_once_and_lands_like_a_folder(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SampleSource(tmp_path / "cache", titles=2_000, seed=3)
    first = landing.fetch(DUMP, source)
    monkeypatch.setattr("imdb_assets.sources.cached_sample.write_sample", None)
    assert landing.fetch(DUMP, source) == first
    assert {landing.fetch(dump, source).name for dump in DUMP_CONTRACTS} == set(DUMP_CONTRACTS)
    with pytest.raises(TypeError):
        landing.fetch(DUMP, SampleSource(tmp_path / "cache", titles=2_000, seed=4))
