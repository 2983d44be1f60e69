"""The export of light curves: one partition of the sky after the other, in the HATS layout.

Needs the extra ``export``. docs/light-curves.md describes the tables.
"""
