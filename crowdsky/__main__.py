"""``python -m crowdsky``."""

import sys

from crowdsky.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
