"""What the worker and the site say to each other: records, and one function per endpoint."""
