"""``python -m worker.extract``: the command ``astro-extract``."""

import sys

from worker.extract.astro_extract import main

if __name__ == "__main__":
    sys.exit(main())
