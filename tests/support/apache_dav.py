"""The WebDAV share that docs/deployment.md sets up with Apache, on loopback."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.support.documented import documented
from tests.support.own_share import OwnShare

PROGRAMS = ("/usr/sbin/apache2", "/usr/sbin/httpd")
MODULE_FOLDERS = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")

# What Debian's Apache has switched on after the documented commands, as far as it touches a
# request to the share: mod_dir redirects folders that are asked for without their slash, and
# mod_reqtimeout gives up on slow bodies. A module built into the program cannot be loaded.
MODULES = (
    *("mpm_event", "unixd", "dir", "alias", "reqtimeout", "dav", "dav_fs"),
    *("authz_core", "authz_user", "authn_core", "authn_file", "auth_basic"),
)

NOBODY = 65534


def missing_programs() -> list[str]:
    """What has to be installed before an ApacheDav can be started."""
    return [] if first_file(PROGRAMS) and first_file(MODULE_FOLDERS) else ["apache2"]


class ApacheDav(OwnShare):
    """Apache with mod_dav, configured as documented; its folder is made and removed by itself.

    Apache refuses to serve as root and then serves as nobody: folders in its share that a test
    needs must be made through the share, or nothing can be stored in them.
    """

    name = "Apache WebDAV share"

    def __init__(self) -> None:
        super().__init__()
        (self._folder / "state").mkdir()

    @property
    def url(self) -> str:
        """Address of the share's top folder, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}/crowdsky-share"

    def command(self, port: int) -> Sequence[str]:
        """Write the documented site with this test's paths below a minimal main file."""
        program, modules = first_file(PROGRAMS), first_file(MODULE_FOLDERS)
        config = self._folder / "apache.conf"
        load = "".join(
            f"<IfModule !{name}_module>\nLoadModule {name}_module {modules}/mod_{name}.so\n"
            "</IfModule>\n"
            for name in MODULES
        )
        user = f"User #{NOBODY}\nGroup #{NOBODY}\n" if os.geteuid() == 0 else ""
        config.write_text(
            f"ServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {self._folder}/apache.pid\n"
            f"ErrorLog /dev/stderr\nDefaultRuntimeDir {self._folder}\n{load}{user}"
            f"DavLockDB {self._folder}/state/DAVLock\n{self._documented_site(port)}"
        )
        return [program, "-D", "FOREGROUND", "-d", str(self._folder), "-f", str(config)]

    def start(self) -> None:
        """Make what Apache must be able to write and start serving."""
        self.root.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            self._folder.chmod(0o755)
            for folder in (self.root, self._folder / "state"):
                os.chown(folder, NOBODY, NOBODY)
        super().start()

    def _documented_site(self, port: int) -> str:
        site = documented("apache-webdav").replace("*:80", f"127.0.0.1:{port}")
        site = site.replace("/srv/crowdsky-share", str(self.root))
        return site.replace("/etc/apache2/crowdsky-share.htpasswd", str(self.passwords))


def first_file(paths: Sequence[str]) -> str:
    """The first of the paths that exists, or nothing."""
    return next((path for path in paths if Path(path).exists()), "")
