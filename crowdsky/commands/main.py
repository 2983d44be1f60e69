"""`crowdsky COMMAND`: what is done by hand beside a worker; `crowdsky COMMAND --help` explains.

Exit code 0; 2 it could not be done; 78 a setting or the installation is wrong; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from crowdsky.base.errors import ConfigurationError, CrowdSkyError
from crowdsky.base.exit_codes import (
    EXIT_CONFIGURATION,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
)
from crowdsky.base.logs import set_up_logging
from crowdsky.commands import catalogue, export, ingest, lightcurve, tap


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="crowdsky", description="CrowdSky, by hand.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    catalogue.add_parser(commands)
    export.add_parser(commands)
    ingest.add_parser(commands)
    lightcurve.add_parser(commands)
    tap.add_parser(commands)
    options = parser.parse_args(arguments)
    set_up_logging("plain", "info", ())
    try:
        code: int | None = options.run(options)
    except ConfigurationError as error:
        sys.stderr.write(f"crowdsky: {error}\n")
        return EXIT_CONFIGURATION
    except (CrowdSkyError, OSError) as error:
        sys.stderr.write(f"crowdsky: {error}\n")
        return EXIT_FAILED
    except KeyboardInterrupt:
        sys.stderr.write("crowdsky: interrupted\n")
        return EXIT_INTERRUPTED
    return EXIT_DONE if code is None else code


if __name__ == "__main__":
    sys.exit(main())
