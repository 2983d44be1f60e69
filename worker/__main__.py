"""``python -m worker``."""

import sys

from crowdsky.base.memory import rare_collection
from worker.main import main

if __name__ == "__main__":
    with rare_collection():
        code = main()
    sys.exit(code)
