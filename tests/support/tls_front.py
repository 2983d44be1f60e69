"""nginx in front of a server that speaks plain HTTP, as a host's proxy that ends TLS."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import trustme

from demo.loopback_server import BackgroundServer
from tests.support.nginx_scratch import scratch_folders

PROGRAMS = "/usr/sbin:/usr/bin:/usr/local/bin"


def missing_programs() -> list[str]:
    """Return the packages to be installed before a front can be started."""
    return [] if shutil.which("nginx", path=PROGRAMS) else ["nginx"]


def passes_everything(upstream_port: int) -> str:
    """Return the location of a proxy that changes nothing, not even the header Destination."""
    return (
        f"location / {{\nproxy_pass http://127.0.0.1:{upstream_port};\n"
        "proxy_set_header Host $http_host;\nclient_max_body_size 0;\n}\n"
    )


class TlsFront(BackgroundServer):
    """A proxy that ends TLS, and then does what its location block says."""

    name = "TLS proxy"

    def __init__(self, folder: Path, location: str) -> None:
        super().__init__(log_path=folder / "front.log")
        self._folder = folder
        self._location = location
        self.authority = folder / "authority.pem"
        """The only authority that vouches for the proxy."""

    def command(self, port: int) -> Sequence[str]:
        """Issue a certificate and write a configuration with nothing but the proxy."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority))
        certificate = self._folder / "certificate.pem"
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            str(certificate)
        )
        config = self._folder / "front.conf"
        config.write_text(
            f"user root;\ndaemon off;\nerror_log stderr;\npid {self._folder}/front.pid;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{scratch_folders(self._folder)}"
            f"server {{\nlisten 127.0.0.1:{port} ssl;\nssl_certificate {certificate};\n"
            f"ssl_certificate_key {certificate};\n{self._location}}}\n}}\n"
        )
        nginx = shutil.which("nginx", path=PROGRAMS) or "nginx"
        return [nginx, "-p", str(self._folder), "-c", str(config)]
