"""FITS frames: headers, layout and checks; no pixels are combined here."""
