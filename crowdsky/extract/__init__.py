"""Solves single pictures, for back ends that are not part of the queue.

`solve_image` is behind `python -m worker solve` and `astro-extract`; `jobs` runs the latter in the
background, with a folder per job (`astro-jobs`).
"""
