"""Stacking engines: our own, seestarpy, and the one that merges finished stacks."""
