"""Photometry of a solved stack: star table, zero points, seeing, sky brightness, times.

`measure.measure_stack` is the whole chain; the other modules are its steps, functions from arrays
and records to records. Nothing here opens a socket or reads a setting.
"""
