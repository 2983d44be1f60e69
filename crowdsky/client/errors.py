"""What a client of the archive could not do; each is a CrowdSkyError."""

from __future__ import annotations

from crowdsky.base.errors import ConfigurationError, CrowdSkyError, RequestRefusedError


class PathMissingError(ConfigurationError):
    """A file or folder that was named does not exist."""


class FrameNotTakenError(RequestRefusedError):
    """The site does not take one file, for the reason given; others are not affected."""


class UploadEndedError(CrowdSkyError):
    """The upload takes no more files: it has expired or was submitted elsewhere."""


class NothingSubmittedError(CrowdSkyError):
    """The upload holds no file, so that there is nothing to submit."""


class NoRoomError(CrowdSkyError):
    """The site has no room for a file: the account's quota or its disk is full."""


class IngestRunningError(CrowdSkyError):
    """Another ingest uses the same journal."""


class JournalUnusableError(CrowdSkyError):
    """The journal of an ingest cannot be read or written."""


class StackNotFoundError(CrowdSkyError):
    """There is no such stack, it is not public, or it has no such part."""


class StarNotFoundError(CrowdSkyError):
    """There is no such star, no stack that the key may see shows it, or it has no such version."""


class ExportMissingError(CrowdSkyError):
    """Nothing of the kind has been exported yet."""
