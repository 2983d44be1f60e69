"""Loops over pixels, compiled by numba; of this project, these modules import only each other."""
