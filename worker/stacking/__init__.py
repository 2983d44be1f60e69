"""Stacking: functions from arrays to arrays, and the files at both ends.

``frames`` reads and checks the subs, ``product`` writes the stack; the engines lie between them.
Nothing in here opens a socket or reads a setting.
"""
