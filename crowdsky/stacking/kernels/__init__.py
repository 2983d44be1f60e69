"""Loops over pixels: C, and the functions of Python that check their arguments and call them."""
