"""The CrowdSky worker: takes stacking jobs from the queue, stacks them and archives the result."""

from worker.kernel_cache import choose_folder

__version__ = "0.1.0"

choose_folder()  # before any module can import numba, which reads its settings only once
