"""``python -m crowdsky.extract``: the command ``astro-extract``."""

import sys

from crowdsky.extract.astro_extract import main

if __name__ == "__main__":
    sys.exit(main())
