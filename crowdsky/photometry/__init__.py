"""Photometry of a solved stack: star table, zero points, seeing, sky brightness, times.

`measurement.measure_stack` runs the whole chain; the other modules are its steps: functions that
take and return arrays and records. Nothing in this package opens a connection or reads a setting.
"""
