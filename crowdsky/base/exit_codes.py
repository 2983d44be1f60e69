"""Exit codes of the commands, for the shell, cron and systemd."""

EXIT_DONE = 0
EXIT_NO_JOB = 1
EXIT_FAILED = 2
EXIT_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: systemd does not restart the service until someone has fixed it."""

EXIT_INTERRUPTED = 130
"""Exit code that shells report after Ctrl+C."""
