"""Mails that a site has sent: into files, or to a mail server that runs in the test."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.support.sites import SiteUnderTest

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}")
MAIL_FROM = "sky@example.org"
PATIENCE_SECONDS = 10


def parsed(source: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    message = message_from_bytes(source, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    """The text of a mail."""
    return str(message.get_content())


def code_in(message: EmailMessage) -> str:
    """The code that a mail brings, which is in its link too."""
    found = CODE.findall(text_of(message))
    assert len(found) == 2 and found[0] == found[1]
    return str(found[0])


def settings(kind: str, **more: str) -> dict[str, str]:
    """Settings of a site that sends mails."""
    return {
        "CROWDSKY_MAIL": kind,
        "CROWDSKY_SITE_URL": "https://sky.example.org/pages/",
        "CROWDSKY_MAIL_FROM": MAIL_FROM,
        **more,
    }


class MailFiles:
    """The mails in a site's data folder. They are sent after the answer, so they are waited for."""

    def __init__(self, site: SiteUnderTest) -> None:
        self._folder = site.data_dir / "mail"

    def all(self) -> list[EmailMessage]:
        """All mails so far, the oldest first."""
        paths = sorted(self._folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [parsed(path.read_bytes()) for path in paths]

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Return the mails when there are so many."""
        return wait_for(self.all, count)


def wait_for(look: Any, count: int) -> list[EmailMessage]:
    """Return what `look` finds when there is enough of it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(look()) < count:
        assert time.monotonic() < until, f"{count} mails were expected, {len(look())} came"
        time.sleep(0.02)
    found: list[EmailMessage] = look()
    assert len(found) == count
    return found


@dataclass
class MailServer:
    """A real mail server, which keeps what it gets."""

    port: int
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    """Reply by command, in place of the right one."""

    def mails(self) -> list[EmailMessage]:
        """The mails so far."""
        return [parsed(bytes(envelope.content or b"")) for envelope in self.envelopes]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        if "RCPT" in self.refuses:
            return self.refuses["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        if "DATA" in self.refuses:
            return self.refuses["DATA"]
        self.envelopes.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Take one login."""
        assert isinstance(data, LoginPassword)
        self.logins.append((mechanism, data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mail_server(
    folder: Path, security: str, *, without: tuple[str, ...] = (), name: str = "localhost"
) -> Iterator[tuple[MailServer, dict[str, str]]]:
    """Run a server; gives it, and the settings with which a site uses it.

    Args:
        folder: for the certificate of its own authority.
        security: starttls, tls or none.
        without: ways of logging in that it does not offer.
        name: for which its certificate is valid.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    keeper = MailServer(port=_free_port())
    controller = Controller(
        keeper,
        hostname="127.0.0.1",
        port=keeper.port,
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        authenticator=keeper.authenticate,
        auth_required=security == "starttls",
        auth_require_tls=security == "starttls",
        auth_exclude_mechanism=without,
    )
    controller.start()
    try:
        yield (
            keeper,
            settings(
                "smtp",
                CROWDSKY_SMTP_HOST="localhost",
                CROWDSKY_SMTP_PORT=str(keeper.port),
                CROWDSKY_SMTP_SECURITY=security,
                CROWDSKY_SMTP_USER="" if security == "none" else "postman",
                CROWDSKY_SMTP_PASSWORD="right",
                CROWDSKY_SMTP_TIMEOUT_SECONDS="3",
                SSL_CERT_FILE=str(folder / "authority.pem"),
            ),
        )
    finally:
        controller.stop()
