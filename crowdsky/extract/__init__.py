"""Solving one picture on its own, for back ends that are not part of the queue.

`solve_image` is the function behind `python -m worker solve` and `astro-extract`; `jobs` runs the
latter in the background over a folder of jobs (`astro-jobs`).
"""
