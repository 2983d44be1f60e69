"""The command ``ingest``: runs what its options ask for.

``crowdsky ingest`` and ``python -m worker ingest`` are this one.
"""

from __future__ import annotations

import argparse
import getpass
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.exit_codes import EXIT_DONE, EXIT_FAILED
from crowdsky.base.logs import set_up_logging
from crowdsky.client.ingest.journal import Journal, open_journal
from crowdsky.client.ingest.progress import Progress, show_progress
from crowdsky.client.ingest.records import Report
from crowdsky.client.ingest.run import done_lines, ingest
from crowdsky.client.ingest.watch import Watch
from crowdsky.client.settings import ClientSettings, read_client_settings, wrong_with_site
from crowdsky.client.site import NamePassword, Site
from crowdsky.net.retry import Waits


def run(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    """Run the command and return its exit code; ``channel`` gets the one JSON object.

    The password is that of the environment or of ``.env``, else it is asked for at a terminal.

    Raises:
        ConfigurationError: a path, a setting or the password is wrong.
        CrowdSkyError: the site cannot be reached, or another ingest is running.
    """
    if options.watch and options.dry_run:
        options.refuse("a --dry-run sends nothing, so that there is nothing to --watch")
    settings = signed_in(options, read_client_settings(), getpass.getpass)
    set_up_logging("plain" if sys.stderr.isatty() else "text", "info", (settings.password,))
    site = Site.connect(
        settings.url,
        NamePassword(settings.username, settings.password),
        "CROWDSKY_USERNAME and CROWDSKY_PASSWORD",
    )
    account = f"{settings.username}@{settings.url}"
    with open_journal(settings.state_dir, account) as journal, show_progress() as progress:
        if options.watch:
            report = _watch(site, journal, options.paths, progress)
        else:
            report = ingest(site, journal, options.paths, progress, dry_run=options.dry_run)
    if channel is not None:
        channel.write(json.dumps(report.to_json()).encode() + b"\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in done_lines(report)))
    return EXIT_DONE if report.is_done else EXIT_FAILED


def signed_in(
    options: argparse.Namespace, settings: ClientSettings, ask: Callable[[str], str]
) -> ClientSettings:
    """Return the settings with what the options say, and with a password.

    ``ask`` asks a person for a text that is not shown. Raises ConfigurationError with everything
    that is missing or wrong.
    """
    url = (options.site or settings.url).rstrip("/").removesuffix("/api")
    username = options.user or settings.username
    missing = []
    wrong = wrong_with_site(url) if url else ""
    if not url:
        missing.append("the site's address: set CROWDSKY_API_URL, or give --site https://...")
    elif wrong:
        missing.append(f"{'--site' if options.site else 'CROWDSKY_API_URL'} {url} {wrong}")
    if not username or ":" in username:
        missing.append("the account: set CROWDSKY_USERNAME, or give --user NAME, without a colon")
    password = settings.password
    if not password and not missing and sys.stdin.isatty():
        password = ask(f"Password of {username} at {url}: ")
    if not password and not missing:
        missing.append("the password: set CROWDSKY_PASSWORD in the environment or in .env")
    if missing:
        raise ConfigurationError("could not sign in to the site", problems=tuple(missing))
    return replace(settings, url=url, username=username, password=password)


def _watch(site: Site, journal: Journal, paths: list[Path], progress: Progress) -> Report:
    """Watch until Ctrl+C or SIGTERM; what is not submitted then, the next ingest continues."""
    watch = Watch(site, journal, paths, progress, Waits())
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        watch.run()
    except KeyboardInterrupt:
        progress.note("stopped; start it again to go on where it was")
    finally:
        signal.signal(signal.SIGTERM, before)
    return watch.report
