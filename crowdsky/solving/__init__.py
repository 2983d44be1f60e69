"""Plate solving: from a list of stars to a verified, refined position on the sky.

Nothing in this package reads a setting; index folders, catalogues and time limits are arguments.
The only module that speaks HTTP is `nova_http`, and the rest never imports it.

The order of a solve is read in `chain.solve_plate`: a solver proposes a plate (`triangles`,
`astrometry_net`, `solve_field`, `nova`), `refine` fits it to the catalogue, `solution` decides.
"""
