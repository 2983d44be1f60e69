"""One stack solved and measured, with the instruments that a recipe names."""
