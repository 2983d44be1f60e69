#!/usr/bin/env bash
# Guess: `AsyncTAPJob.wait()` of pyvo waits until a job has ended, whatever phase of UWS it is in before.
# Found: a service may show a job that was just started as PENDING for a moment. `wait()` takes that for
# the end and raises "Job is not active!", though the job is about to run. Whoever waits for jobs of
# such services looks at `phase` in a loop of their own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    pyvo==1.9.1 astropy==7.2.0 numpy==2.4.6 requests==2.32.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from pyvo.dal import AsyncTAPJob, DALServiceError

phases = []


class Service(BaseHTTPRequestHandler):
    """Shows a job in each of the phases once, in the last one for ever."""

    def do_GET(self):
        phase = phases.pop(0) if len(phases) > 1 else phases[0]
        body = (
            '<?xml version="1.0"?><uws:job version="1.1" xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0">'
            f"<uws:jobId>1</uws:jobId><uws:phase>{phase}</uws:phase></uws:job>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


print("pyvo", version("pyvo"))
server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
found = {}
for first in ("QUEUED", "PENDING"):
    phases[:] = ["PENDING", first, "EXECUTING", "COMPLETED"]  # the first is read when it is opened
    job = AsyncTAPJob(f"http://127.0.0.1:{server.server_port}/tap/async/1")
    try:
        job.wait()
        found[first] = "waited"
    except DALServiceError as error:
        found[first] = str(error)
    print(f"{first}, then EXECUTING, then COMPLETED: {found[first]}")
server.shutdown()
expected = {
    "QUEUED": "waited",
    "PENDING": "Cannot wait for job completion. Job is not active!",
}
sys.exit(0 if found == expected else "this has changed")
PYTHON
