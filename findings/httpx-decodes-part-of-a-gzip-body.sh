#!/usr/bin/env bash
# Question: a server sends a gzip file of two members, as after a joining of dumps, with Content-Encoding: gzip.
#   What does httpx give?
# Guess: both members' text.
# What happens: it gives the first member's. Status 200, no error, no warning. gzip.decompress gives all the text.
# Versions: httpx 0.28.1.
# What follows: ask for dumps with Accept-Encoding: identity, or keep iter_raw and unpack with a gzip reader.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check httpx==0.28.1
"$work/venv/bin/python" - <<'PY'
import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

print("httpx", httpx.__version__)
body = gzip.compress(b"first\n", mtime=0) + gzip.compress(b"second\n", mtime=0)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
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
    answer = client.get("/title.ratings.tsv")
server.shutdown()
print("status", answer.status_code, "| httpx", answer.content, "| gzip", gzip.decompress(body))
assert answer.status_code == 200
assert answer.content == b"first\n" and gzip.decompress(body) == b"first\nsecond\n"
PY
