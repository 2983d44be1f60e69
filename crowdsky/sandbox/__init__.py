"""Work done in a child process with limits on memory and time."""
