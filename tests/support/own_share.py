"""A WebDAV share that is a program of its own, with a folder and a file of passwords."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from demo.services import WebDavServer

# SHA-1 of the empty password, the form that every build of every server understands.
NO_PASSWORD = "{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk="


class OwnShare(WebDavServer):
    """A share whose folder is created and removed by itself."""

    def __init__(self) -> None:
        # Not below pytest's folder, which nobody but its owner may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="crowdsky-dav-"))
        super().__init__(self._folder / "share")

    @property
    def url(self) -> str:
        """Address of the share's top folder, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> Mapping[str, str]:
        """Return nothing: the token is in the file of passwords."""
        return {}

    def start(self) -> None:
        """Write the file of passwords and start serving."""
        self.passwords.write_text(f"{self.token}:{NO_PASSWORD}\n")
        super().start()

    @property
    def passwords(self) -> Path:
        """The file with the token as user name."""
        return self._folder / "htpasswd"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        shutil.rmtree(self._folder)
