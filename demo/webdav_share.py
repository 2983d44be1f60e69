"""Serve a folder by WebDAV on loopback: ``python -m demo.webdav_share FOLDER PORT``.

The share's token comes from the environment variable CROWDSKY_SHARE_TOKEN.
"""

from __future__ import annotations

import os
import sys

from cheroot.wsgi import Server
from wsgidav.wsgidav_app import WsgiDAVApp


def make_app(folder: str, token: str) -> WsgiDAVApp:
    """Return the WebDAV application for one folder behind one share token."""
    return WsgiDAVApp(
        {
            "provider_mapping": {"/public.php/webdav": folder},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "simple_dc": {"user_mapping": {"*": {token: {"password": ""}}}},
            "dir_browser": {"enable": False},
            "lock_storage": True,
            "property_manager": False,
            "verbose": 1,
            "logging": {"enable_loggers": []},
        }
    )


def main() -> None:
    """Serve until the process is told to stop."""
    folder, port = sys.argv[1], int(sys.argv[2])
    app = make_app(folder, os.environ["CROWDSKY_SHARE_TOKEN"])
    server = Server(("127.0.0.1", port), app, numthreads=8)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
