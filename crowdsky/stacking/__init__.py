"""Stacking: functions from arrays to arrays, and the files at both ends.

``stack_files`` is the entry point. An engine in ``engines`` does the work with ``registration`` and
``integration``, and ``product`` writes the stack. Nothing in this package opens a connection or
reads a setting.
"""
