"""The CrowdSky worker: takes stacking jobs from the queue, stacks them and archives the result."""

__version__ = "0.1.0"
