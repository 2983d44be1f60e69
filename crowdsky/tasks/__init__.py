"""What runs in a child process: stacking, measuring and solving as tasks of the sandbox."""
