#!/usr/bin/env bash
# Question: a server sends a gzip file with Content-Encoding: gzip. The file has two members, as after a joining of dumps;
#   or it is cut off, because the server's own copy is. Content-Length fits what is sent. What does httpx give?
# Guess: both members' text; of the cut one an error.
# What happens: of two members it gives the first, of the cut file what could be decoded. Status 200, no error, no warning.
#   The same bytes in gzip.decompress give all the text, and an EOFError. A wrong CRC-32 in the first member httpx does notice.
# Versions: httpx 0.28.1.
# What follows: ask for dumps with Accept-Encoding: identity, or keep iter_raw and unpack with a gzip reader.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check httpx==0.28.1
"$work/venv/bin/python" - <<'PY'
import gzip
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

print("httpx", httpx.__version__)
noise = random.Random(0).randbytes(100_000)
bodies = {
    "/members": gzip.compress(b"first\n", mtime=0) + gzip.compress(b"second\n", mtime=0),
    "/cut": gzip.compress(noise, mtime=0)[:60_000],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = bodies[self.path]
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
    answers = {path: client.get(path) for path in bodies}
server.shutdown()
members, cut = answers["/members"], answers["/cut"]
print("two members: status", members.status_code, "| httpx", members.content, "| gzip", gzip.decompress(bodies["/members"]))
try:
    gzip.decompress(bodies["/cut"])
    by_gzip = "read"
except EOFError as error:
    by_gzip = f"EOFError: {error}"
print(f"cut off: status {cut.status_code} | httpx {len(cut.content):,} of {len(noise):,} bytes | gzip {by_gzip}")
assert members.status_code == cut.status_code == 200
assert members.content == b"first\n" and gzip.decompress(bodies["/members"]) == b"first\nsecond\n"
assert 0 < len(cut.content) < len(noise) and noise.startswith(cut.content) and by_gzip.startswith("EOFError")
PY
