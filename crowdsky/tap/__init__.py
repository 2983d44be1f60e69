"""The Table Access Protocol: the public stacks of an archive, asked for in ADQL.

A process of the operator, beside the site. ``published`` copies the public rows of the site's
database into a file of its own, and only this file is queried: nothing that a stranger writes
reaches the site's database, and the file holds nothing that is not public.
"""
