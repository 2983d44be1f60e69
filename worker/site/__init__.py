"""What the worker and the site exchange: records, and one function per endpoint."""
