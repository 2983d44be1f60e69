"""Sources in an array: finding them, their centres, and the light in apertures."""
