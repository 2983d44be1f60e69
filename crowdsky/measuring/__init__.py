"""Solves and measures one stack with the solvers and catalogues that a recipe names."""
