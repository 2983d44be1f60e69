"""Plate solving: from a list of stars to a verified, refined position on the sky.

`chain.solve_plate` shows the steps in order: a solver (`astrometry_net`, `triangles`, `solve_field`
or `nova`) proposes a plate, `refine` fits it to the catalogue and weighs the evidence, and
`solution` is the result with its verdict. `make_solvers` makes solvers by their names.

Nothing in this package reads a setting: index folders, catalogues and time limits are arguments.
Only `nova_http` opens connections, and no other module here imports it.
"""
