"""What cannot be answered, in words for whoever asked."""

from __future__ import annotations

from crowdsky.base.errors import CrowdSkyError


class QueryRefusedError(CrowdSkyError):
    """The query or a parameter is wrong or asks for what is not published."""


class QueryTooLongError(CrowdSkyError):
    """The query took more time or memory than one query may."""


class ServiceFullError(CrowdSkyError):
    """Too many queries are running, or too many jobs are kept."""
