#!/usr/bin/env bash
# Guess: pyvo warns (DALOverflowWarning) whenever a TAP service says that rows are missing from a table
# (QUERY_STATUS OVERFLOW).
# Found: not if the table has exactly as many rows as `maxrec` asked for: it is then cut off without a
# word. Whoever asks in portions must look at `query_status`, or count the rows beforehand.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    pyvo==1.9.1 astropy==7.2.0 numpy==2.4.6 requests==2.32.5
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

from astropy.io import votable
from astropy.io.votable.tree import Info
from astropy.table import Table
from pyvo.dal import DALOverflowWarning, TAPService

ROWS = 5


class Service(BaseHTTPRequestHandler):
    """Gives five rows of more, and says so."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        tree = votable.from_table(Table({"n": list(range(ROWS))}))
        tree.resources[0].type = "results"
        tree.resources[0].infos.append(Info(name="QUERY_STATUS", value="OVERFLOW"))
        body = io.BytesIO()
        tree.to_xml(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-votable+xml")
        self.send_header("Content-Length", str(len(body.getvalue())))
        self.end_headers()
        self.wfile.write(body.getvalue())

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


print("pyvo", version("pyvo"))
server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = TAPService(f"http://127.0.0.1:{server.server_port}/tap")
found = {}
for maxrec in (None, 100, ROWS):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = service.run_sync("SELECT n FROM t", maxrec=maxrec)
    warned = any(issubclass(one.category, DALOverflowWarning) for one in caught)
    found[maxrec] = warned
    print(f"maxrec {maxrec}: {len(result)} rows, status {result.query_status},",
          "a warning" if warned else "no warning")
server.shutdown()
sys.exit(0 if found == {None: True, 100: True, ROWS: False} else "this has changed")
PYTHON
