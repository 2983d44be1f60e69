"""Loops over pixels that numba compiles; of this project, they import only each other."""
