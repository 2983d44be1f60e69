"""The stack as a file: writing it, reading finished ones, and describing their subs."""
