"""Renders synthetic nights with known truth."""
