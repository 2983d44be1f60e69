"""The storage for scripts: each function needs nothing but the settings in ``.env``.

The operations are those of the worker itself (``crowdsky.storage.webdav``), on the share of the
UCLOUD settings. Each is repeated as patiently as the worker would (``crowdsky.net.retry``); only
then the last error is raised, one of ``crowdsky.base.errors``. Without a share in ``.env``, every
call raises a ConfigurationError.

Remote paths are those of the share: they begin with a slash, contain UCLOUD_BASE_PATH and are not
percent-encoded.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from pathlib import Path

from crowdsky.base.errors import ConfigurationError
from crowdsky.net.retry import STORAGE, Waits, call_with_retry
from crowdsky.storage import webdav
from crowdsky.storage.stored_file import StoredFile
from crowdsky.storage.webdav import Share
from worker.config import current_settings
from worker.settings import Settings

__all__ = ["delete_files", "download_file", "mkcol", "upload_file"]


def upload_file(local_path: str | os.PathLike[str], remote_path: str) -> StoredFile:
    """Upload a file to a free name and check what the share holds; nothing is overwritten.

    Returns:
        path, size and SHA-256 of the stored file, as ``complete_job`` reports them.

    Raises:
        RemoteExistsError: the name holds other bytes. They may be part of an upload that broke off:
            some servers keep it.
        RemoteParentMissingError: the folder is missing; make it with ``mkcol``.
    """
    local, share = Path(local_path), _share()
    return call_with_retry(STORAGE, lambda: webdav.upload_file(share, local, remote_path), Waits())


def download_file(remote_path: str, local_path: str | os.PathLike[str]) -> None:
    """Download a file of the share; ``local_path`` appears whole or not at all.

    Raises:
        RequestRefusedError: there is no such file.
    """
    local, share = Path(local_path), _share()
    call_with_retry(STORAGE, lambda: webdav.download_file(share, remote_path, local), Waits())


def mkcol(remote_path: str) -> None:
    """Make a folder and the folders above it; one that exists already is fine.

    Raises:
        RemoteExistsError: a file stands where a folder is wanted.
    """
    share = _share()
    call_with_retry(STORAGE, lambda: webdav.mkcol(share, remote_path), Waits())


def delete_files(remote_paths: Iterable[str]) -> None:
    """Delete files of the share; one that does not exist counts as deleted.

    Raises:
        RequestRefusedError: a file may not be deleted; those before it are gone.
    """
    share, paths = _share(), tuple(remote_paths)
    call_with_retry(STORAGE, lambda: webdav.delete_files(share, paths), Waits())


def _share() -> Share:
    settings = current_settings()
    if not settings.uses_webdav:
        raise ConfigurationError(
            "there is no storage to use",
            problems=("UCLOUD_WEBDAV_URL and UCLOUD_SHARE_TOKEN are not set",),
            hint="set both, or use process_job, which can send results through the site",
        )
    return _connect(settings)


@functools.cache
def _connect(settings: Settings) -> Share:
    return Share.connect(settings.webdav_url, settings.share_token)
