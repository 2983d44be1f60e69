"""Asks for work and keeps going until a stop signal."""
