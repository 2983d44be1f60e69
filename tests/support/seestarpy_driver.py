"""Runs in the environment of seestarpy: calls its functions as asked, one line of JSON each."""

# What seestarpy prints must not get among the answers.
import contextlib
import json
import sys

with contextlib.redirect_stdout(sys.stderr):
    from seestarpy import crowdsky
    from seestarpy.crowdsky import server

for line in sys.stdin:
    name, arguments, more = json.loads(line)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            function = getattr(server, name, None) or getattr(crowdsky, name)
            answer = {"returned": function(*arguments, **more)}
    except Exception as error:  # noqa: BLE001
        answer = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=str), flush=True)
