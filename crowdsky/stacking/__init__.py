"""Stacking: functions from arrays to arrays, and the files at both ends.

`stack_files` is the way in; an engine in ``engines`` does the work by way of ``registration`` and
``integration``, and ``product`` writes the stack. Nothing in here opens a socket or reads a
setting.
"""
