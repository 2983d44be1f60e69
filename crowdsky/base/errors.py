"""Everything that can go wrong, named after what could not be done.

::

    CrowdSkyError
    ├── TransientError                 the same call may work a little later
    │   ├── ServiceUnreachableError    no connection, a broken connection, a time-out
    │   ├── ServiceBusyError           429, 5xx, 423 and the like; may say how long to wait
    │   ├── UnexpectedAnswerError      not an answer of this API (HTML, truncated JSON, 202)
    │   └── CorruptTransferError       size or SHA-256 of a transfer differ from what was promised
    ├── BadDataError                   the input can never give a result, here or elsewhere
    │   ├── UnreadableFrameError       a file is not a light frame that can be stacked
    │   ├── NoUsableFramesError        no frame of the job could be used
    │   └── NotSolvedError             no solver could solve the picture
    ├── ComputeError                   the child process ended without a result
    ├── CorruptInputError              a raw or stack arrives damaged every time
    ├── NoSolverError                  none of the chosen solvers can be used on this machine
    ├── RequestRefusedError            one call was refused for good (4xx)
    │   ├── InputMissingError          a raw or stack of the job is no longer on the site
    │   ├── ResultNotStoredError       the site cannot find the uploaded result, or it differs
    │   ├── FileDropError              the share accepts files but neither lists nor returns them
    │   ├── RemoteParentMissingError   the folder above a remote file does not exist
    │   ├── DestinationRefusedError    the share moves nothing, because of a proxy in front of it
    │   └── RemoteExistsError          the remote name is taken and must not be overwritten
    ├── ReleaseJobError                not possible on this worker now; hand the job back
    │   ├── ShutdownError              the worker was told to stop
    │   ├── DiskFullError              no room in the scratch folder
    │   ├── ScratchUnusableError       the scratch folder is gone, read-only or broken
    │   └── StorageRefusedError        the storage is full or accepts no files
    ├── UnreportedError                the result is stored, but not yet reported to the site
    ├── ConfigurationError             a setting is wrong; a person has to correct it
    │   └── AccessDeniedError          401 or 403: a key or token is not accepted
    └── JobGoneError                   stop working on this job and report nothing
        ├── LeaseLostError             another worker has it, or the lease ran out
        └── JobCancelledError          its owner or an admin cancelled it

The text of an error is a sentence for a person, in the log or beside the job on the site: what
could not be done, where, why, and what to try. Secrets never go into it.
"""

from __future__ import annotations


class CrowdSkyError(Exception):
    """Something could not be done.

    Args:
        what: what could not be done, e.g. "could not upload the stack".
        where: the place: a file, a remote path, an address without secrets.
        why: the reason, if it is known.
        hint: what the reader can try.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        sentence = self.what
        if self.where:
            sentence += f" ({self.where})"
        if self.why:
            sentence += f": {self.why}"
        if self.hint:
            sentence += f"; {self.hint}"
        return sentence


class TransientError(CrowdSkyError):
    """The same call may work a little later; ``retry_after`` is the server's wish in seconds."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, why=why, hint=hint)
        self.retry_after = retry_after


class ServiceUnreachableError(TransientError):
    """No connection, a connection that broke, or no answer in time."""


class ServiceBusyError(TransientError):
    """The server answered that it cannot do this now; ``status`` is the HTTP status."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        hint: str = "",
        retry_after: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(what, where=where, why=why, hint=hint, retry_after=retry_after)
        self.status = status


class UnexpectedAnswerError(TransientError):
    """The answer is not one that this call gives: an HTML page, truncated JSON, a wrong status.

    Shared hosts and captive portals do this for a while, even with status 200.
    """


class CorruptTransferError(TransientError):
    """Size or SHA-256 of a transfer differ from what was promised."""


class BadDataError(CrowdSkyError):
    """The input can never give a result; trying elsewhere would waste time."""


class UnreadableFrameError(BadDataError):
    """A file is not a light frame that can be stacked."""


class NoUsableFramesError(BadDataError):
    """None of the frames could be used."""


class NotSolvedError(BadDataError):
    """No solver could solve the picture."""


class ComputeError(CrowdSkyError):
    """The child process that computes crashed, ran out of memory or took too long."""


class CorruptInputError(CrowdSkyError):
    """A raw file or stack arrived damaged every time; another worker may fare better."""


class NoSolverError(CrowdSkyError):
    """None of the chosen solvers can be used on this machine."""


class RequestRefusedError(CrowdSkyError):
    """The server refused one call for good; ``status`` is the HTTP status."""

    def __init__(
        self, what: str, *, where: str = "", why: str = "", hint: str = "", status: int = 0
    ) -> None:
        super().__init__(what, where=where, why=why, hint=hint)
        self.status = status


class InputMissingError(RequestRefusedError):
    """A raw file or the stack of the job is no longer on the site."""


class ResultNotStoredError(RequestRefusedError):
    """The site does not find the reported result in storage, or finds other content."""


class FileDropError(RequestRefusedError):
    """The share cannot be listed or read: it only accepts new files, or is not WebDAV at all."""


class RemoteParentMissingError(RequestRefusedError):
    """The folder above a remote file does not exist."""


class DestinationRefusedError(RequestRefusedError):
    """The share moves nothing: it does not recognise the target's address as its own."""


class RemoteExistsError(RequestRefusedError):
    """The remote name is taken, and nothing is ever overwritten."""


class ReleaseJobError(CrowdSkyError):
    """This worker cannot do the job now; hand it back, without counting an attempt."""


class ShutdownError(ReleaseJobError):
    """The worker was told to stop."""


class DiskFullError(ReleaseJobError):
    """The scratch folder has no room for the job."""


class ScratchUnusableError(ReleaseJobError):
    """The scratch folder is gone, read-only or broken; no job can run here until it is fixed."""


class StorageRefusedError(ReleaseJobError):
    """The storage accepts no files at present: over quota, or the file type is refused."""


class UnreportedError(CrowdSkyError):
    """The result is stored and recorded on disk, but not yet reported to the site."""


class ConfigurationError(CrowdSkyError):
    """Settings are wrong or missing; ``problems`` names every one of them."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        hint: str = "",
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, where=where, why=why or "; ".join(problems), hint=hint)
        self.problems = problems


class AccessDeniedError(ConfigurationError):
    """A key or token was not accepted; ``status`` is the HTTP status, 401 or 403."""

    def __init__(
        self, what: str, *, where: str = "", why: str = "", hint: str = "", status: int = 0
    ) -> None:
        super().__init__(what, where=where, why=why, hint=hint)
        self.status = status


class JobGoneError(CrowdSkyError):
    """The job is no longer ours: stop, clean up and report nothing."""


class LeaseLostError(JobGoneError):
    """The lease ran out, or the job went to another worker or was deleted."""


class JobCancelledError(JobGoneError):
    """The owner or an admin cancelled the job."""
