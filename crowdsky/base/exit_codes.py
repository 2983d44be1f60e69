"""What the commands say to the shell, to cron and to systemd by how they end."""

EXIT_DONE = 0
EXIT_NO_JOB = 1
EXIT_FAILED = 2
EXIT_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: the service is not started again until somebody has looked."""

EXIT_INTERRUPTED = 130
"""What shells report for Ctrl+C."""
