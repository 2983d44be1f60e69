"""Detects the stars of each sub, aligns it with a reference, and judges its quality."""
