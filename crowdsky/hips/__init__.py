"""The archive as a HiPS: one picture of the sky in tiles, merged from many stacks.

After the IVOA Recommendation "HiPS, Hierarchical Progressive Survey", version 1.0.
"""
