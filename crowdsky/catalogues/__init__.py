"""Catalogues of stars with positions, motions and colours: Gaia in local tiles, and the user's own.

Tycho-2, which every machine that solves has anyway, is in `crowdsky.solving.catalogue`.
"""
