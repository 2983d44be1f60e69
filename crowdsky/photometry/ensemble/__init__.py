"""Ensemble photometry: all stacks of a field on one scale, by the stars that they share."""
