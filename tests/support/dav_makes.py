"""WebDAV servers of further makes, each with its own way of answering, on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.services import WebDavServer
from tests.support.apache_dav import ApacheDav
from tests.support.apache_dav import missing_programs as apache_missing
from tests.support.nginx_scratch import scratch_folders
from tests.support.own_share import OwnShare

SABRE = Path("/usr/share/php/Sabre/autoload.php")
NGINX_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")
PROGRAMS = "/usr/sbin:/usr/bin:/usr/local/bin"


class NginxDav(OwnShare):
    """nginx with its own dav module, and the one that adds PROPFIND."""

    name = "nginx WebDAV share"

    def command(self, port: int) -> Sequence[str]:
        """Write a configuration with nothing but the share."""
        config = self._folder / "nginx.conf"
        config.write_text(
            f"load_module {_first(NGINX_MODULES)}/ngx_http_dav_ext_module.so;\n"
            f"user root;\ndaemon off;\nerror_log stderr;\npid {self._folder}/nginx.pid;\n"
            "events {}\nhttp {\naccess_log off;\nclient_max_body_size 0;\n"
            f"{scratch_folders(self._folder)}"
            f"server {{\nlisten 127.0.0.1:{port};\nroot {self.root};\n"
            f"auth_basic share;\nauth_basic_user_file {self.passwords};\n"
            "dav_methods PUT DELETE MKCOL COPY MOVE;\ndav_ext_methods PROPFIND OPTIONS;\n"
            "}\n}\n"
        )
        return [_program("nginx"), "-p", str(self._folder), "-c", str(config)]


class RcloneDav(OwnShare):
    """``rclone serve webdav`` over a folder."""

    name = "rclone WebDAV share"

    def command(self, port: int) -> Sequence[str]:
        """Serve the folder with what rclone does by default."""
        options = ["--addr", f"127.0.0.1:{port}", "--htpasswd", str(self.passwords)]
        # Tests change the folder behind its back, which nothing does with a real share.
        options += ["--dir-cache-time", "0s"]
        return [_program("rclone"), "serve", "webdav", *options, "--config", "", str(self.root)]


class LighttpdDav(OwnShare):
    """lighttpd with mod_webdav."""

    name = "lighttpd WebDAV share"

    def command(self, port: int) -> Sequence[str]:
        """Write a configuration with nothing but the share."""
        config = self._folder / "lighttpd.conf"
        config.write_text(
            'server.modules = ("mod_auth", "mod_authn_file", "mod_webdav")\n'
            f'server.document-root = "{self.root}"\nserver.bind = "127.0.0.1"\n'
            f'server.port = {port}\nserver.upload-dirs = ("{self._folder}")\n'
            'auth.backend = "htpasswd"\n'
            f'auth.backend.htpasswd.userfile = "{self.passwords}"\n'
            'auth.require = ("/" => ("method" => "basic", "realm" => "share", '
            '"require" => "valid-user"))\n'
            # Tests change the folder behind its back, which nothing does with a real share.
            'server.stat-cache-engine = "disable"\n'
            'webdav.activate = "enable"\nwebdav.is-readonly = "disable"\n'
            f'webdav.sqlite-db-name = "{self._folder}/locks.db"\n'
        )
        return [_program("lighttpd"), "-D", "-f", str(config)]


class SabreDav(OwnShare):
    """A share on sabre/dav, the library below Nextcloud, on PHP's own server."""

    name = "sabre/dav share"

    def command(self, port: int) -> Sequence[str]:
        """Write the script that Debian's package needs to be a server."""
        script = self._folder / "share.php"
        script.write_text(
            f"<?php\nrequire '{SABRE}';\n"
            "[$user] = [$_SERVER['PHP_AUTH_USER'] ?? ''];\n"
            f"if (!hash_equals('{self.token}', $user)) {{\n"
            "    header('WWW-Authenticate: Basic realm=\"share\"', true, 401);\n    exit;\n}\n"
            f"$server = new Sabre\\DAV\\Server(new Sabre\\DAV\\FS\\Directory('{self.root}'));\n"
            "$server->setBaseUri('/');\n$server->exec();\n"
        )
        quiet = ["-d", "display_errors=0", "-d", "error_reporting=0", "-d", "output_buffering=0"]
        return ["php", *quiet, "-S", f"127.0.0.1:{port}", str(script)]

    def environment(self) -> Mapping[str, str]:
        """Let requests overlap, as on a real host."""
        return {"PHP_CLI_SERVER_WORKERS": "3"}


MAKES: Mapping[str, type[WebDavServer]] = {
    "apache": ApacheDav,
    "nginx": NginxDav,
    "rclone": RcloneDav,
    "lighttpd": LighttpdDav,
    "sabre": SabreDav,
}
"""Every make but WsgiDAV, by the name of its variant in the storage suite."""


def missing_for(make: str) -> list[str]:
    """Return the Debian packages to be installed before a share of that make can be started."""
    match make:
        case "apache":
            return apache_missing()
        case "nginx":
            module = _first(NGINX_MODULES)
            has_module = module and (Path(module) / "ngx_http_dav_ext_module.so").is_file()
            return _absent("nginx") + ([] if has_module else ["libnginx-mod-http-dav-ext"])
        case "lighttpd":
            modules = Path("/usr/lib/lighttpd/mod_webdav.so")
            return _absent("lighttpd") + ([] if modules.is_file() else ["lighttpd-mod-webdav"])
        case "sabre":
            return [] if SABRE.is_file() else ["php-sabre-dav"]
        case _:
            return _absent(make)


def _absent(program: str) -> list[str]:
    return [] if shutil.which(program, path=PROGRAMS) else [program]


def _program(name: str) -> str:
    return shutil.which(name, path=PROGRAMS) or name


def _first(folders: Sequence[str]) -> str:
    return next((folder for folder in folders if Path(folder).is_dir()), "")
