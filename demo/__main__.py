"""``python -m demo demo`` and ``serve``: what ``./dev demo`` and ``./dev serve`` call."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from crowdsky.base.errors import CrowdSkyError
from demo.run import DemoError, run_demo
from demo.serve import DEFAULT_PORT, SITE_FOLDER, serve

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, leave)
    try:
        if options.command == "serve":
            serve(options.data, options.port)
        else:
            run_demo(frames=options.frames, keep=options.keep, as_json=options.json)
    except DemoError as error:
        print(f"dev {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_BAD_INPUT if error.bad_input else EXIT_FAILED
    except CrowdSkyError as error:
        print(f"dev {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="dev")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", prog="dev demo", help="a whole CrowdSky on this machine")
    demo.add_argument("--frames", type=Path, metavar="DIR", help="stack the raw subs in DIR")
    demo.add_argument("--keep", action="store_true", help="leave the servers running")
    demo.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    site = commands.add_parser("serve", prog="dev serve", help="the site alone")
    site.add_argument("--port", type=int, help=f"default {DEFAULT_PORT}, or a free one")
    site.add_argument(
        "--data", type=Path, default=SITE_FOLDER, metavar="DIR", help="default .crowdsky/site"
    )
    return parser.parse_args(arguments)


def leave(number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into the end of every `with`, so that no server stays behind."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
