"""Asks for work and keeps going until a signal says stop."""
