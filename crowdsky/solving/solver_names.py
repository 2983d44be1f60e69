"""The names of the plate solvers: what settings and rescans may ask for."""

SOLVER_NAMES = ("astrometry", "triangles", "solve-field", "nova")

DEFAULT_SOLVERS = ("astrometry", "triangles")
"""The library first: with or without a hint it needs a few milliseconds and no compiled kernels,
whose loading costs a cold process a second. Our matcher then solves what it left."""
