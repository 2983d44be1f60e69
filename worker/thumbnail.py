"""Thumbnails for scripts: ``generate_thumbnail`` makes a PNG of a stack, without any setting."""

from __future__ import annotations

from crowdsky.pictures.thumbnail import generate_thumbnail

__all__ = ["generate_thumbnail"]
